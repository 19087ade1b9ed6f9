//! What of a stored row is sealed on a device that has a vault, and what the engine does without it (I9).
//!
//! The host seals rows on their way into the store and opens them on their way out; the engine sees open ones. While the
//! vault is locked it sees them sealed: what it plans and counts by is in clear (state, order, type, size, ids, times),
//! what a person entered is not.

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::{self, Write};
use fieldsync_protocol::{Action, NaturalKey};
use serde_json::Value;

use crate::call::{CallCode, CallError, Command};
use crate::ledger::{Found, Known};
use crate::record::{Moment, Receipt, Record, Trouble};

/// The vault of this device, as the host knows it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Vault {
    /// None was set up: rows are stored as they are.
    #[default]
    Absent,
    /// Its keys are not here.
    Locked,
    /// Its keys are here.
    Open,
}

/// What is sealed of a row.
#[derive(Clone, Debug, Default, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
struct Payload {
    /// The record, or the patch of one, as JSON text.
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    whole: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    natural_key: Option<NaturalKey>,
    #[serde(skip_serializing_if = "Option::is_none")]
    server_item: Option<Value>,
    /// Its words may tell what was entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    trouble: Option<Trouble>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    history: Vec<Moment>,
}

/// A row with something to seal.
pub trait Sealable {
    /// What seals it calls it by: a sealed text that is put into another row does not open there.
    fn about(&self) -> String;
    /// The sealed text, while it is not opened.
    fn sealed(&mut self) -> &mut Option<String>;
    /// Its natural key, which is an index: the host puts a keyed hash in its place, or takes it away.
    fn natural_key(&mut self) -> Option<&mut Option<NaturalKey>>;
    /// Takes out what is to be sealed.
    fn take(&mut self) -> String;
    /// Puts it back. `false` when the text is none of [`Sealable::take`]'s.
    fn restore(&mut self, payload: &str) -> bool;
}

impl Sealable for Record {
    fn about(&self) -> String {
        format!("item {}", self.id)
    }

    fn sealed(&mut self) -> &mut Option<String> {
        &mut self.sealed
    }

    fn natural_key(&mut self) -> Option<&mut Option<NaturalKey>> {
        Some(&mut self.natural_key)
    }

    fn take(&mut self) -> String {
        write::to_string(&Payload {
            text: std::mem::take(&mut self.body),
            whole: self.whole.take(),
            natural_key: self.natural_key.clone(),
            server_item: self.server_item.take(),
            trouble: self.trouble.take(),
            history: std::mem::take(&mut self.history),
        })
    }

    fn restore(&mut self, payload: &str) -> bool {
        let Ok(Payload { text, whole, natural_key, server_item, trouble, mut history }) =
            read::from_str(payload)
        else {
            return false;
        };
        // What it met while it was locked comes after.
        history.append(&mut self.history);
        let trouble = self.trouble.take().or(trouble);
        (self.body, self.whole, self.natural_key) = (text, whole, natural_key);
        (self.server_item, self.trouble, self.history) = (server_item, trouble, history);
        true
    }
}

impl Sealable for Receipt {
    fn about(&self) -> String {
        format!("receipt {}", self.id)
    }

    fn sealed(&mut self) -> &mut Option<String> {
        &mut self.sealed
    }

    fn natural_key(&mut self) -> Option<&mut Option<NaturalKey>> {
        None
    }

    fn take(&mut self) -> String {
        let (body, history) = (std::mem::take(&mut self.body), std::mem::take(&mut self.history));
        write::to_string(&Payload { text: body, history, ..Payload::default() })
    }

    fn restore(&mut self, payload: &str) -> bool {
        let Ok(Payload { text, history, .. }) = read::from_str(payload) else { return false };
        (self.body, self.history) = (text, history);
        true
    }
}

impl Sealable for Known {
    fn about(&self) -> String {
        format!("known {}", self.entity_id)
    }

    fn sealed(&mut self) -> &mut Option<String> {
        &mut self.sealed
    }

    fn natural_key(&mut self) -> Option<&mut Option<NaturalKey>> {
        Some(&mut self.natural_key)
    }

    fn take(&mut self) -> String {
        let natural_key = self.natural_key.clone();
        write::to_string(&Payload { text: std::mem::take(&mut self.data), natural_key, ..Payload::default() })
    }

    fn restore(&mut self, payload: &str) -> bool {
        let Ok(Payload { text, natural_key, .. }) = read::from_str(payload) else { return false };
        (self.data, self.natural_key) = (text, natural_key);
        true
    }
}

/// Whether something that was found is not opened: the vault was locked before it was read.
pub(crate) fn is_sealed(found: &Found) -> bool {
    let record = |record: &Record| record.sealed.is_some();
    let known = |known: &Known| known.sealed.is_some();
    match found {
        Found::Due(window) => window.due.iter().any(record),
        Found::Known(all) => all.iter().any(known),
        Found::Lane(lane) => lane.queued.iter().any(record) || lane.known.iter().any(known),
        Found::Waiting(waiting) => waiting.waiters.iter().any(|waiter| record(&waiter.record)),
        Found::Rows { records, receipts, .. } => {
            records.iter().any(record) || receipts.iter().any(|receipt| receipt.sealed.is_some())
        }
        Found::Overview(_) | Found::Standing(_) | Found::Metrics(_) => false,
    }
}

/// What a call is answered that needs what is sealed.
pub(crate) fn locked() -> CallError {
    CallError::new(CallCode::Locked, "Unlock the app first.")
}

/// Whether a call can be answered while what is on the device is sealed: new work can be recorded, and what the app shows
/// of itself is in clear.
pub(crate) fn admits(command: &Command) -> Result<(), CallError> {
    let admitted = match command {
        Command::Enqueue(draft) => draft.action == Action::Create && draft.replaces.is_none(),
        Command::Get(_)
        | Command::List(_)
        | Command::Discard(_)
        | Command::Resolve(_)
        | Command::Retry(_)
        | Command::TryRules(_)
        | Command::Latest(_)
        | Command::Records(_)
        | Command::Pack(_)
        | Command::TakeIn(_) => false,
        _ => true,
    };
    match admitted {
        true => Ok(()),
        false => Err(locked()),
    }
}

#[cfg(test)]
mod tests {
    use fieldsync_protocol::{ItemType, Millis};
    use serde_json::json;

    use super::*;
    use crate::conformance::{id, record};
    use crate::record::{ItemState, TroubleKind};

    fn named(key: &str) -> NaturalKey {
        serde_json::from_value(json!(key)).expect("a key is a text")
    }

    /// A row is as it was after it was sealed and opened, and in between shows nothing of what was entered.
    fn round<R: Sealable + Clone + PartialEq + std::fmt::Debug>(row: &R, seen: &dyn Fn(&R) -> String) {
        let mut sealed = row.clone();
        let payload = sealed.take();
        if let Some(natural) = sealed.natural_key() {
            *natural = None;
        }
        *sealed.sealed() = Some("a sealed text".to_owned());
        assert!(seen(row).contains("MARK") && !seen(&sealed).contains("MARK"), "{}", seen(&sealed));
        assert!(!sealed.clone().restore("{"), "what is no payload restores nothing");
        assert!(sealed.restore(&payload));
        *sealed.sealed() = None;
        assert_eq!(&sealed, row);
    }

    #[test]
    fn what_was_entered_is_sealed_and_comes_back_to_the_letter() {
        let mut item = record(1);
        item.body = r#"{"note":"MARK"}"#.to_owned();
        item.whole = Some(r#"{"note":"MARK whole"}"#.to_owned());
        item.natural_key = Some(named("MARK"));
        item.server_item = Some(json!({"note": "MARK theirs"}));
        item.trouble = Some(Trouble {
            kind: TroubleKind::Validation,
            code: None,
            message: "MARK is no number".to_owned(),
            fields: Vec::new(),
        });
        item.note(Millis(5), Some("MARK is no number".to_owned()));
        let shown = |row: &Record| write::to_string(row);
        round(&item, &shown);
        item.state = ItemState::Done;
        round(&Receipt::yielded(Millis(6), &item), &|row| write::to_string(row));
        let known = Known {
            entity_id: id(2),
            r#type: ItemType::Reading,
            natural_key: Some(named("MARK")),
            version: 3,
            data: r#"{"note":"MARK"}"#.to_owned(),
            sealed: None,
        };
        round(&known, &|row| write::to_string(row));
    }

    #[test]
    fn a_sealed_record_is_never_sent_and_keeps_its_points() {
        let mut item = record(1);
        item.rate(&crate::priority::defaults());
        let (score, size) = (item.score, item.size);
        item.take();
        item.sealed = Some("a sealed text".to_owned());
        item.rate(&[]);
        item.measure();
        assert_eq!((item.score, item.size), (score, size));
        assert!(item.to_push().is_none());
    }
}
