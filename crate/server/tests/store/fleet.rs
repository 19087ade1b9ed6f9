//! What every store does with what devices say and with what is asked of them. Each test is stamped on each of them.

use fieldsync_protocol::{
    Activity, AuditEvent, FleetDevice, Heartbeat, MetricsReport, Millis, Role, StorageRisk, Wishes,
};
use fieldsync_server::store::AuditParams;
use fieldsync_server::store::account::{AddUserParams, RegisterDeviceParams, RevokeDeviceParams, User};
use fieldsync_server::store::fleet::{
    DeviceParams, FleetParams, FleetResult, KnownDevice, ReportParams, Standing, StandingParams, Wish,
    WishParams,
};
use serde_json::json;

use super::{Fixture, NOW, create, params};

on_every_store! {
    what_a_device_says_last_is_kept_whole
    wishes_add_up_until_they_are_taken
    a_wish_is_audited_with_who_asked
    wishes_at_once_are_all_kept
    nothing_is_asked_of_a_device_that_is_not_there
    a_supervisor_sees_the_devices_of_the_team_alone
    a_fleet_comes_in_pages
    where_a_device_stands_moves_with_what_is_to_be_asked_for
}

const LATER: Millis = Millis(NOW.0 + 1_000);

fn beat(device: &str, pending: u64) -> Heartbeat {
    Heartbeat { device_id: device.into(), pending, ..Heartbeat::default() }
}

fn asked(user: &str, device: &str, wish: Wish) -> WishParams {
    WishParams {
        user_id: user.into(),
        device_id: device.into(),
        actor_id: "boss".into(),
        on_device_id: Some("desk".into()),
        wish,
        now: LATER,
    }
}

fn settings(change: serde_json::Value) -> Wish {
    Wish::Settings(change.as_object().unwrap().clone())
}

impl Fixture {
    /// A person of a team, with a phone.
    async fn person(&self, id: &str, role: Role, team: Option<&str>) {
        let user = User {
            id: id.into(),
            email: format!("{id}@x"),
            password_hash: "h".into(),
            role,
            team: team.map(Into::into),
            created_at: NOW,
        };
        self.store.add_user(AddUserParams { user }).await.unwrap();
        self.device(id, "phone").await;
    }

    async fn device(&self, user: &str, device: &str) {
        let params = RegisterDeviceParams {
            user_id: user.into(),
            device_id: device.into(),
            name: Some("é".into()),
            login_id: None,
            now: NOW,
        };
        self.store.register_device(params).await.unwrap();
    }

    async fn report(&self, user: &str, now: Millis, heartbeat: Heartbeat) -> Wishes {
        self.store.report(ReportParams { user_id: user.into(), now, heartbeat }).await.unwrap()
    }

    async fn wish(&self, params: WishParams) -> Option<Wishes> {
        self.store.wish(params).await.unwrap()
    }

    async fn known(&self, user: &str, device: &str) -> Option<KnownDevice> {
        let params = DeviceParams { user_id: user.into(), device_id: device.into() };
        self.store.known_device(params).await.unwrap()
    }

    async fn fleet(&self, supervisor: &str, after: Option<(&str, &str)>, limit: u32) -> FleetResult {
        let after = after.map(|(user, device)| (user.to_owned(), device.to_owned()));
        let params = FleetParams { supervisor_id: supervisor.into(), after, limit };
        self.store.fleet(params).await.unwrap()
    }
}

fn names(result: &FleetResult) -> Vec<String> {
    result.devices.iter().map(|device| format!("{} {}", device.user_id, device.device_id)).collect()
}

async fn what_a_device_says_last_is_kept_whole(it: Fixture) {
    it.person("a", Role::Worker, None).await;
    assert_eq!(it.known("a", "phone").await.unwrap().report, None);
    let whole = Heartbeat {
        oldest_unsent_at: Some(NOW),
        storage: Some(StorageRisk::Evictable),
        app_version: Some("1.2 é".into()),
        activity: Some(Activity {
            is_paused: true,
            last_error: Some("a \"quoted\" word\u{0}".into()),
            ..Activity::default()
        }),
        metrics: Some(MetricsReport::default()),
        ..beat("phone", 3)
    };
    assert_eq!(it.report("a", NOW, whole.clone()).await, Wishes::default());
    let report = it.known("a", "phone").await.unwrap().report.unwrap();
    assert_eq!((report.at, report.pending, report.oldest_unsent_at), (NOW, 3, Some(NOW)));
    assert_eq!((report.storage, report.app_version), (whole.storage, whole.app_version));
    assert_eq!((report.activity, report.metrics), (whole.activity, whole.metrics));
    // What it no longer tells is no longer kept.
    it.report("a", LATER, beat("phone", 0)).await;
    let report = it.known("a", "phone").await.unwrap().report.unwrap();
    assert_eq!((report.at, report.pending, report.metrics), (LATER, 0, None));
    assert_eq!((report.oldest_unsent_at, report.storage, report.activity), (None, None, None));
}

async fn wishes_add_up_until_they_are_taken(it: Fixture) {
    it.person("a", Role::Worker, None).await;
    it.wish(asked("a", "phone", settings(json!({ "enabled": false, "syncIntervalMinutes": 9 })))).await;
    it.wish(asked("a", "phone", Wish::Pause)).await;
    it.wish(asked("a", "phone", settings(json!({ "syncIntervalMinutes": 15 })))).await;
    let wishes = it.wish(asked("a", "phone", Wish::Start)).await.unwrap();
    let all = json!({ "enabled": false, "syncIntervalMinutes": 15 });
    let expected = Wishes {
        revision: 4,
        start_revision: 4,
        settings_revision: 3,
        paused: Some(true),
        settings: all.as_object().cloned(),
        taken_revision: 0,
    };
    assert_eq!(wishes, expected);
    assert_eq!(it.report("a", NOW, beat("phone", 0)).await, expected);
    assert_eq!(it.known("a", "phone").await.unwrap().wishes, expected);
    let take = async |revision| {
        let beat = Heartbeat { wishes_taken: Some(revision), ..beat("phone", 0) };
        it.report("a", NOW, beat).await.taken_revision
    };
    assert_eq!(take(3).await, 3);
    assert_eq!(take(1).await, 3, "an old word that comes late");
    assert_eq!(take(99).await, 3, "a revision that was never given");
    assert_eq!(take(4).await, 4);
    let resumed = it.wish(asked("a", "phone", Wish::Resume)).await.unwrap();
    let expected =
        Wishes { revision: 5, settings_revision: 5, paused: Some(false), taken_revision: 4, ..expected };
    assert_eq!(resumed, expected, "the others stay");
}

async fn a_wish_is_audited_with_who_asked(it: Fixture) {
    it.person("a", Role::Worker, None).await;
    it.wish(asked("a", "phone", Wish::Start)).await;
    it.wish(asked("a", "phone", settings(json!({})))).await;
    it.wish(asked("a", "phone", Wish::Pause)).await;
    it.wish(WishParams { actor_id: "a".into(), ..asked("a", "phone", Wish::Resume) }).await;
    let params = AuditParams { user_id: "a".into(), before: None, limit: 4 };
    let rows = it.store.audit(params).await.unwrap().rows;
    let said: Vec<_> = rows.iter().map(|row| (row.event, row.actor_id.as_deref())).collect();
    let expected = [
        (AuditEvent::SyncResume, None),
        (AuditEvent::SyncPause, Some("boss")),
        (AuditEvent::SyncSettings, Some("boss")),
        (AuditEvent::SyncStart, Some("boss")),
    ];
    assert_eq!(said, expected);
    let places = (rows[1].device_id.as_deref(), rows[1].subject_id.as_deref(), rows[1].at);
    assert_eq!(places, (Some("desk"), Some("phone"), LATER));
}

async fn wishes_at_once_are_all_kept(it: Fixture) {
    it.person("a", Role::Worker, None).await;
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let store = it.store.clone();
            tokio::spawn(async move { store.wish(asked("a", "phone", Wish::Start)).await.unwrap().unwrap() })
        })
        .collect();
    let mut revisions = Vec::new();
    for task in tasks {
        revisions.push(task.await.unwrap().revision);
    }
    revisions.sort_unstable();
    assert_eq!(revisions, (1..=12).collect::<Vec<_>>());
}

async fn nothing_is_asked_of_a_device_that_is_not_there(it: Fixture) {
    it.person("a", Role::Worker, None).await;
    it.person("b", Role::Worker, None).await;
    assert_eq!(it.wish(asked("a", "tablet", Wish::Start)).await, None);
    assert_eq!(it.wish(asked("nobody", "phone", Wish::Start)).await, None);
    assert_eq!(it.known("a", "tablet").await, None);
    it.wish(asked("a", "phone", Wish::Start)).await.unwrap();
    assert_eq!(it.report("b", NOW, beat("phone", 0)).await, Wishes::default(), "another's");
    let revoke =
        RevokeDeviceParams { user_id: "a".into(), device_id: "phone".into(), on_device_id: None, now: NOW };
    it.store.revoke_device(revoke).await.unwrap();
    assert_eq!(it.wish(asked("a", "phone", Wish::Start)).await, None);
}

async fn a_supervisor_sees_the_devices_of_the_team_alone(it: Fixture) {
    it.person("boss", Role::Supervisor, Some("north")).await;
    it.person("a", Role::Worker, Some("north")).await;
    it.person("b", Role::Worker, Some("north")).await;
    it.person("s", Role::Supervisor, Some("south")).await;
    it.person("hermit", Role::Supervisor, None).await;
    it.person("other", Role::Worker, None).await;
    let beat = Heartbeat {
        oldest_unsent_at: Some(NOW),
        storage: Some(StorageRisk::Low),
        app_version: Some("1".into()),
        ..beat("phone", 7)
    };
    it.report("a", LATER, beat).await;
    it.wish(asked("a", "phone", Wish::Pause)).await;
    let fleet = it.fleet("boss", None, 9).await;
    let unknown = FleetDevice {
        user_id: "b".into(),
        email: "b@x".into(),
        device_id: "phone".into(),
        name: "é".into(),
        last_seen_at: NOW,
        revoked_at: None,
        reported_at: None,
        pending: None,
        oldest_unsent_at: None,
        storage: None,
        app_version: None,
        wishes_waiting: false,
    };
    let known = FleetDevice {
        user_id: "a".into(),
        email: "a@x".into(),
        reported_at: Some(LATER),
        pending: Some(7),
        oldest_unsent_at: Some(NOW),
        storage: Some(StorageRisk::Low),
        app_version: Some("1".into()),
        wishes_waiting: true,
        ..unknown.clone()
    };
    assert_eq!(fleet.devices[..2], [known, unknown]);
    assert_eq!((names(&fleet)[2].as_str(), fleet.devices.len(), fleet.has_more), ("boss phone", 3, false));
    assert_eq!(names(&it.fleet("s", None, 9).await), ["s phone"]);
    for nobody in ["a", "hermit", "other", "nobody"] {
        assert!(it.fleet(nobody, None, 9).await.devices.is_empty(), "{nobody}");
    }
}

async fn a_fleet_comes_in_pages(it: Fixture) {
    it.person("boss", Role::Supervisor, Some("north")).await;
    it.person("a", Role::Worker, Some("north")).await;
    for device in ["Z", "tablet", "ä"] {
        it.device("a", device).await;
    }
    let all = ["a Z", "a phone", "a tablet", "a ä", "boss phone"];
    let (mut seen, mut after) = (Vec::new(), None::<(String, String)>);
    loop {
        let place = after.as_ref().map(|(user, device)| (user.as_str(), device.as_str()));
        let page = it.fleet("boss", place, 2).await;
        seen.extend(names(&page));
        let last = page.devices.last().unwrap();
        after = Some((last.user_id.clone(), last.device_id.clone()));
        if !page.has_more {
            break;
        }
        assert_eq!(page.devices.len(), 2);
    }
    assert_eq!(seen, all);
}

async fn where_a_device_stands_moves_with_what_is_to_be_asked_for(it: Fixture) {
    let standing = async |device: Option<&str>| -> Standing {
        let params = StandingParams { user_id: "a".into(), device_id: device.map(Into::into) };
        it.store.standing(params).await.unwrap()
    };
    let nothing = standing(Some("phone")).await;
    assert_eq!((nothing.head, nothing.roster, nothing.settings, nothing.start), (0, 0, 0, 0));
    it.person("a", Role::Worker, None).await;
    assert_eq!(standing(None).await.roster, 1, "a device came");
    it.device("a", "phone").await;
    assert_eq!(standing(None).await.roster, 1, "it was there");
    it.device("a", "tablet").await;
    let pushed = it.store.push(params("a", NOW, &[create(1, "a"), create(2, "b")])).await.unwrap();
    it.wish(asked("a", "phone", Wish::Start)).await;
    it.wish(asked("a", "phone", Wish::Pause)).await;
    it.report("a", NOW, Heartbeat { wishes_taken: Some(1), ..beat("phone", 0) }).await;
    let now = standing(Some("phone")).await;
    assert_eq!((now.head, now.cursor.clone()), (2, pushed.cursor));
    assert_eq!((now.roster, now.settings, now.start, now.taken), (2, 2, 1, 1));
    let other = standing(Some("tablet")).await;
    assert_eq!((other.head, other.roster, other.settings, other.start), (2, 2, 0, 0));
    let revoke =
        RevokeDeviceParams { user_id: "a".into(), device_id: "tablet".into(), on_device_id: None, now: NOW };
    it.store.revoke_device(revoke).await.unwrap();
    let revoked = standing(Some("tablet")).await;
    assert_eq!((revoked.roster, revoked.is_revoked), (3, true));
    assert!(!standing(Some("phone")).await.is_revoked);
}
