//! Everything that a device or a server reads off the wire: nothing that anybody sends makes it panic, and what was
//! read and is written again is read as the same.
#![no_main]

use fieldsync_protocol::{
    ChangesResponse, Credentials, DeviceRegistration, Problem, PushRequest, PushResponse, RefreshRequest,
};
use fieldsync_server::content_hash::ContentHash;
use fieldsync_server::examine::examine;
use libfuzzer_sys::fuzz_target;
use serde::Serialize;
use serde::de::DeserializeOwned;

fuzz_target!(|bytes: &[u8]| {
    if let Some(push) = again::<PushRequest>(bytes) {
        let written = serde_json::to_vec(&push).unwrap();
        let reread: PushRequest = serde_json::from_slice(&written).unwrap();
        for (item, same) in push.items.iter().zip(&reread.items) {
            // What is sent again is the same to the server (I3).
            assert_eq!(ContentHash::of(item), ContentHash::of(same));
            let candidate = examine(item);
            assert_eq!(candidate.id, item.id);
            assert_eq!(candidate.intent.is_ok(), examine(same).intent.is_ok());
        }
    }
    again::<PushResponse>(bytes);
    again::<ChangesResponse>(bytes);
    again::<Problem>(bytes);
    if let Some(given) = again::<Credentials>(bytes) {
        given.validate();
        given.address();
    }
    again::<RefreshRequest>(bytes);
    if let Some(given) = again::<DeviceRegistration>(bytes) {
        given.validate();
    }
});

/// Reads it; what was read is written, read and written to the same text.
fn again<T: DeserializeOwned + Serialize>(bytes: &[u8]) -> Option<T> {
    let read: T = serde_json::from_slice(bytes).ok()?;
    let written = serde_json::to_string(&read).unwrap();
    let reread: T = serde_json::from_str(&written).unwrap();
    assert_eq!(serde_json::to_string(&reread).unwrap(), written);
    Some(read)
}
