//! The shapes of `…/sync/background/*` and `…/sync/connectivity-test` (B1, B2, B6, B7, B8): the device's own worker
//! answers them offline, the server for a user's devices.

use crate::read::Read;
use crate::write::Write;
use crate::{EntityId, ItemType, Millis};

/// What carries the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ConnectionType {
    /// Wireless LAN.
    Wifi,
    /// A mobile network.
    Cellular,
    /// A cable.
    Ethernet,
    /// The browser does not say.
    #[default]
    Unknown,
}

/// How good the link is, from pings and transfers, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ConnectionQuality {
    /// Answers at once.
    Excellent,
    /// Good enough for everything.
    Good,
    /// For what is urgent.
    Poor,
    /// Nothing comes through.
    Offline,
}

/// Connectivity as far as it is known. `null` is unknown: not offline, and not a full battery (I10).
#[derive(Clone, Debug, Default, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Connectivity {
    /// Whether the browser sees a network.
    pub is_online: Option<bool>,
    /// What carries it.
    pub connection_type: ConnectionType,
    /// How good it is.
    pub connection_quality: Option<ConnectionQuality>,
    /// When the server last answered.
    pub last_connected: Option<Millis>,
    /// Measured, in Mbit/s.
    pub network_speed: Option<f64>,
    /// In percent.
    pub battery_level: Option<u8>,
    /// Whether the battery is being charged.
    pub is_charging: Option<bool>,
}

/// Who asked for a drain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Trigger {
    /// The browser, a timer, the network.
    #[default]
    Auto,
    /// A person.
    Manual,
}

/// What is being sent at this moment.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CurrentOperation {
    /// What kind of record leads the push.
    pub r#type: ItemType,
    /// Its entity.
    pub entity_id: EntityId,
    /// How much of the drain's bytes is committed, 0 to 100.
    pub progress: u8,
    /// Until nothing is left to send, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub estimated_time_remaining: Option<u64>,
}

/// Where a drain stands, or how it ended (B6). Everything counted is committed on the device (I6).
#[derive(Clone, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    /// Who asked for it.
    pub trigger: Trigger,
    /// When it began.
    pub started_at: Millis,
    /// When it ended; absent while it runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended_at: Option<Millis>,
    /// What it set out to send, and what came on top since.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub total_items: u64,
    /// On the server, with the receipt on this device.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub completed_items: u64,
    /// Answered, but not accepted: conflicts, refusals, and what must be sent again.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub failed_items: u64,
    /// What is being sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub current_operation: Option<CurrentOperation>,
    /// When something was last sent or tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_sync_attempt: Option<Millis>,
    /// When it goes on by itself, where something remains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_scheduled_sync: Option<Millis>,
    /// How long a drain took on average, over the last ones.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub average_sync_duration: Option<Millis>,
}

/// The figures of one drain (B7).
#[derive(Clone, Debug, Default, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SessionMetrics {
    /// Its name: the epoch of the drain, and so the order of drains on this device.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub session_id: u64,
    /// Who asked for it.
    pub trigger: Trigger,
    /// When it began.
    pub start_time: Millis,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_time: Option<Millis>,
    /// Answers to items: succeeded and failed.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub items_processed: u64,
    /// Accepted.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub items_succeeded: u64,
    /// Answered, but not accepted.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub items_failed: u64,
    /// Bytes of the accepted items' records before anything was saved.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub total_data_synced: u64,
    /// Bytes of bodies on the wire, both ways.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub network_usage: u64,
    /// Bytes that compression saved.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub saved_by_compression: u64,
    /// Bytes that sending only changed fields saved.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub saved_by_delta: u64,
    /// Requests made: pings, refreshes, pushes.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub requests: u64,
    /// Percent of the battery; absent where the device does not say, or was charging.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub battery_used: Option<f64>,
    /// How good the link was at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub connection_quality: Option<ConnectionQuality>,
    /// What went wrong, in plain words, the last 20.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<String>>"))]
    pub errors: Vec<String>,
}

/// Averages over the sessions kept (B7).
#[derive(Clone, Debug, Default, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AveragePerformance {
    /// Items accepted in a minute of draining.
    pub items_per_minute: f64,
    /// Accepted of all answered, 0 to 1.
    pub success_rate: f64,
    /// Percent of the battery a session, where known.
    pub average_battery_usage: Option<f64>,
    /// Bytes on the wire a session.
    pub average_network_usage: f64,
}

/// Something a person may want to change, from the figures.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Advice {
    /// A stable name.
    pub topic: String,
    /// A sentence.
    pub message: String,
}

/// `GET …/sync/background/metrics` (B8).
#[derive(Clone, Debug, Default, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct MetricsReport {
    /// The drain that runs, or the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current: Option<SessionMetrics>,
    /// The ones before, newest first.
    pub historical: Vec<SessionMetrics>,
    /// Averages over all of them.
    pub average_performance: AveragePerformance,
    /// What the figures suggest.
    pub advice: Vec<Advice>,
}
