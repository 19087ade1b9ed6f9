//! Checks of sync health: when they are made, what they ask, what is kept and told of them.

mod locked;
mod tabs;

use fieldsync_core::{CallError, Event, Facts, Millis, Role, Transfer, Vault};
use serde_json::{Value, json};

use crate::scripted::{Host, ok, refuse};

const HOUR: Millis = Millis::minutes(60);
const PATHS: [&str; 3] = ["/api/v1/sync/heartbeat", "/api/sync/devices", "/api/v1/keystore"];

fn device(id: &str, last_seen_at: Millis) -> Value {
    json!({ "deviceId": id, "name": id, "registeredAt": 1, "lastSeenAt": last_seen_at, "current": false })
}

impl Host {
    /// The server answers the next check with these devices and no keystore.
    fn healthy(&mut self, devices: &[Value]) {
        self.told_then.push_back(ok(&json!({ "wishes": {} })));
        self.told_then.push_back(ok(&json!({ "devices": devices })));
        self.told_then.push_back(refuse(204));
    }

    fn scheduler(&mut self, wish: &str) -> Value {
        self.ask("scheduler", json!({ "wish": wish })).expect("answered")
    }

    fn paths(&self) -> Vec<&'static str> {
        self.asked.iter().map(|(path, ..)| *path).collect()
    }

    fn checks_told(&self) -> usize {
        self.told.iter().filter(|event| **event == Event::Checked).count()
    }
}

#[test]
fn without_a_start_there_is_no_check_and_no_timer() {
    let mut host = Host::new(Role::Page);
    let view = host.scheduler("look");
    assert_eq!(
        (&view["state"], &view["nextRun"], &view["report"]),
        (&json!("IDLE"), &json!(null), &json!(null))
    );
    assert_eq!(host.engine.next_wake(), None);
    host.run_for(Millis(24 * HOUR.0));
    assert!(host.asked.is_empty());
}

#[test]
fn the_first_check_comes_after_a_second_and_says_asks_keeps_and_tells() {
    let mut host = Host::new(Role::Page);
    let begun = host.now;
    host.healthy(&[device("tablet", begun), device("lost", begun - Millis(31 * 24 * HOUR.0))]);
    let space = json!({ "persisted": false, "usage": 95, "quota": 100 });
    let view = host.ask("scheduler", json!({ "wish": "start", "space": space })).unwrap();
    assert_eq!((&view["state"], &view["nextRun"]), (&json!("RUNNING"), &json!(begun + Millis::seconds(1))));
    host.run_for(Millis::minutes(1));
    assert_eq!(host.paths(), PATHS);
    let beat: Value = serde_json::from_str(host.asked[0].1.as_ref().unwrap()).unwrap();
    assert_eq!(
        (&beat["pending"], &beat["storageUsage"], &beat["storageQuota"]),
        (&json!(0), &json!(95), &json!(100))
    );
    assert_eq!(host.checks_told(), 1);

    let view = host.scheduler("look");
    let report = &view["report"];
    assert_eq!(
        (&report["deviceCount"], &report["isAligned"], &view["failed"]),
        (&json!(3), &json!(true), &json!(false))
    );
    let warned: Vec<&str> = report["warnings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|w| w["metadata"]["code"].as_str().unwrap())
        .collect();
    assert_eq!(warned, ["storageFull", "staleDevice", "notPersistent"]);
    let ended = begun + Millis::seconds(1);
    assert_eq!((&view["lastRun"], &view["nextRun"]), (&json!(ended), &json!(ended + Millis(6 * HOUR.0))));
    assert_eq!(report["nextScheduled"], view["nextRun"]);
    assert_eq!(host.engine.next_wake(), Some(ended + Millis(6 * HOUR.0)), "the one wake that is to come");
}

#[test]
fn a_rotation_on_another_device_is_seen_in_the_key_and_who_lacks_it() {
    let mut host = Host::new(Role::Page);
    let mut tablet = device("tablet", host.now);
    tablet["lastRotation"] = json!({ "sequence": 1, "id": "a" });
    host.healthy(&[tablet]);
    host.told_then.pop_back();
    let at = host.now - HOUR;
    let rotation = |sequence: u64, id: &str| json!({ "id": id, "sequence": sequence, "createdAt": at, "byDevice": "x", "publicKey": format!("of {id}") });
    host.told_then.push_back(ok(&json!({ "keystore": "…", "sequence": 2, "revision": 2, "updatedAt": 1,
        "rotations": [rotation(1, "a"), rotation(2, "b")] })));
    let view = host.scheduler("check");
    let alignment = &view["report"]["alignment"];
    assert_eq!(
        (&alignment["currentKeypairPublicKey"], &alignment["aligned"]),
        (&json!("of b"), &json!(false))
    );
    assert_eq!(alignment["devicesOutOfSync"], json!(["device-1", "tablet"]));
    assert_eq!(view["nextRun"], json!(host.now + HOUR), "keys were made not long ago");
}

#[test]
fn a_day_is_five_checks_and_every_one_is_told_once() {
    let mut host = Host::new(Role::Page);
    for _ in 0..5 {
        host.healthy(&[]);
    }
    host.scheduler("start");
    host.run_for(Millis(24 * HOUR.0 + 60_000));
    assert_eq!((host.asked.len(), host.checks_told()), (15, 5));
    host.scheduler("stop");
    assert_eq!(host.engine.next_wake(), None);
}

#[test]
fn the_days_on_which_the_app_is_used_are_remembered_and_make_the_interval() {
    let mut host = Host::new(Role::Page);
    for day in 0..20 {
        host.restart(Role::Page);
        host.healthy(&[]);
        host.scheduler("start");
        host.run_for(Millis::minutes(1));
        let view = host.scheduler("look");
        let [next, last] = ["nextRun", "lastRun"].map(|time| view[time].as_u64().expect("a time"));
        let hours = if day < 14 { 6 } else { 12 };
        assert_eq!(next - last, hours * HOUR.0, "day {day}");
        host.now = host.now + Millis(24 * HOUR.0);
    }
}

#[test]
fn a_check_by_hand_is_one_a_minute_and_the_report_outlives_the_page() {
    let mut host = Host::new(Role::Worker);
    host.healthy(&[]);
    let first = host.scheduler("check");
    assert_eq!((host.asked.len(), &first["counts"]["done"]), (3, &json!(1)));
    host.now = host.now + Millis::seconds(59);
    assert_eq!(host.scheduler("check")["lastRun"], first["lastRun"]);
    assert_eq!(host.asked.len(), 3, "nothing is asked anew");
    assert_eq!(host.engine.next_wake(), None, "a worker holds no timer");
    host.restart(Role::Page);
    let view = host.scheduler("look");
    assert_eq!((&view["report"], &view["lastRun"]), (&first["report"], &first["lastRun"]));
    host.scheduler("check");
    assert_eq!(host.asked.len(), 3, "not by another page either");
    host.now = host.now + Millis::seconds(1);
    host.healthy(&[]);
    host.scheduler("check");
    assert_eq!(host.asked.len(), 6);
}

#[test]
fn a_check_by_a_worker_does_not_say_that_the_pages_make_none() {
    let mut host = Host::new(Role::Page);
    host.healthy(&[]);
    host.scheduler("start");
    host.run_for(Millis::seconds(2));
    for _ in 0..2 {
        host.restart(Role::Worker);
        assert_eq!(host.scheduler("look")["state"], json!("RUNNING"), "as the page stored it");
        host.now = host.now + Millis::minutes(2);
        host.healthy(&[]);
        host.scheduler("check");
    }
    assert_eq!(host.scheduler("look")["state"], json!("RUNNING"));
}

#[test]
fn a_check_that_fails_leaves_the_report_and_the_next_comes_on_time() {
    let mut host = Host::new(Role::Page);
    host.healthy(&[]);
    host.scheduler("start");
    host.run_for(Millis::minutes(1));
    let good = host.scheduler("look");
    let roster = || ok(&json!({ "devices": [] }));
    for answers in [
        vec![Transfer::TimedOut],
        vec![refuse(500)],
        vec![ok(&json!("nonsense"))],
        // What is not found may be a proxy's word: that there are no keys is said by 204.
        vec![roster(), refuse(404)],
    ] {
        host.now = host.now + Millis::minutes(2);
        host.told_then.push_back(ok(&json!({})));
        host.told_then.extend(answers);
        let view = host.scheduler("check");
        assert_eq!((&view["failed"], &view["state"]), (&json!(true), &json!("RUNNING")));
        assert_eq!((&view["report"], &view["lastRun"]), (&good["report"], &good["lastRun"]));
        assert_eq!(view["nextRun"], json!(host.now + Millis(6 * HOUR.0)));
    }
    host.healthy(&[]);
    host.run_for(Millis(7 * HOUR.0));
    assert_eq!(host.scheduler("look")["failed"], json!(false));
}

#[test]
fn the_last_hundred_checks_are_remembered_across_pages() {
    let mut host = Host::new(Role::Page);
    host.healthy(&[]);
    host.scheduler("check");
    let first = json!({ "at": host.now, "needsSync": false });
    host.now = host.now + Millis::minutes(2);
    host.told_then.push_back(refuse(500));
    let view = host.scheduler("check");
    let second = json!({ "at": host.now, "needsSync": null });
    assert_eq!(view["history"], json!([first, second]));

    host.restart(Role::Page);
    let one = rotation(1, "a", host.now);
    host.has_keys(std::slice::from_ref(&one));
    host.now = host.now + Millis::minutes(2);
    host.carries([carried(7, &[one, rotation(2, "b", host.now)], 1)]);
    let view = host.scheduler("check");
    let third = json!({ "at": host.now, "needsSync": true });
    assert_eq!(view["history"], json!([first, second, third]));

    for _ in 0..98 {
        host.now = host.now + Millis::minutes(2);
        host.told_then.push_back(refuse(500));
        host.scheduler("check");
    }
    let history = host.scheduler("look")["history"].as_array().unwrap().clone();
    assert_eq!((history.len(), &history[0]), (100, &second));
}

#[test]
fn without_a_network_nothing_is_asked_and_it_is_made_up_for_when_that_is_back() {
    let mut host = Host::new(Role::Page);
    host.facts = Facts { online: Some(false), ..Facts::default() };
    host.scheduler("start");
    host.run_for(Millis::minutes(5));
    assert!(host.asked.is_empty());
    assert_eq!(host.scheduler("look")["failed"], json!(false), "offline is no error");
    host.facts = Facts { online: Some(true), ..Facts::default() };
    host.healthy(&[]);
    host.scheduler("look");
    host.run_for(Millis::seconds(1));
    assert_eq!(host.paths(), PATHS);
}

#[test]
fn a_token_that_is_refused_is_renewed_by_the_drain_and_the_check_comes_again() -> Result<(), CallError> {
    let mut host = Host::new(Role::Page);
    let tokens = json!({ "accessToken": "old", "refreshToken": "r1", "expiresIn": 900 });
    host.ask("signIn", json!({ "email": "a@b", "tokens": tokens }))?;
    host.run_for(Millis::minutes(1));
    host.told_then.push_back(refuse(401));
    host.changes.push_back(refuse(401));
    let fresh = json!({ "accessToken": "new", "refreshToken": "r2", "expiresIn": 900 });
    host.renewals.push_back(ok(&fresh));
    host.healthy(&[]);
    host.scheduler("start");
    host.run_for(Millis::minutes(3));
    let bearers: Vec<_> = host.asked.iter().map(|(.., bearer)| bearer.as_deref().unwrap()).collect();
    assert_eq!(bearers, ["old", "new", "new", "new"]);
    let view = host.scheduler("look");
    assert_eq!((&view["failed"], &view["counts"]["done"]), (&json!(false), &json!(1)));
    Ok(())
}

fn rotation(sequence: u64, id: &str, at: Millis) -> Value {
    json!({ "id": id, "sequence": sequence, "createdAt": at, "byDevice": "x", "publicKey": format!("of {id}") })
}

/// The file of a keystore, as far as it is looked into.
fn file(revision: u32) -> String {
    let lock = json!({ "revision": revision, "salt": "s", "memoryKib": 1, "passes": 1 });
    json!({ "fieldsync": "keystore", "checksum": "", "keystore": { "lock": lock } }).to_string()
}

fn carried(revision: u64, rotations: &[Value], lock: u32) -> Transfer {
    ok(
        &json!({ "keystore": file(lock), "sequence": 1, "revision": revision, "updatedAt": 1, "rotations": rotations }),
    )
}

impl Host {
    /// The vault is open, with these rotations.
    fn has_keys(&mut self, rotations: &[Value]) {
        let keys = json!({ "turns": rotations, "file": file(1) });
        self.keys = Some(fieldsync_core::protocol::read::from_str(&keys.to_string()).expect("keys"));
        self.facts.vault = Vault::Open;
    }

    /// The server answers the next check with this device alone, and this of keystores.
    fn carries(&mut self, answers: impl IntoIterator<Item = Transfer>) {
        self.healthy(&[]);
        self.told_then.pop_back();
        self.told_then.extend(answers);
    }
}

#[test]
fn what_this_device_lacks_turns_it_red_and_what_it_has_more_is_brought() {
    let mut host = Host::new(Role::Page);
    let (one, two) = (rotation(1, "a", host.now), rotation(2, "b", host.now));
    host.has_keys(std::slice::from_ref(&one));
    host.carries([carried(7, &[one.clone(), two.clone()], 1)]);
    let view = host.scheduler("check");
    let report = &view["report"];
    assert_eq!(
        (&report["needsSync"], &report["recommendation"]["action"], &report["alignment"]["missingRotations"]),
        (&json!(true), &json!("import-keystore"), &json!(1))
    );
    let beat: Value = serde_json::from_str(host.asked[0].1.as_ref().unwrap()).unwrap();
    assert_eq!(beat["lastRotation"], json!({ "sequence": 1, "id": "a" }));

    // It has taken that in, and made another passphrase: the server is brought what it lacks, on what it has.
    host.keys.as_mut().unwrap().file = file(2);
    host.keys.as_mut().unwrap().turns =
        fieldsync_core::protocol::read::from_str(&json!([one, two]).to_string()).unwrap();
    host.now = host.now + Millis::minutes(2);
    host.carries([
        carried(7, &[one.clone(), two.clone()], 1),
        refuse(409),
        carried(8, std::slice::from_ref(&one), 1),
        carried(9, &[one, two], 2),
    ]);
    host.asked.clear();
    let view = host.scheduler("check");
    assert_eq!((&view["report"]["needsSync"], &view["failed"]), (&json!(false), &json!(false)));
    let brought: Vec<Value> = host.asked[2..]
        .iter()
        .filter_map(|(_, body, _)| body.as_ref().map(|body| serde_json::from_str(body).unwrap()))
        .collect();
    let put = |after| json!({ "keystore": file(2), "sequence": 2, "after": after });
    assert_eq!(brought, [put(7), put(8)], "another device was quicker the first time");
}

#[test]
fn a_passphrase_that_was_changed_elsewhere_is_told_and_not_written_over() {
    let mut host = Host::new(Role::Page);
    let one = rotation(1, "a", host.now);
    host.has_keys(std::slice::from_ref(&one));
    host.carries([carried(7, &[one], 2)]);
    let view = host.scheduler("check");
    assert_eq!(host.asked.len(), 3);
    assert_eq!(view["report"]["needsSync"], json!(true));
    assert_eq!(view["report"]["warnings"][0]["metadata"]["code"], json!("otherPassphrase"));
}

#[test]
fn the_clock_and_the_oldest_entry_are_told_of() {
    let mut host = Host::new(Role::Page);
    host.enqueue_readings(0..2);
    let entered = host.now;
    host.now = host.now + Millis(25 * HOUR.0);
    host.told_then.push_back(ok(&json!({ "wishes": {}, "now": host.now + Millis::minutes(9) })));
    host.told_then.push_back(ok(&json!({ "devices": [] })));
    host.told_then.push_back(refuse(204));
    let view = host.scheduler("check");
    let beat: Value = serde_json::from_str(host.asked[0].1.as_ref().unwrap()).unwrap();
    assert_eq!((&beat["oldestUnsentAt"], &beat["pending"]), (&json!(entered), &json!(2)));
    let warnings = view["report"]["warnings"].as_array().unwrap();
    let told: Vec<_> = warnings.iter().map(|w| (&w["metadata"]["code"], &w["metadata"]["number"])).collect();
    assert_eq!(told, [(&json!("unsynced"), &json!(1)), (&json!("clockSkew"), &json!(9))]);
}

#[test]
fn a_store_that_the_browser_removed_is_told_of_until_the_mark_is_that_of_the_new_one() {
    let mut host = Host::new(Role::Page);
    let marked =
        |device: &str, wish: &str| json!({ "wish": wish, "mark": { "device": device, "waiting": 7 } });
    let own = host.ask("account", json!({})).unwrap()["deviceId"].clone();
    let own = own.as_str().expect("a name");
    let lost = |view: Value| view["lost"].clone();
    assert_eq!(lost(host.ask("scheduler", marked(own, "look")).unwrap()), json!(null));
    // It is told at once, and without a network.
    assert_eq!(lost(host.ask("scheduler", marked("the one before", "start")).unwrap()), json!(7));
    host.healthy(&[]);
    host.run_for(Millis::seconds(2));
    let view = host.scheduler("look");
    let warning = &view["report"]["warnings"][0];
    assert_eq!(
        (&warning["metadata"]["code"], &warning["metadata"]["number"]),
        (&json!("evicted"), &json!(7))
    );
    assert_eq!(lost(view), json!(7));
    assert_eq!(lost(host.ask("scheduler", marked(own, "look")).unwrap()), json!(null));
    // Where a browser keeps no mark nothing is known.
    assert_eq!(lost(Host::new(Role::Page).scheduler("start")), json!(null));
}

#[test]
fn a_build_that_is_no_test_build_refuses_to_check_every_second() {
    use fieldsync_core::schedule::{NoSuchTempo, Tempo};
    assert_eq!(Tempo::named("test"), Err(NoSuchTempo));
    assert_eq!((Tempo::named(""), Tempo::named("normal")), (Ok(Tempo::default()), Ok(Tempo::default())));
}
