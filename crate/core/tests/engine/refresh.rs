//! What the server has learned from others is taken over before anything is sent (C2), and known offline.

use crate::scripted::{Host, changes, draft, refuse};
use fieldsync_core::protocol::ItemId;
use fieldsync_core::{
    CallCode, Cause, Draft, Effect, Input, Millis, Role, StoreError, Transfer, Vault, Why, WriteError,
};
use serde_json::{Value, json};

fn id(n: u64) -> ItemId {
    ItemId::new(Millis(n), [7; 10])
}

/// Another device's reading, as the server tells of it.
fn theirs(n: u64, unit: &str, period: &str, value: f64) -> Value {
    json!({"type": "READING", "entityId": id(n), "version": 3, "updatedAt": 5,
        "data": {"property": "P-1", "unit": unit, "period": period, "value": value, "readAt": 1}})
}

fn latest(host: &mut Host, unit: &str) -> Value {
    host.ask("latest", json!({"property": "P-1", "unit": unit})).expect("an answer")["reading"].clone()
}

#[test]
fn what_is_new_is_asked_after_the_pings_and_before_the_push() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.changes.push_back(changes(&[theirs(1, "U8", "2026-10", 4.0)], "7", false));
    host.wake(Cause::Sync);
    host.withhold(|effect| matches!(effect, Effect::Pull { .. }));
    assert_eq!((host.pinged.len(), host.server.pushes.len()), (3, 0));
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.changes.push_back(changes(&[theirs(1, "U8", "2026-10", 4.0)], "7", false));
    host.drain(Cause::Sync);
    assert_eq!((host.pulled.as_slice(), host.server.holds()), ([None].as_slice(), 1));
    assert_eq!(latest(&mut host, "U8")["data"]["value"], json!(4.0));
}

#[test]
fn pages_are_taken_one_after_the_other_and_a_crash_between_them_loses_none() {
    let mut host = Host::new(Role::Worker);
    host.changes.push_back(changes(&[theirs(1, "U1", "2026-10", 1.0)], "a", true));
    host.changes.push_back(changes(&[theirs(2, "U2", "2026-10", 2.0)], "b", false));
    host.die_at = Some(|effect| matches!(effect, Effect::Pull { cursor: Some(_), .. }));
    host.wake(Cause::Start);
    host.run_for(Millis::seconds(1));
    host.restart(Role::Worker);
    host.drain(Cause::Start);
    assert_eq!(host.pulled, [None, Some("a".to_owned())]);
    assert!(latest(&mut host, "U1").is_object() && latest(&mut host, "U2").is_object());
    host.now = host.now + Millis::minutes(61);
    host.drain(Cause::Start);
    assert_eq!(host.pulled.last(), Some(&Some("b".to_owned())));
}

#[test]
fn a_page_of_changes_that_could_not_be_stored_is_asked_for_again() {
    let mut host = Host::new(Role::Worker);
    host.drain(Cause::Start);
    host.now = host.now + Millis::minutes(61);
    host.changes.push_back(changes(&[theirs(1, "U1", "2026-10", 1.0)], "2", false));
    host.wake(Cause::Start);
    let page = host.withhold(|effect| matches!(effect, Effect::Pull { .. }));
    host.handle(page);
    let Some((token, Effect::Write(learned))) = host.engine.poll_effect() else { panic!("another effect") };
    assert_eq!(learned.known.len(), 1);
    host.handle(Input::Written(token, Err(WriteError::Store(StoreError::Full))));
    host.pump();
    host.now = host.now + Millis::minutes(61);
    host.drain(Cause::Start);
    assert_eq!(host.pulled, [None, Some("1".to_owned()), Some("1".to_owned())]);
}

#[test]
fn the_last_period_of_a_meter_is_the_latest_and_what_is_deleted_is_not() {
    let mut host = Host::new(Role::Worker);
    let gone = json!({"type": "READING", "entityId": id(3), "version": 4, "updatedAt": 9, "deleted": true});
    let first =
        [theirs(1, "U1", "2026-09", 1.0), theirs(2, "U1", "2026-10", 2.0), theirs(3, "U1", "2026-11", 3.0)];
    host.changes.push_back(changes(&first, "1", true));
    host.changes.push_back(changes(&[gone], "2", false));
    host.drain(Cause::Start);
    assert_eq!(latest(&mut host, " U1 ")["data"]["period"], "2026-10");
    assert_eq!(latest(&mut host, "U2"), Value::Null);
    let page = host.ask("records", json!({"type": "READING", "limit": 1})).expect("a page");
    assert_eq!((page["records"][0]["entityId"].clone(), page["next"].clone()), (json!(id(1)), json!(id(1))));
}

#[test]
fn an_expired_cursor_is_followed_by_a_snapshot_that_takes_the_place_of_what_was_known() {
    let mut host = Host::new(Role::Worker);
    host.changes.push_back(changes(&[theirs(1, "U1", "2026-10", 1.0)], "old", false));
    host.drain(Cause::Start);
    host.now = host.now + Millis::minutes(61);
    host.changes.push_back(refuse(410));
    host.changes.push_back(changes(&[theirs(2, "U2", "2026-10", 2.0)], "new", false));
    host.drain(Cause::Start);
    assert_eq!(host.pulled, [None, Some("old".to_owned()), None]);
    assert_eq!(latest(&mut host, "U1"), Value::Null);
    assert!(latest(&mut host, "U2").is_object());
}

#[test]
fn a_vault_that_is_locked_meanwhile_holds_the_snapshot_up_and_no_longer() {
    let mut host = Host::new(Role::Worker);
    host.facts.vault = Vault::Open;
    host.changes.push_back(changes(&[theirs(1, "U1", "2026-10", 1.0)], "old", false));
    host.drain(Cause::Start);
    host.now = host.now + Millis::minutes(61);
    host.changes.push_back(refuse(410));
    host.wake(Cause::Start);
    let gone = host.withhold(|effect| matches!(effect, Effect::Pull { .. }));
    host.facts.vault = Vault::Locked;
    host.handle(gone);
    host.run_for(Millis::minutes(4));
    assert_eq!(host.pulled, [None, Some("old".to_owned())]);
    host.facts.vault = Vault::Open;
    host.changes.push_back(refuse(410));
    host.changes.push_back(changes(&[theirs(2, "U2", "2026-10", 2.0)], "new", false));
    host.drain(Cause::Unlocked);
    assert_eq!(latest(&mut host, "U1"), Value::Null);
    assert!(latest(&mut host, "U2").is_object());
}

#[test]
fn an_empty_snapshot_takes_the_place_of_what_was_known_too() {
    let mut host = Host::new(Role::Worker);
    host.changes.push_back(changes(&[theirs(1, "U1", "2026-10", 1.0)], "old", false));
    host.drain(Cause::Start);
    host.now = host.now + Millis::minutes(61);
    host.changes.push_back(refuse(410));
    host.changes.push_back(changes(&[], "new", false));
    host.drain(Cause::Start);
    assert_eq!(latest(&mut host, "U1"), Value::Null);
}

#[test]
fn a_reading_that_the_server_has_is_shown_at_entry_with_its_value() {
    let mut host = Host::new(Role::Worker);
    host.changes.push_back(changes(&[theirs(1, "U5", "2026-11", 9.5)], "1", false));
    host.drain(Cause::Start);
    let error = host.enqueue(draft(5, 2.0)).expect_err("a duplicate");
    assert_eq!((error.code, error.entity_id), (CallCode::DuplicateReading, Some(id(1))));
    assert_eq!(error.existing.map(|existing| existing["value"].clone()), Some(json!(9.5)));
    // The person means it: it is a change of the server's.
    let change = json!({"type": "READING", "action": "UPDATE", "entityId": id(1), "patch": {"value": 2.0}});
    let item = host.ask("enqueue", change).expect("saved");
    assert_eq!(item["patch"], json!({"value": 2.0}));
}

#[test]
fn a_server_that_cannot_tell_what_is_new_holds_up_nothing() {
    for answer in [refuse(500), refuse(404), refuse(302), changes(&[json!({"type": "?"})], "1", false)] {
        let mut host = Host::new(Role::Worker);
        host.enqueue_readings(0..1);
        host.changes.push_back(answer);
        assert_eq!(host.drain(Cause::Sync).remaining, 0);
    }
}

#[test]
fn a_link_that_breaks_while_asking_is_looked_at_anew_and_a_wish_of_the_server_is_obeyed() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.changes.push_back(Transfer::Broken);
    assert_eq!(host.drain(Cause::Sync).remaining, 0);
    assert_eq!((host.pinged.len(), host.pulled.len()), (6, 2));
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    let retry_after = Some(Millis::minutes(20));
    host.changes.push_back(Transfer::Answered { status: 503, retry_after, body: String::new() });
    let settled = host.drain(Cause::Visible);
    assert_eq!(settled.hold.map(|hold| hold.why), Some(Why::ServerAsked));
    assert!(host.server.pushes.is_empty());
}

#[test]
fn photos_are_not_kept_twice() {
    let mut host = Host::new(Role::Worker);
    let photo = json!({"type": "MEDIA", "entityId": id(4), "version": 1, "updatedAt": 1,
        "data": {"mime": "image/jpeg", "bytes": "AAAA"}});
    host.changes.push_back(changes(&[photo], "1", false));
    host.drain(Cause::Start);
    let page = host.ask("records", json!({"type": "MEDIA"})).expect("a page");
    assert_eq!(page["records"], json!([]));
}

#[test]
fn what_is_queued_stays_as_it_was_entered_whatever_is_new() {
    let mut host = Host::new(Role::Worker);
    let mine = host.enqueue(Draft { ..draft(1, 5.0) }).expect("saved");
    host.changes.push_back(changes(&[theirs(9, "U1", "2026-11", 1.0)], "1", false));
    host.wire = Box::new(|_, _| refuse(500));
    host.drain(Cause::Sync);
    let kept = host.ask("get", json!({"id": mine.id})).expect("still queued");
    assert_eq!(kept["data"]["value"], json!(5.0));
}

#[test]
fn an_answer_that_came_late_does_not_take_back_what_others_have_changed_since() {
    let mut host = Host::new(Role::Worker);
    let mine = host.enqueue(draft(1, 1.0)).expect("saved").id;
    let later = json!({"type": "READING", "entityId": mine, "version": 2, "updatedAt": 5,
        "data": {"property": "P-1", "unit": "U1", "period": "2026-11", "value": 7.0, "readAt": 1}});
    host.wake(Cause::Sync);
    host.withhold(|effect| matches!(effect, Effect::Push { .. }));
    host.restart(Role::Worker);
    host.now = host.now + Millis::minutes(10);
    host.changes.push_back(changes(&[later], "2", false)); // another device has changed it meanwhile
    assert_eq!(host.drain(Cause::Sync).remaining, 0);
    assert_eq!(latest(&mut host, "U1")["data"]["value"], json!(7.0));
}

#[test]
fn what_a_replay_is_about_is_asked_for_within_the_drain() {
    let mut host = Host::new(Role::Worker);
    let mine = host.enqueue(draft(1, 1.0)).expect("saved").id;
    host.wake(Cause::Sync);
    host.withhold(|effect| matches!(effect, Effect::Push { .. }));
    host.restart(Role::Worker);
    let data = json!({"property": "P-1", "unit": "U1", "period": "2026-11", "value": 1.0, "readAt": 1});
    let there = json!({"type": "READING", "entityId": mine, "version": 1, "updatedAt": 5, "data": data});
    host.changes.push_back(changes(&[there], "2", false));
    assert_eq!(host.drain(Cause::Sync).remaining, 0);
    assert_eq!(latest(&mut host, "U1")["data"]["value"], json!(1.0));
}

#[test]
fn an_unusual_reading_is_asked_about_and_saved_once_the_person_says_that_it_is_right() {
    let mut host = Host::new(Role::Worker);
    let known = [
        theirs(1, "U1", "2026-08", 100.0),
        theirs(2, "U1", "2026-09", 110.0),
        theirs(3, "U1", "2026-10", 122.0),
        theirs(4, "U1", "2026-12", 500.0),
    ];
    host.changes.push_back(changes(&known, "1", false));
    host.drain(Cause::Start);
    let month = json!({"property": "P-1", "unit": "U1", "period": "2026-11"});
    let next = host.ask("latest", month).expect("an answer");
    assert_eq!(
        (&next["reading"]["data"]["period"], &next["expected"]),
        (&json!("2026-10"), &json!({"from": 132.0, "to": 134.0}))
    );

    let data = json!({"property": " P-1", "unit": "U1", "period": "2026-11", "value": 1330, "readAt": 1});
    let draft = |ask| json!({"type": "READING", "data": data, "ask": ask});
    let question = host.ask("enqueue", draft(true)).expect_err("a question");
    assert_eq!(question.code, CallCode::Unusual);
    assert_eq!(question.existing.expect("the last one")["value"], json!(122.0));
    assert!(host.list(fieldsync_core::Shelf::Queue).is_empty(), "nothing is saved before the answer");
    host.ask("enqueue", draft(false)).expect("saved");

    let usual = json!({"property": "P-1", "unit": "U1", "period": "2027-01", "value": 505, "readAt": 1});
    host.ask("enqueue", json!({"type": "READING", "data": usual, "ask": true})).expect("saved unasked");
}
