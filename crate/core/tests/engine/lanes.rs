//! Lanes and dependencies (I5): order within an entity, never across, and nobody left waiting for nothing.

use crate::scripted::{Host, draft};
use fieldsync_core::protocol::ItemId;
use fieldsync_core::{CallCode, CallError, Cause, Draft, Effect, Item, ItemState, Millis, Role, Shelf, Why};
use serde_json::{Value, json};

fn of(value: Value) -> Draft {
    serde_json::from_str(&value.to_string()).expect("a draft")
}

fn assessment(site: &str) -> Draft {
    of(json!({"type": "ASSESSMENT", "data": {"kind": "WASH", "site": site, "population": 40}}))
}

fn renamed(entity: ItemId, site: &str) -> Draft {
    let data = json!({"kind": "WASH", "site": site, "population": 40});
    of(json!({"type": "ASSESSMENT", "action": "UPDATE", "entityId": entity, "data": data}))
}

fn response(to: &Item) -> Draft {
    let data = json!({"assessmentId": to.entity_id, "kind": "WASH", "plan": "Dig", "status": "PLANNED"});
    of(json!({"type": "RESPONSE", "data": data, "dependsOn": to.id}))
}

/// Some time after the last one.
fn save(host: &mut Host, draft: Draft) -> Result<Item, CallError> {
    host.now = host.now + Millis(10);
    host.enqueue(draft)
}

fn states(host: &mut Host) -> Vec<ItemState> {
    let mut states = host.states();
    states.reverse(); // oldest first
    states
}

#[test]
fn a_lane_goes_in_order_with_what_depends_on_it_and_carries_only_what_changed() {
    let mut host = Host::new(Role::Worker);
    let first = save(&mut host, assessment("A")).expect("saved");
    let second = save(&mut host, renamed(first.entity_id, "B")).expect("saved");
    let third = save(&mut host, renamed(first.entity_id, "C")).expect("saved");
    let dependent = save(&mut host, response(&first)).expect("saved");
    let other = save(&mut host, assessment("else")).expect("saved");
    use ItemState::{Blocked, Pending};
    assert_eq!(states(&mut host), [Pending, Blocked, Blocked, Blocked, Pending]);
    let patch = second.patch.as_ref().map(|patch| patch.get());
    assert_eq!(patch, Some(r#"{"site":"B"}"#), "what changed alone");
    let settled = host.drain(Cause::Sync);
    assert_eq!((settled.progress.completed_items, settled.remaining, settled.hold), (5, 0, None));
    assert_eq!(host.server.pushes, [vec![first.id, other.id], vec![second.id, dependent.id], vec![third.id]]);
    let fourth = save(&mut host, renamed(first.entity_id, "D")).expect("known from the receipts");
    assert_eq!(fourth.state, Pending);
    host.drain(Cause::Sync);
    assert_eq!(host.list(Shelf::Done).len(), 6);
}

#[test]
fn a_bad_item_stops_its_own_lane_until_a_person_has_seen_to_it() {
    let mut host = Host::new(Role::Worker);
    let bad = save(&mut host, assessment("A")).expect("saved");
    save(&mut host, renamed(bad.entity_id, "B")).expect("saved");
    save(&mut host, response(&bad)).expect("saved");
    host.enqueue_readings(0..3);
    host.server.bad = Some(bad.id);
    let settled = host.drain(Cause::Sync);
    assert_eq!((settled.progress.completed_items, settled.progress.failed_items), (3, 1));
    assert_eq!((settled.remaining, settled.hold), (0, None), "nothing more goes by itself");
    assert_eq!(states(&mut host), [ItemState::SetAside, ItemState::Blocked, ItemState::Blocked]);
    let refused = host.discard(bad.id).expect_err("others build on it");
    assert_eq!(refused.code, CallCode::HasDependents);
    assert_eq!(states(&mut host).len(), 3);
    host.server.bad = None;
    host.retry(bad.id).expect("tried again");
    assert_eq!(host.drain(Cause::Sync).progress.completed_items, 3);
    assert!(host.states().is_empty());
}

#[test]
fn a_corrected_entry_takes_the_place_of_the_refused_one_and_those_behind_follow_it() {
    let mut host = Host::new(Role::Worker);
    let bad = save(&mut host, assessment("A")).expect("saved");
    let update = save(&mut host, renamed(bad.entity_id, "B")).expect("saved");
    let dependent = save(&mut host, response(&bad)).expect("saved");
    host.server.bad = Some(bad.id);
    host.drain(Cause::Sync);
    let corrected = save(&mut host, Draft { replaces: Some(bad.id), ..assessment("Better") }).expect("saved");
    assert_eq!(corrected.entity_id, bad.entity_id);
    assert_ne!(corrected.id, bad.id, "a new item, never an edit of a sent one");
    host.server.pushes.clear();
    assert_eq!(host.drain(Cause::Sync).progress.completed_items, 3);
    assert_eq!(host.server.pushes, [vec![corrected.id], vec![update.id, dependent.id]]);
}

#[test]
fn who_begins_to_wait_while_the_receipt_is_on_its_way_is_released_by_it() {
    let mut host = Host::new(Role::Worker);
    let first = save(&mut host, assessment("A")).expect("saved");
    host.wake(Cause::Sync);
    let answer = host.withhold(|effect| matches!(effect, Effect::Push { .. }));
    host.handle(answer); // the receipt: the commit is asked for, and not yet carried out
    let commit = host.engine.poll_effect().expect("the commit");
    assert!(matches!(commit.1, Effect::Write(_)));
    let late = save(&mut host, renamed(first.entity_id, "B")).expect("saved");
    assert_eq!(late.state, ItemState::Blocked, "the first one is still queued");
    let outcome = host.act(commit.0, commit.1).expect("an outcome");
    host.handle(outcome);
    host.run_for(Millis::minutes(1));
    assert!(host.states().is_empty(), "nobody waits for nothing");
    assert_eq!(host.server.pushes, [vec![first.id], vec![late.id]]);
}

#[test]
fn who_was_about_to_wait_for_one_that_has_just_gone_does_not_wait() {
    let mut host = Host::new(Role::Worker);
    let first = save(&mut host, assessment("A")).expect("saved");
    host.wake(Cause::Sync);
    let answer = host.withhold(|effect| matches!(effect, Effect::Push { .. }));
    // The page has looked at the lane, and the receipt is committed before it writes.
    host.call(fieldsync_core::Command::Enqueue(renamed(first.entity_id, "B")));
    let look = host.engine.poll_effect().expect("the look");
    let seen = host.act(look.0, look.1).expect("the lane");
    host.handle(answer);
    host.pump();
    host.handle(seen);
    host.pump();
    assert_eq!(host.states(), [ItemState::Pending]);
    host.drain(Cause::Sync);
    assert_eq!(host.list(Shelf::Done).len(), 2);
}

#[test]
fn a_discarded_change_lets_the_next_go_against_the_version_it_had() {
    let mut host = Host::new(Role::Worker);
    let first = save(&mut host, assessment("A")).expect("saved");
    host.drain(Cause::Sync);
    let change = save(&mut host, renamed(first.entity_id, "B")).expect("saved");
    let next = save(&mut host, renamed(first.entity_id, "C")).expect("saved");
    host.discard(change.id).expect("discarded");
    assert_eq!(host.states(), [ItemState::Pending]);
    host.drain(Cause::Sync);
    assert_eq!(host.server.pushes.last(), Some(&vec![next.id]));
    assert!(host.states().is_empty());
}

#[test]
fn what_stands_behind_a_corrected_entry_is_known_as_it_becomes() {
    let mut host = Host::new(Role::Worker);
    let first = save(&mut host, assessment("A")).expect("saved");
    let note =
        json!({"type": "ASSESSMENT", "action": "UPDATE", "entityId": first.id, "patch": {"note": "n"}});
    let change = save(&mut host, of(note)).expect("saved");
    assert!(change.data.get().contains(r#""site":"A""#));
    save(&mut host, Draft { replaces: Some(first.id), ..assessment("C") }).expect("saved");
    host.drain(Cause::Sync);
    let done = host.list(Shelf::Done).into_iter().find(|item| item.id == change.id).expect("done");
    assert!(done.data.get().contains(r#""site":"C""#), "{}", done.data);
    let next = save(&mut host, renamed(first.entity_id, "A")).expect("saved");
    let patch = next.patch.expect("a patch");
    assert_eq!(patch.get(), r#"{"note":null,"site":"A"}"#, "against what the server has");
}

#[test]
fn what_stands_behind_a_discarded_change_is_known_without_it() {
    let mut host = Host::new(Role::Worker);
    let first = save(&mut host, assessment("A")).expect("saved");
    host.drain(Cause::Sync);
    let dropped = save(&mut host, renamed(first.entity_id, "B")).expect("saved");
    let note =
        json!({"type": "ASSESSMENT", "action": "UPDATE", "entityId": first.id, "patch": {"note": "n"}});
    let change = save(&mut host, of(note)).expect("saved");
    host.discard(dropped.id).expect("discarded");
    let shown = host.list(Shelf::Queue).into_iter().find(|item| item.id == change.id).expect("queued");
    assert!(shown.data.get().contains(r#""site":"A""#), "{}", shown.data);
}

#[test]
fn a_change_of_a_version_that_this_device_does_not_know_guesses_nothing() {
    let mut host = Host::new(Role::Worker);
    let first = save(&mut host, assessment("A")).expect("saved");
    host.drain(Cause::Sync);
    let seen = json!({"type": "ASSESSMENT", "action": "UPDATE", "entityId": first.id, "baseVersion": 4,
        "data": {"kind": "WASH", "site": "A", "population": 40}});
    let change = save(&mut host, of(seen)).expect("elsewhere it has another site by now");
    assert!(change.patch.expect("a patch").get().contains(r#""site":"A""#));
}

#[test]
fn who_waits_in_its_lane_and_for_another_goes_against_the_version_before_it() {
    let mut host = Host::new(Role::Worker);
    let first = save(&mut host, assessment("A")).expect("saved");
    let other = save(&mut host, assessment("else")).expect("saved");
    host.server.bad = Some(other.id);
    let both = save(&mut host, Draft { depends_on: Some(other.id), ..renamed(first.entity_id, "B") })
        .expect("saved");
    host.drain(Cause::Sync);
    assert_eq!(states(&mut host), [ItemState::SetAside, ItemState::Blocked]);
    host.server.bad = None;
    host.retry(other.id).expect("tried again");
    host.drain(Cause::Sync);
    assert!(host.states().is_empty());
    assert_eq!(host.server.pushes.last(), Some(&vec![both.id]));
}

#[test]
fn what_is_deleted_cannot_be_changed_and_what_is_gone_cannot_be_depended_on() {
    let mut host = Host::new(Role::Worker);
    let first = save(&mut host, assessment("A")).expect("saved");
    let delete = of(json!({"type": "ASSESSMENT", "action": "DELETE", "entityId": first.entity_id}));
    save(&mut host, delete).expect("saved");
    let code = |result: Result<Item, CallError>| result.expect_err("refused").code;
    assert_eq!(code(save(&mut host, renamed(first.entity_id, "B"))), CallCode::NotFound);
    host.drain(Cause::Sync);
    assert!(host.states().is_empty());
    assert_eq!(code(save(&mut host, renamed(first.entity_id, "B"))), CallCode::NotFound);
    let gone = Draft { depends_on: Some(ItemId::new(Millis(5), [9; 10])), ..draft(1, 1.0) };
    assert_eq!(code(save(&mut host, gone)), CallCode::NotFound);
    let done = Draft { depends_on: Some(first.id), ..draft(1, 1.0) };
    assert_eq!(save(&mut host, done).expect("saved").state, ItemState::Pending, "it is done already");
}

#[test]
fn deletions_are_left_for_another_sync_where_that_is_asked_for_however_many_there_are() {
    let mut host = Host::new(Role::Worker);
    let many: Vec<_> =
        (0..510).map(|n| save(&mut host, assessment(&format!("{n}"))).expect("saved")).collect();
    host.drain(Cause::Sync);
    for first in &many {
        save(&mut host, of(json!({"type": "ASSESSMENT", "action": "DELETE", "entityId": first.entity_id})))
            .expect("saved");
    }
    let new = save(&mut host, draft(1, 1.0)).expect("saved");
    let before = host.server.pushes.len();
    let settled = host.drain(Cause::WithoutDeletions);
    assert_eq!(host.server.pushes[before..], [vec![new.id]]);
    assert_eq!((settled.remaining, settled.hold.expect("they are for later").why), (510, Why::NotDue));

    let both = host.wake(Cause::WithoutDeletions);
    host.wake(Cause::Sync);
    host.run_for(Millis::seconds(30));
    assert!(host.answer(both).expect("settled").is_ok());
    assert!(host.states().is_empty(), "who comes meanwhile and leaves nothing has all of it sent");
}

#[test]
fn a_clock_set_back_does_not_turn_a_lane_round() {
    let mut host = Host::new(Role::Worker);
    let first = save(&mut host, assessment("A")).expect("saved");
    host.now = host.now - Millis::minutes(600);
    let second = save(&mut host, renamed(first.entity_id, "B")).expect("saved");
    let third = save(&mut host, renamed(first.entity_id, "C")).expect("saved");
    host.drain(Cause::Sync);
    assert_eq!(host.server.pushes, [vec![first.id], vec![second.id], vec![third.id]]);
}
