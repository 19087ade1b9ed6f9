//! Our reader and writer of JSON texts beside serde_json's: the same values, the same texts, the same refusals.
#![no_main]

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::{ChangesResponse, Settings, write};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::value::RawValue;

fuzz_target!(|text: &str| {
    // The one name that serde_json does not take for a name.
    if text.contains("$serde_json") || text.contains("\\u") && text.contains("serde") {
        return;
    }
    both::<Box<RawValue>>(text, |raw| raw.get().to_owned());
    both::<f64>(text, |number| number.to_bits().to_string());
    both::<String>(text, String::clone);
    both::<Settings>(text, |settings| write::to_string(settings));
    both::<ChangesResponse>(text, |page| serde_json::to_string(page).unwrap());
    both::<Value>(text, |value| {
        let written = write::to_string(value);
        assert_eq!(written, serde_json::to_string(value).unwrap());
        written
    });
});

fn both<T: Read + DeserializeOwned>(text: &str, shown: fn(&T) -> String) {
    let (ours, theirs) = (read::from_str::<T>(text), serde_json::from_str::<T>(text));
    assert_eq!(ours.as_ref().ok().map(shown), theirs.as_ref().ok().map(shown), "{ours:?}", ours = ours.err());
}
