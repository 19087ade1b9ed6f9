//! A push on SQLite: what bears on it is found in four statements and its verdict written in four, however many items
//! it has.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Value, json};
use sqlx::SqliteConnection;
use sqlx::sqlite::SqliteRow;

use crate::examine::Candidate;
use crate::judge::{Found, Needs, Verdict, files_at_stake, judge, keys_at_stake};
use crate::store::PushParams;
use crate::store::row::{self, stored};
use crate::store::task::THUMBNAIL;

/// One push, within a transaction.
pub async fn push(connection: &mut SqliteConnection, params: &PushParams) -> Result<Verdict, sqlx::Error> {
    let found = find(connection, &params.user_id, &params.candidates).await?;
    let verdict = judge(&params.candidates, &found, params.now);
    // What changed nothing writes nothing.
    if !verdict.audit.is_empty() {
        keep(connection, params, &found, &verdict).await?;
    }
    Ok(verdict)
}

async fn find(
    connection: &mut SqliteConnection,
    user: &str,
    candidates: &[Candidate],
) -> Result<Found, sqlx::Error> {
    let needs = Needs::of(candidates);
    let head = sqlx::query("SELECT change_number FROM head WHERE user_id = ?1")
        .bind(user)
        .try_map(|row: SqliteRow| row::number(&row, "change_number"))
        .fetch_optional(&mut *connection)
        .await?;

    let receipts = sqlx::query(
        "SELECT item_id, content_hash, version FROM receipt
         WHERE user_id = ?1 AND item_id IN (SELECT value FROM json_each(?2))",
    )
    .bind(user)
    .bind(text(&needs.items))
    .try_map(|row: SqliteRow| row::receipt(&row))
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .collect();

    let entities = sqlx::query(
        "SELECT * FROM entity WHERE user_id = ?1 AND entity_id IN (SELECT value FROM json_each(?2))",
    )
    .bind(user)
    .bind(text(&needs.entities))
    .try_map(|row: SqliteRow| row::entity(&row).map(|entity| (entity.id, entity)))
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .collect();

    let keys = keys_at_stake(candidates, &receipts, &entities);
    let holders = sqlx::query(
        "SELECT * FROM entity
         WHERE user_id = ?1 AND type = 'READING' AND natural_key IN (SELECT value FROM json_each(?2))",
    )
    .bind(user)
    .bind(text(&keys))
    .try_map(|row: SqliteRow| row::entity(&row))
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .filter_map(|entity| Some((entity.key.clone()?, entity)))
    .collect();

    let files = find_files(connection, user, &files_at_stake(candidates, &entities)).await?;
    Ok(Found { head: head.unwrap_or(0), receipts, entities, holders, files })
}

async fn find_files(
    connection: &mut SqliteConnection,
    user: &str,
    at_stake: &BTreeSet<String>,
) -> Result<BTreeMap<String, u64>, sqlx::Error> {
    if at_stake.is_empty() {
        return Ok(BTreeMap::new());
    }
    let files = sqlx::query(
        "SELECT sha256, size FROM blob
         WHERE sha256 IN (SELECT value FROM json_each(?2)) AND going = 0
             AND (EXISTS (SELECT 1 FROM upload
                          WHERE upload.sha256 = blob.sha256 AND upload.user_id = ?1 AND done_at IS NOT NULL)
                  OR EXISTS (SELECT 1 FROM blob_use
                             WHERE blob_use.sha256 = blob.sha256 AND blob_use.user_id = ?1))",
    )
    .bind(user)
    .bind(text(at_stake))
    .try_map(|row: SqliteRow| row::file(&row))
    .fetch_all(connection)
    .await?;
    Ok(files.into_iter().collect())
}

async fn keep(
    connection: &mut SqliteConnection,
    params: &PushParams,
    found: &Found,
    verdict: &Verdict,
) -> Result<(), sqlx::Error> {
    let now = stored(params.now.0);
    free_keys(connection, &params.user_id, found, verdict).await?;
    keep_uses(connection, params, verdict).await?;

    let entities: Vec<Value> = verdict
        .entities
        .values()
        .map(|entity| {
            json!({
                "id": entity.id, "type": entity.r#type, "version": entity.version, "number": entity.number,
                "key": entity.key, "data": entity.record.as_ref().map(|record| record.text()),
            })
        })
        .collect();
    sqlx::query(
        "INSERT INTO entity (user_id, entity_id, type, version, change_number, updated_at, natural_key, data)
         SELECT ?1, value ->> 'id', value ->> 'type', value ->> 'version', value ->> 'number', ?3, value ->> 'key',
                value ->> 'data'
         FROM json_each(?2) WHERE true
         ON CONFLICT (user_id, entity_id) DO UPDATE
         SET version = excluded.version, change_number = excluded.change_number, updated_at = excluded.updated_at,
             natural_key = excluded.natural_key, data = excluded.data",
    )
    .bind(&params.user_id)
    .bind(Value::from(entities).to_string())
    .bind(now)
    .execute(&mut *connection)
    .await?;

    let receipts: Vec<Value> = verdict
        .receipts
        .iter()
        .map(|(id, receipt)| json!([id, receipt.hash.to_string(), receipt.version]))
        .collect();
    sqlx::query(
        "INSERT INTO receipt (user_id, item_id, content_hash, version, received_at, device_id)
         SELECT ?1, value ->> 0, unhex(value ->> 1), value ->> 2, ?3, ?4 FROM json_each(?2)",
    )
    .bind(&params.user_id)
    .bind(Value::from(receipts).to_string())
    .bind(now)
    .bind(&params.device_id)
    .execute(&mut *connection)
    .await?;

    let first: i64 = sqlx::query_scalar(
        "INSERT INTO head (user_id, change_number, audit_number) VALUES (?1, ?2, ?3)
         ON CONFLICT (user_id) DO UPDATE
         SET change_number = excluded.change_number, audit_number = audit_number + excluded.audit_number
         RETURNING audit_number - ?3 + 1",
    )
    .bind(&params.user_id)
    .bind(stored(verdict.head))
    .bind(verdict.audit.len() as i64)
    .fetch_one(&mut *connection)
    .await?;

    let audit: Vec<Value> = verdict
        .audit
        .iter()
        .map(|row| json!([row.item, row.entity, row.r#type, row.action, row.outcome, row.code]))
        .collect();
    sqlx::query(
        "INSERT INTO audit (user_id, audit_number, at, device_id, item_id, entity_id, type, action, status, code)
         SELECT ?1, ?3 + key, ?4, ?5, value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5
         FROM json_each(?2)",
    )
    .bind(&params.user_id)
    .bind(Value::from(audit).to_string())
    .bind(first)
    .bind(now)
    .bind(&params.device_id)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// Which record uses which file, in the transaction of what makes it so. A file that is given up has its day from now on.
async fn keep_uses(
    connection: &mut SqliteConnection,
    params: &PushParams,
    verdict: &Verdict,
) -> Result<(), sqlx::Error> {
    if verdict.uses.is_empty() {
        return Ok(());
    }
    let changed = text(verdict.uses.keys());
    sqlx::query(
        "UPDATE blob SET seen_at = ?3 WHERE sha256 IN
             (SELECT sha256 FROM blob_use WHERE user_id = ?1 AND entity_id IN (SELECT value FROM json_each(?2)))",
    )
    .bind(&params.user_id)
    .bind(&changed)
    .bind(stored(params.now.0))
    .execute(&mut *connection)
    .await?;
    sqlx::query("DELETE FROM blob_use WHERE user_id = ?1 AND entity_id IN (SELECT value FROM json_each(?2))")
        .bind(&params.user_id)
        .bind(&changed)
        .execute(&mut *connection)
        .await?;
    let used = verdict.uses.iter().filter_map(|(id, file)| Some((id, file.as_ref()?)));
    let used: Vec<Value> = used.map(|(id, file)| json!([id, file.sha256, file.mime])).collect();
    sqlx::query(
        "INSERT INTO blob_use (user_id, entity_id, sha256, mime)
         SELECT ?1, value ->> 0, value ->> 1, value ->> 2 FROM json_each(?2)",
    )
    .bind(&params.user_id)
    .bind(Value::from(used).to_string())
    .execute(&mut *connection)
    .await?;
    let photos = verdict.new_photos();
    if !photos.is_empty() {
        sqlx::query(
            "INSERT INTO task (kind, subject, priority, due_at, attempts)
             SELECT ?1, sha256, 0, ?3, 0 FROM blob
             WHERE sha256 IN (SELECT value FROM json_each(?2)) AND thumbnail IS NULL
             ON CONFLICT DO NOTHING",
        )
        .bind(THUMBNAIL)
        .bind(text(&photos))
        .bind(stored(params.now.0))
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// Keys may go round among the entities of one push, but the index looks at each row on its own: whatever changes its
/// key gives up the old one first.
async fn free_keys(
    connection: &mut SqliteConnection,
    user: &str,
    found: &Found,
    verdict: &Verdict,
) -> Result<(), sqlx::Error> {
    let moved = verdict.gives_up_keys(found);
    if moved.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "UPDATE entity SET natural_key = NULL
         WHERE user_id = ?1 AND entity_id IN (SELECT value FROM json_each(?2))",
    )
    .bind(user)
    .bind(text(&moved))
    .execute(connection)
    .await?;
    Ok(())
}

/// A list, as `json_each` takes it.
fn text<'a, T: Serialize + 'a>(list: impl IntoIterator<Item = &'a T>) -> String {
    Value::from_iter(list.into_iter().map(|item| json!(item))).to_string()
}
