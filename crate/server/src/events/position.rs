//! Where a device stands in what it has been told. On the wire it is the id of an event, `HEAD.ROSTER.SETTINGS.START`.

use std::fmt;

use fieldsync_protocol::{HeadMoved, RosterChanged, WishMade};
use serde_json::{Value, json};

use crate::store::Standing;

/// What a device has been told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    head: u64,
    roster: u64,
    settings: u64,
    start: u64,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    name: &'static str,
    data: Value,
    /// What the device has been told with it.
    id: Position,
}

impl Position {
    /// Where a device stands that comes without a last event: it may have missed changes, and has taken the wishes that
    /// it said it has.
    pub fn unknown(standing: &Standing) -> Position {
        let Standing { roster, taken, .. } = *standing;
        Position { head: u64::MAX, roster, settings: taken, start: taken }
    }

    /// Reads what a device hands back.
    pub fn parse(text: &str) -> Option<Position> {
        let mut parts = text.split('.').map(|part| part.parse().ok());
        let mut next = || parts.next().flatten();
        let position = Position { head: next()?, roster: next()?, settings: next()?, start: next()? };
        parts.next().is_none().then_some(position)
    }

    /// What is to be told where the store stands elsewhere, in order; afterwards it has been told. Elsewhere, not only
    /// further: a database may have been put back to an earlier day.
    pub fn move_to(&mut self, standing: &Standing) -> Vec<Event> {
        let mut events = Vec::new();
        if self.head != standing.head {
            self.head = standing.head;
            let data = HeadMoved { cursor: standing.cursor.to_string() };
            events.push(Event { name: "head", data: json!(data), id: *self });
        }
        if self.roster != standing.roster {
            self.roster = standing.roster;
            let data = RosterChanged { revision: standing.roster };
            events.push(Event { name: "roster", data: json!(data), id: *self });
        }
        if self.settings < standing.settings {
            let data = WishMade { revision: standing.settings };
            self.settings = standing.settings;
            events.push(Event { name: "settings", data: json!(data), id: *self });
        }
        if self.start < standing.start {
            let data = WishMade { revision: standing.start };
            self.start = standing.start;
            events.push(Event { name: "start", data: json!(data), id: *self });
        }
        events
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { head, roster, settings, start } = self;
        write!(f, "{head}.{roster}.{settings}.{start}")
    }
}

/// As it stands in the stream.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Event { name, data, id } = self;
        write!(f, "id: {id}\nevent: {name}\ndata: {data}\n\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cursor::Cursor;

    fn standing(head: u64, roster: u64, settings: u64, start: u64) -> Standing {
        let cursor = Cursor::at("ab", head);
        Standing { cursor, head, roster, settings, start, taken: 0, is_revoked: false }
    }

    fn told(position: &mut Position, standing: &Standing) -> Vec<String> {
        position.move_to(standing).iter().map(|event| format!("{} {}", event.name, event.id)).collect()
    }

    #[test]
    fn what_has_moved_is_told_once_in_order() {
        let mut position = Position::parse("1.1.1.1").unwrap();
        assert_eq!(told(&mut position, &standing(1, 1, 1, 1)), [""; 0]);
        let all = ["head 2.1.1.1", "roster 2.3.1.1", "settings 2.3.4.1", "start 2.3.4.5"];
        assert_eq!(told(&mut position, &standing(2, 3, 4, 5)), all);
        assert_eq!(told(&mut position, &standing(2, 3, 4, 5)), [""; 0]);
        // A stream that broke between two of them goes on with the second.
        let mut again = Position::parse("2.3.1.1").unwrap();
        assert_eq!(told(&mut again, &standing(2, 3, 4, 5)), all[2..]);
        assert_eq!(told(&mut position, &standing(1, 3, 4, 5)), ["head 1.3.4.5"], "put back");
    }

    #[test]
    fn who_comes_without_a_last_event_is_told_the_head_and_what_is_asked() {
        let mut fresh = standing(7, 2, 3, 1);
        fresh.taken = 1;
        assert_eq!(told(&mut Position::unknown(&fresh), &fresh), ["head 7.2.1.1", "settings 7.2.3.1"]);
    }

    #[test]
    fn an_event_is_three_lines() {
        let event = Position::parse("1.1.1.1").unwrap().move_to(&standing(2, 1, 1, 1)).remove(0);
        let text = "id: 2.1.1.1\nevent: head\ndata: {\"cursor\":\"v1.ab.2\"}\n\n";
        assert_eq!(event.to_string(), text);
    }

    #[test]
    fn anything_else_is_no_position() {
        for text in ["", "1", "1.1.1", "1.1.1.1.1", "1.1.1.x", "1.1.1.-1"] {
            assert_eq!(Position::parse(text), None, "{text}");
        }
        let text = "1.22.333.4444";
        assert_eq!(Position::parse(text).unwrap().to_string(), text);
    }
}
