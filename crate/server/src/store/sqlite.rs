//! The store on one SQLite file: a write-ahead log flushed at every commit, one connection that writes, a few that
//! read beside it.

mod push;

use std::path::Path;
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use sqlx::migrate::{Migration, MigrationType, Migrator};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
};
use sqlx::{Row, SqlSafeStr};

use self::push::push;
use super::{ExportResult, ExportedEntity, ExportedReceipt, PushParams, PushResult, Store, StoreError};

/// How long a statement waits for another process that holds the file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(2);
/// How long a push waits for its turn at the one writing connection.
const TURN_TIMEOUT: Duration = Duration::from_secs(5);
const READERS: u32 = 4;
/// How often a push is judged anew after a unique constraint contradicted what had just been found.
const JUDGED_AT_MOST: usize = 3;

/// Forward only: a file once in use is never changed, a new one is added.
const MIGRATIONS: [(i64, &str, &str); 1] =
    [(1, "entities and receipts", include_str!("../../migrations/sqlite/0001_entities_and_receipts.sql"))];

/// A [`Store`] on one SQLite file.
#[derive(Clone, Debug)]
pub struct SqliteStore {
    writer: SqlitePool,
    readers: SqlitePool,
}

impl SqliteStore {
    /// Opens the file, creates it where it is missing, and brings its tables up to date.
    pub async fn open(file: &Path) -> Result<SqliteStore, StoreError> {
        let options = SqliteConnectOptions::new()
            .filename(file)
            .create_if_missing(true)
            .journal_mode(SqliteJournalMode::Wal)
            // What was acknowledged survives a power cut, not only a crash.
            .synchronous(SqliteSynchronous::Full)
            .busy_timeout(BUSY_TIMEOUT);
        let writer = pool(1).connect_with(options).await?;
        let migrations = MIGRATIONS.map(|(version, name, sql)| {
            Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
        });
        Migrator::with_migrations(migrations.into())
            .run(&writer)
            .await
            .map_err(|error| StoreError::Failed(error.into()))?;
        Ok(SqliteStore { writer, readers: readers(file) })
    }

    /// Opens a file only to read it; a push to it fails. A server may be running on it.
    pub fn open_to_read(file: &Path) -> SqliteStore {
        let readers = readers(file);
        SqliteStore { writer: readers.clone(), readers }
    }
}

fn pool(connections: u32) -> SqlitePoolOptions {
    SqlitePoolOptions::new()
        .max_connections(connections)
        .acquire_timeout(TURN_TIMEOUT)
        // A connection to a file does not go stale.
        .test_before_acquire(false)
        .idle_timeout(None)
        .max_lifetime(None)
}

fn readers(file: &Path) -> SqlitePool {
    let options = SqliteConnectOptions::new().filename(file).read_only(true).busy_timeout(BUSY_TIMEOUT);
    pool(READERS).connect_lazy_with(options)
}

#[async_trait]
impl Store for SqliteStore {
    async fn push(&self, params: PushParams) -> Result<PushResult, StoreError> {
        let writer = self.writer.clone();
        // In a task of its own, so that a client that goes away cannot stop it half-way (I4).
        let push = tokio::spawn(async move {
            for _ in 1..JUDGED_AT_MOST {
                match push(&writer, &params).await {
                    Err(error) if is_unique_violation(&error) => {}
                    outcome => return outcome,
                }
            }
            push(&writer, &params).await
        });
        Ok(push.await.map_err(|error| StoreError::Failed(error.into()))??)
    }

    async fn export(&self) -> Result<ExportResult, StoreError> {
        let mut transaction = self.readers.begin().await?;
        let entities = sqlx::query(
            "SELECT user_id, entity_id, lower(type) AS kind, version, data FROM entity ORDER BY user_id, entity_id",
        )
        .try_map(|row: SqliteRow| {
            Ok(ExportedEntity {
                kind: row.try_get("kind")?,
                user: row.try_get("user_id")?,
                entity_id: row.try_get("entity_id")?,
                version: row.try_get("version")?,
                data: json_of(&row, "data")?,
            })
        })
        .fetch_all(&mut *transaction)
        .await?;
        let receipts = sqlx::query(
            "SELECT user_id, item_id, received_at, device_id FROM receipt ORDER BY user_id, item_id",
        )
        .try_map(|row: SqliteRow| {
            Ok(ExportedReceipt {
                kind: "receipt",
                user: row.try_get("user_id")?,
                item_id: row.try_get("item_id")?,
                status: "applied",
                at: row.try_get("received_at")?,
                device: row.try_get("device_id")?,
            })
        })
        .fetch_all(&mut *transaction)
        .await?;
        Ok(ExportResult { entities, receipts })
    }

    async fn close(&self) {
        self.readers.close().await;
        // Last, so that the file is left in one piece, with no log beside it.
        self.writer.close().await;
    }
}

fn json_of(row: &SqliteRow, column: &str) -> Result<Value, sqlx::Error> {
    serde_json::from_str(row.try_get(column)?).map_err(|error| unreadable(column, error))
}

fn unreadable(column: &str, source: impl Into<sqlx::error::BoxDynError>) -> sqlx::Error {
    sqlx::Error::ColumnDecode { index: column.to_owned(), source: source.into() }
}

fn is_unique_violation(error: &sqlx::Error) -> bool {
    error.as_database_error().is_some_and(|error| error.is_unique_violation())
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> StoreError {
        let worth_trying_again = match &error {
            sqlx::Error::PoolTimedOut | sqlx::Error::PoolClosed => true,
            // The primary result code is the low byte: SQLITE_BUSY, SQLITE_LOCKED, SQLITE_FULL.
            sqlx::Error::Database(error) => error
                .code()
                .and_then(|code| code.parse::<u32>().ok())
                .is_some_and(|code| matches!(code & 0xff, 5 | 6 | 13)),
            _ => false,
        };
        if worth_trying_again || is_unique_violation(&error) {
            StoreError::Busy(error.into())
        } else {
            StoreError::Failed(error.into())
        }
    }
}

#[cfg(test)]
mod tests {
    use fieldsync_protocol::{ItemId, Millis, PushStatus};
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
    async fn what_is_written_is_found_again_unchanged() {
        let (_directory, store) = store().await;
        let sent = params(USER, 1, "U1");
        let first = store.push(sent.clone()).await.unwrap();
        assert_eq!((first.results[0].status, first.head), (PushStatus::Applied, 1));
        let again = store.push(sent.clone()).await.unwrap();
        assert_eq!((again.results[0].status, again.head), (PushStatus::Replayed, 1));
        let held = store.export().await.unwrap();
        assert_eq!(held.entities.len(), 1);
        assert_eq!(held.entities[0].data, sent.candidates[0].content.as_ref().unwrap().data);
        assert_eq!((held.entities[0].kind.as_str(), held.entities[0].version), ("reading", 1));
        assert_eq!((held.receipts.len(), held.receipts[0].at), (1, 7));
    }

    #[tokio::test]
    async fn users_do_not_meet() {
        let (_directory, store) = store().await;
        for user in [USER, "b@fieldsync.example"] {
            let result = store.push(params(user, 1, "U1")).await.unwrap();
            assert_eq!((result.results[0].status, result.head), (PushStatus::Applied, 1), "{user}");
        }
        assert_eq!(store.export().await.unwrap().entities.len(), 2);
    }

    #[tokio::test]
    async fn refusals_are_audited_and_replays_are_not() {
        let (_directory, store) = store().await;
        for (n, expected) in [(1, PushStatus::Applied), (2, PushStatus::Conflict), (1, PushStatus::Replayed)]
        {
            assert_eq!(store.push(params(USER, n, "U1")).await.unwrap().results[0].status, expected);
        }
        let audit: Vec<(i64, String, Option<String>)> =
            sqlx::query_as("SELECT audit_number, status, code FROM audit ORDER BY user_id, audit_number")
                .fetch_all(&store.readers)
                .await
                .unwrap();
        let code = Some("duplicate_reading".to_owned());
        assert_eq!(audit, [(1, "applied".into(), None), (2, "conflict".into(), code)]);
    }

    #[tokio::test]
    async fn the_natural_key_is_unique_in_the_tables_too() {
        let (_directory, store) = store().await;
        store.push(params(USER, 1, "U1")).await.unwrap();
        let twin = "INSERT INTO entity SELECT user_id, 'twin', type, 1, 99, natural_key, data FROM entity";
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
    async fn a_full_disk_is_busy_and_nothing_is_written() {
        for spare in 0..4 {
            let (_directory, store) = store().await;
            let pages: i64 = sqlx::query_scalar("PRAGMA page_count").fetch_one(&store.writer).await.unwrap();
            run(&store, format!("PRAGMA max_page_count = {}", pages + spare)).await;
            let error = store.push(large()).await.unwrap_err();
            assert!(matches!(error, StoreError::Busy(_)), "{spare} pages: {error}");
            let held = store.export().await.unwrap();
            assert!(
                held.entities.is_empty() && held.receipts.is_empty(),
                "{spare} pages: nothing half-written"
            );

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

    async fn run(store: &SqliteStore, sql: String) {
        sqlx::query(sqlx::AssertSqlSafe(sql)).execute(&store.writer).await.unwrap();
    }

    /// A push of a hundred readings: more pages than a file has to spare.
    fn large() -> PushParams {
        let all: Vec<PushParams> = (0..100).map(|n| params(USER, n, &format!("U{n}"))).collect();
        let candidates = all.iter().flat_map(|one| one.candidates.clone()).collect();
        PushParams { candidates, ..all[0].clone() }
    }
}
