//! A draft becomes a record: checked, stamped, and written before anyone calls it saved (I2).

use fieldsync_protocol::{Action, ItemType, Reading};

use crate::call::{CallCode, CallError, Draft};
use crate::event::{Entropy, WriteError};
use crate::ledger::{Batch, Expect, ItemState, Record};
use crate::priority::rank;
use crate::time::Millis;

/// Makes the record of a draft, or says what is wrong with it.
pub(crate) fn stamp(now: Millis, draft: Draft, entropy: Entropy) -> Result<Record, CallError> {
    if (draft.r#type, draft.action) != (ItemType::Reading, Action::Create) {
        return Err(CallError::new(CallCode::Unsupported, "This version takes new meter readings only."));
    }
    let reading: Reading = serde_json::from_str(draft.data.get()).map_err(|error| {
        CallError::new(CallCode::Invalid, format!("This is not a meter reading: {error}."))
    })?;
    let reading = reading.tidy();
    let fields = reading.validate();
    if !fields.is_empty() {
        let mut error = CallError::new(CallCode::Invalid, "Some of the entries need a correction.");
        error.fields = fields;
        return Err(error);
    }
    let body = serde_json::to_string(&reading).map_err(|error| {
        CallError::new(CallCode::Internal, format!("The reading cannot be written: {error}."))
    })?;
    let id = entropy.id(now);
    let mut record = Record {
        id,
        state: ItemState::Pending,
        order: rank(now, draft.priority),
        r#type: draft.r#type,
        action: draft.action,
        entity_id: id,
        priority: draft.priority,
        created_at: now,
        natural_key: Some(reading.natural_key()),
        size: 0,
        attempts: 0,
        last_attempt: None,
        trouble: None,
        server_item: None,
        body,
    };
    let sent = record.to_push().and_then(|item| serde_json::to_string(&item).ok());
    record.size = sent.map_or(0, |json| u32::try_from(json.len()).unwrap_or(u32::MAX));
    Ok(record)
}

/// The write that saves it: refused when a twin waits already (C5), unless it takes the twin's place.
pub(crate) fn batch(now: Millis, record: &Record, replaces: Option<&Record>) -> Batch {
    let mut batch = Batch::default();
    if let Some(key) = &record.natural_key {
        batch.expect.push(Expect::NoTwin(key.clone()));
    }
    if let Some(old) = replaces {
        batch.expect.push(Expect::Still(old.id, old.state));
        batch.expect.push(Expect::NotFlying(old.id, now));
        batch.remove(old);
    }
    batch.add(record.clone());
    batch
}

/// Why it was not saved, for the person who entered it. What they typed stays with them.
pub(crate) fn refusal(error: WriteError) -> CallError {
    match error {
        WriteError::Twin(_, twin) => {
            let words = "A reading for this property, unit, meter and period waits already.";
            let mut error = CallError::new(CallCode::DuplicateReading, words).about(twin.id);
            error.existing = serde_json::from_str(&twin.body).ok();
            error
        }
        WriteError::Flying | WriteError::Changed => CallError::new(
            CallCode::InFlight,
            "The earlier one is being sent at this moment. Try again in a minute.",
        ),
        WriteError::Gone => {
            CallError::new(CallCode::NotFound, "The earlier one is not on this device any more.")
        }
        WriteError::Store(crate::event::StoreError::Full) => CallError::new(
            CallCode::StorageFull,
            "This device has no room left. Free some space and save again; what you typed is still here.",
        ),
        WriteError::Store(crate::event::StoreError::Failed(why)) => CallError::new(
            CallCode::Storage,
            format!("This device could not save it ({why}). Please save again."),
        ),
        WriteError::Fenced => {
            CallError::new(CallCode::Internal, "The write was fenced, though nothing drains here.")
        }
    }
}

#[cfg(test)]
mod tests {
    use fieldsync_protocol::Priority;
    use serde_json::{Value, json};

    use super::*;

    fn draft(data: Value) -> Draft {
        let data = serde_json::value::to_raw_value(&data).unwrap();
        Draft {
            r#type: ItemType::Reading,
            action: Action::Create,
            priority: Priority::High,
            data,
            replaces: None,
        }
    }

    fn reading() -> Value {
        json!({"property": " P-1 ", "unit": "U1", "period": "2026-11", "value": 12.5, "readAt": 7, "note": "é\"\\"})
    }

    const NOW: Millis = Millis(1_760_000_000_000);

    #[test]
    fn a_record_is_stamped_tidied_and_measured() {
        let record = stamp(NOW, draft(reading()), Entropy([3; 16])).unwrap();
        assert_eq!(record.entity_id, record.id);
        assert_eq!(record.order, rank(NOW, Priority::High));
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
            let record = stamp(NOW, Draft { data, ..draft(reading()) }, Entropy([3; 16])).unwrap();
            let kept: Reading = serde_json::from_str(&record.body).unwrap();
            assert_eq!(format!("{:?}", kept.value), text);
        }
    }

    #[test]
    fn what_is_wrong_is_said_by_field() {
        let mut data = reading();
        data["period"] = "soon".into();
        data["value"] = (-1).into();
        let error = stamp(NOW, draft(data), Entropy([3; 16])).unwrap_err();
        assert_eq!(error.code, CallCode::Invalid);
        let fields: Vec<_> = error.fields.iter().map(|field| field.field.as_str()).collect();
        assert_eq!(fields, ["period", "value"]);
    }

    #[test]
    fn other_shapes_and_other_work_are_refused() {
        let error = stamp(NOW, draft(json!({"property": 5})), Entropy([3; 16])).unwrap_err();
        assert_eq!(error.code, CallCode::Invalid);
        for (r#type, action) in [(ItemType::Media, Action::Create), (ItemType::Reading, Action::Delete)] {
            let draft = Draft { r#type, action, ..draft(reading()) };
            assert_eq!(stamp(NOW, draft, Entropy([3; 16])).unwrap_err().code, CallCode::Unsupported);
        }
    }

    #[test]
    fn replacing_is_one_write_with_its_totals() {
        let old = stamp(NOW, draft(reading()), Entropy([3; 16])).unwrap();
        let new = stamp(NOW, draft(reading()), Entropy([4; 16])).unwrap();
        let batch = batch(NOW, &new, Some(&old));
        assert_eq!(batch.remove, [old.id]);
        assert_eq!((batch.totals.pending, batch.totals.bytes), (0, 0));
        assert!(batch.expect.contains(&Expect::NotFlying(old.id, NOW)));
        assert!(batch.strict());
    }
}
