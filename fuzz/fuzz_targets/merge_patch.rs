//! Merge patches, as the device makes and applies them and as the server applies them. Two objects, one a line: what the
//! patch from one to the other makes of the first is the second, and both sides agree on what any patch makes.
#![no_main]

use fieldsync_protocol::merge_patch::{apply, diff};
use fieldsync_server::record::Record;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;
use serde_json::value::RawValue;

fuzz_target!(|text: &str| {
    let Some((base, other)) = text.split_once('\n') else { return };
    // Whatever it is, it is taken.
    let applied = apply(base, other);
    let patch = diff(base, other);
    let (Some(record), Some(patch_record)) = (record(base), record(other)) else { return };

    let merged = Record::patched(Some(&record), &patch_record);
    if let Ok(merged) = &merged {
        assert_eq!(merged.value(), value(&applied), "{base} with {other}");
        assert_eq!(
            merged.text(),
            Record::patched(Some(merged), &patch_record).unwrap().text(),
            "twice is once"
        );
    }
    // From here on as an update goes: both are records, in the one spelling.
    if without_nulls(&patch_record.value()) {
        let made = patch.map_or_else(|| base.to_owned(), |patch| apply(base, &patch));
        assert_eq!(value(&made), patch_record.value(), "{base} to {other}");
    }
});

fn record(text: &str) -> Option<Record> {
    Record::read(&RawValue::from_string(text.to_owned()).ok()?).ok()
}

fn value(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

/// A patch cannot say "there, and null".
fn without_nulls(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Object(members) => members.values().all(without_nulls),
        _ => true,
    }
}
