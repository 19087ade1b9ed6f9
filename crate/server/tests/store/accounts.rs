//! What every store does with people, their devices and their logins. Each test is stamped on each of them.

use fieldsync_protocol::{Millis, Role};
use fieldsync_server::store::account::{
    AddUserParams, AddUserResult, BeginLoginParams, Device, EndLoginParams, EndLoginResult, MAX_DEVICES,
    RegisterDeviceParams, RegisterDeviceResult, RevokeDeviceParams, RotateParams, RotateResult, SEEN_EVERY,
    SeeDeviceParams, SeeDeviceResult, TokenHash, User, UserParams,
};

use super::{Fixture, NOW};

on_every_store! {
    an_account_is_found_by_its_address_and_its_id
    an_address_has_one_account
    a_refresh_token_is_good_once
    a_spent_token_ends_its_login_alone
    a_token_whose_answer_was_lost_is_taken_again
    logins_end_and_expire
    devices_are_registered_named_and_listed
    a_revoked_device_stays_revoked_and_its_logins_are_good_for_nothing
    a_login_stays_on_its_device
    of_two_devices_at_once_one_gets_the_login
    a_device_is_seen_now_and_then
    there_are_only_so_many_devices
    people_do_not_share_devices_or_logins
}

const A: &str = "user-a";
const B: &str = "user-b";

fn user(id: &str, email: &str) -> User {
    User {
        id: id.into(),
        email: email.into(),
        password_hash: "$argon2id$v=19$m=8,t=1,p=1$c2FsdHNhbHQ$aGFzaA".into(),
        role: Role::Supervisor,
        team: Some("north".into()),
        created_at: NOW,
    }
}

fn token(n: u8) -> TokenHash {
    TokenHash([n; 32])
}

const LATER: Millis = Millis(NOW.0 + 1_000_000);

impl Fixture {
    async fn add(&self, user: User) -> AddUserResult {
        self.store.add_user(AddUserParams { user }).await.unwrap()
    }

    async fn log_in(&self, user: &str, login: &str, device: Option<&str>, first: u8) {
        let params = BeginLoginParams {
            user_id: user.into(),
            login_id: login.into(),
            device_id: device.map(Into::into),
            token: token(first),
            now: NOW,
            expires_at: LATER,
        };
        self.store.begin_login(params).await.unwrap();
    }

    async fn rotate(&self, user: &str, login: &str, spent: u8, fresh: u8) -> RotateResult {
        self.rotate_at(NOW, user, login, spent, fresh).await
    }

    async fn rotate_at(&self, now: Millis, user: &str, login: &str, spent: u8, fresh: u8) -> RotateResult {
        let params = RotateParams {
            user_id: user.into(),
            login_id: login.into(),
            spent: token(spent),
            fresh: token(fresh),
            now,
            expires_at: now + Millis(1_000_000),
        };
        self.store.rotate(params).await.unwrap()
    }

    async fn register(
        &self,
        user: &str,
        device: &str,
        name: Option<&str>,
        now: Millis,
    ) -> RegisterDeviceResult {
        let name = name.map(Into::into);
        self.store
            .register_device(RegisterDeviceParams { name, now, ..on(user, device, None) })
            .await
            .unwrap()
    }

    /// Registers a device that a login is on.
    async fn put_on(&self, login: &str, device: &str) -> RegisterDeviceResult {
        self.store.register_device(on(A, device, Some(login))).await.unwrap()
    }

    async fn revoke(&self, user: &str, device: &str, now: Millis) -> Option<Device> {
        let params =
            RevokeDeviceParams { user_id: user.into(), device_id: device.into(), on_device_id: None, now };
        self.store.revoke_device(params).await.unwrap()
    }

    async fn see(&self, user: &str, device: &str, now: Millis) -> SeeDeviceResult {
        let params = SeeDeviceParams { user_id: user.into(), device_id: device.into(), now };
        self.store.see_device(params).await.unwrap()
    }
}

fn on(user: &str, device: &str, login: Option<&str>) -> RegisterDeviceParams {
    RegisterDeviceParams {
        user_id: user.into(),
        device_id: device.into(),
        name: None,
        login_id: login.map(Into::into),
        now: NOW,
    }
}

/// On no device.
fn rotated() -> RotateResult {
    RotateResult::Rotated { device_id: None }
}

async fn an_account_is_found_by_its_address_and_its_id(it: Fixture) {
    let made = user(A, "a@fieldsync.example");
    assert_eq!(it.add(made.clone()).await, AddUserResult::Added);
    let alone = User { role: Role::Worker, team: None, ..user(B, "b@fieldsync.example") };
    it.add(alone.clone()).await;
    let find = async |params| it.store.user(params).await.unwrap();
    assert_eq!(find(UserParams::Email(made.email.clone())).await, Some(made.clone()));
    assert_eq!(find(UserParams::Id(B.into())).await, Some(alone));
    assert_eq!(find(UserParams::Id(made.email)).await, None);
    assert_eq!(find(UserParams::Email("' OR 1=1 --".into())).await, None);
}

async fn an_address_has_one_account(it: Fixture) {
    let first = user(A, "a@fieldsync.example");
    it.add(first.clone()).await;
    assert_eq!(it.add(user(B, "a@fieldsync.example")).await, AddUserResult::EmailTaken);
    let again = User { password_hash: "other".into(), ..first.clone() };
    assert_eq!(it.add(again).await, AddUserResult::EmailTaken);
    assert_eq!(it.store.user(UserParams::Email(first.email.clone())).await.unwrap(), Some(first));
    assert_eq!(it.store.user(UserParams::Id(B.into())).await.unwrap(), None);
}

async fn a_refresh_token_is_good_once(it: Fixture) {
    it.log_in(A, "l", Some("tablet"), 1).await;
    let on_tablet = RotateResult::Rotated { device_id: Some("tablet".into()) };
    assert_eq!(it.rotate(A, "l", 1, 2).await, on_tablet);
    assert_eq!(it.rotate(A, "l", 2, 3).await, on_tablet);
    assert_eq!(it.rotate(A, "l", 1, 4).await, RotateResult::Reused);
    assert_eq!(it.rotate(A, "l", 3, 4).await, RotateResult::Unknown, "the whole login has ended");
}

async fn a_spent_token_ends_its_login_alone(it: Fixture) {
    it.log_in(A, "l", None, 1).await;
    it.log_in(A, "m", None, 11).await;
    assert_eq!(it.rotate(A, "l", 11, 2).await, RotateResult::Reused, "a token of another login");
    assert_eq!(it.rotate(A, "l", 1, 2).await, RotateResult::Unknown);
    assert_eq!(it.rotate(A, "m", 11, 12).await, rotated());
}

/// The network is bad: what was answered may never arrive, and the device has nothing but the token before.
async fn a_token_whose_answer_was_lost_is_taken_again(it: Fixture) {
    it.log_in(A, "l", None, 1).await;
    for fresh in [2, 3, 4] {
        assert_eq!(it.rotate(A, "l", 1, fresh).await, rotated());
    }
    assert_eq!(it.rotate(A, "l", 4, 5).await, rotated());
    // Whoever holds one that was given out in between is not who went on with the last.
    assert_eq!(it.rotate(A, "l", 3, 6).await, RotateResult::Reused);
    assert_eq!(it.rotate(A, "l", 5, 6).await, RotateResult::Unknown);
}

async fn logins_end_and_expire(it: Fixture) {
    it.log_in(A, "l", None, 1).await;
    let end = EndLoginParams { user_id: A.into(), login_id: "l".into(), now: NOW };
    let ended = EndLoginResult::Ended { device_id: None };
    assert_eq!(it.store.end_login(end.clone()).await.unwrap(), ended);
    assert_eq!(it.store.end_login(end).await.unwrap(), EndLoginResult::Unknown);
    assert_eq!(it.rotate(A, "l", 1, 2).await, RotateResult::Unknown);

    it.log_in(A, "m", None, 1).await;
    assert_eq!(it.rotate_at(LATER - Millis(1), A, "m", 1, 2).await, rotated());
    let end = LATER - Millis(1) + Millis(1_000_000);
    assert_eq!(
        it.rotate_at(end, A, "m", 2, 3).await,
        RotateResult::Unknown,
        "it lasts from the last token on"
    );
}

async fn devices_are_registered_named_and_listed(it: Fixture) {
    let phone = Device {
        id: "phone".into(),
        name: "Ada's é phone".into(),
        registered_at: NOW,
        last_seen_at: NOW,
        revoked_at: None,
    };
    let registered = it.register(A, "phone", Some(&phone.name), NOW).await;
    assert_eq!(registered, RegisterDeviceResult::Registered(phone.clone()));
    it.register(A, "car", None, NOW).await;
    let seen = Device { last_seen_at: LATER, ..phone };
    let again = it.register(A, "phone", None, LATER).await;
    assert_eq!(again, RegisterDeviceResult::Registered(seen.clone()), "the name stays, and the first time");
    let back = it.register(A, "phone", None, NOW).await;
    assert_eq!(back, RegisterDeviceResult::Registered(seen.clone()), "a clock that was set back");
    it.register(A, "car", Some("Car"), NOW).await;
    let devices = it.store.devices(A).await.unwrap();
    assert_eq!((devices[0].name.as_str(), &devices[1]), ("Car", &seen));
    assert_eq!(devices.len(), 2);
}

async fn a_revoked_device_stays_revoked_and_its_logins_are_good_for_nothing(it: Fixture) {
    it.register(A, "phone", None, NOW).await;
    it.register(A, "car", None, NOW).await;
    it.log_in(A, "on-phone", Some("phone"), 1).await;
    it.log_in(A, "on-car", None, 11).await;
    it.put_on("on-car", "car").await;
    assert_eq!(it.see(A, "phone", NOW).await, SeeDeviceResult::Registered);

    let revoked = it.revoke(A, "phone", LATER).await.unwrap();
    assert_eq!((revoked.id.as_str(), revoked.revoked_at), ("phone", Some(LATER)));
    assert_eq!(it.revoke(A, "phone", LATER + LATER).await.unwrap().revoked_at, Some(LATER), "the first time");
    assert_eq!(it.see(A, "phone", LATER).await, SeeDeviceResult::Revoked);
    assert_eq!(it.register(A, "phone", Some("again"), LATER).await, RegisterDeviceResult::Revoked);
    let told = RotateResult::Revoked { device_id: "phone".into() };
    for _ in 0..2 {
        assert_eq!(it.rotate(A, "on-phone", 1, 2).await, told, "as often as it asks");
    }
    assert_eq!(
        it.rotate(A, "on-phone", 3, 4).await,
        RotateResult::Reused,
        "who has not the token is told nothing"
    );
    assert_eq!(it.rotate(A, "on-car", 11, 12).await, RotateResult::Rotated { device_id: Some("car".into()) });
    assert_eq!(it.revoke(A, "boat", NOW).await, None);
}

async fn a_login_stays_on_its_device(it: Fixture) {
    it.log_in(A, "l", None, 1).await;
    it.log_in(A, "m", Some("phone"), 11).await;
    for login in ["l", "m"] {
        for _ in 0..2 {
            assert!(matches!(it.put_on(login, "phone").await, RegisterDeviceResult::Registered(_)));
        }
        assert_eq!(it.put_on(login, "car").await, RegisterDeviceResult::LoginElsewhere);
    }
    it.log_in(B, "of-b", None, 21).await;
    for ended in ["n", "of-b"] {
        assert_eq!(it.put_on(ended, "car").await, RegisterDeviceResult::LoginElsewhere);
        assert_eq!(it.put_on(ended, "phone").await, RegisterDeviceResult::LoginElsewhere);
    }
    let devices = it.store.devices(A).await.unwrap();
    assert_eq!(devices.iter().map(|device| device.id.as_str()).collect::<Vec<_>>(), ["phone"]);
    it.revoke(A, "phone", LATER).await.unwrap();
    let told = RotateResult::Revoked { device_id: "phone".into() };
    assert_eq!((it.rotate(A, "l", 1, 2).await, it.rotate(A, "m", 11, 12).await), (told.clone(), told));

    // Where the device is refused the login is on none.
    it.log_in(A, "o", None, 31).await;
    assert_eq!(it.put_on("o", "phone").await, RegisterDeviceResult::Revoked);
    assert!(matches!(it.put_on("o", "car").await, RegisterDeviceResult::Registered(_)));
    it.log_in(A, "p", None, 41).await;
    let late = RegisterDeviceParams { now: LATER, ..on(A, "boat", Some("p")) };
    assert_eq!(
        it.store.register_device(late).await.unwrap(),
        RegisterDeviceResult::LoginElsewhere,
        "expired"
    );
}

async fn of_two_devices_at_once_one_gets_the_login(it: Fixture) {
    it.log_in(A, "l", None, 1).await;
    let tasks: Vec<_> = (0..12)
        .map(|n| {
            let store = it.store.clone();
            let params = on(A, &format!("phone-{n}"), Some("l"));
            tokio::spawn(async move { store.register_device(params).await.unwrap() })
        })
        .collect();
    let mut registered = Vec::new();
    for task in tasks {
        if let RegisterDeviceResult::Registered(device) = task.await.unwrap() {
            registered.push(device);
        }
    }
    assert_eq!((registered.len(), &it.store.devices(A).await.unwrap()), (1, &registered));
    let device_id = Some(registered[0].id.clone());
    assert_eq!(it.rotate(A, "l", 1, 2).await, RotateResult::Rotated { device_id });
}

async fn a_device_is_seen_now_and_then(it: Fixture) {
    it.register(A, "phone", None, NOW).await;
    let last_seen = async || it.store.devices(A).await.unwrap()[0].last_seen_at;
    it.see(A, "phone", NOW + SEEN_EVERY - Millis(1)).await;
    assert_eq!(last_seen().await, NOW);
    it.see(A, "phone", NOW + SEEN_EVERY).await;
    assert_eq!(last_seen().await, NOW + SEEN_EVERY);
    it.see(A, "phone", NOW).await;
    assert_eq!(last_seen().await, NOW + SEEN_EVERY);
    assert_eq!(it.see(A, "car", NOW).await, SeeDeviceResult::Unknown);
}

async fn there_are_only_so_many_devices(it: Fixture) {
    for n in 0..MAX_DEVICES {
        let registered = it.register(A, &format!("d{n}"), None, NOW).await;
        assert!(matches!(registered, RegisterDeviceResult::Registered(_)));
    }
    assert_eq!(it.register(A, "more", None, NOW).await, RegisterDeviceResult::TooMany);
    assert!(matches!(it.register(A, "d0", None, NOW).await, RegisterDeviceResult::Registered(_)));
    assert!(matches!(it.register(B, "more", None, NOW).await, RegisterDeviceResult::Registered(_)));
}

async fn people_do_not_share_devices_or_logins(it: Fixture) {
    it.register(A, "phone", None, NOW).await;
    it.log_in(A, "l", Some("phone"), 1).await;
    it.log_in(B, "l", Some("phone"), 1).await;
    assert_eq!(it.see(B, "phone", NOW).await, SeeDeviceResult::Unknown);
    assert_eq!(it.revoke(B, "phone", NOW).await, None);
    it.register(B, "phone", None, NOW).await;
    it.revoke(B, "phone", NOW).await.unwrap();
    assert_eq!(it.see(A, "phone", NOW).await, SeeDeviceResult::Registered);
    assert_eq!(it.store.devices(A).await.unwrap()[0].revoked_at, None);
    assert!(matches!(it.rotate(A, "l", 1, 2).await, RotateResult::Rotated { .. }), "another's ended");
}
