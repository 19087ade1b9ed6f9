//! What the server asked for, and what a device put off by itself, outlasts failures, restarts and other reasons to wait.

use std::cell::Cell;
use std::rc::Rc;

use crate::scripted::{Host, draft};
use fieldsync_core::protocol::{ItemResult, PushStatus};
use fieldsync_core::{
    Answer, Cause, Command, Effect, Event, Input, Millis, Query, Role, Settled, StoreError, Transfer, Why,
};

fn broken() -> StoreError {
    StoreError::Failed("disk".into())
}

#[test]
fn a_storage_failure_is_not_taken_for_an_empty_queue_by_the_page() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    host.call(Command::Enqueue(draft(1, 1.0)));
    let Input::Locked(token, _) = host.withhold(|e| matches!(e, Effect::Lock)) else {
        panic!("another outcome")
    };
    host.handle(Input::Locked(token, Err(broken())));
    host.run_for(Millis::minutes(30));
    assert_eq!(host.server.holds(), 1, "one failed write of the epoch, and nothing wakes any more");
}

#[test]
fn a_storage_failure_is_not_taken_for_an_empty_queue_by_the_sync_event() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    let call = host.wake(Cause::Sync);
    let Input::Read(token, _) = host.withhold(|e| matches!(e, Effect::Read(Query::Due { .. }))) else {
        panic!()
    };
    host.handle(Input::Read(token, Err(broken())));
    host.pump();
    let Some(Ok(Answer::Wake(settled))) = host.answer(call) else { panic!("another outcome") };
    assert_eq!(settled.hold.as_ref().unwrap().why, Why::Storage);
}

#[test]
fn a_storage_failure_does_not_forget_what_the_server_asked_for() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.wire = Box::new(|_, _| Transfer::Answered {
        status: 429,
        retry_after: Some(Millis::minutes(5)),
        body: String::new(),
    });
    assert_eq!(host.drain(Cause::Visible).hold.unwrap().why, Why::ServerAsked);
    host.wire = Box::new(|server, request| server.push(request));
    host.wake(Cause::Visible);
    let Input::Read(token, _) = host.withhold(|e| matches!(e, Effect::Read(Query::Due { .. }))) else {
        panic!("another outcome")
    };
    host.handle(Input::Read(token, Err(broken())));
    host.pump();
    assert_eq!(host.drain(Cause::Visible).hold.unwrap().why, Why::ServerAsked);
    assert_eq!(host.server.holds(), 0);
}

#[test]
fn a_storage_failure_while_it_is_waited_out_does_not_forget_what_the_server_asked_for() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.wire = Box::new(|_, _| Transfer::Answered {
        status: 429,
        retry_after: Some(Millis::seconds(30)),
        body: String::new(),
    });
    host.wake(Cause::Sync);
    let held = host.withhold(|e| {
        matches!(e, Effect::Write(batch) if batch.session.as_ref().is_some_and(|session| session.hold.is_some()))
    });
    host.handle(held);
    host.wake(Cause::Visible);
    let Input::Read(token, _) = host.withhold(|e| matches!(e, Effect::Read(Query::Due { .. }))) else {
        panic!("another outcome")
    };
    host.handle(Input::Read(token, Err(broken())));
    host.pump();
    host.wire = Box::new(|server, request| server.push(request));
    assert_eq!(host.drain(Cause::Visible).hold.unwrap().why, Why::ServerAsked);
    assert_eq!(host.server.holds(), 0);
}

#[test]
fn an_empty_queue_does_not_end_what_the_server_asked_for() {
    let mut host = Host::new(Role::Worker);
    let id = host.enqueue_readings(0..1)[0];
    host.wire = Box::new(|_, _| Transfer::Answered {
        status: 429,
        retry_after: Some(Millis::minutes(5)),
        body: String::new(),
    });
    assert_eq!(host.drain(Cause::Visible).hold.unwrap().why, Why::ServerAsked);
    host.wire = Box::new(|server, request| server.push(request));
    host.discard(id).unwrap();
    assert_eq!(host.drain(Cause::Visible).hold, None);
    host.enqueue_readings(1..2);
    assert_eq!(host.drain(Cause::Visible).hold.unwrap().why, Why::ServerAsked);
    host.run_for(Millis::minutes(6));
    assert_eq!(host.drain(Cause::Visible).hold, None);
    assert_eq!(host.server.holds(), 1);
}

#[test]
fn who_gets_the_lock_when_its_time_is_over_does_not_end_what_the_server_asked_for() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.wire = Box::new(|_, _| Transfer::Answered {
        status: 429,
        retry_after: Some(Millis::minutes(5)),
        body: String::new(),
    });
    assert_eq!(host.drain(Cause::Visible).hold.unwrap().why, Why::ServerAsked);
    host.restart(Role::Worker);
    host.locked_elsewhere = true;
    host.wake(Cause::Visible);
    host.run_for(Millis::seconds(19));
    host.now = host.now + Millis::seconds(2);
    host.locked_elsewhere = false;
    let other = Settled { progress: Default::default(), remaining: 1, hold: None };
    host.handle(Input::Heard(Event::Settled { settled: other }));
    host.pump();
    assert!(!host.holds_lock, "its time is over");
    assert_eq!(host.status().hold.map(|hold| hold.why), Some(Why::ServerAsked));
}

#[test]
fn being_offline_does_not_make_the_servers_wish_forgotten() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.wire = Box::new(|_, _| Transfer::Answered {
        status: 503,
        retry_after: Some(Millis::minutes(10)),
        body: String::new(),
    });
    let asked = host.drain(Cause::Sync).hold.unwrap().until;
    host.wire = Box::new(|server, request| server.push(request));
    host.facts.online = Some(false);
    host.drain(Cause::Sync);
    host.facts.online = Some(true);
    host.drain(Cause::Sync);
    assert!(host.now < asked);
    assert_eq!(host.server.pushes.len(), 0, "sent before the server's time");
}

#[test]
fn the_backoff_survives_the_worker() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.pings = vec![false; 1_000].into();
    let mut waits = Vec::new();
    for _ in 0..10 {
        let hold = host.drain(Cause::Start).hold.unwrap();
        waits.push((hold.until - host.now).0 / 1_000);
        host.now = hold.until;
        host.restart(Role::Worker); // idle for 30 s: the browser ends it
    }
    assert!(waits[9] > 60, "{waits:?} seconds between drains");
}

#[test]
fn a_wish_to_wait_has_a_limit_on_an_item_too() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    let first = Rc::new(Cell::new(true));
    host.wire = Box::new(move |server, request| {
        if !first.replace(false) {
            return server.push(request);
        }
        let results: Vec<_> = request
            .items
            .iter()
            .map(|i| ItemResult {
                retry_after_ms: Some(Millis(u64::MAX)),
                ..ItemResult::new(i.id, PushStatus::Retry)
            })
            .collect();
        let body = serde_json::json!({"results": results, "cursor": "1"}).to_string();
        Transfer::Answered { status: 200, retry_after: None, body }
    });
    host.enqueue_readings(0..1);
    host.run_for(Millis::seconds(10));
    let order = match host.store.read(&Query::Page {
        shelf: fieldsync_core::Shelf::Queue,
        state: None,
        limit: 1,
        before: None,
    }) {
        Ok(fieldsync_core::Found::Rows { records, .. }) => records[0].order,
        other => panic!("{other:?}"),
    };
    // What IndexedDB gives back of it: JSON.stringify(JSON.parse("9223372036854775807")).
    let back = format!("{:.0}", order as f64);
    assert!(
        serde_json::from_str::<i64>(&back).is_ok(),
        "{order} comes back as {back}: a damaged row, and with it every window"
    );
}
