//! Settings and pause: each alone changes what happens, and takes effect at the next step.

use crate::scripted::{Host, draft, refuse};
use fieldsync_core::protocol::Priority;
use fieldsync_core::{
    CallCode, Cause, Draft, Effect, Facts, ItemState, Millis, Power, Query, Role, Settled, Shelf, Why,
};
use serde_json::json;

fn of(unit: u64, priority: Priority) -> Draft {
    Draft { priority, ..draft(unit, 1.0) }
}

fn why(settled: &Settled) -> Option<Why> {
    settled.hold.as_ref().map(|hold| hold.why)
}

/// A drain of its own accord with one item waiting, after this change of the settings.
fn after(change: serde_json::Value, facts: Facts) -> Settled {
    let mut host = Host::new(Role::Worker);
    host.facts = facts;
    host.enqueue_readings(0..1);
    host.ask("setSettings", change).expect("set");
    host.drain(Cause::PeriodicSync)
}

fn online() -> Facts {
    Facts { online: Some(true), ..Facts::default() }
}

fn power(level: u8, charging: bool) -> Facts {
    Facts { power: Power { battery_level: Some(level), is_charging: Some(charging) }, ..online() }
}

#[test]
fn each_setting_alone_holds_what_went_without_it() {
    for (change, facts, reason) in [
        (json!({"enabled": false}), online(), Why::Disabled),
        (json!({"syncOnlyWhenCharging": true}), power(90, false), Why::NotCharging),
        (json!({"minimumBatteryLevel": 50}), power(40, false), Why::LowBattery),
        (json!({"priorityThreshold": "HIGH"}), online(), Why::BelowThreshold),
    ] {
        let free = after(json!({}), facts.clone());
        assert_eq!((free.remaining, why(&free)), (0, None), "{change}");
        let held = after(change.clone(), facts);
        assert_eq!((held.remaining, why(&held)), (1, Some(reason)), "{change}");
        let hold = held.hold.expect("a hold");
        assert!(!hold.words.is_empty() && hold.until > Millis::ZERO, "a reason and a next wake (I8)");
    }
}

#[test]
fn nothing_takes_off_after_a_pause_by_what_was_seen_before_it() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.wake(Cause::Sync);
    for _ in 0..3 {
        let pong = host.withhold(|effect| matches!(effect, Effect::Ping { .. }));
        host.handle(pong);
    }
    let window = host.withhold(|effect| matches!(effect, Effect::Read(Query::Due { .. })));
    host.ask_elsewhere("pause", json!({}));
    host.handle(window);
    host.run_for(Millis::minutes(1));
    assert!(host.server.pushes.is_empty());
    assert_eq!(host.status().hold.map(|hold| hold.why), Some(Why::Paused));
}

#[test]
fn a_person_overrides_what_the_device_puts_off() {
    let mut host = Host::new(Role::Worker);
    host.facts = power(5, false);
    host.enqueue_readings(0..1);
    host.ask("setSettings", json!({"enabled": false, "syncOnlyWhenCharging": true})).expect("set");
    assert_eq!(host.drain(Cause::Manual).remaining, 0);
}

#[test]
fn a_pause_stops_a_drain_at_its_next_step_and_resume_lets_it_go_on() {
    let mut host = Host::new(Role::Worker);
    host.ask("setSettings", json!({"maximumConcurrentOperations": 1})).expect("set");
    host.enqueue_readings(0..1);
    host.wake(Cause::Sync);
    let pushed = host.withhold(|effect| matches!(effect, Effect::Push { .. }));
    host.enqueue_readings(1..2);
    host.ask("pause", json!({})).expect("paused");
    host.handle(pushed);
    host.run_for(Millis::minutes(4));
    assert_eq!(
        (host.server.holds(), host.states().len()),
        (1, 1),
        "what was sent is received; nothing more is sent"
    );
    let status = host.status();
    assert!(status.is_paused);
    assert_eq!(status.hold.map(|hold| hold.why), Some(Why::Paused));
    assert_eq!(why(&host.drain(Cause::Manual)), Some(Why::Paused), "a pause binds a person too");
    host.ask("resume", json!({})).expect("resumed");
    host.run_for(Millis::minutes(1));
    assert_eq!((host.server.holds(), host.states().len()), (2, 0));
}

#[test]
fn the_urgent_go_over_a_poor_link_however_many_others_stand_before_them() {
    let mut host = Host::new(Role::Worker);
    for unit in 0..600 {
        host.enqueue(of(unit, Priority::Low)).expect("saved");
    }
    host.now = host.now + Millis::minutes(600); // the others have aged past it
    let urgent = host.enqueue(of(1_000, Priority::High)).expect("saved");
    host.facts.save_data = Some(true);
    let settled = host.drain(Cause::PeriodicSync);
    assert_eq!(host.server.pushes, [vec![urgent.id]]);
    assert_eq!((settled.remaining, why(&settled)), (600, Some(Why::PoorLink)));
    host.facts.save_data = Some(false);
    assert_eq!(host.drain(Cause::PeriodicSync).remaining, 0);
}

#[test]
fn what_a_page_tells_of_the_battery_counts_for_a_while() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    let low = json!({"cause": "saved", "power": {"batteryLevel": 5, "isCharging": false}});
    let settled = host.ask("wake", low).expect("settled");
    assert_eq!(settled["hold"]["why"], "lowBattery");
    host.now = host.now + Millis::minutes(11);
    assert_eq!(host.drain(Cause::Sync).remaining, 0, "by then it is unknown (I10)");
}

#[test]
fn after_so_many_attempts_an_item_is_set_aside_and_never_dropped() {
    for most in [1_u64, 3] {
        let mut host = Host::new(Role::Worker);
        host.ask("setSettings", json!({"maxRetryAttempts": most})).expect("set");
        host.enqueue_readings(0..1);
        host.wire = Box::new(|_, _| refuse(500));
        for _ in 0..most {
            assert_ne!(host.states(), [ItemState::SetAside]);
            host.drain(Cause::Manual);
            host.now = host.now + Millis::minutes(60);
        }
        assert_eq!(host.states(), [ItemState::SetAside], "after {most}");
    }
}

#[test]
fn an_item_remembers_what_became_of_it() {
    let mut host = Host::new(Role::Worker);
    host.ask("setSettings", json!({"maxRetryAttempts": 2})).expect("set");
    let id = host.enqueue_readings(0..1)[0];
    let working = std::mem::replace(&mut host.wire, Box::new(|_, _| refuse(500)));
    let began = host.now;
    for _ in 0..2 {
        host.drain(Cause::Manual);
        host.now = host.now + Millis::minutes(60);
    }
    host.retry(id).expect("again");
    let turns = |item: &serde_json::Value| -> Vec<String> {
        let states = item["history"].as_array().expect("a history").iter();
        states.map(|turn| turn["state"].as_str().unwrap_or_default().to_owned()).collect()
    };
    let item = host.ask("get", json!({"id": id})).expect("queued");
    assert_eq!(turns(&item), ["retryAt", "setAside", "pending"]);
    let first = &item["history"][0];
    assert!(first["message"].is_string() && first["at"].as_u64() >= Some(began.0), "{first}");
    host.wire = working;
    host.drain(Cause::Manual);
    let item = host.ask("get", json!({"id": id})).expect("done");
    assert_eq!((&item["state"], turns(&item).len()), (&json!("done"), 3), "the receipt keeps it");
}

#[test]
fn settings_are_shown_changed_in_part_and_refused_by_field() {
    let mut host = Host::new(Role::Page);
    assert_eq!(host.ask("settings", json!({})).expect("shown")["minimumBatteryLevel"], 20);
    let all = host.ask("setSettings", json!({"minimumBatteryLevel": 30})).expect("set");
    assert_eq!((&all["minimumBatteryLevel"], &all["receiptDays"]), (&json!(30), &json!(90)));
    let error = host.ask("setSettings", json!({"receiptDays": 0})).expect_err("refused");
    assert_eq!((error.code, error.fields[0].field.as_str()), (CallCode::Invalid, "receiptDays"));
    assert_eq!(host.ask("settings", json!({})).expect("shown"), all, "nothing half-done");
    assert!(host.list(Shelf::Queue).is_empty());
}
