//! Checks and the vault: none while it is locked, and what is left of a device that is revoked.

use fieldsync_core::{CallError, Cause, Command, Effect, Millis, Query, Role, Transfer, Vault, Why};
use serde_json::json;

use super::{HOUR, PATHS};
use crate::scripted::{Host, refuse};

#[test]
fn while_the_vault_is_locked_nothing_is_planned_and_once_it_is_open_there_is_a_check_at_once() {
    let mut host = Host::new(Role::Page);
    host.facts.vault = Vault::Locked;
    host.scheduler("start");
    host.run_for(Millis(24 * HOUR.0));
    let view = host.scheduler("check");
    assert_eq!((&view["state"], &view["nextRun"], host.asked.len()), (&json!("PAUSED"), &json!(null), 0));
    host.facts.vault = Vault::Open;
    host.healthy(&[]);
    host.scheduler("look");
    host.run_for(Millis::seconds(1));
    let view = host.scheduler("look");
    assert_eq!((&view["state"], host.checks_told()), (&json!("RUNNING"), 1));
    host.facts.vault = Vault::Locked;
    let paused = host.scheduler("look");
    assert_eq!(
        (&paused["state"], &paused["report"]),
        (&json!("PAUSED"), &view["report"]),
        "the report stays"
    );
}

#[test]
fn a_lock_while_a_check_runs_lets_it_end_whole() {
    let mut host = Host::new(Role::Page);
    host.facts.vault = Vault::Open;
    host.healthy(&[]);
    host.scheduler("start");
    let beat = host.withhold(|effect| matches!(effect, Effect::Ask { .. }));
    host.facts.vault = Vault::Locked;
    host.handle(beat);
    host.run_for(Millis::seconds(1));
    let view = host.scheduler("look");
    assert_eq!((&view["state"], &view["nextRun"]), (&json!("PAUSED"), &json!(null)));
    assert_eq!((host.checks_told(), &view["report"]["needsSync"]), (1, &json!(false)));
}

#[test]
fn a_worker_too_begins_no_check_while_the_vault_is_locked() {
    let mut host = Host::new(Role::Page);
    host.healthy(&[]);
    host.scheduler("start");
    host.run_for(Millis::minutes(2));
    let last = host.scheduler("look");
    host.restart(Role::Worker);
    host.facts.vault = Vault::Locked;
    let (asked, written) = (host.asked.len(), host.batches.len());
    for wish in ["check", "check", "look"] {
        let view = host.scheduler(wish);
        assert_eq!((&view["state"], &view["nextRun"]), (&json!("PAUSED"), &json!(null)), "{wish}");
        assert_eq!((&view["report"], &view["lastRun"]), (&last["report"], &last["lastRun"]), "{wish}");
    }
    assert_eq!((host.asked.len(), host.batches.len()), (asked, written), "the last report stands");

    host.facts.vault = Vault::Open;
    host.healthy(&[]);
    let view = host.scheduler("check");
    assert_eq!((&host.paths()[asked..], &view["lastRun"]), (&PATHS[..], &json!(host.now)));
    assert_eq!(host.engine.next_wake(), None, "a worker holds no timer");
}

#[test]
fn a_page_that_has_not_started_or_was_stopped_begins_none_either() {
    for wish in ["look", "stop"] {
        let mut host = Host::new(Role::Page);
        host.scheduler(wish);
        host.facts.vault = Vault::Locked;
        host.scheduler("check");
        host.run_for(HOUR);
        assert!(host.asked.is_empty(), "{wish}");
        host.facts.vault = Vault::Open;
        host.healthy(&[]);
        host.scheduler("look");
        assert_eq!(host.engine.next_wake(), None, "nobody has started it");
        host.scheduler("check");
        assert_eq!(host.paths(), PATHS, "{wish}");
    }
}

#[test]
fn a_lock_before_the_first_question_lets_none_be_asked() {
    for role in [Role::Page, Role::Worker] {
        let mut host = Host::new(role);
        host.facts.vault = Vault::Open;
        let call = host.call(Command::parse("scheduler", r#"{"wish":"check"}"#).unwrap());
        let stands = host.withhold(|effect| matches!(effect, Effect::Read(Query::Standing)));
        host.facts.vault = Vault::Locked;
        host.handle(stands);
        host.pump();
        assert!(host.asked.is_empty() && host.answer(call).is_some_and(|answer| answer.is_ok()));
        let view = host.scheduler("look");
        assert_eq!((&view["state"], &view["failed"]), (&json!("PAUSED"), &json!(false)), "no error");
    }
}

/// What a revoked device is told, whatever it asks.
fn revoked() -> Transfer {
    let body =
        json!({ "type": "about:blank", "title": "", "status": 403, "detail": "", "code": "device_revoked" });
    Transfer::Answered { status: 403, retry_after: None, body: body.to_string() }
}

#[test]
fn a_device_that_is_revoked_loses_its_keys_once_and_keeps_what_is_queued() -> Result<(), CallError> {
    let mut host = Host::new(Role::Page);
    host.facts.vault = Vault::Open;
    host.enqueue_readings(0..1);
    host.told_then.push_back(revoked());
    let view = host.scheduler("check");
    assert_eq!((host.dropped, host.facts.vault, &view["failed"]), (1, Vault::Locked, &json!(true)));
    assert_eq!(
        host.drain(Cause::Manual).hold.map(|hold| hold.why),
        Some(Why::Revoked),
        "not that it is locked"
    );
    // Who opens it again, to save what is here, keeps it open.
    host.facts.vault = Vault::Open;
    host.now = host.now + Millis::minutes(2);
    host.told_then.push_back(revoked());
    host.scheduler("check");
    assert_eq!((host.dropped, host.facts.vault), (1, Vault::Open));
    assert_eq!(host.status().queue_size, 1);
    // Nor does a page or worker that begins then take them away once more.
    for role in [Role::Page, Role::Worker] {
        host.restart(role);
        host.now = host.now + Millis::minutes(2);
        host.told_then.push_back(revoked());
        host.scheduler("check");
        assert_eq!((host.dropped, host.facts.vault), (1, Vault::Open), "{role:?}");
    }

    // The same by whatever else it asks first.
    for path in ["push", "pull", "renew"] {
        let mut host = Host::new(Role::Worker);
        let tokens = json!({ "accessToken": "old", "refreshToken": "r1", "expiresIn": 900 });
        host.ask("signIn", json!({ "email": "a@b", "tokens": tokens }))?;
        host.facts.vault = Vault::Open;
        host.now = host.now + Millis(24 * HOUR.0);
        host.enqueue_readings(0..1);
        match path {
            "push" => host.wire = Box::new(|_, _| revoked()),
            "pull" => host.changes.push_back(revoked()),
            _ => {
                host.changes.push_back(refuse(401));
                host.renewals.push_back(revoked());
            }
        }
        let refused = (Some(Why::Revoked), 1, 1);
        let why = host.drain(Cause::Sync).hold.map(|hold| hold.why);
        assert_eq!((why, host.dropped, host.status().queue_size), refused, "{path}");
        // Whoever opens it then keeps it open in the next worker too, whatever that asks.
        host.restart(Role::Worker);
        host.facts.vault = Vault::Open;
        host.now = host.now + Millis(24 * HOUR.0);
        host.wire = Box::new(|_, _| revoked());
        host.changes.push_back(revoked());
        let why = host.drain(Cause::Sync).hold.map(|hold| hold.why);
        assert_eq!((why, host.dropped, host.status().queue_size), refused, "{path}, in another worker");
    }
    Ok(())
}
