//! What a page asks of the engine, driven by a scripted host and a fake clock.

use serde_json::{Value, json};

use crate::scripted::{Host, draft};
use fieldsync_core::protocol::ItemId;
use fieldsync_core::{
    Answer, Batch, ById, CallCode, Cause, Command, Draft, Effect, Event, Flight, FlightChange, Input,
    ItemState, ListQuery, Millis, Query, Role, Settled, Shelf, StoreError, Why, WriteError,
};

fn replacing(old: ItemId, value: f64) -> Draft {
    Draft { replaces: Some(old), ..draft(1, value) }
}

#[test]
fn saved_is_said_only_after_it_is_written() {
    let mut host = Host::new(Role::Page);
    let call = host.call(Command::Enqueue(draft(1, 2.0)));
    let written = host.withhold(|effect| matches!(effect, Effect::Write(_)));
    host.pump();
    assert!(host.answer(call).is_none(), "not yet (I2)");
    assert!(host.told.is_empty() && host.tags.is_empty());
    host.handle(written);
    host.pump();
    assert!(host.answer(call).unwrap().is_ok());
    assert_eq!(host.told, [Event::Changed]);
    assert_eq!(host.tags.len(), 1, "and then the browser is asked for a sync event");
}

#[test]
fn a_full_device_keeps_nothing_half_and_says_so() {
    let mut host = Host::new(Role::Page);
    for (error, code) in
        [(StoreError::Full, CallCode::StorageFull), (StoreError::Failed("broken".into()), CallCode::Storage)]
    {
        let call = host.call(Command::Enqueue(draft(1, 2.0)));
        let (token, effect) = host.engine.poll_effect().unwrap();
        assert!(matches!(effect, Effect::Write(_)));
        host.handle(Input::Written(token, Err(WriteError::Store(error))));
        host.pump();
        let error = host.answer(call).unwrap().unwrap_err();
        assert_eq!((error.code, error.retryable), (code, true));
        assert!(host.tags.is_empty());
    }
}

#[test]
fn a_flight_that_takes_off_while_a_discard_is_on_its_way_stops_it() {
    let mut host = Host::new(Role::Page);
    let id = host.enqueue(draft(1, 2.0)).unwrap().id;
    let call = host.call(Command::Discard(ById { id }));
    let looked = host.withhold(|effect| matches!(effect, Effect::Read(Query::Waiting(_))));
    host.handle(looked);
    let until = host.now + Millis(5) + Millis::seconds(30);
    let flight = Some(FlightChange::Start(Flight { epoch: 1, number: 1, ids: vec![id], until }));
    host.store.write(Batch { flight, ..Batch::default() }).unwrap();
    host.pump();
    assert_eq!(
        host.answer(call).unwrap().unwrap_err().code,
        CallCode::InFlight,
        "it is sent, and must be seen"
    );
}

#[test]
fn what_a_page_saved_before_it_was_closed_is_sent_by_another_that_heard_of_it() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    host.die_at = Some(|effect| matches!(effect, Effect::RequestSync { .. }));
    host.call(Command::Enqueue(draft(1, 2.0)));
    host.pump();
    assert!(host.dead && host.told == [Event::Changed]);
    host.restart(Role::Page); // the other page: idle, without a drain to hear of
    host.handle(Input::Heard(Event::Changed));
    // A drain that looked before that settles after it.
    let settled = Settled { progress: Default::default(), remaining: 0, hold: None };
    host.handle(Input::Heard(Event::Settled { settled }));
    host.run_for(Millis::minutes(1));
    assert_eq!(host.server.holds(), 1);
}

#[test]
fn a_twin_is_shown_and_replaced_only_by_choice() {
    let mut host = Host::new(Role::Page);
    let first = host.enqueue(draft(1, 2.0)).unwrap();
    let error = host.enqueue(draft(1, 3.0)).unwrap_err();
    assert_eq!((error.code, error.item_id), (CallCode::DuplicateReading, Some(first.id)));
    assert_eq!(error.existing.unwrap()["value"], 2.0);
    let second = host.enqueue(replacing(first.id, 3.0)).unwrap();
    let queue = host.list(Shelf::Queue);
    assert_eq!((queue.len(), queue[0].id), (1, second.id));
    let error = host.enqueue(replacing(first.id, 4.0)).unwrap_err();
    assert_eq!(error.code, CallCode::NotFound, "it was replaced already");
}

#[test]
fn discarding_is_for_what_is_not_under_way() {
    let mut host = Host::new(Role::Page);
    let ids = host.enqueue_readings(0..2);
    assert!(matches!(host.discard(ids[0]), Ok(Answer::Discard(item)) if item.id == ids[0]));
    assert_eq!(host.discard(ids[0]).unwrap_err().code, CallCode::NotFound);
    host.wake(Cause::Manual);
    let answer = host.withhold(|effect| matches!(effect, Effect::Push { .. }));
    assert_eq!(host.states(), [ItemState::InFlight]);
    assert_eq!(host.discard(ids[1]).unwrap_err().code, CallCode::InFlight);
    let error = host.enqueue(Draft { replaces: Some(ids[1]), ..draft(1, 5.0) }).unwrap_err();
    assert_eq!(error.code, CallCode::InFlight);
    host.handle(answer);
    host.pump();
    assert!(host.states().is_empty());
}

#[test]
fn what_is_discarded_between_plan_and_attempt_is_not_sent() {
    let mut host = Host::new(Role::Page);
    let ids = host.enqueue_readings(0..2);
    host.wake(Cause::Manual);
    host.withhold(|effect| matches!(effect, Effect::Ping { .. }));
    host.restart(Role::Page);
    host.wake(Cause::Manual);
    // The window is loaded with both; then one is discarded by another tab.
    let mut windows = 0;
    loop {
        let window = host.withhold(|effect| matches!(effect, Effect::Read(Query::Due { .. })));
        windows += 1;
        if windows == 2 {
            host.discard(ids[0]).unwrap();
        }
        host.handle(window);
        host.pump();
        if windows == 2 {
            break;
        }
    }
    host.run_for(Millis::seconds(10));
    assert_eq!(host.server.pushes, [[ids[1]]]);
}

#[test]
fn without_sync_events_or_a_worker_the_page_sends_by_itself() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    host.enqueue_readings(0..3);
    host.run_for(Millis::seconds(5));
    assert_eq!(host.server.holds(), 3);
}

#[test]
fn with_a_worker_the_page_leaves_it_to_the_worker() {
    let mut host = Host::new(Role::Page);
    host.facts.worker = true;
    host.sync_events = false;
    host.enqueue_readings(0..1);
    host.wake(Cause::Manual);
    host.pump();
    assert_eq!(host.delegated, [Cause::Saved, Cause::Manual]);
    assert!(host.server.pushes.is_empty());
}

#[test]
fn one_tag_serves_until_its_event_has_fired() {
    let mut host = Host::new(Role::Page);
    host.enqueue_readings(0..3);
    host.now = host.now + Millis(5);
    host.enqueue_readings(3..4);
    assert!(
        host.tags.iter().all(|tag| *tag == host.tags[0]),
        "asking again for a pending tag changes nothing"
    );
    let progress = Default::default();
    host.handle(Input::Heard(Event::Started { progress }));
    host.enqueue_readings(4..5);
    assert_ne!(host.tags[4], host.tags[0], "one that has fired may be in the browser's backoff");
}

#[test]
fn an_offline_page_waits_without_asking_and_goes_on_by_itself() {
    let mut host = Host::new(Role::Page);
    host.sync_events = false;
    host.facts.online = Some(false);
    host.enqueue_readings(0..1);
    host.run_for(Millis::minutes(5));
    assert!(host.pinged.is_empty(), "no request is made");
    let status = host.status();
    assert_eq!(status.hold.unwrap().words, "Waiting for a connection");
    assert_eq!(status.connectivity.is_online, Some(false));
    host.facts.online = Some(true);
    assert_eq!(host.status().hold, None, "it is over when the network is back");
    host.run_for(Millis::minutes(2));
    assert_eq!(host.server.holds(), 1, "even without an online event (I8)");
    assert_eq!(host.engine.next_wake(), None);
}

#[test]
fn a_page_that_opens_with_work_waiting_asks_for_a_sync_event_and_wakes_the_worker() {
    let mut host = Host::new(Role::Page);
    host.drain(Cause::Start); // asks what is new
    host.facts.worker = true;
    host.drain(Cause::Start);
    assert!(host.tags.is_empty() && host.delegated.is_empty(), "nothing waits, nothing is done");
    host.enqueue_readings(0..1);
    host.restart(Role::Page);
    host.drain(Cause::Start);
    assert_eq!((host.tags.len(), host.delegated.len()), (2, 1));
}

#[test]
fn a_worker_that_does_not_answer_is_asked_again() {
    let mut host = Host::new(Role::Page);
    host.enqueue_readings(0..1);
    host.facts.worker = true;
    let call = host.wake(Cause::Manual);
    host.die_at = Some(|effect| matches!(effect, Effect::Delegate { .. }));
    let Input::Read(..) = host.withhold(|effect| matches!(effect, Effect::Read(_))) else {
        panic!("an overview")
    };
    assert!(host.answer(call).is_none());

    let mut host = Host::new(Role::Page);
    host.enqueue_readings(0..1);
    host.facts.worker = true;
    let call = host.wake(Cause::Manual);
    let Input::Delegated(token, _) = host.withhold(|effect| matches!(effect, Effect::Delegate { .. })) else {
        panic!("a delegation")
    };
    let silence = fieldsync_core::CallError::new(CallCode::Timeout, "no answer");
    host.handle(Input::Delegated(token, Err(silence)));
    host.pump();
    assert_eq!(host.answer(call).unwrap().unwrap_err().code, CallCode::Timeout);
    host.run_for(Millis::minutes(1));
    assert_eq!(host.delegated, [Cause::Manual, Cause::Timer]);
}

#[test]
fn a_worker_that_ends_in_the_midst_is_asked_again_at_once_and_left_alone_after_the_third_time() {
    let mut host = Host::new(Role::Page);
    host.enqueue_readings(0..1);
    host.facts.worker = true;
    let call = host.wake(Cause::Manual);
    for _ in 0..3 {
        let Input::Delegated(token, _) = host.withhold(|effect| matches!(effect, Effect::Delegate { .. }))
        else {
            panic!("a delegation")
        };
        host.handle(Input::WorkerEnded(token));
        assert!(host.answer(call).is_none(), "whoever asked waits on");
    }
    host.run_for(Millis::seconds(10));
    assert_eq!(host.delegated, [Cause::Manual; 3]);
    let settled = host.answer(call).unwrap().unwrap();
    assert!(matches!(settled, Answer::Wake(settled) if settled.remaining == 0));
    assert_eq!(host.server.pushes.len(), 1, "by the page");
}

#[test]
fn a_page_wakes_again_when_the_hold_it_hears_of_ends() {
    let mut host = Host::new(Role::Page);
    host.enqueue_readings(0..1);
    let hold = Some(fieldsync_core::Hold::new(Why::Unsteady, host.now + Millis::seconds(40)));
    let settled = Settled { progress: Default::default(), remaining: 1, hold };
    host.handle(Input::Heard(Event::Settled { settled: settled.clone() }));
    host.run_for(Millis::seconds(39));
    assert!(host.server.pushes.is_empty());
    host.run_for(Millis::seconds(10));
    assert_eq!(host.server.holds(), 1);

    let mut worker = Host::new(Role::Worker);
    worker.handle(Input::Heard(Event::Settled { settled }));
    assert_eq!(worker.engine.next_wake(), None, "between two events the worker holds no timer");
}

#[test]
fn lists_are_paged_and_bounded() {
    let mut host = Host::new(Role::Page);
    let ids = host.enqueue_readings(0..5);
    let call = host.call(Command::List(ListQuery { limit: Some(2), ..ListQuery::default() }));
    host.pump();
    let Some(Ok(Answer::List(listing))) = host.answer(call) else { panic!("a page") };
    let shown: Vec<_> = listing.items.iter().map(|item| item.id).collect();
    assert_eq!((shown, listing.next), (vec![ids[4], ids[3]], Some(ids[3])));
    for limit in [0, 501, u32::MAX] {
        let call = host.call(Command::List(ListQuery { limit: Some(limit), ..ListQuery::default() }));
        host.pump();
        assert_eq!(host.answer(call).unwrap().unwrap_err().code, CallCode::BadRequest);
    }
}

#[test]
fn one_item_is_found_queued_and_done() {
    let mut host = Host::new(Role::Page);
    let id = host.enqueue_readings(0..1)[0];
    let get = |host: &mut Host, id| {
        let call = host.call(Command::Get(ById { id }));
        host.pump();
        host.answer(call).unwrap()
    };
    assert!(matches!(get(&mut host, id), Ok(Answer::Get(item)) if item.state == ItemState::Pending));
    host.drain(Cause::Manual);
    assert!(matches!(get(&mut host, id), Ok(Answer::Get(item)) if item.state == ItemState::Done));
    let other = ItemId::new(Millis(1), [9; 10]);
    assert_eq!(get(&mut host, other).unwrap_err().code, CallCode::NotFound);
}

#[test]
fn a_list_of_those_in_one_state_leaves_out_what_is_being_sent_and_goes_on() {
    let mut host = Host::new(Role::Worker);
    let ids = host.enqueue_readings(0..5);
    let of = |host: &mut Host, query| host.ask("list", query).expect("a page");
    let found = |listing: &Value| listing["items"].as_array().expect("items").len();
    assert_eq!(found(&of(&mut host, json!({ "state": "pending" }))), 5);
    assert_eq!(found(&of(&mut host, json!({ "state": "setAside" }))), 0);
    host.wake(Cause::Sync);
    host.take_off();
    assert_eq!(found(&of(&mut host, json!({ "state": "inFlight" }))), 5);
    let short = of(&mut host, json!({ "state": "pending", "limit": 2 }));
    assert_eq!((found(&short), &short["next"]), (0, &json!(ids[3])), "a short page is not the last one");
}
