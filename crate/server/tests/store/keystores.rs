//! What every store does with keystores, and with what devices say of theirs. Each test is stamped on each of them. Which
//! of two goes on from the other is in `keystores_in_turn`.

use fieldsync_protocol::{AuditEvent, CarriedKeystore, Heartbeat, KeystorePut, Millis, RotationMark};
use fieldsync_server::store::AuditParams;
use fieldsync_server::store::account::{RegisterDeviceParams, RevokeDeviceParams};
use fieldsync_server::store::fleet::{ReportParams, StandingParams};
use fieldsync_server::store::keystore::{PutKeystoreParams, PutKeystoreResult};

use super::{Fixture, NOW};
use crate::a_keystore::keystore;
use PutKeystoreResult::{Behind, Kept, Same};

on_every_store! {
    a_keystore_is_carried_to_the_letter_and_goes_forward_alone
    who_made_theirs_from_an_earlier_one_takes_that_in_first
    of_many_that_come_at_once_each_goes_on_from_the_last
    a_change_is_audited_and_moves_the_roster_and_nothing_else_does
    a_roster_has_what_each_device_said_last
}

pub fn given(text: &str, sequence: u64, after: Option<u64>) -> KeystorePut {
    KeystorePut { keystore: text.into(), sequence, after }
}

pub fn params(user: &str, given: KeystorePut) -> PutKeystoreParams {
    PutKeystoreParams { user_id: user.into(), device_id: Some("phone".into()), given, now: NOW }
}

fn carried(text: &str, sequence: u64, revision: u64) -> CarriedKeystore {
    let by_device = Some("phone".into());
    CarriedKeystore {
        keystore: text.into(),
        sequence,
        revision,
        updated_at: NOW,
        by_device,
        rotations: vec![],
    }
}

impl Fixture {
    pub async fn bring(&self, given: KeystorePut) -> PutKeystoreResult {
        self.store.put_keystore(params("a", given)).await.unwrap()
    }

    async fn roster_number(&self) -> u64 {
        let params = StandingParams { user_id: "a".into(), device_id: None };
        self.store.standing(params).await.unwrap().roster
    }

    async fn noted(&self) -> Vec<AuditEvent> {
        let params = AuditParams { user_id: "a".into(), before: None, limit: 100 };
        self.store.audit(params).await.unwrap().rows.into_iter().map(|row| row.event).collect()
    }
}

async fn a_keystore_is_carried_to_the_letter_and_goes_forward_alone(it: Fixture) {
    assert_eq!(it.store.keystore("a").await.unwrap(), None);
    let text = &keystore(2, 'k').replacen('{', "{ \"é\" : \"\\u00e9\",\n", 1);
    assert_eq!(it.bring(given(text, 2, None)).await, Kept(carried(text, 2, 1)));
    assert_eq!(it.store.keystore("a").await.unwrap(), Some(carried(text, 2, 1)));
    assert_eq!(it.store.keystore("b").await.unwrap(), None, "it is nobody else's");
    assert_eq!(it.bring(given(&keystore(1, 'k'), 1, None)).await, Behind { sequence: 2 });
    assert_eq!(it.bring(given(text, 2, Some(7))).await, Same(carried(text, 2, 1)), "sent again");
    assert_eq!(it.store.keystore("a").await.unwrap(), Some(carried(text, 2, 1)));
    let anew = &keystore(2, 'k').replace('{', "{ ");
    assert_eq!(it.bring(given(anew, 2, Some(1))).await, Behind { sequence: 2 }, "damaged");
    let later = &keystore(3, 'k');
    assert_eq!(it.bring(given(later, 3, None)).await, Kept(carried(later, 3, 2)));
}

async fn who_made_theirs_from_an_earlier_one_takes_that_in_first(it: Fixture) {
    let [one, two, three] = &[1, 2, 3].map(|last| keystore(last, 'k'));
    assert_eq!(it.bring(given(one, 1, Some(1))).await, Behind { sequence: 0 }, "from one that is not there");
    assert_eq!(it.store.keystore("a").await.unwrap(), None);
    assert_eq!(it.bring(given(one, 1, Some(0))).await, Kept(carried(one, 1, 1)));
    assert_eq!(it.bring(given(two, 2, Some(1))).await, Kept(carried(two, 2, 2)));
    assert_eq!(it.bring(given(three, 3, Some(1))).await, Behind { sequence: 2 }, "another was quicker");
    assert_eq!(it.bring(given(three, 3, Some(0))).await, Behind { sequence: 2 });
    assert_eq!(it.bring(given(three, 3, Some(2))).await, Kept(carried(three, 3, 3)));
}

async fn of_many_that_come_at_once_each_goes_on_from_the_last(it: Fixture) {
    let tasks: Vec<_> = ('a'..='l')
        .map(|mark| {
            let store = it.store.clone();
            let params = params("a", given(&keystore(1, mark), 1, Some(0)));
            tokio::spawn(async move { store.put_keystore(params).await.unwrap() })
        })
        .collect();
    let mut kept = 0;
    for task in tasks {
        kept += usize::from(matches!(task.await.unwrap(), Kept(_)));
    }
    assert_eq!(kept, 1);
    assert_eq!(it.store.keystore("a").await.unwrap().unwrap().revision, 1);
}

async fn a_change_is_audited_and_moves_the_roster_and_nothing_else_does(it: Fixture) {
    it.bring(given(&keystore(2, 'k'), 2, None)).await;
    assert_eq!((it.roster_number().await, it.noted().await), (1, vec![AuditEvent::KeystorePut]));
    it.bring(given(&keystore(2, 'k'), 2, None)).await;
    it.bring(given(&keystore(1, 'k'), 1, None)).await;
    it.bring(given(&keystore(3, 'o'), 3, None)).await;
    assert_eq!((it.roster_number().await, it.noted().await.len()), (1, 1));
    it.bring(given(&keystore(3, 'k'), 3, None)).await;
    assert_eq!((it.roster_number().await, it.noted().await.len()), (2, 2));
}

async fn a_roster_has_what_each_device_said_last(it: Fixture) {
    for device_id in ["a-phone", "b-lost"] {
        let params = RegisterDeviceParams {
            user_id: "a".into(),
            device_id: device_id.into(),
            name: Some(format!("{device_id} é")),
            login_id: None,
            now: NOW,
        };
        it.store.register_device(params).await.unwrap();
    }
    let params = RevokeDeviceParams {
        user_id: "a".into(),
        device_id: "b-lost".into(),
        on_device_id: None,
        now: NOW + Millis(5),
    };
    it.store.revoke_device(params).await.unwrap();
    let mark = RotationMark { sequence: 7, id: "0".repeat(64) };
    let heartbeat = Heartbeat {
        device_id: "a-phone".into(),
        pending: 3,
        oldest_unsent_at: Some(NOW),
        last_rotation: Some(mark.clone()),
        storage_usage: Some(5),
        storage_quota: Some(9),
        ..Heartbeat::default()
    };
    it.store.report(ReportParams { user_id: "a".into(), now: NOW, heartbeat }).await.unwrap();
    let roster = it.store.roster("a").await.unwrap();
    let [phone, lost] = &roster[..] else { panic!("{roster:?}") };
    let report = phone.report.clone().unwrap();
    assert_eq!((phone.device.name.as_str(), phone.device.revoked_at), ("a-phone é", None));
    assert_eq!((report.pending, report.oldest_unsent_at, report.at), (3, Some(NOW), NOW));
    assert_eq!(
        (report.last_rotation, report.storage_usage, report.storage_quota),
        (Some(mark), Some(5), Some(9))
    );
    assert_eq!((lost.device.revoked_at, lost.report.is_none()), (Some(NOW + Millis(5)), true));
    assert_eq!(it.store.roster("b").await.unwrap(), []);
}
