//! Limits in memory.

use async_trait::async_trait;
use fieldsync_protocol::{BandwidthLimits, DeviceBandwidthLimit, SetBandwidthLimit};

use super::{Memory, MemoryStore};
use crate::store::StoreError;
use crate::store::bandwidth::{BandwidthStore, SetBandwidthParams, limits};

impl Memory {
    fn bandwidth(&self, user_id: &str) -> BandwidthLimits {
        let of_user = self.bandwidth.iter().filter(|((user, _), _)| user == user_id);
        limits(of_user.map(|(_, limit)| limit.clone()).collect())
    }

    fn set_bandwidth(&mut self, params: &SetBandwidthParams) -> Option<BandwidthLimits> {
        if let Some(device_id) = &params.given.device_id {
            let device = self.accounts.device(&params.user_id, device_id)?;
            if device.revoked_at.is_some() {
                return None;
            }
        }
        let key = (params.user_id.clone(), params.key().to_owned());
        let SetBandwidthLimit { upload_speed_limit, download_speed_limit, .. } = params.given;
        if upload_speed_limit.or(download_speed_limit).is_some() {
            let device_id = key.1.clone();
            let limit = DeviceBandwidthLimit { device_id, upload_speed_limit, download_speed_limit };
            self.bandwidth.insert(key, limit);
        } else {
            self.bandwidth.remove(&key);
        }
        self.note(&params.user_id, params.now, Some(params.noted()));
        Some(self.bandwidth(&params.user_id))
    }
}

#[async_trait]
impl BandwidthStore for MemoryStore {
    async fn bandwidth(&self, user_id: &str) -> Result<BandwidthLimits, StoreError> {
        Ok(self.with(|held| held.bandwidth(user_id)))
    }

    async fn set_bandwidth(&self, params: SetBandwidthParams) -> Result<Option<BandwidthLimits>, StoreError> {
        Ok(self.with(|held| held.set_bandwidth(&params)))
    }
}
