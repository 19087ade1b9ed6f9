//! The server's clock.

use std::time::{SystemTime, UNIX_EPOCH};

use fieldsync_protocol::Millis;

/// The time now.
pub fn now() -> Millis {
    let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Millis(u64::try_from(since_epoch.as_millis()).unwrap_or(u64::MAX))
}
