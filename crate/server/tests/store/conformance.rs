//! What every store does. Each test is stamped on each of them.

use fieldsync_protocol::PushStatus::{self, Applied, Conflict, Rejected, Replayed, Retry};
use fieldsync_protocol::{Code, Millis, Outcome};
use fieldsync_server::store::{AuditParams, PAGE_BYTES, PruneParams, PruneResult};
use serde_json::json;

use super::{Fixture, NOW, USER, create, data, delete, id, item, params, statuses, update};

on_every_store! {
    what_is_written_is_found_again_unchanged
    users_do_not_meet
    every_item_is_applied_in_order
    keys_go_round_within_one_push
    a_key_is_one_entitys_alone
    refusals_are_audited_and_replays_are_not
    changes_come_in_order_from_a_cursor_on
    a_snapshot_has_no_tombstones_and_misses_nothing
    a_page_is_cut_by_bytes_too
    cursors_of_others_are_expired
    old_receipts_and_tombstones_go_and_old_cursors_with_them
    a_snapshot_outlives_the_tombstones_before_it
    pushes_of_one_user_at_once_are_judged_one_after_another
    an_empty_push_leaves_nothing
}

async fn what_is_written_is_found_again_unchanged(it: Fixture) {
    let record = json!({
        "property": "P-1", "unit": "U1", "period": "2026-11", "value": 12.5, "readAt": 4,
        "note": "a \"quoted\" \\ text\u{0} with é, 日 and {braces}, NULL",
    });
    let made = item(1, "CREATE", json!({ "data": record }));
    let first = it.push(std::slice::from_ref(&made)).await;
    assert_eq!((first[0].status, first[0].version), (Applied, Some(1)));
    let held = it.held().await;
    let entity = json!({
        "kind": "reading", "user": USER, "entityId": id(1), "version": 1, "change": 1, "updatedAt": NOW, "data": record,
    });
    let receipt = json!({
        "kind": "receipt", "user": USER, "itemId": id(1), "status": "applied", "version": 1, "at": NOW,
        "device": "tablet",
    });
    assert_eq!(held, json!({ "entities": [entity], "receipts": [receipt] }));
    assert_eq!(statuses(&it.push(&[made]).await), [Replayed]);
    assert_eq!(it.held().await, held);
}

async fn users_do_not_meet(it: Fixture) {
    for user in [USER, "b@fieldsync.example", "' OR 1=1 --"] {
        let result = it.store.push(params(user, NOW, &[create(1, "a")])).await.unwrap();
        assert_eq!((result.results[0].status, result.head), (Applied, 1), "{user}");
        assert_eq!(it.page_of(user, None, 9).await.unwrap().versions(), [(1, 1)]);
    }
    assert_eq!(it.held().await["entities"].as_array().unwrap().len(), 3);
}

async fn every_item_is_applied_in_order(it: Fixture) {
    let assessment =
        item(5, "CREATE", json!({ "type": "ASSESSMENT", "data": { "kind": "WASH", "site": "Well 3" } }));
    let plan = json!({ "assessmentId": id(5), "kind": "WASH", "plan": "dig", "status": "PLANNED" });
    let response = item(6, "CREATE", json!({ "type": "RESPONSE", "dependsOn": id(5), "data": plan }));
    let photo = json!({ "mime": "image/png", "bytes": "iVBORw0KGgo=", "of": id(5) });
    let items = [
        create(1, "a"),
        update(2, 1, 1, json!({ "value": 2, "note": "n" })),
        update(3, 1, 2, json!({ "note": null })),
        assessment,
        response,
        item(7, "CREATE", json!({ "type": "MEDIA", "data": photo })),
        update(8, 5, 1, json!({ "site": "Well" })),
        delete(9, 1, 3),
    ];
    let results = it.push(&items).await;
    assert_eq!(statuses(&results)[..6], [Applied; 6]);
    assert_eq!(
        (results[6].status, results[6].code),
        (Rejected, Some(Code::UnknownEntity)),
        "of another type"
    );
    assert_eq!((results[7].status, results[7].version), (Applied, Some(4)));
    let again = it.push(&items).await;
    assert_eq!(again[2].version, Some(3), "the receipt of then");
    assert_eq!(statuses(&again)[7], Replayed);
    let page = it.page(None, 9).await.unwrap();
    assert_eq!(page.versions(), [(5, 1), (6, 1), (7, 1)]);
    let late = it.push(&[update(10, 1, 3, data("a", 1.0)), update(11, 1, 4, data("a", 1.0))]).await;
    assert_eq!(statuses(&late), [Conflict, Retry]);
    let theirs = json!({ "entityId": id(1), "version": 4, "updatedAt": NOW, "deleted": true });
    assert_eq!(late[0].server_item.as_ref(), Some(&theirs));
    assert_eq!(statuses(&it.push(&[update(11, 1, 4, data("a", 1.0))]).await), [Applied]);
}

async fn keys_go_round_within_one_push(it: Fixture) {
    it.push(&[create(1, "a"), create(2, "b")]).await;
    let around = [
        update(3, 1, 1, json!({ "meter": "c" })),
        update(4, 2, 1, json!({ "meter": "a" })),
        update(5, 1, 2, json!({ "meter": "b" })),
    ];
    assert_eq!(statuses(&it.push(&around).await), [Applied; 3]);
    let results = it.push(&[create(6, "a"), create(7, "b"), create(8, "c")]).await;
    assert_eq!(statuses(&results), [Conflict, Conflict, Applied]);
    assert_eq!(results[0].server_item.as_ref().unwrap()["entityId"], json!(id(2)));
    assert_eq!(results[1].server_item.as_ref().unwrap()["entityId"], json!(id(1)));
}

async fn a_key_is_one_entitys_alone(it: Fixture) {
    it.push(&[create(1, "a"), create(2, "b")]).await;
    let clash = it.push(&[update(3, 2, 1, json!({ "meter": "a" }))]).await;
    assert_eq!((clash[0].status, clash[0].code), (Conflict, Some(Code::DuplicateReading)));
    assert_eq!(statuses(&it.push(&[delete(4, 1, 1)]).await), [Applied]);
    assert_eq!(statuses(&it.push(&[update(3, 2, 1, json!({ "meter": "a" }))]).await), [Applied]);
    let revived = it.push(&[update(5, 1, 2, data("a", 1.0))]).await;
    assert_eq!(revived[0].code, Some(Code::DuplicateReading));
    assert_eq!(statuses(&it.push(&[update(6, 1, 2, data("b", 1.0))]).await), [Applied]);
}

async fn refusals_are_audited_and_replays_are_not(it: Fixture) {
    for items in [[create(1, "a")], [create(2, "a")], [create(1, "a")], [update(3, 1, 1, json!({}))]] {
        it.push(&items).await;
    }
    let page = |before, limit| {
        let params = AuditParams { user_id: USER.into(), before, limit };
        let store = it.store.clone();
        async move { store.audit(params).await.unwrap() }
    };
    let newest = page(None, 2).await;
    let seen: Vec<_> =
        newest.rows.iter().map(|row| (row.number, row.item_id, row.outcome, row.code)).collect();
    let code = Some(Code::DuplicateReading);
    assert_eq!(seen, [(3, Some(id(3)), Outcome::Applied, None), (2, Some(id(2)), Outcome::Conflict, code)]);
    assert!(newest.has_more);
    assert_eq!((newest.rows[0].entity_id, newest.rows[0].at), (Some(id(1)), NOW));
    let rest = page(Some(2), 2).await;
    assert_eq!((rest.rows.len(), rest.rows[0].number, rest.has_more), (1, 1, false));
    assert_eq!(rest.rows[0].device_id.as_deref(), Some("tablet"));
}

async fn changes_come_in_order_from_a_cursor_on(it: Fixture) {
    let nothing = it.page(None, 9).await.unwrap();
    assert!(nothing.changes.is_empty() && !nothing.has_more);
    it.push(&[create(1, "a"), create(2, "b"), create(3, "c")]).await;
    let pushed = it.store.push(params(USER, NOW, &[update(4, 1, 1, json!({ "value": 7 }))])).await.unwrap();
    let first = it.page(Some(&nothing.cursor), 2).await.unwrap();
    assert_eq!((first.versions(), first.has_more), (vec![(2, 1), (3, 1)], true));
    let second = it.page(Some(&first.cursor), 2).await.unwrap();
    assert_eq!((second.versions(), second.has_more), (vec![(1, 2)], false));
    assert_eq!(second.cursor, pushed.cursor.to_string());
    assert_eq!(
        second.changes[0],
        json!({
            "type": "READING", "entityId": id(1), "version": 2, "updatedAt": NOW, "data": data("a", 7.0),
        })
        .as_object()
        .map(|change| {
            let mut change = change.clone();
            change["data"]["value"] = json!(7);
            json!(change)
        })
        .unwrap()
    );
    it.push(&[delete(5, 2, 1)]).await;
    let third = it.page(Some(&second.cursor), 2).await.unwrap();
    assert_eq!(third.versions(), [(2, -2)]);
    let gone =
        json!({ "type": "READING", "entityId": id(2), "version": 2, "updatedAt": NOW, "deleted": true });
    assert_eq!(third.changes, [gone]);
    assert!(it.page(Some(&third.cursor), 2).await.unwrap().changes.is_empty());
}

async fn a_snapshot_has_no_tombstones_and_misses_nothing(it: Fixture) {
    let meters = ["a", "b", "c", "d"];
    let made: Vec<_> = meters.iter().zip(1..).map(|(meter, n)| create(n, meter)).collect();
    it.push(&made).await;
    it.push(&[delete(10, 4, 1)]).await;
    let first = it.page(None, 2).await.unwrap();
    assert_eq!((first.versions(), first.has_more), (vec![(1, 1), (2, 1)], true));
    // Meanwhile: one that was told goes, one that was not told goes, one comes.
    it.push(&[delete(11, 1, 1), delete(12, 3, 1), create(5, "e")]).await;
    let second = it.page(Some(&first.cursor), 9).await.unwrap();
    assert_eq!(second.versions(), [(1, -2), (3, -2), (5, 1)], "no word of what was gone before");
    assert!(!second.has_more);
    assert_eq!(it.page(None, 9).await.unwrap().versions(), [(2, 1), (5, 1)]);
}

async fn a_page_is_cut_by_bytes_too(it: Fixture) {
    let note = "x".repeat(usize::try_from(PAGE_BYTES / 3).unwrap());
    let answers = |n| {
        item(
            n,
            "CREATE",
            json!({
                "type": "ASSESSMENT", "data": { "kind": "WASH", "site": "Well", "answers": { "a": note } }
            }),
        )
    };
    it.push(&[answers(1), answers(2), answers(3), answers(4), create(5, "e")]).await;
    let first = it.page(None, 500).await.unwrap();
    assert_eq!((first.versions(), first.has_more), (vec![(1, 1), (2, 1), (3, 1)], true));
    let second = it.page(Some(&first.cursor), 500).await.unwrap();
    assert_eq!((second.versions(), second.has_more), (vec![(4, 1), (5, 1)], false));
}

async fn cursors_of_others_are_expired(it: Fixture) {
    let here = it.store.push(params(USER, NOW, &[create(1, "a")])).await.unwrap().cursor;
    assert!(it.page(Some(&here.to_string()), 9).await.is_some());
    let mut ahead = here.clone();
    ahead.advance(2);
    for cursor in ["", "1", "v1.elsewhere.1", "nonsense", "v1", &ahead.to_string()] {
        assert!(it.page(Some(cursor), 9).await.is_none(), "{cursor}");
    }
}

const DAY: u64 = 24 * 60 * 60 * 1_000;

fn day(n: u64) -> Millis {
    Millis(NOW.0 + n * DAY)
}

async fn prune(it: &Fixture, now: Millis) -> PruneResult {
    // Fewer days than may be.
    it.store.prune(PruneParams { now, keep_days: 1 }).await.unwrap()
}

async fn old_receipts_and_tombstones_go_and_old_cursors_with_them(it: Fixture) {
    it.push(&[create(1, "a"), create(2, "b"), create(3, "c")]).await;
    let before = it.page(None, 9).await.unwrap().cursor;
    it.push(&[delete(4, 1, 1)]).await;
    let after = it.page(Some(&before), 9).await.unwrap().cursor;
    it.push_at(USER, day(80), &[delete(5, 2, 1), create(6, "f")]).await;

    assert_eq!(prune(&it, day(90)).await, PruneResult::default(), "to the day");
    assert!(it.page(Some(&before), 9).await.is_some());
    let pruned = PruneResult { receipts: 4, tombstones: 1, logins: 0 };
    assert_eq!(prune(&it, day(91)).await, pruned);
    assert_eq!(prune(&it, day(91)).await, PruneResult::default());

    assert!(it.page(Some(&before), 9).await.is_none());
    assert_eq!(it.page(Some(&after), 9).await.unwrap().versions(), [(2, -2), (6, 1)]);
    assert_eq!(it.page(None, 9).await.unwrap().versions(), [(3, 1), (6, 1)]);
    // What comes again after all that time.
    let late = it.push(&[create(3, "c"), create(1, "a"), delete(5, 2, 1), delete(4, 1, 1)]).await;
    assert_eq!(statuses(&late), [Replayed, Applied, Replayed, Applied]);
}

async fn a_snapshot_outlives_the_tombstones_before_it(it: Fixture) {
    it.push(&[create(1, "a"), create(2, "b"), create(3, "c"), delete(4, 3, 1)]).await;
    it.push_at(USER, day(99), &[create(5, "e")]).await;
    let first = it.page(None, 1).await.unwrap();
    assert_eq!(first.versions(), [(1, 1)]);
    assert_eq!(prune(&it, day(100)).await.tombstones, 1);
    let second = it.page(Some(&first.cursor), 9).await.unwrap();
    assert_eq!(second.versions(), [(2, 1), (5, 1)]);
}

/// I4: whoever sends it, and however often at once.
async fn pushes_of_one_user_at_once_are_judged_one_after_another(it: Fixture) {
    let tasks: Vec<_> = (0..12_u8)
        .map(|n| {
            let store = it.store.clone();
            // The same item, one of its own, and one meter that all of them have read.
            let items =
                [create(1, "shared"), create(100 + n, &format!("own-{n}")), create(200 + n, "contested")];
            tokio::spawn(async move { store.push(params(USER, NOW, &items)).await.unwrap().results })
        })
        .collect();
    let mut counts = [0; 3];
    let count = |status: PushStatus, wanted| usize::from(status == wanted);
    for task in tasks {
        let results = task.await.unwrap();
        counts[0] += count(results[0].status, Applied);
        counts[1] += count(results[1].status, Applied);
        counts[2] += count(results[2].status, Applied);
    }
    assert_eq!(counts, [1, 12, 1]);
    let page = it.page(None, 500).await.unwrap();
    assert_eq!(page.changes.len(), 14);
    assert!(page.cursor.ends_with(".14"), "{}", page.cursor);
}

async fn an_empty_push_leaves_nothing(it: Fixture) {
    let result = it.store.push(params(USER, NOW, &[])).await.unwrap();
    assert_eq!((result.results.len(), result.head), (0, 0));
    assert_eq!(it.held().await, json!({ "entities": [], "receipts": [] }));
}
