//! A draft becomes a record: checked, stamped, and written before anyone calls it saved (I2).

mod checked;

use fieldsync_protocol::{Action, merge_patch, read};

use crate::call::{CallCode, CallError, Draft};
use crate::event::{Entropy, WriteError};
use crate::lane;
use crate::ledger::{Batch, Expect, Lane, Waiter, Waiting};
use crate::record::{ItemState, Record};
use crate::time::Millis;
use crate::upload;

pub(crate) use checked::{Checked, check, record_of};

/// Makes the record of a checked draft; `lane` as it was found, where it had to be looked at.
pub(crate) fn stamp(
    now: Millis,
    checked: Checked,
    lane: &Lane,
    entropy: Entropy,
) -> Result<Record, CallError> {
    let Checked { draft, mut body, mut natural_key } = checked;
    if let Some(on) = draft.depends_on
        && !lane.dependency_queued
        && !lane.receipts.iter().any(|receipt| receipt.id == on)
    {
        return Err(CallError::not_found(on));
    }
    // Later in its lane than every other, whatever the clock says: order is the order of entry (I5).
    let last = lane.queued.last().map(|record| record.place().made_at() + Millis(1));
    let id = entropy.id(now.max(last.unwrap_or_default()));
    let entity_id = draft.entity_id.unwrap_or(id);
    let (mut base_version, mut whole) = (None, None);
    if draft.action != Action::Create {
        if lane.queued.last().is_some_and(|last| last.action == Action::Delete) {
            return Err(CallError::new(CallCode::NotFound, "This record is about to be deleted."));
        }
        // Behind others of its lane the version is told by the receipt of the one before it.
        if lane.queued.is_empty() {
            base_version = draft.base_version.or(lane.known.as_ref().map(|known| known.version));
            if base_version.is_none() {
                let words = "This record is not known on this device yet. Connect once, then change it.";
                return Err(CallError::new(CallCode::NotFound, words));
            }
        }
        if draft.action == Action::Update {
            let base = base(lane, base_version);
            body = patch(&draft, base.as_deref())?;
            whole = base.map(|base| merge_patch::apply(&base, &body));
            if let Some(whole) = &whole {
                (_, natural_key) = record_of(draft.r#type, whole)?;
            }
        }
    }
    let state = if lane::must_wait(lane) { ItemState::Blocked } else { ItemState::Pending };
    let mut record = Record {
        id,
        state,
        order: i64::try_from(now.0).unwrap_or(i64::MAX),
        r#type: draft.r#type,
        action: draft.action,
        entity_id,
        seat: None,
        depends_on: draft.depends_on.filter(|_| lane.dependency_queued),
        base_version,
        priority: draft.priority,
        urgency: draft.priority,
        score: 0,
        created_at: now,
        natural_key,
        size: 0,
        attempts: 0,
        last_attempt: None,
        history: Vec::new(),
        trouble: None,
        server_item: None,
        upload: upload::of(draft.r#type, draft.action, &body),
        whole,
        body,
        sealed: None,
    };
    record.measure();
    Ok(record)
}

/// Makes the record of a checked draft that takes the place of a queued one: in its lane, at its seat, against the same
/// version.
pub(crate) fn revise(
    now: Millis,
    checked: Checked,
    old: &Record,
    mut lane: Lane,
    entropy: Entropy,
) -> Result<Record, CallError> {
    lane.queued.retain(|record| record.place() < old.place());
    let mut checked = checked;
    if checked.draft.action != Action::Create {
        checked.draft.base_version = checked.draft.base_version.or(old.base_version);
    }
    let waits = old.state == ItemState::Blocked;
    let record = stamp(now, checked, &lane, entropy)?;
    let state = if waits { ItemState::Blocked } else { record.state };
    Ok(Record { state, depends_on: record.depends_on.or(old.depends_on), ..record })
}

/// The merge patch of an update: what differs from the record as this device knows it.
fn patch(draft: &Draft, base: Option<&str>) -> Result<String, CallError> {
    let patch = match (&draft.patch, &draft.data, base) {
        (Some(patch), _, _) => Some(patch.get().to_owned()),
        (None, Some(data), Some(base)) => merge_patch::diff(base, data.get()),
        // The whole record is a patch too, if a large one, which removes nothing.
        (None, data, _) => data.as_ref().map(|data| data.get().to_owned()),
    };
    match patch {
        Some(patch) if patch.starts_with('{') => Ok(patch),
        Some(_) => {
            Err(CallError::new(CallCode::BadRequest, "A change is an object of the fields that change."))
        }
        None => Err(CallError::new(CallCode::Unchanged, "Nothing has changed.")),
    }
}

/// The record as it will be once everything queued of its lane is done: from what is known of the version that the first of
/// these is made against, or with none of them the change itself.
fn base(lane: &Lane, base_version: Option<u64>) -> Option<String> {
    let version = lane.queued.first().map_or(base_version, |first| first.base_version);
    let known = lane.known.as_ref().filter(|known| Some(known.version) == version);
    after(known.map(|known| known.data.clone()), &lane.queued)
}

/// What a record will be after these, in order.
pub(crate) fn after(known: Option<String>, queued: &[Record]) -> Option<String> {
    queued.iter().fold(known, |base, record| match (record.action, base) {
        (Action::Create, _) => Some(record.body.clone()),
        (Action::Update, Some(base)) => Some(merge_patch::apply(&base, &record.body)),
        (Action::Update, None) => record.whole.clone(),
        (Action::Delete, _) => None,
    })
}

/// The write that saves it: refused when a twin waits already (C5), or when what it was reckoned from has changed.
pub(crate) fn batch(record: &Record, lane: &Lane) -> Batch {
    let mut batch = Batch::default();
    if let Some(key) = &record.natural_key {
        batch.expect.push(Expect::NoTwin(key.clone(), record.entity_id));
    }
    batch.expect.extend(joins(record, lane));
    batch.add(record.clone());
    batch
}

/// What must hold for a record that joins this lane at its end.
pub(crate) fn joins(record: &Record, lane: &Lane) -> Option<Expect> {
    if record.state == ItemState::Blocked {
        let awaited = lane.queued.last().map(|last| last.id).into_iter().chain(record.depends_on);
        return Some(Expect::Queued(awaited.collect()));
    }
    (record.entity_id != record.id).then_some(Expect::LaneFree(record.entity_id))
}

/// The write by which a record takes the place of another that is queued, with those that wait for that one.
pub(crate) fn instead(now: Millis, record: Record, old: &Record, waiting: &Waiting) -> Batch {
    let mut record = record;
    if !waiting.waiters.is_empty() && record.action == Action::Create {
        record.entity_id = old.entity_id; // those behind it are about this one
    }
    if record.entity_id == old.entity_id {
        record.seat = Some(old.place());
        record.measure();
    }
    let mut batch = Batch {
        expect: vec![
            Expect::Still(old.id, old.state),
            Expect::NotFlying(old.id, now),
            Expect::Lanes(waiting.totals.lane_changes),
        ],
        ..Batch::default()
    };
    if let Some(key) = &record.natural_key {
        batch.expect.push(Expect::NoTwin(key.clone(), record.entity_id));
    }
    for Waiter { record: waiter, .. } in &waiting.waiters {
        // None of them has been sent: each may still be told for whom it waits now.
        if waiter.depends_on == Some(old.id) {
            batch.change(waiter, Record { depends_on: Some(record.id), ..waiter.clone() });
        }
    }
    batch.remove(old);
    batch.add(record);
    batch
}

/// Why it was not saved, for the person who entered it. What they typed stays with them.
pub(crate) fn refusal(error: WriteError) -> CallError {
    match error {
        WriteError::Twin(_, twin) => {
            let words = "A reading for this property, unit, meter and period waits already.";
            let mut error = CallError::new(CallCode::DuplicateReading, words).about(twin.id);
            error.existing = read::from_str(twin.whole.as_ref().unwrap_or(&twin.body)).ok();
            error
        }
        WriteError::Known(_, known) => {
            let words = "The server has a reading for this property, unit, meter and period already.";
            let mut error = CallError::new(CallCode::DuplicateReading, words);
            error.entity_id = Some(known.entity_id);
            error.existing = read::from_str(&known.data).ok();
            error
        }
        WriteError::Flying | WriteError::Changed => CallError::new(
            CallCode::InFlight,
            "This entry is being sent at this moment. Try again in a minute.",
        ),
        WriteError::Gone => CallError::new(CallCode::NotFound, "This item is not on this device any more."),
        WriteError::Store(crate::event::StoreError::Full) => CallError::new(
            CallCode::StorageFull,
            "This device has no room left. Free some space and save again; what you typed is still here.",
        ),
        // The second cannot be: nothing drains here.
        error @ (WriteError::Store(_) | WriteError::Fenced) => CallError::new(
            CallCode::Storage,
            format!("This device could not save it ({error}). Please try again."),
        ),
    }
}

#[cfg(test)]
mod tests {
    use fieldsync_protocol::{ItemId, ItemType, Priority, Reading};
    use serde_json::{Value, json};

    use super::*;
    use crate::conformance::record;
    use crate::ledger::Known;

    fn draft(data: Value) -> Draft {
        let data = serde_json::value::to_raw_value(&data).unwrap();
        Draft {
            r#type: ItemType::Reading,
            action: Action::Create,
            entity_id: None,
            priority: Priority::High,
            data: Some(data),
            patch: None,
            base_version: None,
            depends_on: None,
            replaces: None,
            ask: false,
        }
    }

    fn stamped(draft: Draft, entropy: u8) -> Result<Record, CallError> {
        stamp(NOW, check(draft)?, &Lane::default(), Entropy([entropy; 16]))
    }

    fn update(entity: ItemId, data: Value) -> Draft {
        Draft { action: Action::Update, entity_id: Some(entity), ..draft(data) }
    }

    fn reading() -> Value {
        json!({"property": " P-1 ", "unit": "U1", "period": "2026-11", "value": 12.5, "readAt": 7, "note": "é\"\\"})
    }

    const NOW: Millis = Millis(1_760_000_000_000);

    #[test]
    fn a_record_is_stamped_tidied_and_measured() {
        let record = stamped(draft(reading()), 3).unwrap();
        assert_eq!(record.entity_id, record.id);
        assert!(record.body.contains(r#""property":"P-1""#), "{}", record.body);
        let sent = serde_json::to_string(&record.to_push().unwrap()).unwrap();
        assert_eq!(record.size as usize, sent.len());
    }

    #[test]
    fn every_digit_of_a_value_is_kept() {
        for n in 0..20_000u32 {
            let text = format!("{}", f64::from(n).sqrt() * 1_000.0);
            let json =
                format!(r#"{{"property":"P","unit":"U","period":"2026-11","value":{text},"readAt":1}}"#);
            let data = serde_json::value::RawValue::from_string(json).unwrap();
            let record = stamped(Draft { data: Some(data), ..draft(reading()) }, 3).unwrap();
            let kept: Reading = serde_json::from_str(&record.body).unwrap();
            assert_eq!(format!("{:?}", kept.value), text);
        }
    }

    #[test]
    fn what_is_wrong_is_said_by_field() {
        let mut data = reading();
        data["period"] = "soon".into();
        data["value"] = (-1).into();
        let error = stamped(draft(data), 3).unwrap_err();
        assert_eq!(error.code, CallCode::Invalid);
        let fields: Vec<_> = error.fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["period", "value"]);
    }

    #[test]
    fn other_shapes_and_other_work_are_refused() {
        let error = stamped(draft(json!({"property": 5})), 3).unwrap_err();
        assert_eq!(error.code, CallCode::Invalid);
        let gone = Draft { entity_id: None, ..update(record(1).id, json!({})) };
        assert_eq!(stamped(gone, 3).unwrap_err().fields[0].field, "entityId");
        let empty = Draft { data: None, ..draft(reading()) };
        assert_eq!(stamped(empty, 3).unwrap_err().fields[0].field, "data");
    }

    #[test]
    fn an_update_is_what_differs_from_what_the_device_knows() {
        let old = stamped(draft(reading()), 3).unwrap();
        let (natural_key, data) = (old.natural_key.clone(), old.body.clone());
        let known = Known {
            entity_id: old.id,
            r#type: ItemType::Reading,
            natural_key,
            version: 7,
            data,
            sealed: None,
        };
        let lane = Lane { known: Some(known), ..Lane::default() };
        let mut data: Value = serde_json::from_str(&old.body).unwrap();
        data["value"] = 13.into();
        let checked = check(update(old.id, data.clone())).unwrap();
        let record = stamp(NOW, checked, &lane, Entropy([4; 16])).unwrap();
        assert_eq!((record.body.as_str(), record.base_version), (r#"{"value":13}"#, Some(7)));
        assert_eq!(record.natural_key, old.natural_key);
        assert_eq!(record.to_push().unwrap().patch.unwrap().get(), r#"{"value":13}"#);
        assert!(batch(&record, &lane).expect.contains(&Expect::LaneFree(old.id)));
        let same = check(update(old.id, serde_json::from_str(&old.body).unwrap())).unwrap();
        assert_eq!(stamp(NOW, same, &lane, Entropy([4; 16])).unwrap_err().code, CallCode::Unchanged);
        data["period"] = "never".into();
        let wrong = stamp(NOW, check(update(old.id, data)).unwrap(), &lane, Entropy([4; 16])).unwrap_err();
        assert_eq!(wrong.fields[0].field, "period", "the whole record is checked");
    }

    #[test]
    fn an_update_waits_behind_its_create_and_comes_later_whatever_the_clock_says() {
        let old = stamped(draft(reading()), 3).unwrap();
        let lane = Lane { queued: vec![old.clone()], ..Lane::default() };
        let mut data: Value = serde_json::from_str(&old.body).unwrap();
        data["note"] = "later".into();
        let long_ago = Millis(5);
        let record = stamp(long_ago, check(update(old.id, data)).unwrap(), &lane, Entropy([4; 16])).unwrap();
        assert_eq!((record.state, record.base_version), (ItemState::Blocked, None));
        assert!(record.place() > old.place());
        assert_eq!(batch(&record, &lane).expect[1], Expect::Queued(vec![old.id]));
    }

    #[test]
    fn what_is_not_known_cannot_be_changed() {
        let id = record(1).id;
        let lane = Lane::default();
        let error = stamp(NOW, check(update(id, reading())).unwrap(), &lane, Entropy([4; 16])).unwrap_err();
        assert_eq!(error.code, CallCode::NotFound);
        let on = Draft { depends_on: Some(id), ..draft(reading()) };
        assert_eq!(stamped(on, 4).unwrap_err().code, CallCode::NotFound);
    }

    #[test]
    fn other_kinds_of_records_are_checked_and_kept_as_they_are() {
        let text = r#"{"site":"Well 3","kind":"WASH","ours":1.50}"#;
        let data = serde_json::value::RawValue::from_string(text.to_owned()).unwrap();
        let kind = Draft { r#type: ItemType::Assessment, data: Some(data), ..draft(reading()) };
        assert_eq!(stamped(kind, 3).unwrap().body, text);
        for (r#type, data, field) in [
            (ItemType::Assessment, json!({"site": "", "kind": "WASH"}), "site"),
            (ItemType::Media, json!({"mime": "jpeg", "bytes": ""}), "mime"),
            (
                ItemType::Response,
                json!({"assessmentId": record(1).id, "kind": "WASH", "plan": "", "status": "DONE"}),
                "plan",
            ),
        ] {
            let error = stamped(Draft { r#type, ..draft(data) }, 3).unwrap_err();
            assert_eq!(error.fields[0].field, field);
        }
    }

    #[test]
    fn replacing_is_one_write_with_its_totals() {
        let old = stamped(draft(reading()), 3).unwrap();
        let new = stamped(draft(reading()), 4).unwrap();
        let waiter =
            Record { state: ItemState::Blocked, entity_id: old.id, depends_on: Some(old.id), ..record(9) };
        let waiters = vec![Waiter { record: waiter, first: true, dependency_queued: false }];
        let batch = instead(NOW, new.clone(), &old, &Waiting { waiters, ..Waiting::default() });
        assert_eq!(batch.remove, [old.id]);
        // Its id is no longer its entity's, which it has to say.
        let named = format!(r#""entityId":"{}","#, old.id).len();
        assert_eq!(
            (batch.totals.pending, batch.totals.blocked, batch.totals.bytes),
            (0, 0, named.try_into().unwrap())
        );
        assert!(batch.expect.contains(&Expect::NotFlying(old.id, NOW)));
        assert_eq!(batch.put[0].depends_on, Some(new.id));
        assert_eq!(
            (batch.put[1].place(), batch.put[1].entity_id),
            (old.id, old.entity_id),
            "in the old one's place"
        );
        assert!(batch.strict());
    }
}
