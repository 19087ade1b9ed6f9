use fieldsync_protocol::ServerItem;
use serde_json::{Value, json};

use super::*;
use crate::examine::examine;

const NOW: Millis = Millis(50);

fn id(n: u8) -> ItemId {
    ItemId::new(Millis(1_000), [n; 10])
}

fn item(n: u8, action: &str, rest: Value) -> Candidate {
    let mut item =
        json!({ "id": id(n), "type": "READING", "action": action, "entityId": id(n), "createdAt": 5 });
    let rest = rest.as_object().unwrap().clone();
    item.as_object_mut().unwrap().extend(rest);
    examine(&serde_json::from_str(&item.to_string()).unwrap())
}

fn data(meter: &str, value: f64) -> Value {
    json!({ "property": "P-1", "unit": "U1", "meter": meter, "period": "2026-11", "value": value, "readAt": 4 })
}

fn create(n: u8, meter: &str, value: f64) -> Candidate {
    item(n, "CREATE", json!({ "data": data(meter, value) }))
}

/// Item `n` patches the entity that item `of` made.
fn update(n: u8, of: u8, base: u64, patch: Value) -> Candidate {
    item(n, "UPDATE", json!({ "entityId": id(of), "baseVersion": base, "patch": patch }))
}

fn delete(n: u8, of: u8, base: u64) -> Candidate {
    item(n, "DELETE", json!({ "entityId": id(of), "baseVersion": base }))
}

/// What a store would find for any later push, had it written the verdicts.
fn written(mut found: Found, verdict: &Verdict) -> Found {
    found.head = verdict.head;
    found.receipts.extend(verdict.receipts.clone());
    found.entities.extend(verdict.entities.clone());
    found.holders =
        found.entities.values().filter_map(|entity| Some((entity.key.clone()?, entity.clone()))).collect();
    found
}

/// Judges, and finds again what was written.
fn push(found: &mut Found, items: &[Candidate]) -> Verdict {
    let verdict = judge(items, found, NOW);
    *found = written(found.clone(), &verdict);
    verdict
}

fn statuses(verdict: &Verdict) -> Vec<PushStatus> {
    verdict.results.iter().map(|result| result.status).collect()
}

fn codes(verdict: &Verdict) -> Vec<Option<Code>> {
    verdict.results.iter().map(|result| result.code).collect()
}

fn other_side(result: &ItemResult) -> ServerItem {
    serde_json::from_value(result.server_item.clone().unwrap()).unwrap()
}

use PushStatus::{Applied, Conflict, Rejected, Replayed, Retry};

#[test]
fn new_readings_are_applied_in_order() {
    let verdict = judge(&[create(1, "a", 1.0), create(2, "b", 2.0)], &Found::default(), NOW);
    assert_eq!(statuses(&verdict), [Applied; 2]);
    assert_eq!(verdict.results[0].version, Some(1));
    assert_eq!((verdict.entities[&id(1)].number, verdict.entities[&id(2)].number), (1, 2));
    assert_eq!((verdict.head, verdict.entities[&id(1)].updated_at), (2, NOW));
    assert_eq!(verdict.audit.len(), 2);
}

/// I4.
#[test]
fn a_replay_gives_the_receipt_and_writes_nothing() {
    let mut found = Found::default();
    let items = [create(1, "a", 1.0), update(2, 1, 1, json!({ "value": 2 })), delete(3, 1, 2)];
    assert_eq!(statuses(&push(&mut found, &items)), [Applied; 3]);
    let again = judge(&items, &found, NOW);
    assert_eq!(statuses(&again), [Replayed; 3]);
    assert_eq!(
        again.results.iter().map(|result| result.version).collect::<Vec<_>>(),
        [Some(1), Some(2), Some(3)]
    );
    let latest: Vec<_> = again.results.iter().map(|result| result.latest).collect();
    assert_eq!(latest, [false, false, true], "what a device knows by it is not what has been changed since");
    assert!(again.entities.is_empty() && again.receipts.is_empty() && again.audit.is_empty());
    assert_eq!(again.head, found.head);
}

/// I3.
#[test]
fn the_same_id_with_other_content_is_refused() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", 1.0)]);
    let other = judge(&[create(1, "a", 9.0), update(2, 1, 1, json!({ "value": 2 }))], &found, NOW);
    assert_eq!(statuses(&other), [Rejected, Retry]);
    assert_eq!(codes(&other)[0], Some(Code::IdReused));
    assert!(other.entities.is_empty());
}

#[test]
fn an_item_is_known_by_its_entity_when_its_receipt_is_gone() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", 1.0)]);
    found.receipts.clear();
    let dependent = item(2, "CREATE", json!({ "data": data("b", 1.0), "dependsOn": id(1) }));
    let verdict = judge(&[create(1, "a", 1.0), dependent], &found, NOW);
    assert_eq!(statuses(&verdict), [Replayed, Applied]);
    let other = judge(&[create(1, "a", 9.0)], &found, NOW);
    assert_eq!((statuses(&other), codes(&other)), (vec![Conflict], vec![Some(Code::VersionConflict)]));
    assert_eq!(other_side(&other.results[0]).data.unwrap()["value"], 1.0);
}

#[test]
fn a_corrected_create_keeps_its_entity() {
    let mut found = Found::default();
    let corrected = |n| item(n, "CREATE", json!({ "entityId": id(1), "data": data("a", 1.0) }));
    assert_eq!(statuses(&push(&mut found, &[create(1, "a", -1.0)])), [Rejected]);
    assert_eq!(statuses(&push(&mut found, &[corrected(2)])), [Applied]);
    assert_eq!(found.entities[&id(1)].version, 1);
    let again = push(&mut found, &[corrected(2)]);
    assert_eq!((statuses(&again), again.results[0].latest), (vec![Replayed], true));
    // The very same by another item: nothing to do, but it has its receipt.
    let same = push(&mut found, &[corrected(3)]);
    assert_eq!((statuses(&same), same.results[0].version, same.head), (vec![Applied], Some(1), 1));
    assert!(same.entities.is_empty() && same.receipts.contains_key(&id(3)));
    let different = item(4, "CREATE", json!({ "entityId": id(1), "data": data("a", 5.0) }));
    assert_eq!(codes(&push(&mut found, &[different])), [Some(Code::VersionConflict)]);
    let stranger = item(
        5,
        "CREATE",
        json!({
            "entityId": id(1), "type": "MEDIA", "data": { "mime": "image/png", "bytes": "A" }
        }),
    );
    assert_eq!(codes(&push(&mut found, &[stranger])), [Some(Code::IdReused)]);
}

/// I5.
#[test]
fn a_conflict_shows_the_other_side_and_stops_nothing_else() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", 1.0)]);
    let verdict = judge(&[create(2, "a", 2.0), create(3, "b", 3.0)], &found, NOW);
    assert_eq!(statuses(&verdict), [Conflict, Applied]);
    assert_eq!(codes(&verdict)[0], Some(Code::DuplicateReading));
    let other = other_side(&verdict.results[0]);
    assert_eq!((other.entity_id, other.version, other.updated_at, other.deleted), (id(1), 1, NOW, false));
    assert_eq!(other.data.unwrap()["value"], 1.0);
    assert_eq!(verdict.entities.len(), 1);
}

#[test]
fn of_two_items_with_one_key_the_first_wins() {
    let mut found = Found::default();
    let items = [create(1, "a", 1.0), create(2, "a", 2.0)];
    let verdict = push(&mut found, &items);
    assert_eq!(statuses(&verdict), [Applied, Conflict]);
    assert_eq!(other_side(&verdict.results[1]).entity_id, id(1));
    assert_eq!(statuses(&push(&mut found, &items)), [Replayed, Conflict]);
}

/// I5.
#[test]
fn a_refused_item_stops_nothing_else() {
    let verdict = judge(&[create(1, "a", -1.0), create(2, "b", 2.0)], &Found::default(), NOW);
    assert_eq!(statuses(&verdict), [Rejected, Applied]);
    assert_eq!((verdict.results[0].code, verdict.head), (Some(Code::Invalid), 1));
    assert_eq!(verdict.results[0].fields[0].field, "value");
}

#[test]
fn a_refused_item_may_be_judged_again() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", -1.0)]);
    assert_eq!(statuses(&push(&mut found, &[create(1, "a", 1.0)])), [Applied]);
}

#[test]
fn a_patch_is_applied_to_the_version_it_was_made_against() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", 1.0)]);
    let verdict = push(&mut found, &[update(2, 1, 1, json!({ "value": 2.5, "note": "n", "readAt": 9 }))]);
    assert_eq!((verdict.results[0].status, verdict.results[0].version), (Applied, Some(2)));
    let held = found.entities[&id(1)].clone();
    assert_eq!((held.version, held.number), (2, 2));
    let record = held.record.unwrap().value();
    assert_eq!(
        (&record["value"], &record["note"], &record["unit"]),
        (&json!(2.5), &json!("n"), &json!("U1"))
    );

    let late = push(&mut found, &[update(3, 1, 1, json!({ "value": 7 })), update(4, 1, 3, json!({}))]);
    assert_eq!((statuses(&late), codes(&late)[0]), (vec![Conflict, Retry], Some(Code::VersionConflict)));
    assert_eq!(other_side(&late.results[0]).version, 2);
    assert_eq!(statuses(&push(&mut found, &[update(4, 1, 3, json!({}))])), [Conflict], "from the future");
}

#[test]
fn what_a_patch_makes_is_checked_as_a_whole() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", 1.0)]);
    let verdict = push(&mut found, &[update(2, 1, 1, json!({ "value": null, "period": "x" }))]);
    assert_eq!((statuses(&verdict), codes(&verdict)), (vec![Rejected], vec![Some(Code::Invalid)]));
    assert_eq!(verdict.results[0].fields[0].field, "value");
    assert_eq!(found.entities[&id(1)].version, 1);
}

#[test]
fn what_is_not_there_cannot_be_changed() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", 1.0)]);
    let stranger = item(5, "DELETE", json!({ "entityId": id(1), "baseVersion": 1, "type": "RESPONSE" }));
    for missing in [update(2, 9, 1, json!({})), delete(3, 9, 1), stranger] {
        let verdict = judge(&[missing], &found, NOW);
        assert_eq!((statuses(&verdict), codes(&verdict)), (vec![Rejected], vec![Some(Code::UnknownEntity)]));
    }
}

#[test]
fn a_delete_leaves_a_tombstone_and_frees_the_key() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", 1.0)]);
    assert_eq!(statuses(&push(&mut found, &[delete(2, 1, 2)])), [Conflict]);
    let verdict = push(&mut found, &[delete(3, 1, 1), create(4, "a", 2.0)]);
    assert_eq!((statuses(&verdict), verdict.results[0].version), (vec![Applied; 2], Some(2)));
    let gone = &found.entities[&id(1)];
    assert_eq!((gone.version, &gone.record, &gone.key), (2, &None, &None));
}

#[test]
fn deleting_what_is_gone_changes_nothing_and_troubles_nobody() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", 1.0), delete(2, 1, 1)]);
    for (n, base) in [(3, 2), (4, 1)] {
        let verdict = push(&mut found, &[delete(n, 1, base)]);
        assert_eq!((statuses(&verdict), verdict.results[0].version), (vec![Applied], Some(2)));
        assert!(verdict.entities.is_empty() && verdict.head == 2);
        assert_eq!(statuses(&push(&mut found, &[delete(n, 1, base)])), [Replayed]);
    }
    let future = push(&mut found, &[delete(5, 1, 3)]);
    assert!(other_side(&future.results[0]).deleted);
}

#[test]
fn a_tombstone_comes_back_by_an_update_alone() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", 1.0), delete(2, 1, 1)]);
    let late = push(&mut found, &[item(3, "CREATE", json!({ "entityId": id(1), "data": data("a", 1.0) }))]);
    assert_eq!(codes(&late), [Some(Code::VersionConflict)]);
    let other = other_side(&late.results[0]);
    assert!(other.deleted && other.data.is_none());
    assert_eq!(codes(&push(&mut found, &[update(4, 1, 2, json!({ "value": 2 }))])), [Some(Code::Invalid)]);
    let revived = push(&mut found, &[update(5, 1, 2, data("a", 3.0))]);
    assert_eq!((statuses(&revived), revived.results[0].version), (vec![Applied], Some(3)));
    assert_eq!(found.entities[&id(1)].record.as_ref().unwrap().value(), data("a", 3.0));
}

#[test]
fn a_key_is_taken_and_freed_by_updates_too() {
    let mut found = Found::default();
    push(&mut found, &[create(1, "a", 1.0), create(2, "b", 2.0)]);
    let clash = push(&mut found, &[update(3, 1, 1, json!({ "meter": "b" }))]);
    assert_eq!(codes(&clash), [Some(Code::DuplicateReading)]);
    assert_eq!(other_side(&clash.results[0]).entity_id, id(2));
    // Round about: a to c, b to a, and a newcomer takes b.
    let around = [
        update(4, 1, 1, json!({ "meter": "c" })),
        update(5, 2, 1, json!({ "meter": "a" })),
        create(6, "b", 3.0),
        create(7, "a", 4.0),
    ];
    let keys = keys_at_stake(&around, &found.receipts, &found.entities);
    assert_eq!(keys.len(), 3);
    assert_eq!(statuses(&push(&mut found, &around)), [Applied, Applied, Applied, Conflict]);
    assert_eq!(found.holders.len(), 3);
}

/// I5.
#[test]
fn items_of_one_entity_see_one_another_and_stop_at_the_first_that_fails() {
    let mut found = Found::default();
    let chain = [
        create(1, "a", 1.0),
        update(2, 1, 1, json!({ "value": 2 })),
        create(9, "b", 1.0),
        update(3, 1, 2, json!({ "value": -1 })),
        update(4, 1, 2, json!({ "value": 4 })),
        delete(5, 1, 2),
        update(8, 9, 1, json!({ "value": 8 })),
    ];
    let verdict = push(&mut found, &chain);
    assert_eq!(statuses(&verdict), [Applied, Applied, Applied, Rejected, Retry, Retry, Applied]);
    assert_eq!(codes(&verdict)[4..6], [Some(Code::DependencyMissing); 2]);
    assert_eq!(found.entities[&id(1)].record.as_ref().unwrap().value()["value"], 2);
    assert_eq!((found.entities[&id(1)].number, found.head), (2, 4));
    assert_eq!(verdict.audit.len(), 5, "what is to come again is not audited");
    assert_eq!(
        statuses(&push(&mut found, &[chain[4].clone()])),
        [Applied],
        "in a push of its own it is judged"
    );
}

#[test]
fn an_item_waits_for_what_it_depends_on() {
    let mut found = Found::default();
    let response = |n, on| {
        let data = json!({ "assessmentId": id(1), "kind": "WASH", "plan": "dig", "status": "PLANNED" });
        item(n, "CREATE", json!({ "type": "RESPONSE", "dependsOn": id(on), "data": data }))
    };
    let assessment =
        item(1, "CREATE", json!({ "type": "ASSESSMENT", "data": { "kind": "WASH", "site": "Well" } }));
    let early = push(&mut found, &[response(2, 1), response(3, 2), assessment.clone()]);
    assert_eq!(
        (statuses(&early), codes(&early)[0]),
        (vec![Retry, Retry, Applied], Some(Code::DependencyMissing))
    );
    assert_eq!(statuses(&push(&mut found, &[response(2, 1), response(3, 2)])), [Applied, Applied]);
    let refused = item(4, "CREATE", json!({ "type": "ASSESSMENT", "data": {} }));
    assert_eq!(statuses(&push(&mut found, &[refused, response(5, 4)])), [Rejected, Retry]);
}

fn media(n: u8, sha256: &str, size: u64) -> Candidate {
    let data = json!({ "mime": "image/png", "sha256": sha256.repeat(64), "size": size });
    item(n, "CREATE", json!({ "type": "MEDIA", "data": data }))
}

fn media_change(n: u8, action: &str, base: u64, patch: Value) -> Candidate {
    let rest = json!({ "type": "MEDIA", "entityId": id(1), "baseVersion": base, "patch": patch });
    item(n, action, rest)
}

/// I4: what was refused has left nothing, so it is taken once the file is there.
#[test]
fn a_record_names_a_file_that_its_person_has_uploaded() {
    let mut found = Found::default();
    let refused = push(&mut found, &[media(1, "a", 5), create(2, "a", 1.0)]);
    assert_eq!(statuses(&refused), [Rejected, Applied], "it stops nothing else");
    assert_eq!(codes(&refused)[0], Some(Code::FileMissing));
    assert!(!refused.receipts.contains_key(&id(1)) && refused.uses.is_empty());

    found.files.insert("a".repeat(64), 5);
    assert_eq!(codes(&push(&mut found, &[media(3, "a", 6)])), [Some(Code::FileMissing)], "of another size");
    assert_eq!(codes(&push(&mut found, &[media(3, "b", 5)])), [Some(Code::FileMissing)]);
    let taken = push(&mut found, &[media(1, "a", 5)]);
    assert_eq!(statuses(&taken), [Applied]);
    assert_eq!(taken.uses[&id(1)].as_ref().unwrap().sha256, "a".repeat(64));

    found.files.clear();
    assert_eq!(statuses(&push(&mut found, &[media(1, "a", 5)])), [Replayed], "whatever became of the file");
}

#[test]
fn a_changed_record_keeps_its_file_changes_it_or_gives_it_up() {
    let files = BTreeMap::from([("a".repeat(64), 5), ("b".repeat(64), 5)]);
    let mut found = Found { files, ..Found::default() };
    push(&mut found, &[media(1, "a", 5)]);
    let captioned = push(&mut found, &[media_change(2, "UPDATE", 1, json!({ "caption": "Well" }))]);
    assert_eq!(captioned.uses[&id(1)].as_ref().unwrap().sha256, "a".repeat(64));
    let other = |n, sha256: &str| media_change(n, "UPDATE", 2, json!({ "sha256": sha256.repeat(64) }));
    assert_eq!(codes(&push(&mut found, &[other(3, "c")])), [Some(Code::FileMissing)]);
    let changed = push(&mut found, &[other(4, "b")]);
    assert_eq!(changed.uses[&id(1)].as_ref().unwrap().sha256, "b".repeat(64));
    let gone = push(&mut found, &[media_change(5, "DELETE", 3, json!({}))]);
    assert_eq!((statuses(&gone), gone.uses[&id(1)].clone()), (vec![Applied], None));
    let inline = json!({ "type": "MEDIA", "data": { "mime": "image/png", "bytes": "AAAA" } });
    assert_eq!(push(&mut found, &[item(6, "CREATE", inline)]).uses[&id(6)], None);
}

#[test]
fn every_file_that_may_come_to_be_used_or_given_up_is_looked_for() {
    let mut found = Found::default();
    found.files.insert("a".repeat(64), 5);
    push(&mut found, &[media(1, "a", 5)]);
    let at_stake = |items: &[Candidate]| {
        let files = files_at_stake(items, &found.entities);
        files.iter().map(|file| file[..1].to_owned()).collect::<Vec<_>>().join("")
    };
    assert_eq!(at_stake(&[media(2, "b", 5), create(3, "a", 1.0)]), "b");
    assert_eq!(at_stake(&[media_change(4, "UPDATE", 1, json!({ "sha256": "c".repeat(64) }))]), "ac");
    assert_eq!(at_stake(&[media_change(4, "UPDATE", 1, json!({ "sha256": 7 }))]), "a");
    assert_eq!(at_stake(&[media_change(5, "DELETE", 1, json!({}))]), "a");
    assert_eq!(at_stake(&[create(3, "a", 1.0)]), "");
}
