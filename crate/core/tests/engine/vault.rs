//! A locked vault (I9): work is recorded, nothing is sent, nothing is read.

use fieldsync_core::{CallCode, Cause, Effect, Millis, Role, Vault, Why};
use serde_json::json;

use crate::scripted::Host;

fn locked(role: Role) -> Host {
    let mut host = Host::new(role);
    host.facts.vault = Vault::Locked;
    host
}

#[test]
fn work_is_recorded_and_waits_until_the_vault_is_opened() {
    let mut host = locked(Role::Worker);
    host.enqueue_readings(0..2);
    for cause in [Cause::Sync, Cause::Manual] {
        let settled = host.drain(cause);
        assert_eq!((settled.remaining, settled.hold.unwrap().why), (2, Why::Locked));
    }
    assert_eq!((host.server.pushes.len(), host.status().vault), (0, Vault::Locked));
    host.facts.vault = Vault::Open;
    assert_eq!(host.drain(Cause::Unlocked).remaining, 0);
    assert_eq!((host.server.holds(), host.server.repeats), (2, 0));
}

#[test]
fn what_is_sealed_is_neither_shown_nor_changed() {
    let mut host = locked(Role::Page);
    let id = host.enqueue_readings(0..1)[0];
    let refused = [
        ("get", json!({"id": id})),
        ("list", json!({})),
        ("discard", json!({"id": id})),
        ("retry", json!({"id": id})),
        ("latest", json!({"property": "P", "unit": "U"})),
        ("records", json!({"type": "ASSESSMENT"})),
        ("enqueue", json!({"type": "READING", "action": "UPDATE", "entityId": id, "patch": {"note": "x"}})),
    ];
    for (call, args) in refused {
        assert_eq!(host.ask(call, args).unwrap_err().code, CallCode::Locked, "{call}");
    }
    host.ask("status", json!({})).expect("what the app shows of itself is in clear");
    host.facts.vault = Vault::Open;
    host.ask("get", json!({"id": id})).expect("it can be read again");
}

#[test]
fn what_was_about_to_take_off_when_it_was_locked_does_not() {
    let mut host = Host::new(Role::Worker);
    host.facts.vault = Vault::Open;
    host.enqueue_readings(0..1);
    host.wake(Cause::Sync);
    let marked = host.withhold(|effect| matches!(effect, Effect::Write(batch) if batch.flight.is_some()));
    host.facts.vault = Vault::Locked;
    host.handle(marked);
    host.run_for(Millis::minutes(4));
    assert_eq!((host.server.pushes.len(), host.status().queue_size), (0, 1));
    host.facts.vault = Vault::Open;
    assert_eq!(host.drain(Cause::Unlocked).remaining, 0);
    assert_eq!((host.server.holds(), host.server.repeats), (1, 0));
}
