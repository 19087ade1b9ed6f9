use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::read::Read;
use crate::write::Write;
use crate::{Connectivity, FieldError, MetricsReport, Millis, Progress, RotationMark, device_id_fault};

/// At most this many devices in one answer.
pub const MAX_FLEET_DEVICES: u32 = 500;
/// The name of an app's version is at most this many characters.
pub const MAX_APP_VERSION: usize = 64;

/// How sure it is that what is stored on a device stays there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum StorageRisk {
    /// The browser has promised to keep it, and there is room.
    Safe,
    /// The browser may remove it where it needs the room.
    Evictable,
    /// There is hardly any room left.
    Low,
}

/// What a device is doing, as it says in a [`Heartbeat`]. Nothing of a record but the id of the one that is being sent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Activity {
    /// Whether a drain runs.
    pub is_active: bool,
    /// Whether sync is paused.
    pub is_paused: bool,
    /// The drain that runs, or the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_progress: Option<Progress>,
    /// What the device knows of its network.
    pub connectivity: Connectivity,
    /// When the drain that runs will be through, as far as its pace tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_completion_time: Option<Millis>,
    /// What went wrong last, in plain words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// The body of `POST /api/v1/sync/heartbeat`: how a device is doing. What is absent is unknown (I10).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Heartbeat {
    /// The device, as it names itself.
    #[serde(alias = "device_id")]
    pub device_id: String,
    /// Items that are not on the server yet.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub pending: u64,
    /// When the oldest of them was entered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_unsent_at: Option<Millis>,
    /// How sure it is that they stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<StorageRisk>,
    /// Of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// What it is doing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activity: Option<Activity>,
    /// Its figures, where their owner lets them be kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub metrics: Option<MetricsReport>,
    /// The revision of the wishes that it has taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub wishes_taken: Option<u64>,
    /// The last rotation that it has.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_rotation: Option<RotationMark>,
    /// Bytes that it has stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub storage_usage: Option<u64>,
    /// Bytes that it may store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub storage_quota: Option<u64>,
}

impl Heartbeat {
    /// What is wrong with it.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = device_id_fault(&self.device_id).into_iter().collect();
        let version = self.app_version.as_deref().unwrap_or("");
        if version.chars().count() > MAX_APP_VERSION || version.chars().any(char::is_control) {
            let message = format!("Use at most {MAX_APP_VERSION} letters, digits and signs.");
            faults.push(FieldError::new("appVersion", message));
        }
        if self.last_rotation.as_ref().is_some_and(|mark| !mark.is_sound()) {
            let message = "A sequence from 1 up, and a SHA-256 in hexadecimal.";
            faults.push(FieldError::new("lastRotation", message));
        }
        faults
    }
}

/// What a device is asked to do by its owner from elsewhere, or by a supervisor. It reads them and decides: a wish is
/// not a command.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wishes {
    /// Counts one up with each wish; 0 where there never was one.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub revision: u64,
    /// The revision of the last wish for a drain. A device that has taken an earlier revision starts one.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub start_revision: u64,
    /// The revision of the last wish about settings or a pause.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub settings_revision: u64,
    /// Whether sync is to be paused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paused: Option<bool>,
    /// The settings that are to change; the others stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "Partial<Settings>"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub settings: Option<Map<String, Value>>,
    /// The last revision that the device has said to have taken.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub taken_revision: u64,
}

/// The answer to a heartbeat.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeartbeatAnswer {
    /// What is asked of the device.
    pub wishes: Wishes,
    /// The server's clock.
    pub now: Millis,
}

/// A device of the team, as far as a supervisor sees it: never what is on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FleetDevice {
    /// Whose it is.
    pub user_id: String,
    /// The same person's address.
    pub email: String,
    /// As it names itself.
    pub device_id: String,
    /// What its owner calls it; may be empty.
    pub name: String,
    /// When it was last heard of, to within a minute.
    pub last_seen_at: Millis,
    /// When it was revoked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Millis>,
    /// When it last said how it is doing; without it, nothing below is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_at: Option<Millis>,
    /// Items that were not on the server then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub pending: Option<u64>,
    /// When the oldest of them was entered, by the device's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_unsent_at: Option<Millis>,
    /// How sure it is that they stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<StorageRisk>,
    /// Of the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub app_version: Option<String>,
    /// Whether there are wishes that it has not taken yet.
    pub wishes_waiting: bool,
}

/// The answer to `GET /api/v1/fleet?after&limit`, for a supervisor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FleetPage {
    /// By person and device.
    pub devices: Vec<FleetDevice>,
    /// What to ask for as `after` to get more; absent where there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// The server's answer to `GET …/sync/background/status?device&user`: what the device said last, and what is asked of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceStatus {
    /// What it was doing.
    #[serde(flatten)]
    pub activity: Activity,
    /// Items that were not on the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub queue_size: Option<u64>,
    /// When it said so; without it nothing of the above is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_at: Option<Millis>,
    /// When it was last heard of, to within a minute.
    pub last_seen_at: Millis,
    /// What is asked of it.
    pub wishes: Wishes,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_absent_is_unknown() {
        let beat: Heartbeat = serde_json::from_str(r#"{"deviceId":"d","pending":3,"colour":"red"}"#).unwrap();
        assert_eq!(beat, Heartbeat { device_id: "d".into(), pending: 3, ..Heartbeat::default() });
        assert_eq!(serde_json::to_string(&beat).unwrap(), r#"{"deviceId":"d","pending":3}"#);
        assert!(serde_json::from_str::<Heartbeat>(r#"{"deviceId":"d"}"#).is_err());
        let odd = r#"{"deviceId":"d","pending":3,"storage":"made up"}"#;
        assert!(serde_json::from_str::<Heartbeat>(odd).is_err());
    }

    #[test]
    fn a_version_is_a_short_text() {
        let version = |text: String| Heartbeat {
            device_id: "d".into(),
            app_version: Some(text),
            ..Heartbeat::default()
        };
        assert!(version("é".repeat(MAX_APP_VERSION)).validate().is_empty());
        for text in ["1".repeat(MAX_APP_VERSION + 1), "1\n".into()] {
            assert_eq!(version(text).validate()[0].field, "appVersion");
        }
        assert_eq!(Heartbeat::default().validate()[0].field, "deviceId");
    }
}
