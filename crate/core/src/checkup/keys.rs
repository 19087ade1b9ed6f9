//! This device's keys as far as they stand in clear, and whether the server is to carry them.

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::{KeystorePut, MAX_ROTATIONS, PassphraseLock};

use crate::health::{Attempt, Turn};

/// What stands in clear of this device's vault.
#[derive(Clone, Debug, PartialEq, Eq, Read)]
pub struct Keys {
    /// Its rotations.
    pub turns: Vec<Turn>,
    /// The keystore, as its file.
    pub file: String,
    /// Whose it is, by the address of their account; nobody's in particular where none was signed in.
    #[serde(default)]
    pub owner: Option<String>,
    /// The last downgrade that was refused, until a newer keystore came.
    #[serde(default)]
    pub refused: Option<Attempt>,
}

/// What is read of the keystore that the server carries.
#[derive(Clone, Debug, Default, PartialEq, Eq, Read)]
#[serde(default)]
pub(super) struct Carried {
    /// Its file.
    pub(super) keystore: String,
    /// Counted up with each change.
    pub(super) revision: u64,
    /// Its rotations.
    pub(super) rotations: Vec<Turn>,
}

/// How this device's keystore stands to the one that the server carries.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Standing {
    /// They say the same.
    Same,
    /// This device has something more: the server is to carry this.
    Ahead(KeystorePut),
    /// The server's has something more, which a person's passphrase takes in. With it, maybe, another passphrase.
    Behind { other_passphrase: bool },
}

/// Compares the two. Nothing is brought that would take something back.
pub(super) fn compare(own: Option<&Keys>, carried: Option<&Carried>) -> Standing {
    let Some(own) = own else {
        return Standing::Behind { other_passphrase: false };
    };
    let empty = Carried::default();
    let theirs = carried.unwrap_or(&empty);
    let from = kept_from(&own.turns).max(kept_from(&theirs.rotations));
    let lacks = |some: &[Turn], others: &[Turn]| {
        let is_there =
            |other: &Turn| some.iter().any(|one| one.sequence == other.sequence && one.id == other.id);
        others.iter().any(|other| other.sequence >= from && !is_there(other))
    };
    let passphrase = lock(&own.file).cmp(&lock(&theirs.keystore));
    if passphrase.is_lt() || lacks(&own.turns, &theirs.rotations) {
        return Standing::Behind { other_passphrase: passphrase.is_lt() };
    }
    if passphrase.is_eq() && !lacks(&theirs.rotations, &own.turns) {
        return Standing::Same;
    }
    let sequence = own.turns.iter().map(|turn| turn.sequence).max().unwrap_or_default();
    Standing::Ahead(KeystorePut { keystore: own.file.clone(), sequence, after: Some(theirs.revision) })
}

/// From this sequence on a keystore has all rotations: the last ones alone are kept.
pub(super) fn kept_from(turns: &[Turn]) -> u64 {
    let oldest = turns.iter().map(|turn| turn.sequence).min().unwrap_or_default();
    if turns.len() < MAX_ROTATIONS { 0 } else { oldest }
}

/// The lock of a keystore's file; none where it is no such file.
fn lock(file: &str) -> Option<PassphraseLock> {
    #[derive(Read)]
    struct File {
        keystore: Locked,
    }
    #[derive(Read)]
    struct Locked {
        lock: PassphraseLock,
    }
    read::from_str::<File>(file).ok().map(|file| file.keystore.lock)
}

#[cfg(test)]
mod tests {
    use super::*;
    use fieldsync_protocol::Millis;

    fn turn(sequence: u64, id: &str) -> Turn {
        let (created_at, by_device, public_key) = (Millis(sequence), "d".to_owned(), "k".to_owned());
        Turn { id: id.to_owned(), sequence, created_at, by_device, public_key }
    }

    fn file(revision: u32, salt: &str) -> String {
        format!(
            r#"{{"fieldsync":"keystore","checksum":"","keystore":{{"format":1,"vault":"v","lock":{{"revision":{revision},"salt":"{salt}","memoryKib":1,"passes":1}},"rotations":[]}}}}"#
        )
    }

    fn keys(turns: &[Turn], lock: (u32, &str)) -> Keys {
        Keys { turns: turns.to_vec(), file: file(lock.0, lock.1), owner: None, refused: None }
    }

    fn carried(turns: &[Turn], lock: (u32, &str)) -> Carried {
        Carried { keystore: file(lock.0, lock.1), revision: 4, rotations: turns.to_vec() }
    }

    /// What a device with these does where the server carries those.
    fn met(mine: (&[Turn], u32, &str), theirs: (&[Turn], u32, &str)) -> Standing {
        compare(Some(&keys(mine.0, (mine.1, mine.2))), Some(&carried(theirs.0, (theirs.1, theirs.2))))
    }

    #[test]
    fn what_only_one_side_has_goes_to_the_other_and_nothing_is_taken_back() {
        let (one, two, other) = (turn(1, "a"), turn(2, "b"), turn(2, "c"));
        let (short, long) = ([one.clone()], [one.clone(), two.clone()]);
        assert_eq!(met((&long, 1, "s"), (&long, 1, "s")), Standing::Same);
        let behind = Standing::Behind { other_passphrase: false };
        assert_eq!(met((&short, 1, "s"), (&long, 1, "s")), behind);
        assert_eq!(met((&short, 2, "t"), (&long, 1, "s")), behind, "though the passphrase here is newer");
        assert_eq!(met((&long, 1, "s"), (&[one.clone(), other], 1, "s")), behind, "both made keys");
        let brought =
            |standing| matches!(standing, Standing::Ahead(put) if put.after == Some(4) && put.sequence == 2);
        assert!(brought(met((&long, 1, "s"), (&short, 1, "s"))));
        assert!(brought(met((&long, 2, "t"), (&long, 1, "s"))));
        let passphrase = Standing::Behind { other_passphrase: true };
        assert_eq!(met((&long, 1, "s"), (&long, 2, "t")), passphrase);
        assert_eq!(met((&long, 1, "s"), (&short, 2, "t")), passphrase, "though it has more keys");
        assert_eq!(met((&long, 2, "s"), (&long, 2, "t")), passphrase, "changed on both at once: one counts");
    }

    #[test]
    fn who_has_none_brings_none_and_the_first_is_brought_where_none_is() {
        let long = [turn(1, "a"), turn(2, "b")];
        assert_eq!(
            compare(None, Some(&carried(&long, (1, "s")))),
            Standing::Behind { other_passphrase: false }
        );
        let Standing::Ahead(put) = compare(Some(&keys(&long, (1, "s"))), None) else { panic!("not brought") };
        assert_eq!((put.after, put.sequence), (Some(0), 2));
    }

    #[test]
    fn a_rotation_that_is_kept_no_more_is_not_missing() {
        let all: Vec<Turn> = (1..=101).map(|n| turn(n, &n.to_string())).collect();
        assert_eq!(
            met((&all[1..], 1, "s"), (&all[..100], 1, "s")),
            compare(Some(&keys(&all[1..], (1, "s"))), Some(&carried(&all[1..100], (1, "s"))))
        );
        assert_eq!(met((&all[1..], 1, "s"), (&all, 1, "s")), Standing::Same);
    }
}
