//! How many bytes a second a person lets their devices send and take (D5).

use serde::{Deserialize, Serialize};

use crate::{FieldError, device_id_fault};

/// No limit is higher, in bytes a second.
pub const MAX_SPEED: u64 = 1_000_000_000_000;

/// The body of `POST /api/sync/bandwidth/limit`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SetBandwidthLimit {
    /// For which device, as it names itself; absent, for all that have no limit of their own.
    #[serde(default, alias = "device_id", skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// Bytes a second that may be sent to the server, from 1 up; null where there is no limit.
    #[serde(default, alias = "upload_speed_limit")]
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub upload_speed_limit: Option<u64>,
    /// Bytes a second that may be taken from the server, from 1 up; null where there is no limit.
    #[serde(default, alias = "download_speed_limit")]
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub download_speed_limit: Option<u64>,
}

impl SetBandwidthLimit {
    /// What is wrong with it, but for whether there is such a device.
    pub fn validate(&self) -> Vec<FieldError> {
        let speed = |field: &str, speed: Option<u64>| {
            let is_sound = speed.is_none_or(|speed| (1..=MAX_SPEED).contains(&speed));
            let words = format!("Enter bytes a second from 1 to {MAX_SPEED}, or nothing for no limit.");
            (!is_sound).then(|| FieldError::new(field, words))
        };
        let device = self.device_id.as_deref().and_then(device_id_fault);
        [
            device,
            speed("uploadSpeedLimit", self.upload_speed_limit),
            speed("downloadSpeedLimit", self.download_speed_limit),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

/// The limits of one device.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceBandwidthLimit {
    /// Which, as it names itself.
    pub device_id: String,
    /// Bytes a second that it may send; null where what holds for all holds for it.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub upload_speed_limit: Option<u64>,
    /// Bytes a second that it may take; null where what holds for all holds for it.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub download_speed_limit: Option<u64>,
}

/// The answer to `GET` and `POST /api/sync/bandwidth/limit`: what a person has set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct BandwidthLimits {
    /// Bytes a second that each device may send; null where there is no limit.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub upload_speed_limit: Option<u64>,
    /// Bytes a second that each device may take; null where there is no limit.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub download_speed_limit: Option<u64>,
    /// The devices with limits of their own, by their ids.
    pub devices: Vec<DeviceBandwidthLimit>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_lets_something_through_or_is_none() {
        let faults = |text: &str| {
            let given: SetBandwidthLimit = serde_json::from_str(text).unwrap();
            let faults = given.validate().into_iter().map(|fault| fault.field);
            faults.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(faults("{}"), "");
        assert_eq!(faults(r#"{"upload_speed_limit":1,"downloadSpeedLimit":null}"#), "");
        assert_eq!(
            faults(r#"{"uploadSpeedLimit":0,"download_speed_limit":0}"#),
            "uploadSpeedLimit downloadSpeedLimit"
        );
        assert_eq!(
            faults(r#"{"device_id":"","downloadSpeedLimit":1000000000001}"#),
            "deviceId downloadSpeedLimit"
        );
    }
}
