//! A person's choice between the two sides of a conflict.

use crate::scripted::{Host, draft};
use fieldsync_core::protocol::{ItemId, ItemResult, PushResponse, PushStatus};
use fieldsync_core::{
    CallCode, Cause, Effect, Event, Item, ItemState, Millis, Query, Role, Shelf, Transfer, Why,
};
use serde_json::json;

/// The server has 1.0; this device has entered 2.0 for the same meter and month since.
fn clash() -> (Host, ItemId, ItemId) {
    let mut host = Host::new(Role::Worker);
    let first = host.enqueue(draft(1, 1.0)).expect("saved").id;
    host.drain(Cause::Sync);
    host.know_nothing();
    let second = host.enqueue(draft(1, 2.0)).expect("saved").id;
    host.drain(Cause::Sync);
    assert_eq!(host.states(), [ItemState::Conflict]);
    (host, first, second)
}

#[test]
fn mine_goes_as_a_new_item_that_changes_the_servers_record() {
    let (mut host, first, second) = clash();
    let item = host.ask("resolve", json!({"id": second, "choice": "mine"})).expect("chosen");
    assert_eq!(item["entityId"], json!(first));
    assert_eq!(item["patch"], json!({"value": 2.0}));
    assert_ne!(item["id"], json!(second), "never an edit of a sent one");
    let settled = host.drain(Cause::Sync);
    assert_eq!((settled.progress.completed_items, settled.remaining), (1, 0));
    assert!(host.states().is_empty());
    assert_eq!(host.server.holds(), 2, "each under its own id");
}

#[test]
fn mine_goes_behind_what_already_waits_to_change_the_servers_record() {
    let (mut host, first, second) = clash();
    let delete = json!({"type": "READING", "action": "DELETE", "entityId": first, "baseVersion": 1});
    let earlier = host.ask("enqueue", delete).expect("saved");
    let item = host.ask("resolve", json!({"id": second, "choice": "mine"})).expect("chosen");
    assert_eq!((&earlier["state"], &item["state"]), (&json!("pending"), &json!("blocked")));
    assert_eq!(item["patch"]["property"], json!("P-1"), "nothing is left to patch: it comes back whole");
    host.server.pushes.clear();
    host.drain(Cause::Sync);
    assert!(host.states().is_empty());
    let ids: Vec<_> = host.server.pushes.iter().flatten().map(|id| json!(id)).collect();
    assert_eq!(ids, [earlier["id"].clone(), item["id"].clone()]);
}

#[test]
fn mine_does_not_go_behind_one_that_waits_for_it() {
    let (mut host, first, second) = clash();
    let change = json!({"type": "READING", "action": "UPDATE", "entityId": first, "baseVersion": 1,
        "patch": {"note": "n"}, "dependsOn": second});
    host.ask("enqueue", change).expect("saved");
    let refused = host.ask("resolve", json!({"id": second, "choice": "mine"})).expect_err("each would wait");
    assert_eq!(refused.code, CallCode::HasDependents);
    host.ask("resolve", json!({"id": second, "choice": "theirs"})).expect("chosen");
    assert_eq!(host.states(), [ItemState::SetAside], "the person has to look at it");
}

#[test]
fn theirs_leaves_the_entry_readable_and_sends_nothing() {
    let (mut host, _, second) = clash();
    let pushes = host.server.pushes.len();
    host.ask("resolve", json!({"id": second, "choice": "theirs"})).expect("chosen");
    assert!(host.states().is_empty());
    let kept = host.list(Shelf::Done).into_iter().find(|item| item.id == second).expect("still there");
    assert!(kept.receipt.is_some_and(|receipt| receipt.yielded));
    assert!(kept.data.get().contains("2.0"));
    host.drain(Cause::Manual);
    assert_eq!(host.server.pushes.len(), pushes);
    let again = host.ask("resolve", json!({"id": second, "choice": "mine"})).expect_err("it is gone");
    assert_eq!(again.code, CallCode::NotFound);
}

#[test]
fn a_merged_record_is_sent_and_a_wrong_one_changes_nothing() {
    let (mut host, _, second) = clash();
    let data = |value: i64| json!({"property": "P-1", "unit": "U1", "period": "2026-11", "value": value, "readAt": 1});
    let wrong = host.ask("resolve", json!({"id": second, "choice": "merged", "data": data(-1)}));
    assert_eq!(wrong.expect_err("refused").fields[0].field, "value");
    assert_eq!(host.states(), [ItemState::Conflict]);
    host.ask("resolve", json!({"id": second, "choice": "merged", "data": data(3)})).expect("chosen");
    host.drain(Cause::Sync);
    assert!(host.states().is_empty());
}

#[test]
fn what_builds_on_a_change_that_is_given_up_goes_on_from_the_servers() {
    let mut host = Host::new(Role::Worker);
    let site = |site: &str| json!({"kind": "WASH", "site": site, "population": 40});
    let first = host.ask("enqueue", json!({"type": "ASSESSMENT", "data": site("A")})).expect("saved");
    host.drain(Cause::Sync);
    let update = |part: &str, value| json!({"type": "ASSESSMENT", "action": "UPDATE", "entityId": first["id"], part: value});
    let mine = host.ask("enqueue", update("data", site("B"))).expect("saved");
    let behind = host.ask("enqueue", update("patch", json!({"note": "n"}))).expect("saved");
    let theirs = json!({"entityId": first["id"], "version": 2, "data": site("C")});
    let id = ItemId::parse(mine["id"].as_str().unwrap()).unwrap();
    host.wire = Box::new(move |_, _| {
        let clash =
            ItemResult { server_item: Some(theirs.clone()), ..ItemResult::new(id, PushStatus::Conflict) };
        let body = serde_json::to_string(&PushResponse { results: vec![clash], cursor: "1".into() }).unwrap();
        Transfer::Answered { status: 200, retry_after: None, body }
    });
    host.drain(Cause::Sync);
    host.ask("resolve", json!({"id": mine["id"], "choice": "theirs"})).expect("chosen");
    assert_eq!(host.states(), [ItemState::SetAside], "the person has to look at it");
    let shown = host.ask("get", json!({"id": behind["id"]})).expect("queued");
    assert_eq!((&shown["data"]["site"], &shown["data"]["note"]), (&json!("C"), &json!("n")));
}

/// A clash under this policy, with the server's side changed at this time.
fn clash_by(policy: &str, updated_at: Millis) -> Host {
    let mut host = Host::new(Role::Worker);
    host.ask("setSettings", json!({"conflictPolicy": policy})).expect("set");
    host.server.updated_at = updated_at;
    host.enqueue(draft(1, 1.0)).expect("saved");
    host.drain(Cause::Sync);
    host.know_nothing();
    host.now = host.now + Millis::minutes(10);
    host.enqueue(draft(1, 2.0)).expect("saved");
    host.drain(Cause::Sync);
    host
}

#[test]
fn a_policy_settles_a_clash_as_the_person_would_have() {
    let (past, future) = (Millis(1), Millis(1_760_000_000_000) + Millis::minutes(600));
    for (policy, updated_at, mine) in [
        ("keepMine", future, true),
        ("keepTheirs", past, false),
        ("keepNewest", past, true),
        ("keepNewest", future, false),
    ] {
        let mut host = clash_by(policy, updated_at);
        assert!(host.states().is_empty(), "{policy}: nothing is left to choose");
        let done = host.list(Shelf::Done);
        let changed = done.iter().any(|item| item.patch.is_none() && item.data.get().contains("2.0"));
        let yielded = done.iter().any(|item| item.receipt.as_ref().is_some_and(|receipt| receipt.yielded));
        assert_eq!(
            (host.server.holds(), yielded, changed),
            if mine { (2, false, true) } else { (1, true, true) },
            "{policy}"
        );
    }
}

#[test]
fn a_policy_settles_however_many_clashes_a_push_meets() {
    let mut host = Host::new(Role::Worker);
    host.ask("setSettings", json!({"conflictPolicy": "keepTheirs"})).expect("set");
    host.enqueue_readings(0..12);
    host.drain(Cause::Sync);
    host.know_nothing();
    for mine in host.enqueue_readings(0..12) {
        let change = json!({"type": "READING", "action": "UPDATE", "entityId": mine, "patch": {"note": "n"}});
        host.ask("enqueue", change).expect("saved");
    }
    host.drain(Cause::Sync);
    assert_eq!(
        host.states(),
        [ItemState::SetAside; 12],
        "what built on them is left to the person, and no clash"
    );
}

#[test]
fn a_slice_that_ends_while_a_clash_is_settled_is_not_the_end_of_it() {
    let mut host = Host::new(Role::Worker);
    host.ask("setSettings", json!({"conflictPolicy": "keepMine"})).expect("set");
    host.enqueue(draft(1, 1.0)).expect("saved");
    host.drain(Cause::Sync);
    host.know_nothing();
    host.enqueue(draft(1, 2.0)).expect("saved");
    host.told.clear();
    host.wake(Cause::Visible);
    let answer = host.withhold(|effect| matches!(effect, Effect::Push { .. }));
    host.now = host.now + Millis::seconds(25);
    host.handle(answer);
    host.pump();
    let settled = host.told.iter().find_map(|event| match event {
        Event::Settled { settled } => Some(settled.clone()),
        _ => None,
    });
    assert_eq!(settled.expect("its slice is over").hold.map(|hold| hold.why), Some(Why::Slice));
}

#[test]
fn who_wants_to_be_asked_is() {
    assert_eq!(clash_by("ask", Millis(1)).states(), [ItemState::Conflict]);
}

#[test]
fn who_wants_to_be_asked_from_now_on_is_also_where_a_clash_is_just_being_settled() {
    for (policy, states) in [("ask", vec![ItemState::Conflict]), ("keepMine", vec![])] {
        let mut host = Host::new(Role::Worker);
        host.ask("setSettings", json!({"conflictPolicy": "keepTheirs"})).expect("set");
        host.enqueue(draft(1, 1.0)).expect("saved");
        host.drain(Cause::Sync);
        host.know_nothing();
        host.enqueue(draft(1, 2.0)).expect("saved");
        host.wake(Cause::Sync);
        let settles = host.withhold(|effect| matches!(effect, Effect::Read(Query::One(_))));
        host.handle(settles);
        let decided = host.withhold(|effect| matches!(effect, Effect::Read(Query::Waiting(_))));
        host.ask_elsewhere("setSettings", json!({"conflictPolicy": policy}));
        host.handle(decided);
        host.run_for(Millis::minutes(4));
        let yielded = |item: &Item| item.receipt.as_ref().is_some_and(|receipt| receipt.yielded);
        assert!(!host.list(Shelf::Done).iter().any(yielded), "{policy}: not for theirs");
        assert_eq!(host.states(), states, "{policy}");
    }
}

#[test]
fn what_is_sent_again_by_hand_still_waits_for_its_turn() {
    let (mut host, _, second) = clash();
    let first = json!({"type": "ASSESSMENT", "data": {"kind": "WASH", "site": "A", "population": 40}});
    let first = host.ask("enqueue", first).expect("saved");
    host.server.bad = Some(ItemId::parse(first["id"].as_str().unwrap()).unwrap());
    let change = json!({"type": "ASSESSMENT", "action": "UPDATE", "entityId": first["id"],
        "patch": {"note": "n"}, "dependsOn": second});
    let change = host.ask("enqueue", change).expect("saved");
    host.drain(Cause::Sync);
    host.ask("resolve", json!({"id": second, "choice": "theirs"})).expect("chosen");
    assert_eq!(host.states(), [ItemState::SetAside, ItemState::SetAside], "it built on what was given up");
    let again = host.ask("retry", json!({"id": change["id"]})).expect("tried again");
    assert_eq!(again["state"], json!("blocked"), "the one before it is set aside");
    host.server.bad = None;
    host.ask("retry", json!({"id": first["id"]})).expect("tried again");
    host.server.pushes.clear();
    host.drain(Cause::Sync);
    let ids: Vec<_> = host.server.pushes.iter().flatten().map(|id| json!(id)).collect();
    assert_eq!(ids, [first["id"].clone(), change["id"].clone()]);
}
