//! Drains, driven by a scripted host and a fake clock.

use std::cell::Cell;
use std::rc::Rc;

use crate::scripted::{Host, draft, refuse};
use fieldsync_core::protocol::PushStatus;
use fieldsync_core::{
    Cause, Effect, Event, Input, ItemState, Millis, Query, Role, Shelf, Transfer, Trigger, Why,
};

#[test]
fn readings_reach_the_server_once_after_three_pings_over_three_seconds() {
    let mut host = Host::new(Role::Worker);
    let ids = host.enqueue_readings(0..25);
    let begun = host.now;
    let settled = host.drain(Cause::Sync);
    assert_eq!(host.pinged, [begun, begun + Millis(1_500), begun + Millis(3_000)]);
    assert_eq!(host.server.pushes, [ids], "one push carries them all, in order");
    assert_eq!(
        (settled.progress.completed_items, settled.progress.failed_items, settled.remaining),
        (25, 0, 0)
    );
    assert_eq!(settled.hold, None);
    assert!(host.states().is_empty());
    let done = host.list(Shelf::Done);
    assert_eq!(done.len(), 25);
    assert!(done.iter().all(|item| item.receipt.as_ref().is_some_and(|r| r.status == PushStatus::Applied)));
    let writes = host.batches.len() - 25;
    assert_eq!(
        writes, 5,
        "that it began, the device's first snapshot, the attempt, the receipts, how it ended"
    );
    host.enqueue_readings(30..31);
    let before = host.batches.len();
    host.drain(Cause::Sync);
    assert_eq!(host.batches.len() - before, 4, "no other drain has the second of them");
}

#[test]
fn an_empty_queue_costs_no_request_and_no_write() {
    let mut host = Host::new(Role::Worker);
    host.drain(Cause::Sync);
    assert_eq!((host.pinged.len(), host.pulled.len()), (0, 1), "but to ask, now and then, what is new");
    host.batches.clear();
    let settled = host.drain(Cause::Sync);
    assert_eq!((settled.remaining, host.pinged.len(), host.batches.len()), (0, 0, 0));
    assert_eq!((host.pulled.len(), host.engine.next_wake()), (1, None), "and no timer");
}

#[test]
fn what_was_sent_before_a_crash_is_sent_again_and_counts_once() {
    let crashes: [fn(&Effect) -> bool; 3] = [
        |effect| matches!(effect, Effect::Write(batch) if batch.flight.is_some() && batch.put.is_empty()),
        |effect| matches!(effect, Effect::Push { .. }),
        |effect| matches!(effect, Effect::Write(batch) if !batch.receipts.is_empty()),
    ];
    for (n, crash) in crashes.into_iter().enumerate() {
        let mut host = Host::new(Role::Worker);
        host.enqueue_readings(0..3);
        host.die_at = Some(crash);
        host.wake(Cause::Sync);
        host.run_for(Millis::minutes(1));
        assert!(host.dead, "crash {n} came");
        host.restart(Role::Worker);
        assert_eq!(host.states().len(), 3, "nothing has left the device without a receipt (I1)");
        let settled = host.drain(Cause::Sync);
        assert_eq!((settled.progress.completed_items, settled.remaining), (3, 0));
        assert_eq!(host.server.holds(), 3, "crash {n}");
    }
}

#[test]
fn a_bad_item_stops_nothing_else() {
    let mut host = Host::new(Role::Worker);
    let ids = host.enqueue_readings(0..40);
    let bad = ids[17];
    host.wire = Box::new(move |server, request| {
        if request.items.iter().any(|item| item.id == bad) { refuse(500) } else { server.push(request) }
    });
    let settled = host.drain(Cause::Start);
    assert_eq!(settled.progress.completed_items, 39);
    assert_eq!(settled.progress.failed_items, 1);
    let queue = host.list(Shelf::Queue);
    assert_eq!((queue.len(), queue[0].id, queue[0].state), (1, bad, ItemState::RetryAt));
    assert_eq!(queue[0].error.as_ref().unwrap().message, "Server error");
}

#[test]
fn a_server_that_fails_on_everything_is_left_alone() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..500);
    host.wire = Box::new(|server, request| {
        server.pushes.push(request.items.iter().map(|item| item.id).collect());
        refuse(500)
    });
    host.drain(Cause::Manual);
    let pushes = host.server.pushes.len();
    assert!(pushes <= 20, "{pushes} pushes in one slice");
    assert_eq!(host.status().hold.unwrap().why, Why::ServerTrouble);
    assert_eq!(host.list(Shelf::Queue).len(), 500);
}

#[test]
fn a_push_that_is_too_large_shrinks_until_it_passes() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..100);
    host.wire =
        Box::new(|server, request| if request.items.len() > 30 { refuse(413) } else { server.push(request) });
    let settled = host.drain(Cause::Start);
    assert_eq!((settled.progress.completed_items, settled.remaining), (100, 0));
    assert_eq!(host.server.repeats, 0);
}

#[test]
fn a_conflict_waits_for_a_person_and_the_rest_goes_on() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.drain(Cause::Sync);
    host.know_nothing();
    host.enqueue_readings(0..4); // the first of them again
    let settled = host.drain(Cause::Sync);
    assert_eq!(
        (settled.progress.completed_items, settled.progress.failed_items, settled.remaining),
        (3, 1, 0)
    );
    let queue = host.list(Shelf::Queue);
    assert_eq!(queue[0].state, ItemState::Conflict);
    assert!(queue[0].server_item.is_some(), "both sides are kept");
    host.drain(Cause::Sync);
    assert_eq!(host.server.pushes.len(), 2, "it is not sent again by itself");
}

#[test]
fn an_unknown_outcome_is_sent_again_under_the_same_id() {
    for lost in [Transfer::Broken, Transfer::TimedOut, refuse(302)] {
        let mut host = Host::new(Role::Worker);
        host.enqueue_readings(0..5);
        let first = Rc::new(Cell::new(true));
        host.wire = Box::new(move |server, request| {
            let answer = server.push(request); // it arrived; the answer did not
            if first.replace(false) { lost.clone() } else { answer }
        });
        let settled = host.drain(Cause::Sync);
        assert_eq!((settled.progress.completed_items, settled.progress.failed_items), (5, 0));
        assert_eq!((host.server.holds(), host.server.repeats), (5, 5));
        assert_eq!(host.pinged.len(), 6, "the link is checked anew");
        assert!(
            host.list(Shelf::Done)
                .iter()
                .all(|item| item.receipt.as_ref().unwrap().status == PushStatus::Replayed)
        );
    }
}

#[test]
fn the_servers_wish_to_wait_binds_the_button_too() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..2);
    let refusing = Rc::new(Cell::new(true));
    let wire = refusing.clone();
    host.wire = Box::new(move |server, request| match wire.get() {
        true => {
            Transfer::Answered { status: 503, retry_after: Some(Millis::minutes(10)), body: String::new() }
        }
        false => server.push(request),
    });
    let settled = host.drain(Cause::Sync);
    let hold = settled.hold.unwrap();
    assert_eq!(hold.why, Why::ServerAsked);
    refusing.set(false);
    host.restart(Role::Worker);
    let settled = host.drain(Cause::Manual);
    assert_eq!((settled.hold.as_ref(), settled.remaining), (Some(&hold), 2));
    host.run_for(Millis::minutes(15));
    assert_eq!(host.drain(Cause::Manual).remaining, 0);
}

#[test]
fn a_link_that_flaps_is_waited_for_within_a_sync_event() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..2);
    host.pings = [true, true, false, true, false, false, false, true, false].into();
    let settled = host.drain(Cause::Sync);
    assert_eq!(settled.remaining, 0, "the event lives long enough to see it come back");
    assert_eq!(host.server.pushes.len(), 1, "nothing is sent before it is steady");
}

#[test]
fn a_dead_link_holds_and_says_why_and_until_when() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    host.enqueue_readings(0..1);
    host.pings = vec![false; 60].into();
    host.run_for(Millis::seconds(30));
    let status = host.status();
    assert_eq!(status.hold.unwrap().words, "Waiting for a steady connection");
    assert!(status.current_progress.unwrap().next_scheduled_sync.is_some());
    host.pings.clear();
    host.run_for(Millis::minutes(10));
    assert_eq!(host.server.holds(), 1, "it comes back by itself (I8)");
    assert_eq!(host.engine.next_wake(), None, "and then there is nothing to wait for");
}

#[test]
fn a_later_drainer_fences_this_one() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..2);
    host.die_at = Some(|effect| matches!(effect, Effect::Write(batch) if !batch.receipts.is_empty()));
    host.wake(Cause::Sync);
    host.run_for(Millis::seconds(10));
    // Another took over while this one slept with its receipts in hand.
    host.store.next_epoch();
    let mut late = host.batches.last().unwrap().clone();
    late.expect.retain(|expect| matches!(expect, fieldsync_core::Expect::Epoch(_)));
    assert_eq!(host.store.write(late), Err(fieldsync_core::WriteError::Fenced));
    host.restart(Role::Worker);
    let settled = host.drain(Cause::Sync);
    assert_eq!((settled.progress.completed_items, host.server.holds()), (2, 2));
}

#[test]
fn the_lock_is_waited_for_and_taken_when_the_other_has_settled() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.locked_elsewhere = true;
    let call = host.wake(Cause::Sync);
    host.run_for(Millis::seconds(5));
    assert!(host.server.pushes.is_empty());
    host.locked_elsewhere = false;
    let settled = host.told.iter().find_map(|event| match event {
        Event::Settled { settled } => Some(settled.clone()),
        _ => None,
    });
    assert_eq!(settled, None);
    let other = fieldsync_core::Settled { progress: Default::default(), remaining: 1, hold: None };
    host.handle(Input::Heard(Event::Settled { settled: other }));
    host.pump();
    assert!(host.holds_lock, "at once, without waiting for the timer");
    host.run_for(Millis::seconds(10));
    assert!(host.answer(call).is_some());
    assert_eq!(host.server.holds(), 1);
}

#[test]
fn a_lock_that_stays_taken_is_said_so() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.locked_elsewhere = true;
    let settled = host.drain(Cause::Start);
    assert_eq!((settled.hold.unwrap().why, settled.remaining), (Why::Elsewhere, 1));
}

#[test]
fn what_is_saved_while_draining_goes_along() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    let call = host.wake(Cause::Sync);
    let window = host.withhold(|effect| matches!(effect, Effect::Read(Query::Due { .. })));
    host.enqueue_readings(1..2); // which this window does not know of
    host.handle(window);
    host.run_for(Millis::seconds(10));
    assert!(host.answer(call).is_some());
    assert_eq!(host.server.holds(), 2);
}

#[test]
fn whoever_comes_while_a_drain_closes_gets_a_new_one() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    let first = host.wake(Cause::Sync);
    let closed = host.withhold(|effect| match effect {
        Effect::Write(batch) => {
            batch.session.as_ref().is_some_and(|session| session.progress.ended_at.is_some())
        }
        _ => false,
    });
    host.enqueue_readings(1..2);
    let second = host.wake(Cause::Sync);
    host.handle(closed);
    host.pump();
    assert!(host.answer(first).is_some(), "the first has settled");
    assert!(host.answer(second).is_none(), "the second has not: its item is not sent yet");
    host.run_for(Millis::seconds(10));
    assert!(host.answer(second).is_some());
    assert_eq!(host.server.holds(), 2);
}

#[test]
fn what_is_saved_while_a_drain_closes_is_sent_without_another_wake() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.wake(Cause::Sync);
    let closed = host.withhold(|effect| match effect {
        Effect::Write(batch) => {
            batch.session.as_ref().is_some_and(|session| session.progress.ended_at.is_some())
        }
        _ => false,
    });
    host.enqueue_readings(1..2);
    host.handle(closed);
    host.run_for(Millis::seconds(10));
    assert_eq!(host.server.holds(), 2);
    assert!(host.engine.next_wake().is_none() && !host.holds_lock, "and then it rests");
}

#[test]
fn nothing_is_told_before_it_is_committed() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..3);
    host.told.clear();
    host.die_at = Some(|effect| matches!(effect, Effect::Write(batch) if !batch.receipts.is_empty()));
    host.wake(Cause::Sync);
    host.run_for(Millis::seconds(10));
    assert_eq!(host.server.holds(), 3, "the server has them");
    for event in host.told.iter().filter(|event| **event != Event::Changed) {
        let (Event::Started { progress } | Event::Progressed { progress }) = event else {
            panic!("told too early: {event:?}")
        };
        assert_eq!(progress.completed_items, 0);
    }
}

#[test]
fn a_slice_ends_and_the_page_goes_on() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    host.pings = [true, true, false].repeat(40).into(); // never three in a row, never three misses in a row
    host.enqueue_readings(0..1);
    host.run_for(Millis::seconds(21));
    let slices = |host: &Host| {
        let over = |event: &&Event| matches!(event, Event::Settled { settled } if settled.hold.as_ref().is_some_and(|h| h.why == Why::Slice));
        host.told.iter().filter(over).count()
    };
    assert_eq!(slices(&host), 1, "after twenty seconds it makes room");
    assert!(!host.pinged.is_empty() && host.server.pushes.is_empty());
    host.run_for(Millis::minutes(5));
    assert!(slices(&host) > 3);
    assert_eq!(host.server.holds(), 1, "and goes on at once until it is through");
}

#[test]
fn a_page_that_opens_during_the_pings_sees_the_drain() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..3);
    host.wake(Cause::Sync);
    host.withhold(|effect| matches!(effect, Effect::Ping { .. }));
    let status = host.status();
    assert!(status.is_active);
    let progress = status.current_progress.unwrap();
    assert_eq!((progress.total_items, progress.completed_items, progress.ended_at), (3, 0, None));
}

#[test]
fn a_person_who_joins_takes_over_the_title() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.wake(Cause::Sync);
    let pong = host.withhold(|effect| matches!(effect, Effect::Ping { .. }));
    host.told.clear();
    host.wake(Cause::Manual);
    host.pump();
    let [Event::Started { progress }] = &host.told[..] else { panic!("{:?}", host.told) };
    assert_eq!(progress.trigger, Trigger::Manual);
    host.handle(pong);
    host.run_for(Millis::seconds(10));
    assert_eq!(host.status().current_progress.unwrap().trigger, Trigger::Manual);
}

#[test]
fn a_person_who_asks_sees_their_own_title() {
    let mut host = Host::new(Role::Worker);
    host.enqueue(draft(1, 1.0)).unwrap();
    assert_eq!(host.drain(Cause::Manual).progress.trigger, Trigger::Manual);
    host.enqueue(draft(2, 1.0)).unwrap();
    assert_eq!(host.drain(Cause::Online).progress.trigger, Trigger::Auto);
}

#[test]
fn a_person_is_told_of_a_hold_while_the_sync_event_waits_it_out() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.pings = vec![false; 6].into();
    let event = host.wake(Cause::Sync);
    host.run_for(Millis::seconds(4));
    assert_eq!(host.status().hold.unwrap().why, Why::Unsteady, "three misses: it rests");
    let person = host.wake(Cause::Manual);
    host.run_for(Millis::seconds(4));
    let Some(Ok(fieldsync_core::Answer::Wake(settled))) = host.answer(person) else { panic!("told") };
    assert_eq!((settled.hold.unwrap().why, settled.remaining), (Why::Unsteady, 1));
    assert!(host.answer(event).is_none(), "the event goes on");
    host.run_for(Millis::minutes(2));
    assert!(host.answer(event).is_some());
    assert_eq!(host.server.holds(), 1);
}

#[test]
fn a_sync_event_that_came_before_the_network_waits_for_it() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..3);
    host.facts.online = Some(false);
    let event = host.wake(Cause::Sync);
    host.run_for(Millis::seconds(20));
    assert!(host.answer(event).is_none(), "an event that fails is not sent again for minutes");
    assert_eq!((host.pinged.len(), host.server.holds()), (0, 0));
    let writes = host.batches.len();
    host.run_for(Millis::seconds(20));
    assert_eq!(host.batches.len(), writes, "looking costs no write");
    host.facts.online = Some(true); // nobody tells a worker
    host.run_for(Millis::seconds(20));
    assert_eq!(host.server.holds(), 3);
    assert!(host.answer(event).is_some());
}
