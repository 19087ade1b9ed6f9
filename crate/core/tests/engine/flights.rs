//! Several pushes on their way at once.

use crate::scripted::{Host, draft, refuse};
use fieldsync_core::{
    Batch, Cause, Command, Event, FlightChange, Input, ItemState, Millis, Role, Transfer, Why,
};
use serde_json::json;

/// A worker with so many readings queued that asks for them to be sent.
fn draining(readings: u64, at_once: u64) -> Host {
    let mut host = Host::new(Role::Worker);
    host.ask("setSettings", json!({"maximumConcurrentOperations": at_once})).expect("set");
    host.enqueue_readings(0..readings);
    host.wake(Cause::Sync);
    host
}

#[test]
fn as_many_are_on_their_way_as_the_settings_allow() {
    for (at_once, expected) in [(1, vec![500]), (3, vec![500, 500, 500]), (8, vec![500, 500, 500, 200])] {
        let mut host = draining(1_700, at_once);
        let mut aloft = host.take_off();
        assert_eq!(aloft.iter().map(|(_, push)| push.items.len()).collect::<Vec<_>>(), expected);
        while let Some(push) = aloft.pop_back() {
            host.land(push); // the last first
        }
        host.run_for(Millis::minutes(1));
        assert_eq!((host.server.holds(), host.server.pushes.iter().flatten().count()), (1_700, 1_700));
        assert!(host.list(fieldsync_core::Shelf::Queue).is_empty());
    }
}

#[test]
fn none_takes_off_beside_another_once_only_one_is_wanted_at_once() {
    let mut host = draining(1, 3);
    let first = host.take_off();
    host.ask_elsewhere("setSettings", json!({"maximumConcurrentOperations": 1}));
    let data = json!({"property": "P-1", "unit": "U9", "period": "2026-11", "value": 1.0, "readAt": 1});
    host.ask_elsewhere("enqueue", json!({"type": "READING", "data": data}));
    host.handle(Input::Heard(Event::Changed));
    host.pump();
    assert!(host.server.pushes.is_empty(), "the second waits until the first has landed");
    first.into_iter().for_each(|push| host.land(push));
    host.run_for(Millis::minutes(1));
    assert_eq!(host.server.pushes.len(), 2);
}

#[test]
fn what_is_saved_while_others_are_on_their_way_takes_off_beside_them() {
    let mut host = draining(1, 3);
    let first = host.take_off().pop_front().expect("the first");
    host.call(Command::Enqueue(draft(9, 1.0)));
    let second = host.take_off().pop_front().expect("the second");
    assert_ne!(second.1.items[0].id, first.1.items[0].id);
    host.land(second);
    host.land(first);
    host.run_for(Millis::minutes(1));
    assert_eq!(host.server.holds(), 2);
}

#[test]
fn a_lane_never_has_two_on_their_way() {
    let mut host = Host::new(Role::Worker);
    let first = host.enqueue(draft(1, 1.0)).expect("saved");
    let change =
        json!({"type": "READING", "action": "UPDATE", "entityId": first.entity_id, "patch": {"value": 2}});
    host.ask("enqueue", change).expect("saved");
    host.wake(Cause::Sync);
    let mut aloft = host.take_off();
    assert_eq!((aloft.len(), aloft[0].1.items.len()), (1, 1));
    host.land(aloft.pop_front().expect("the create"));
    assert_eq!(host.take_off()[0].1.items[0].base_version, Some(1), "its base is known now");
}

#[test]
fn an_outage_that_several_meet_is_one_trouble() {
    let mut host = draining(1_500, 3);
    for (token, _) in host.take_off() {
        host.handle(Input::Pushed(token, Transfer::Broken, 0));
    }
    let began = host.now;
    assert_eq!(host.take_off().len(), 3, "one trouble is no reason to hold");
    assert_eq!(host.now - began, Millis::seconds(3), "but to look at the link anew");
}

#[test]
fn a_wish_of_the_server_waits_for_what_is_on_its_way_and_then_holds() {
    let mut host = draining(1_500, 2);
    let mut aloft = host.take_off();
    let (token, _) = aloft.pop_front().expect("the first");
    let asked =
        Transfer::Answered { status: 429, retry_after: Some(Millis::minutes(20)), body: String::new() };
    host.handle(Input::Pushed(token, asked, 0));
    host.pump();
    let flights = |batch: &Batch| matches!(batch.flight, Some(FlightChange::Start(_)));
    let took_off = host.batches.iter().filter(|batch| flights(batch)).count();
    assert_eq!(took_off, 2, "nothing more takes off");
    host.land(aloft.pop_front().expect("the second"));
    host.run_for(Millis::seconds(30));
    assert_eq!(host.server.holds(), 500, "what was on its way is committed");
    assert_eq!(host.batches.iter().filter(|batch| flights(batch)).count(), 2);
    let status = host.status();
    assert_eq!(status.hold.map(|hold| hold.why), Some(Why::ServerAsked));
}

#[test]
fn what_the_server_fails_on_is_tried_smaller_while_others_pass() {
    let mut host = draining(600, 2);
    let mut aloft = host.take_off();
    let (token, _) = aloft.pop_front().expect("the first");
    host.handle(Input::Pushed(token, refuse(500), 0));
    host.land(aloft.pop_front().expect("the second"));
    host.run_for(Millis::minutes(2));
    assert_eq!(host.server.holds(), 600);
    assert!(host.states().iter().all(|state| *state != ItemState::SetAside));
}
