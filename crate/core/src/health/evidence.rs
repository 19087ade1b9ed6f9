//! What a report is made from.

use fieldsync_protocol::Millis;
use fieldsync_protocol::read::Read;

/// A rotation as far as a report goes: all of it is in clear in a keystore
/// ([`Keystore::told`](fieldsync_protocol::Keystore::told)). Names are hashes, so this is made once for each keystore.
pub type Turn = fieldsync_protocol::RotationTold;

/// The last rotation that a device says it has.
#[derive(Clone, Debug, PartialEq, Eq, Read)]
pub struct Head {
    /// Its sequence.
    pub sequence: u64,
    /// Its name.
    pub id: String,
}

/// A device of the person's, as the server knows it: read from what it says of a
/// [`Device`](fieldsync_protocol::Device).
#[derive(Clone, Debug, PartialEq, Eq, Read)]
#[serde(rename_all = "camelCase")]
pub struct Member {
    /// As it names itself.
    #[serde(rename = "deviceId")]
    pub id: String,
    /// As a person calls it.
    pub name: Option<String>,
    /// When it was last heard of, by the server's clock.
    pub last_seen_at: Millis,
    /// The last rotation that it has; none where it has said nothing of one.
    #[serde(rename = "lastRotation")]
    pub head: Option<Head>,
    /// Entries that were not on the server when it last said.
    pub pending: Option<u64>,
    /// When the oldest of them was entered.
    pub oldest_unsent_at: Option<Millis>,
    /// When it was revoked; else it is trusted.
    pub revoked_at: Option<Millis>,
}

/// What the browser says of its storage. `None` is unknown (I10).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read)]
#[serde(default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Space {
    /// Whether it has promised to keep what is stored.
    pub persisted: Option<bool>,
    /// Bytes that are taken.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub usage: Option<u64>,
    /// Bytes that may be taken.
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub quota: Option<u64>,
}

/// What a page keeps of the store's life in another place (a cookie), which the browser does not remove with the store.
#[derive(Clone, Debug, PartialEq, Eq, Read)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct StoreMark {
    /// The name that the device had; a new store makes a new one.
    pub device: String,
    /// How many entries waited when it was written.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub waiting: u64,
}

impl StoreMark {
    /// How many entries waited in a store that is gone; nothing where it is this device's.
    pub(crate) fn lost(&self, device_id: &str) -> Option<u64> {
        (self.device != device_id).then_some(self.waiting)
    }
}

/// A keystore that was refused because it is older than this device's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Read)]
pub struct Attempt {
    /// The last rotation here.
    pub mine: u64,
    /// The last one of the refused keystore.
    pub theirs: u64,
}

/// What this device knows of itself.
#[derive(Clone, Copy, Debug)]
pub struct Own<'a> {
    /// As it names itself.
    pub device_id: &'a str,
    /// The rotations that it has.
    pub turns: &'a [Turn],
    /// The passphrase was changed on another device, and this one still has the one of before.
    pub other_passphrase: bool,
    /// When it was last in step with the server.
    pub last_synced_at: Option<Millis>,
    /// When the oldest entry was made that is not on the server.
    pub oldest_unsent_at: Option<Millis>,
    /// Its storage.
    pub space: Space,
    /// How far its clock goes before the server's, in milliseconds; behind it, where negative.
    pub clock_skew: Option<i64>,
    /// The browser has removed what was stored here once: how many entries waited, as far as was known.
    pub evicted: Option<u64>,
    /// The last downgrade that was refused, until a newer keystore came.
    pub downgrade: Option<Attempt>,
}

impl Own<'_> {
    /// Whether it has keys that a revoked device could know.
    pub(super) fn device_trusts_keys(&self) -> bool {
        !self.turns.is_empty()
    }
}

/// All that a report is made from.
#[derive(Clone, Copy, Debug)]
pub struct Evidence<'a> {
    /// The wall clock.
    pub now: Millis,
    /// When the next check is due.
    pub next_scheduled: Option<Millis>,
    /// The person's devices, this one and revoked ones among them.
    pub roster: &'a [Member],
    /// The rotations of the keystore that the server carries.
    pub told: &'a [Turn],
    /// This device.
    pub own: Own<'a>,
}
