//! The file of a keystore, as a person may take it from anywhere: nothing panics, what was read is well-formed and is written and
//! read as the same, and it merges with itself to itself.
#![no_main]

use fieldsync_core::keystore::merge;
use fieldsync_protocol::Keystore;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(keystore) = Keystore::from_file(text) else { return };
    keystore.check().unwrap();
    let again = Keystore::from_file(&keystore.to_file().unwrap()).unwrap();
    assert_eq!(again, keystore);
    if let Ok(merged) = merge(&keystore, &keystore, &|_| true) {
        assert_eq!((merged.learned, merged.their_lock), (0, false));
    }
});
