//! What is SQLite's own: the rest is in the suite that every store passes.

use fieldsync_protocol::{AuditEvent, ItemId, Millis, PushStatus};
use serde_json::json;
use tempfile::TempDir;

use super::*;
use crate::examine::examine;

const USER: &str = "a@fieldsync.example";

fn params(user: &str, n: u8, unit: &str) -> PushParams {
    let id = ItemId::new(Millis(1_000), [n; 10]);
    let item = json!({
        "id": id, "type": "READING", "action": "CREATE", "entityId": id, "createdAt": 5,
        "data": {
            "property": "P-1", "unit": unit, "period": "2026-11", "value": 12.5, "readAt": 4,
            "note": "a \"quoted\" \\ text\u{0} with é and 日",
        },
    });
    PushParams {
        user_id: user.into(),
        device_id: "d".into(),
        now: Millis(7),
        candidates: vec![examine(&serde_json::from_str(&item.to_string()).unwrap())],
    }
}

async fn store() -> (TempDir, SqliteStore) {
    let directory = TempDir::new().unwrap();
    let store = SqliteStore::open(&directory.path().join("test.db")).await.unwrap();
    (directory, store)
}

#[tokio::test]
async fn the_natural_key_is_unique_in_the_tables_too() {
    let (_directory, store) = store().await;
    store.push(params(USER, 1, "U1")).await.unwrap();
    let twin = "INSERT INTO entity SELECT user_id, 'twin', type, 1, 99, 7, natural_key, data FROM entity";
    let error = sqlx::query(twin).execute(&store.writer).await.unwrap_err();
    assert!(is_unique_violation(&error));
    assert!(matches!(error.into(), StoreError::Busy(_)));
}

#[tokio::test]
async fn lookups_go_by_index() {
    let (_directory, store) = store().await;
    let plan: Vec<(i64, i64, i64, String)> = sqlx::query_as(
        "EXPLAIN QUERY PLAN SELECT data FROM entity
         WHERE user_id = ?1 AND type = 'READING' AND natural_key IN (SELECT value FROM json_each(?2))",
    )
    .fetch_all(&store.readers)
    .await
    .unwrap();
    assert!(plan[0].3.contains("entity_natural_key"), "{plan:?}");
}

#[tokio::test]
async fn a_file_in_other_hands_is_busy_and_nothing_is_written() {
    let (directory, store) = store().await;
    let other = SqliteStore::open(&directory.path().join("test.db")).await.unwrap();
    let held = other.writer.begin_with("BEGIN IMMEDIATE").await.unwrap();
    let error = store.push(params(USER, 1, "U1")).await.unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)), "{error}");
    held.rollback().await.unwrap();
    assert!(store.export().await.unwrap().entities.is_empty());
    assert_eq!(store.push(params(USER, 1, "U1")).await.unwrap().results[0].status, PushStatus::Applied);
}

#[tokio::test]
async fn on_a_full_disk_nothing_is_written() {
    for spare in 0..4 {
        let (_directory, store) = store().await;
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.writer).await.unwrap();
        run(&store, format!("PRAGMA max_page_count = {}", pages + spare)).await;
        let error = store.push(large()).await.unwrap_err();
        assert!(matches!(error, StoreError::Full(_)), "{spare} pages: {error}");
        let held = store.export().await.unwrap();
        assert!(held.entities.is_empty() && held.receipts.is_empty(), "{spare} pages: nothing half-written");

        run(&store, format!("PRAGMA max_page_count = {}", pages + 1_000)).await;
        let sent = store.push(large()).await.unwrap();
        assert!(sent.results.iter().all(|result| result.status == PushStatus::Applied), "{spare} pages");
    }
}

/// As it does where the disk is full at the commit. sqlx's own rollback then fails.
#[tokio::test]
async fn where_sqlite_rolled_back_by_itself_the_next_push_is_applied() {
    let (_directory, store) = store().await;
    let trigger =
        "CREATE TRIGGER broken BEFORE INSERT ON audit BEGIN SELECT RAISE(ROLLBACK, 'on purpose'); END";
    run(&store, trigger.into()).await;
    store.push(params(USER, 1, "U1")).await.unwrap_err();
    assert!(store.export().await.unwrap().entities.is_empty());
    run(&store, "DROP TRIGGER broken".into()).await;
    assert_eq!(store.push(params(USER, 1, "U1")).await.unwrap().results[0].status, PushStatus::Applied);
}

/// Those that wait for the writer are written together; what one of them runs into is its own.
#[tokio::test]
async fn pushes_that_go_together_fail_each_by_itself() {
    let (_directory, store) = store().await;
    let trigger = "CREATE TRIGGER broken BEFORE INSERT ON entity WHEN new.natural_key LIKE '%U3%'
                   BEGIN SELECT RAISE(ABORT, 'on purpose'); END";
    run(&store, trigger.into()).await;
    let held = store.writer.acquire().await.unwrap();
    let pushes: Vec<_> = (0..40)
        .map(|n| {
            let store = store.clone();
            tokio::spawn(async move { store.push(params(USER, n, &format!("U{n}-"))).await })
        })
        .collect();
    // All of them wait.
    while store.turns.waiting() < pushes.len() {
        tokio::task::yield_now().await;
    }
    drop(held);
    let mut failed = Vec::new();
    for (n, push) in pushes.into_iter().enumerate() {
        match push.await.unwrap() {
            Ok(result) => assert_eq!(result.results[0].status, PushStatus::Applied, "{n}"),
            Err(_) => failed.push(n),
        }
    }
    assert_eq!(failed, [3, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
    let held = store.export().await.unwrap();
    assert_eq!((held.entities.len(), held.receipts.len()), (29, 29));
}

async fn run(store: &SqliteStore, sql: String) {
    sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&store.writer).await.unwrap();
}

/// A push of a hundred readings: more pages than a file has to spare.
fn large() -> PushParams {
    let all: Vec<PushParams> = (0..100).map(|n| params(USER, n, &format!("U{n}"))).collect();
    let candidates = all.iter().flat_map(|one| one.candidates.clone()).collect();
    PushParams { candidates, ..all[0].clone() }
}

/// A file of the first version of the tables, with one reading.
#[tokio::test]
async fn an_old_file_is_brought_up_to_date() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("test.db");
    let id = ItemId::new(Millis(1_000), [1; 10]);
    let old = pool(1).connect_with(SqliteConnectOptions::new().filename(&file).create_if_missing(true)).await;
    let old = old.unwrap();
    migrator(&MIGRATIONS[..1]).run(&old).await.unwrap();
    let rows = format!(
        r#"INSERT INTO head VALUES ('{USER}', 1, 1);
           INSERT INTO entity VALUES ('{USER}', '{id}', 'READING', 1, 1, 'k', '{{"value":1}}');
           INSERT INTO receipt VALUES ('{USER}', '{id}', zeroblob(32), 1, 77, 'd');
           INSERT INTO audit VALUES ('{USER}', 1, 77, 'd', '{id}', 'applied', NULL);"#
    );
    sqlx::raw_sql(sqlx::AssertSqlSafe(rows)).execute(&old).await.unwrap();
    old.close().await;

    let store = SqliteStore::open(&file).await.unwrap();
    let held = store.export().await.unwrap();
    let entity = &held.entities[0];
    assert_eq!((entity.version, entity.change, entity.updated_at), (1, 1, Millis(77)));
    assert_eq!(entity.data.as_ref().unwrap().get(), r#"{"value":1}"#);
    assert_eq!(held.receipts.len(), 1);
    let audit = store.audit(AuditParams { user_id: USER.into(), before: None, limit: 9 }).await.unwrap();
    assert_eq!(
        (audit.rows[0].item_id, audit.rows[0].entity_id, audit.rows[0].event),
        (Some(id), None, AuditEvent::Item)
    );
}
