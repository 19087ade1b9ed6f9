//! Storage, clocks, links and workers that fail: none of it loses an item or leaves the queue without a wake (I8).

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use crate::scripted::{Host, draft, refuse};
use fieldsync_core::protocol::{ItemResult, PushStatus};
use fieldsync_core::{
    Answer, ById, CallCode, CallError, Cause, Command, Effect, Input, ItemState, Millis, Role, Transfer, Why,
};

#[test]
fn a_clock_that_jumps_back_does_not_stop_a_drain_that_holds_the_lock() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    host.call(Command::Enqueue(draft(1, 1.0)));
    host.pump();
    let due = host.engine.next_wake().expect("between pings");
    assert!(host.holds_lock);
    // The device gets the right time from the network; 1.5 s of real time later the browser's timer goes off.
    host.now = Millis(due.0 - Millis::minutes(24 * 60).0);
    host.handle(Input::Tick);
    host.pump();
    for _ in 0..10 {
        host.wake(Cause::Manual);
        host.pump();
    }
    let wait = host.engine.next_wake().map(|at| at - host.now);
    assert!(wait.is_none_or(|wait| wait <= Millis::minutes(1)), "waits {wait:?} with the lock held");
}

fn stormy(lost: Transfer) -> Vec<usize> {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    host.enqueue_readings(0..500);
    let sizes = Rc::new(RefCell::new(Vec::new()));
    let seen = sizes.clone();
    host.wire = Box::new(move |_, request| {
        seen.borrow_mut().push(request.items.len());
        lost.clone()
    });
    host.run_for(Millis::minutes(60));
    sizes.take()
}

#[test]
fn pushes_that_come_to_nothing_are_not_repeated_every_three_seconds_for_ever() {
    for lost in [Transfer::Broken, refuse(404), refuse(302)] {
        let pushes = stormy(lost.clone()).len();
        assert!(pushes < 60, "{pushes} pushes in an hour for {lost:?}");
    }
}

#[test]
fn a_push_too_large_for_a_slow_link_gets_smaller() {
    let sizes = stormy(Transfer::TimedOut);
    assert!(
        sizes.iter().any(|size| *size < 100),
        "{} pushes, smallest {:?}",
        sizes.len(),
        sizes.iter().min()
    );
}

#[test]
fn a_proxy_that_refuses_everything_sets_nothing_aside() {
    for status in [400, 413, 422] {
        let mut host = Host::new(Role::Page);
        host.sync_events = false;
        let portal = Rc::new(Cell::new(true));
        let wire = portal.clone();
        host.wire =
            Box::new(move |server, request| if wire.get() { refuse(status) } else { server.push(request) });
        host.enqueue_readings(0..20);
        host.run_for(Millis::minutes(5));
        let aside = host.states().iter().filter(|s| **s == ItemState::SetAside).count();
        portal.set(false);
        host.run_for(Millis::minutes(600));
        assert_eq!((host.server.holds(), aside), (20, 0), "{status}: \"no\" is no word of our server's");
    }
}

#[test]
fn a_discard_that_crosses_a_commit_keeps_the_totals() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    let id = host.enqueue(draft(1, 1.0)).unwrap().id;
    host.wire = Box::new(|_, request| {
        let results: Vec<_> =
            request.items.iter().map(|i| ItemResult::new(i.id, PushStatus::Rejected)).collect();
        let body = serde_json::json!({"results": results, "cursor": "1"}).to_string();
        Transfer::Answered { status: 200, retry_after: None, body }
    });
    let receipts = host.withhold(|e| matches!(e, Effect::Push { .. }));
    host.handle(receipts);
    // The commit is on its way to the store; the discard reads just before it is done, and writes just after.
    let commit = host.engine.poll_effect().unwrap();
    assert!(matches!(&commit.1, Effect::Write(_)));
    let call = host.call(Command::Discard(ById { id }));
    let (token, read) = host.engine.poll_effect().unwrap();
    let read = host.act(token, read).unwrap();
    let written = host.act(commit.0, commit.1).unwrap();
    host.handle(read);
    let (token, write) = host.engine.poll_effect().unwrap();
    let discarded = host.act(token, write).unwrap();
    host.handle(written);
    host.handle(discarded);
    host.pump();
    host.run_for(Millis::minutes(1));
    assert!(host.answer(call).unwrap().is_ok(), "discarded, in its new state");
    host.wire = Box::new(|server, request| server.push(request));
    host.enqueue(draft(2, 1.0)).unwrap();
    host.run_for(Millis::minutes(600));
    assert_eq!(host.server.holds(), 1, "counted as nothing, so nobody sends it: {:?}", host.status().totals);
}

#[test]
fn a_retry_set_while_the_clock_was_wrong_is_not_waited_for_a_year() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    let year = Millis::minutes(60 * 24 * 365);
    let true_time = host.now;
    host.now = host.now + year;
    let first = Rc::new(Cell::new(true));
    host.wire = Box::new(move |server, request| {
        if !first.replace(false) {
            return server.push(request);
        }
        let results: Vec<_> =
            request.items.iter().map(|i| ItemResult::new(i.id, PushStatus::Retry)).collect();
        let body = serde_json::json!({"results": results, "cursor": "1"}).to_string();
        Transfer::Answered { status: 200, retry_after: None, body }
    });
    host.enqueue_readings(0..1);
    host.run_for(Millis::seconds(4));
    assert_eq!(host.states(), [ItemState::RetryAt]);
    host.restart(Role::Page);
    host.now = true_time;
    host.wake(Cause::Start);
    host.run_for(Millis::minutes(60 * 24));
    host.wake(Cause::Manual);
    host.run_for(Millis::minutes(1));
    assert_eq!(host.server.holds(), 1, "a day and a press of the button later: {:?}", host.status().hold);
}

#[test]
fn a_page_with_work_waiting_has_a_wake_even_when_a_sync_event_is_promised() {
    let mut host = Host::new(Role::Page);
    host.facts.worker = true;
    host.enqueue_readings(0..1);
    assert!(host.engine.next_wake().is_some(), "if the event comes to nothing, nobody looks again (I8)");
}

#[test]
fn who_waits_is_told_when_their_slice_is_over_whatever_the_drain_does() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.pings = [true, true, false].repeat(100).into();
    host.wake(Cause::Sync);
    host.run_for(Millis::seconds(1));
    let person = host.wake(Cause::Manual);
    host.run_for(Millis::seconds(34));
    assert!(host.answer(person).is_some(), "and not only when the drain ends");
}

#[test]
fn a_hidden_page_whose_timers_go_off_once_a_minute_drains() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    host.enqueue_readings(0..1);
    for _ in 0..60 {
        host.pump();
        let Some(at) = host.engine.next_wake() else { break };
        let minute = 60_000;
        host.now = Millis(at.max(host.now).0.div_ceil(minute) * minute + 1);
        host.handle(Input::Tick);
    }
    host.pump();
    assert_eq!(host.server.holds(), 1, "an hour and {} pings later", host.pinged.len());
}

#[test]
fn a_worker_that_never_answers_does_not_stop_the_queue() {
    let mut host = Host::new(Role::Page);
    host.facts.worker = true;
    host.sync_events = false;
    host.enqueue(draft(1, 1.0)).unwrap();
    let mut asked = 0;
    host.wake(Cause::Manual);
    for _ in 0..2_000 {
        while let Some((token, effect)) = host.engine.poll_effect() {
            if matches!(effect, Effect::Delegate { .. }) {
                asked += 1;
                host.now = host.now + Millis::seconds(35);
                host.handle(Input::Delegated(token, Err(CallError::new(CallCode::Timeout, "silence"))));
            } else if let Some(input) = host.act(token, effect) {
                host.handle(input);
            }
        }
        let Some(at) = host.engine.next_wake() else { break };
        host.now = host.now.max(at);
        host.handle(Input::Tick);
    }
    assert_eq!(host.server.holds(), 1, "asked {asked} times in vain");
}

#[test]
fn one_result_that_is_not_understood_does_not_lose_the_others() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    let ids = host.enqueue_readings(0..3);
    let odd = ids[1];
    host.wire = Box::new(move |_, request| {
        let results: Vec<_> = request
            .items
            .iter()
            .map(|i| {
                if i.id == odd {
                    serde_json::json!({"id": i.id, "status": "rejected", "code": "quota_exceeded"})
                } else {
                    serde_json::json!({"id": i.id, "status": "applied", "version": 1})
                }
            })
            .collect();
        let body = serde_json::json!({"results": results, "cursor": "1"}).to_string();
        Transfer::Answered { status: 200, retry_after: None, body }
    });
    host.run_for(Millis::minutes(5));
    assert_eq!(host.list(fieldsync_core::Shelf::Done).len(), 2, "{:?}", host.states());
}

#[test]
fn a_flight_of_a_wrong_clock_does_not_keep_an_item_from_its_owner() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    let true_time = host.now;
    host.now = host.now + Millis::minutes(60 * 24 * 365);
    let id = host.enqueue(draft(1, 1.0)).unwrap().id;
    host.die_at = Some(|e| matches!(e, Effect::Push { .. }));
    host.run_for(Millis::minutes(1));
    assert!(host.dead);
    host.restart(Role::Page);
    host.now = true_time;
    host.facts.online = Some(false);
    host.run_for(Millis::minutes(60 * 24));
    assert!(host.discard(id).is_ok(), "shown as being sent, and not to be discarded, for a year");
}

#[test]
fn a_slice_that_ends_with_the_queue_empty_is_no_hold() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    let call = host.wake(Cause::Start);
    let written = host.withhold(|e| matches!(e, Effect::Write(b) if !b.receipts.is_empty()));
    host.now = host.now + Millis::seconds(25);
    host.handle(written);
    host.pump();
    let Some(Ok(Answer::Wake(settled))) = host.answer(call) else { panic!("another outcome") };
    assert_eq!((settled.remaining, settled.hold), (0, None));
}

#[test]
fn a_person_need_not_wait_for_an_item_that_was_put_off() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..2);
    let failing = Rc::new(Cell::new(true));
    let wire = failing.clone();
    let pushes = Rc::new(Cell::new(0));
    let counted = pushes.clone();
    host.wire = Box::new(move |server, request| {
        counted.set(counted.get() + 1);
        if !wire.get() {
            return server.push(request);
        }
        let results: Vec<_> =
            request.items.iter().map(|item| ItemResult::new(item.id, PushStatus::Retry)).collect();
        let body = serde_json::json!({"results": results, "cursor": "1"}).to_string();
        Transfer::Answered { status: 200, retry_after: None, body }
    });
    assert_eq!(host.drain(Cause::Start).hold.unwrap().why, Why::NotDue);
    assert_eq!(host.drain(Cause::Start).hold.unwrap().why, Why::NotDue, "by itself it waits");
    assert_eq!(pushes.get(), 1);
    let settled = host.drain(Cause::Manual);
    assert_eq!((settled.hold.unwrap().why, pushes.get()), (Why::NotDue, 2), "tried at once, and once");
    failing.set(false);
    assert_eq!(host.drain(Cause::Manual).remaining, 0);
}

#[test]
fn a_drain_gives_way_to_a_new_version_of_the_app() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.pings = vec![false; 100].into();
    let event = host.wake(Cause::Sync);
    host.run_for(Millis::seconds(10));
    assert!(host.answer(event).is_none(), "it would go on for minutes");
    let call = host.call(Command::GiveWay(fieldsync_core::Nothing {}));
    host.pump();
    assert!(host.answer(call).is_some());
    let Some(Ok(Answer::Wake(settled))) = host.answer(event) else { panic!("it has ended") };
    assert_eq!((settled.remaining, settled.hold.unwrap().why), (1, Why::Slice));
    assert!(!host.holds_lock && host.engine.next_wake().is_none());
}

#[test]
fn a_push_that_waits_for_its_answer_does_not_keep_a_new_version_waiting() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    let event = host.wake(Cause::Sync);
    let Input::Pushed(token, ..) = host.withhold(|effect| matches!(effect, Effect::Push { .. })) else {
        panic!("a push")
    };
    host.call(Command::GiveWay(fieldsync_core::Nothing {}));
    host.pump();
    assert!(host.broken_off);
    host.handle(Input::Pushed(token, Transfer::Broken, 0));
    host.pump();
    let Some(Ok(Answer::Wake(settled))) = host.answer(event) else { panic!("it has ended") };
    assert_eq!((settled.remaining, settled.hold.unwrap().why), (1, Why::Slice));
    assert!(!host.holds_lock && host.engine.next_wake().is_none());
    let again = host.wake(Cause::Saved);
    host.pump();
    let Some(Ok(Answer::Wake(settled))) = host.answer(again) else { panic!("it is answered at once") };
    assert_eq!((settled.remaining, host.server.pushes.len()), (1, 1), "it begins nothing new");
    host.run_for(Millis::minutes(1));
    assert_eq!(host.drain(Cause::Start).remaining, 0, "the next one asks what became of it");
    assert_eq!((host.server.holds(), host.server.repeats), (1, 1));
}

#[test]
fn what_is_about_to_take_off_stays_when_a_new_version_waits() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    let event = host.wake(Cause::Sync);
    let marked = host.withhold(|effect| matches!(effect, Effect::Write(batch) if batch.flight.is_some()));
    host.call(Command::GiveWay(fieldsync_core::Nothing {}));
    host.handle(marked);
    host.pump();
    assert!(host.answer(event).is_some() && host.server.pushes.is_empty());
}

#[test]
fn what_is_saved_while_a_sync_event_waits_for_a_retry_goes_at_once() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    let first = Rc::new(Cell::new(true));
    host.wire = Box::new(move |server, request| match first.replace(false) {
        true => {
            let result = ItemResult {
                retry_after_ms: Some(Millis::minutes(2)),
                ..ItemResult::new(request.items[0].id, PushStatus::Retry)
            };
            let body = serde_json::json!({"results": [result], "cursor": "1"}).to_string();
            Transfer::Answered { status: 200, retry_after: None, body }
        }
        false => server.push(request),
    });
    host.wake(Cause::Sync);
    host.run_for(Millis::seconds(10));
    assert_eq!(host.server.holds(), 0, "it rests");
    host.enqueue_readings(1..2);
    host.run_for(Millis::seconds(1));
    assert_eq!(host.server.holds(), 1);
}

#[test]
fn a_browser_that_is_wrong_about_its_network_is_overruled_by_a_person() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    host.facts.online = Some(false);
    host.enqueue_readings(0..1);
    assert_eq!(host.drain(Cause::Manual).remaining, 0);
    host.enqueue_readings(1..2);
    host.pings = vec![false; 3].into();
    assert_eq!(host.drain(Cause::Manual).hold.unwrap().why, Why::Offline);
}
