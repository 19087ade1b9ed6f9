//! What a server asks of its store about how fast devices may send and take.

use async_trait::async_trait;
use fieldsync_protocol::{AuditEvent, BandwidthLimits, DeviceBandwidthLimit, Millis, SetBandwidthLimit};

use super::StoreError;
use super::audit::Noted;

/// A limit that a person sets.
#[derive(Clone, Debug)]
pub struct SetBandwidthParams {
    /// Whose.
    pub user_id: String,
    /// The device that this is done on.
    pub on_device_id: Option<String>,
    /// What they set, sound.
    pub given: SetBandwidthLimit,
    /// The server's clock.
    pub now: Millis,
}

impl SetBandwidthParams {
    /// The device in the tables: none of its ids is empty.
    pub(super) fn key(&self) -> &str {
        self.given.device_id.as_deref().unwrap_or("")
    }

    pub(super) fn noted(&self) -> Noted {
        Noted {
            subject_id: self.given.device_id.clone(),
            ..Noted::done(AuditEvent::BandwidthLimit, self.on_device_id.clone())
        }
    }
}

/// What is set, from what stands in the tables, by device.
pub(super) fn limits(kept: Vec<DeviceBandwidthLimit>) -> BandwidthLimits {
    let (of_all, devices): (Vec<_>, Vec<_>) = kept.into_iter().partition(|limit| limit.device_id.is_empty());
    let of_all = of_all.first();
    BandwidthLimits {
        upload_speed_limit: of_all.and_then(|limit| limit.upload_speed_limit),
        download_speed_limit: of_all.and_then(|limit| limit.download_speed_limit),
        devices,
    }
}

/// What a server asks of its store about limits. Every operation is whole or has not happened, with its audit row.
#[async_trait]
pub trait BandwidthStore: Send + Sync {
    /// What a person has set.
    async fn bandwidth(&self, user_id: &str) -> Result<BandwidthLimits, StoreError>;

    /// Sets a limit, and gives all of them; `None` where there is no such device, or no longer.
    async fn set_bandwidth(&self, params: SetBandwidthParams) -> Result<Option<BandwidthLimits>, StoreError>;
}
