//! A clash between an entry and what the server has, and a person's choice between the two. What they choose is a new item
//! in the old one's place, never an edit of one that was sent.

use fieldsync_protocol::read::Read;
use fieldsync_protocol::{Action, ConflictPolicy, EntityId, ItemId, Rule, merge_patch, write};
use serde_json::Value;
use serde_json::value::RawValue;

use crate::call::{CallCode, CallError};
use crate::enqueue::{self, record_of};
use crate::event::Entropy;
use crate::lane::{self, Left};
use crate::ledger::{Batch, Expect, Lane, Leaving, Waiting};
use crate::record::{ItemState, Receipt, Record, Trouble, TroubleKind};
use crate::time::Millis;

/// Which side counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Choice {
    /// This device's.
    Mine,
    /// The server's.
    Theirs,
    /// A record made of both: `data`.
    Merged,
}

/// A person's choice.
#[derive(Clone, Debug, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Resolve {
    /// The item in conflict.
    pub id: ItemId,
    /// Which side counts.
    pub choice: Choice,
    /// For `merged`: the whole record as it is to be.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional, type = "unknown"))]
    pub data: Option<Box<RawValue>>,
}

/// The other side, as the server told it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Theirs {
    pub(crate) entity_id: EntityId,
    version: u64,
    /// None where it was deleted.
    data: Option<String>,
}

/// What the person has decided beforehand; none where they want to be asked. Which one is newer is told by two clocks, the
/// device's and the server's.
pub(crate) fn by_policy(policy: ConflictPolicy, record: &Record) -> Option<Choice> {
    let updated = || record.server_item.as_ref()?.get("updatedAt")?.as_u64();
    match policy {
        ConflictPolicy::Ask => None,
        ConflictPolicy::KeepMine => Some(Choice::Mine),
        ConflictPolicy::KeepTheirs => Some(Choice::Theirs),
        ConflictPolicy::KeepNewest => {
            Some(if record.created_at.0 > updated()? { Choice::Mine } else { Choice::Theirs })
        }
    }
}

impl Theirs {
    /// The other side of an item in conflict.
    pub(crate) fn of(record: &Record) -> Result<Theirs, CallError> {
        let read = |item: &Value| {
            Some(Theirs {
                entity_id: ItemId::parse(item.get("entityId")?.as_str()?).ok()?,
                version: item.get("version")?.as_u64()?,
                data: item.get("data").filter(|data| data.is_object()).map(|data| write::to_string(data)),
            })
        };
        let side = record.server_item.as_ref().filter(|_| record.state == ItemState::Conflict).and_then(read);
        let words = "There is nothing to choose between: this entry is not in conflict.";
        side.ok_or_else(|| CallError::new(CallCode::Unchanged, words).about(record.id))
    }
}

/// The new item that makes the person's choice the server's record; none where the server's is what they chose. `lane` is
/// that of the server's entity.
pub(crate) fn resolved(
    now: Millis,
    resolve: &Resolve,
    old: &Record,
    theirs: &Theirs,
    lane: &Lane,
    entropy: Entropy,
) -> Result<Option<Record>, CallError> {
    let mine = match old.action {
        Action::Create => Some(old.body.clone()),
        Action::Update => old.whole.clone(),
        Action::Delete => None,
    };
    let wanted = match (resolve.choice, &resolve.data) {
        (Choice::Theirs, _) => return Ok(None),
        (Choice::Mine, _) => mine,
        (Choice::Merged, Some(data)) => Some(data.get().to_owned()),
        (Choice::Merged, None) => {
            return Err(CallError::new(
                CallCode::BadRequest,
                "resolve: say in `data` what the record is to be.",
            ));
        }
    };
    // Where the server has it as another entity, it joins that one's lane at the end.
    let joins = old.entity_id != theirs.entity_id;
    let ahead = |record: &&Record| record.id != old.id && (joins || record.place() < old.place());
    let ahead: Vec<_> = lane.queued.iter().filter(ahead).cloned().collect();
    let (mut action, mut natural_key, mut whole) = (Action::Update, None, None);
    let body = match (wanted, enqueue::after(theirs.data.clone(), &ahead)) {
        // The whole of it is not known here: the same fields change, on top of what the server has now.
        (None, _) if old.action == Action::Update => old.body.clone(),
        (None, _) => {
            action = Action::Delete;
            String::new()
        }
        (Some(wanted), data) => {
            let (wanted, key) = record_of(old.r#type, &wanted)?;
            let Some(patch) = merge_patch::diff(data.as_deref().unwrap_or("{}"), &wanted) else {
                return Ok(None);
            };
            natural_key = key;
            whole = Some(wanted);
            patch
        }
    };
    let behind = !ahead.is_empty();
    let last = lane.queued.last().map(|record| record.place().made_at() + Millis(1));
    let mut record = Record {
        id: entropy.id(now.max(last.unwrap_or_default())),
        state: if behind { ItemState::Blocked } else { ItemState::Pending },
        order: i64::try_from(now.0).unwrap_or(i64::MAX),
        action,
        entity_id: theirs.entity_id,
        seat: None,
        depends_on: None,
        base_version: (!behind).then_some(theirs.version),
        created_at: now,
        natural_key,
        attempts: 0,
        last_attempt: None,
        history: Vec::new(),
        trouble: None,
        server_item: None,
        upload: None,
        whole,
        body,
        ..old.clone()
    };
    record.measure();
    Ok(Some(record))
}

/// The write by which the server's side is kept. The entry stays readable among what is done; those that build on it need
/// the person, and go on from the server's where that is of the same record.
pub(crate) fn yielded(now: Millis, old: &Record, waiting: &Waiting, rules: &[Rule]) -> Batch {
    let mut batch = Batch {
        expect: vec![Expect::Still(old.id, old.state), Expect::Lanes(waiting.totals.lane_changes)],
        receipts: vec![Receipt::yielded(now, old)],
        ..Batch::default()
    };
    batch.remove(old);
    let item = Leaving { id: old.id, entity_id: old.entity_id };
    let before = match Theirs::of(old) {
        Ok(theirs) if theirs.entity_id == old.entity_id => {
            let whole = theirs.data.unwrap_or_else(|| "{}".to_owned());
            Left { item, version: Some(theirs.version), whole: Some(whole) }
        }
        _ => Left { item, version: old.base_version, whole: None },
    };
    for waiter in waiting.waiters.iter().map(|waiter| &waiter.record) {
        let mut after = waiter.clone();
        if waiter.entity_id == old.entity_id {
            lane::follow(&mut after, &before, rules);
        }
        if lane::builds_on(waiter, old) || waiter.entity_id == old.entity_id {
            after.state = ItemState::SetAside;
            after.order = i64::try_from(waiter.created_at.0).unwrap_or(i64::MAX);
            after.depends_on = None;
            let message = "The entry that this one builds on was given up for the server's.".to_owned();
            after.note(now, Some(message.clone()));
            after.trouble =
                Some(Trouble { kind: TroubleKind::Conflict, code: None, message, fields: Vec::new() });
        }
        batch.change(waiter, after);
    }
    batch
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::conformance::{id, record};

    const NOW: Millis = Millis(1_000_000);

    fn clash(action: Action, data: Option<Value>) -> Record {
        let server_item = json!({"entityId": id(7), "version": 4, "updatedAt": 5, "data": data});
        Record { state: ItemState::Conflict, action, server_item: Some(server_item), ..record(1) }
    }

    fn chosen(old: &Record, choice: Choice, data: Option<&str>) -> Result<Option<Record>, CallError> {
        let data = data.map(|data| RawValue::from_string(data.to_owned()).unwrap());
        let theirs = Theirs::of(old)?;
        resolved(NOW, &Resolve { id: old.id, choice, data }, old, &theirs, &Lane::default(), Entropy([1; 16]))
    }

    fn server(value: f64) -> Option<Value> {
        let mut data: Value = serde_json::from_str(&record(1).body).unwrap();
        data["value"] = value.into();
        Some(data)
    }

    #[test]
    fn mine_becomes_a_change_of_the_servers_record_against_its_version() {
        let old = clash(Action::Create, server(9.0));
        let new = chosen(&old, Choice::Mine, None).unwrap().unwrap();
        assert_eq!((new.action, new.entity_id, new.base_version), (Action::Update, id(7), Some(4)));
        assert!(new.body.starts_with(r#"{"value":1"#), "only what differs: {}", new.body);
        assert_eq!(new.natural_key, old.natural_key);
        assert_eq!(new.place(), new.id, "at the end of that record's lane");
        assert_ne!(new.id, old.id);
    }

    #[test]
    fn theirs_or_no_difference_makes_nothing_new() {
        let old = clash(Action::Create, server(9.0));
        assert_eq!(chosen(&old, Choice::Theirs, None), Ok(None));
        let same = clash(Action::Create, Some(serde_json::from_str(&record(1).body).unwrap()));
        assert_eq!(chosen(&same, Choice::Mine, None), Ok(None));
    }

    #[test]
    fn a_merged_record_is_checked() {
        let old = clash(Action::Create, server(9.0));
        assert_eq!(chosen(&old, Choice::Merged, None).unwrap_err().code, CallCode::BadRequest);
        let wrong = record(1).body.replace("2026-11", "never");
        assert_eq!(chosen(&old, Choice::Merged, Some(&wrong)).unwrap_err().fields[0].field, "period");
        let right = record(1).body.replace("2026-11", "2026-12");
        assert!(chosen(&old, Choice::Merged, Some(&right)).unwrap().unwrap().body.contains("2026-12"));
    }

    #[test]
    fn a_change_of_a_deleted_record_brings_it_back_whole_and_a_delete_stays_one() {
        let old = Record { whole: Some(record(1).body), ..clash(Action::Update, None) };
        let new = chosen(&old, Choice::Mine, None).unwrap().unwrap();
        assert_eq!((new.action, new.base_version), (Action::Update, Some(4)));
        assert!(new.body.contains("property") && new.body.contains("value"));
        let new = chosen(&clash(Action::Delete, server(9.0)), Choice::Mine, None).unwrap().unwrap();
        assert_eq!((new.action, new.base_version, new.body.as_str()), (Action::Delete, Some(4), ""));
    }

    #[test]
    fn what_is_not_in_conflict_has_nothing_to_choose() {
        assert_eq!(chosen(&record(1), Choice::Theirs, None).unwrap_err().code, CallCode::Unchanged);
    }

    #[test]
    fn what_is_given_up_stays_readable_and_who_builds_on_it_needs_the_person() {
        let old = clash(Action::Create, server(9.0));
        let waiter = Record { state: ItemState::Blocked, entity_id: old.entity_id, ..record(2) };
        let waiters = vec![crate::ledger::Waiter { record: waiter, first: true, dependency_queued: false }];
        let batch = yielded(NOW, &old, &Waiting { waiters, ..Waiting::default() }, &[]);
        assert_eq!(
            (batch.remove.as_slice(), batch.receipts[0].body.as_str()),
            ([old.id].as_slice(), old.body.as_str())
        );
        assert!(batch.receipts[0].yielded);
        assert_eq!(batch.put[0].state, ItemState::SetAside);
        assert_eq!((batch.totals.conflict, batch.totals.blocked, batch.totals.set_aside), (-1, -1, 1));
    }
}
