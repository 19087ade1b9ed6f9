//! What every store does with limits. Each test is stamped on each of them.

use fieldsync_protocol::{AuditEvent, BandwidthLimits, DeviceBandwidthLimit, SetBandwidthLimit};
use fieldsync_server::store::AuditParams;
use fieldsync_server::store::account::{RegisterDeviceParams, RevokeDeviceParams};
use fieldsync_server::store::bandwidth::SetBandwidthParams;

use super::{Fixture, NOW, USER};

on_every_store! {
    limits_are_kept_by_person_and_device_until_they_are_none
    a_device_that_is_not_there_has_no_limit
}

impl Fixture {
    async fn limit(
        &self,
        device: Option<&str>,
        upload: Option<u64>,
        download: Option<u64>,
    ) -> Option<BandwidthLimits> {
        let given = SetBandwidthLimit {
            device_id: device.map(Into::into),
            upload_speed_limit: upload,
            download_speed_limit: download,
        };
        let params =
            SetBandwidthParams { user_id: USER.into(), on_device_id: Some("desk".into()), given, now: NOW };
        self.store.set_bandwidth(params).await.unwrap()
    }

    async fn phone_to_limit(&self) {
        let params = RegisterDeviceParams {
            user_id: USER.into(),
            device_id: "phone".into(),
            name: None,
            login_id: None,
            now: NOW,
        };
        self.store.register_device(params).await.unwrap();
    }
}

async fn limits_are_kept_by_person_and_device_until_they_are_none(it: Fixture) {
    it.phone_to_limit().await;
    assert_eq!(it.store.bandwidth(USER).await.unwrap(), BandwidthLimits::default());
    let of_all = BandwidthLimits { upload_speed_limit: Some(64_000), ..BandwidthLimits::default() };
    assert_eq!(it.limit(None, Some(64_000), None).await, Some(of_all.clone()));
    let phone = DeviceBandwidthLimit {
        device_id: "phone".into(),
        upload_speed_limit: None,
        download_speed_limit: Some(1),
    };
    let both = BandwidthLimits { devices: vec![phone], ..of_all.clone() };
    assert_eq!(it.limit(Some("phone"), None, Some(1)).await, Some(both.clone()));
    assert_eq!(it.store.bandwidth(USER).await.unwrap(), both);
    assert_eq!(it.store.bandwidth("b").await.unwrap(), BandwidthLimits::default());
    assert_eq!(it.limit(Some("phone"), None, None).await, Some(of_all));
    assert_eq!(it.limit(None, None, None).await, Some(BandwidthLimits::default()));
    let params = AuditParams { user_id: USER.into(), before: None, limit: 3 };
    let rows = it.store.audit(params).await.unwrap().rows;
    let said: Vec<_> = rows.iter().map(|row| (row.event, row.subject_id.as_deref())).collect();
    let event = AuditEvent::BandwidthLimit;
    assert_eq!(said, [(event, None), (event, Some("phone")), (event, Some("phone"))]);
}

async fn a_device_that_is_not_there_has_no_limit(it: Fixture) {
    assert_eq!(it.limit(Some("phone"), Some(1), None).await, None);
    it.phone_to_limit().await;
    let params =
        RevokeDeviceParams { user_id: USER.into(), device_id: "phone".into(), on_device_id: None, now: NOW };
    it.store.revoke_device(params).await.unwrap();
    assert_eq!(it.limit(Some("phone"), Some(1), None).await, None);
    assert_eq!(it.store.bandwidth(USER).await.unwrap(), BandwidthLimits::default());
}
