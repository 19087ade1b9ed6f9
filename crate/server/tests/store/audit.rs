//! What every store writes of account events. Each test is stamped on each of them.

use fieldsync_protocol::{AuditEvent, AuditRow, Code, Millis, Outcome, Role};
use fieldsync_server::store::AuditParams;
use fieldsync_server::store::account::{
    AddUserParams, BeginLoginParams, EndLoginParams, NoteParams, OverseesParams, RegisterDeviceParams,
    RevokeDeviceParams, RotateParams, TokenHash, User,
};
use fieldsync_server::store::audit::Noted;

use super::{Fixture, NOW, USER, create};

on_every_store! {
    an_account_event_has_its_row
    what_was_refused_has_its_row
    what_changes_nothing_has_none
    items_and_account_events_are_numbered_as_one
    a_supervisor_oversees_the_team_alone
}

const LATER: Millis = Millis(NOW.0 + 1_000_000);

fn user(id: &str, role: Role, team: Option<&str>) -> AddUserParams {
    let user = User {
        id: id.into(),
        email: format!("{id}@x"),
        password_hash: "a-secret-hash".into(),
        role,
        team: team.map(Into::into),
        created_at: NOW,
    };
    AddUserParams { user }
}

impl Fixture {
    /// Every audit row of the user, the first first.
    async fn audited(&self) -> Vec<AuditRow> {
        let params = AuditParams { user_id: USER.into(), before: None, limit: 500 };
        let mut rows = self.store.audit(params).await.unwrap().rows;
        rows.reverse();
        rows
    }

    async fn events(&self) -> Vec<(AuditEvent, Outcome)> {
        self.audited().await.into_iter().map(|row| (row.event, row.outcome)).collect()
    }

    async fn begin(&self, login: &str, device: Option<&str>) {
        let params = BeginLoginParams {
            user_id: USER.into(),
            login_id: login.into(),
            device_id: device.map(Into::into),
            token: TokenHash([1; 32]),
            now: NOW,
            expires_at: LATER,
        };
        self.store.begin_login(params).await.unwrap();
    }

    async fn hand_in(&self, login: &str, spent: u8, fresh: u8) {
        let params = RotateParams {
            user_id: USER.into(),
            login_id: login.into(),
            spent: TokenHash([spent; 32]),
            fresh: TokenHash([fresh; 32]),
            now: NOW,
            expires_at: LATER,
        };
        self.store.rotate(params).await.unwrap();
    }

    async fn end(&self, login: &str) {
        let params = EndLoginParams { user_id: USER.into(), login_id: login.into(), now: NOW };
        self.store.end_login(params).await.unwrap();
    }

    async fn name(&self, device: &str, name: Option<&str>) {
        let params = RegisterDeviceParams {
            user_id: USER.into(),
            device_id: device.into(),
            name: name.map(Into::into),
            login_id: None,
            now: NOW,
        };
        self.store.register_device(params).await.unwrap();
    }

    async fn revoke_from(&self, device: &str, on: &str) {
        let params = RevokeDeviceParams {
            user_id: USER.into(),
            device_id: device.into(),
            on_device_id: Some(on.into()),
            now: LATER,
        };
        self.store.revoke_device(params).await.unwrap();
    }
}

async fn an_account_event_has_its_row(it: Fixture) {
    it.store.add_user(user(USER, Role::Worker, None)).await.unwrap();
    it.name("phone", None).await;
    it.begin("l", Some("phone")).await;
    it.hand_in("l", 1, 2).await;
    it.end("l").await;
    it.name("phone", Some("Phone")).await;
    it.revoke_from("phone", "tablet").await;
    let row = |number, event, device: Option<&str>| AuditRow {
        number,
        at: NOW,
        event,
        actor_id: None,
        device_id: device.map(Into::into),
        subject_id: None,
        item_id: None,
        entity_id: None,
        r#type: None,
        action: None,
        schedule_id: None,
        upload_id: None,
        changes_detected: None,
        outcome: Outcome::Done,
        code: None,
    };
    let phone = Some("phone");
    let revoke = AuditRow {
        at: LATER,
        subject_id: Some("phone".into()),
        ..row(7, AuditEvent::DeviceRevoke, Some("tablet"))
    };
    let expected = [
        row(1, AuditEvent::Register, None),
        row(2, AuditEvent::DeviceRegister, phone),
        row(3, AuditEvent::Login, phone),
        row(4, AuditEvent::Refresh, phone),
        row(5, AuditEvent::Logout, phone),
        row(6, AuditEvent::DeviceRegister, phone),
        revoke,
    ];
    assert_eq!(it.audited().await, expected);
}

async fn what_was_refused_has_its_row(it: Fixture) {
    let refused = Noted::refused(AuditEvent::Login, Some("phone".into()), Code::BadCredentials);
    it.store.note(NoteParams { user_id: USER.into(), now: NOW, noted: refused }).await.unwrap();
    it.begin("l", None).await;
    it.hand_in("l", 9, 2).await;
    it.name("phone", None).await;
    it.revoke_from("phone", "phone").await;
    it.name("phone", None).await;
    it.begin("m", Some("tablet")).await;
    let moved = RegisterDeviceParams {
        user_id: USER.into(),
        device_id: "other".into(),
        name: None,
        login_id: Some("m".into()),
        now: NOW,
    };
    it.store.register_device(moved).await.unwrap();
    let rows = it.audited().await;
    let refusals: Vec<_> =
        rows.iter().filter(|row| row.outcome == Outcome::Refused).map(|row| (row.event, row.code)).collect();
    let expected = [
        (AuditEvent::Login, Some(Code::BadCredentials)),
        (AuditEvent::Refresh, Some(Code::Unauthorized)),
        (AuditEvent::DeviceRegister, Some(Code::Forbidden)),
        (AuditEvent::DeviceRegister, Some(Code::Forbidden)),
    ];
    assert_eq!(refusals, expected);
    assert!(!format!("{rows:?}").contains("secret"));
}

async fn what_changes_nothing_has_none(it: Fixture) {
    it.store.add_user(user("somebody", Role::Worker, None)).await.unwrap();
    let taken = user(USER, Role::Worker, None).user;
    let taken = User { email: "somebody@x".into(), ..taken };
    it.store.add_user(AddUserParams { user: taken }).await.unwrap();
    it.end("no-such-login").await;
    it.hand_in("no-such-login", 1, 2).await;
    it.revoke_from("no-such-phone", "x").await;
    assert_eq!(it.events().await, []);
    it.name("phone", None).await;
    it.name("phone", None).await;
    it.revoke_from("phone", "x").await;
    it.revoke_from("phone", "x").await;
    let once = [(AuditEvent::DeviceRegister, Outcome::Done), (AuditEvent::DeviceRevoke, Outcome::Done)];
    assert_eq!(it.events().await, once);
}

async fn items_and_account_events_are_numbered_as_one(it: Fixture) {
    it.begin("l", None).await;
    it.push(&[create(1, "a"), create(2, "a")]).await;
    it.end("l").await;
    it.push(&[create(3, "c")]).await;
    let expected = [
        (AuditEvent::Login, Outcome::Done),
        (AuditEvent::Item, Outcome::Applied),
        (AuditEvent::Item, Outcome::Conflict),
        (AuditEvent::Logout, Outcome::Done),
        (AuditEvent::Item, Outcome::Applied),
    ];
    assert_eq!(it.events().await, expected);
    let numbers: Vec<u64> = it.audited().await.iter().map(|row| row.number).collect();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
    assert!(it.page(None, 9).await.unwrap().cursor.ends_with(".2"), "an account event is no change");
}

async fn a_supervisor_oversees_the_team_alone(it: Fixture) {
    for (id, role, team) in [
        ("worker", Role::Worker, Some("north")),
        ("supervisor", Role::Supervisor, Some("north")),
        ("south", Role::Supervisor, Some("south")),
        ("alone", Role::Supervisor, None),
        ("hermit", Role::Worker, None),
    ] {
        it.store.add_user(user(id, role, team)).await.unwrap();
    }
    let oversees = async |supervisor: &str, user: &str| {
        let params = OverseesParams { supervisor_id: supervisor.into(), user_id: user.into() };
        it.store.oversees(params).await.unwrap()
    };
    assert!(oversees("supervisor", "worker").await);
    assert!(oversees("supervisor", "supervisor").await);
    for (one, other) in [
        ("worker", "supervisor"),
        ("south", "worker"),
        ("alone", "worker"),
        ("alone", "hermit"),
        ("supervisor", "hermit"),
        ("supervisor", "south"),
        ("supervisor", "nobody"),
        ("nobody", "worker"),
    ] {
        assert!(!oversees(one, other).await, "{one} {other}");
    }
}
