//! Where a device stands in a user's changes. On the wire it is an opaque text: `v1.INSTANCE.N` after change N, and
//! `v1.INSTANCE.N.S` in the midst of a snapshot that was begun at change S.

use std::fmt;

/// A place in the changes of one user, in one database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cursor {
    /// The database it was given by: it means nothing to another.
    pub instance: String,
    /// Every entity whose last change is numbered up to this has been told.
    pub after: u64,
    /// What was deleted up to this change was never told to the device, and need not be: it began its snapshot then, or
    /// stands here. Never less than `after`.
    pub whole_at: u64,
}

impl Cursor {
    /// After a change.
    pub fn at(instance: &str, number: u64) -> Cursor {
        Cursor { instance: instance.to_owned(), after: number, whole_at: number }
    }

    /// At the beginning of a snapshot.
    pub fn snapshot(instance: &str, head: u64) -> Cursor {
        Cursor { instance: instance.to_owned(), after: 0, whole_at: head }
    }

    /// Reads what a device hands back; `None` where this database did not write it.
    pub fn parse(text: &str, instance: &str) -> Option<Cursor> {
        let mut parts = text.split('.');
        if parts.next() != Some("v1") || parts.next() != Some(instance) {
            return None;
        }
        let after = number(parts.next()?)?;
        let whole_at = parts.next().map_or(Some(after), number)?;
        let cursor = Cursor { instance: instance.to_owned(), after, whole_at };
        // One spelling alone.
        (cursor.to_string() == text && after <= whole_at).then_some(cursor)
    }

    /// Moves on, past everything up to this change.
    pub fn advance(&mut self, number: u64) {
        self.after = self.after.max(number);
        self.whole_at = self.whole_at.max(self.after);
    }

    /// Whether changes from here on can still be told: the user's head is not behind it, as it would be in a database
    /// that was put back to an earlier day, and no tombstone is gone that the device has to know.
    pub fn is_honoured(&self, head: u64, pruned: u64) -> bool {
        self.whole_at <= head && self.whole_at >= pruned
    }
}

fn number(text: &str) -> Option<u64> {
    // Databases count in 63 bits.
    text.parse::<i64>().ok().and_then(|number| u64::try_from(number).ok())
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Cursor { instance, after, whole_at } = self;
        write!(f, "v1.{instance}.{after}")?;
        if whole_at > after { write!(f, ".{whole_at}") } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_comes_back_as_it_went_out() {
        for cursor in [Cursor::at("ab", 0), Cursor::at("ab", 77), Cursor::snapshot("ab", 9)] {
            assert_eq!(Cursor::parse(&cursor.to_string(), "ab"), Some(cursor));
        }
    }

    #[test]
    fn anything_else_is_no_cursor() {
        for text in [
            "",
            "5",
            "v1.ab",
            "v1.ab.",
            "v1.ab.x",
            "v1.ab.-1",
            "v1.ab.+1",
            "v1.ab.01",
            "v2.ab.1",
            "v1.cd.1",
            "v1.ab.9.3",
            "v1.ab.3.3",
            "v1.ab.3.9.9",
            "v1.ab.9223372036854775808",
        ] {
            assert_eq!(Cursor::parse(text, "ab"), None, "{text}");
        }
    }

    #[test]
    fn a_snapshot_ends_where_it_was_begun() {
        let mut cursor = Cursor::snapshot("ab", 9);
        cursor.advance(5);
        assert_eq!(cursor.to_string(), "v1.ab.5.9");
        cursor.advance(12);
        assert_eq!(cursor, Cursor::at("ab", 12));
    }

    #[test]
    fn a_cursor_lasts_until_a_tombstone_after_it_is_gone() {
        assert!(Cursor::at("ab", 5).is_honoured(9, 5));
        assert!(!Cursor::at("ab", 5).is_honoured(9, 6));
        assert!(!Cursor::at("ab", 5).is_honoured(4, 0));
        assert!(
            Cursor::snapshot("ab", 9).is_honoured(9, 6),
            "it knows of none that were gone before it began"
        );
    }
}
