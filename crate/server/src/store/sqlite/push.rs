//! A push on SQLite: what bears on it is found in four statements and its verdict written in four, however many items
//! it has.

use std::collections::BTreeMap;

use fieldsync_protocol::{ItemId, ItemResult, NaturalKey, PushStatus};
use serde_json::{Value, json};
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Connection, Row, SqliteConnection};

use super::{json_of, unreadable};
use crate::examine::{Candidate, ContentHash};
use crate::judge::{Entity, Found, Receipt, Verdict, judge};
use crate::store::{PushParams, PushResult};

/// One push, in one transaction: an error anywhere rolls all of it back.
pub async fn push(writer: &SqlitePool, params: &PushParams) -> Result<PushResult, sqlx::Error> {
    // Immediate: what is found below stays true until the commit.
    let mut connection = writer.acquire().await?;
    let outcome = attempt(&mut connection, params).await;
    if outcome.is_err() {
        // On a full disk SQLite rolls back by itself, and sqlx would hold the transaction for open ever after.
        connection.close_on_drop();
    }
    outcome
}

async fn attempt(connection: &mut SqliteConnection, params: &PushParams) -> Result<PushResult, sqlx::Error> {
    let mut transaction = connection.begin_with("BEGIN IMMEDIATE").await?;
    let found = find(&mut transaction, &params.user_id, &params.candidates).await?;
    let verdict = judge(params.candidates.clone(), &found);
    write(&mut transaction, params, &verdict).await?;
    transaction.commit().await?;
    Ok(PushResult { results: verdict.results, head: verdict.head })
}

async fn find(
    connection: &mut SqliteConnection,
    user: &str,
    candidates: &[Candidate],
) -> Result<Found, sqlx::Error> {
    let head = sqlx::query("SELECT change_number FROM head WHERE user_id = ?1")
        .bind(user)
        .try_map(|row: SqliteRow| number_of(&row, "change_number"))
        .fetch_optional(&mut *connection)
        .await?;
    let ids = json!(candidates.iter().map(|candidate| candidate.id).collect::<Vec<_>>()).to_string();
    let new = || candidates.iter().filter_map(|candidate| candidate.content.as_ref().ok());
    let keys: BTreeMap<String, &NaturalKey> = new().map(|new| (new.key.to_string(), &new.key)).collect();

    let receipts = sqlx::query(
        "SELECT item_id, content_hash, version FROM receipt
         WHERE user_id = ?1 AND item_id IN (SELECT value FROM json_each(?2))",
    )
    .bind(user)
    .bind(&ids)
    .try_map(|row: SqliteRow| {
        let hash: Vec<u8> = row.try_get("content_hash")?;
        let hash = hash.try_into().map_err(|_| unreadable("content_hash", "not 32 bytes"))?;
        Ok((
            id_of(&row, "item_id")?,
            Receipt { hash: ContentHash(hash), version: number_of(&row, "version")? },
        ))
    })
    .fetch_all(&mut *connection)
    .await?;

    let entities = sqlx::query(
        "SELECT entity_id, version, data FROM entity
         WHERE user_id = ?1 AND entity_id IN (SELECT value FROM json_each(?2))",
    )
    .bind(user)
    .bind(&ids)
    .try_map(|row: SqliteRow| entity_of(&row).map(|entity| (entity.id, entity)))
    .fetch_all(&mut *connection)
    .await?;

    let holders = sqlx::query(
        "SELECT entity_id, version, data, natural_key FROM entity
         WHERE user_id = ?1 AND type = 'READING' AND natural_key IN (SELECT value FROM json_each(?2))",
    )
    .bind(user)
    .bind(json!(keys.keys().collect::<Vec<_>>()).to_string())
    .try_map(|row: SqliteRow| Ok((row.try_get::<String, _>("natural_key")?, entity_of(&row)?)))
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .filter_map(|(key, entity)| keys.get(&key).map(|&key| (key.clone(), entity)));

    Ok(Found {
        head: head.unwrap_or(0),
        receipts: receipts.into_iter().collect(),
        entities: entities.into_iter().collect(),
        holders: holders.collect(),
    })
}

/// Writes a verdict. What changed nothing writes nothing.
async fn write(
    connection: &mut SqliteConnection,
    params: &PushParams,
    verdict: &Verdict,
) -> Result<(), sqlx::Error> {
    let audited: Vec<_> = verdict.results.iter().filter(|result| is_audited(result)).collect();
    if audited.is_empty() {
        return Ok(());
    }
    // A time beyond the range of a column cannot come from a clock.
    let now = i64::try_from(params.now.0).unwrap_or(i64::MAX);
    let writes: Vec<Value> = verdict
        .writes
        .iter()
        .map(|write| {
            json!({
                "item": write.item, "hash": write.hash.to_string(), "number": write.number, "type": write.r#type,
                "key": write.key, "entity": write.entity.id, "version": write.entity.version,
                "data": write.entity.data.to_string(),
            })
        })
        .collect();
    let writes = Value::from(writes).to_string();

    sqlx::query(
        "INSERT INTO entity (user_id, entity_id, type, version, change_number, natural_key, data)
         SELECT ?1, value ->> 'entity', value ->> 'type', value ->> 'version', value ->> 'number', value ->> 'key',
                value ->> 'data'
         FROM json_each(?2)",
    )
    .bind(&params.user_id)
    .bind(&writes)
    .execute(&mut *connection)
    .await?;

    sqlx::query(
        "INSERT INTO receipt (user_id, item_id, content_hash, version, received_at, device_id)
         SELECT ?1, value ->> 'item', unhex(value ->> 'hash'), value ->> 'version', ?3, ?4 FROM json_each(?2)",
    )
    .bind(&params.user_id)
    .bind(&writes)
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
    .bind(i64::try_from(verdict.head).map_err(|error| sqlx::Error::Encode(error.into()))?)
    .bind(audited.len() as i64)
    .fetch_one(&mut *connection)
    .await?;

    let audited: Vec<Value> = audited
        .into_iter()
        .map(|result| json!({ "item": result.id, "status": result.status, "code": result.code }))
        .collect();
    sqlx::query(
        "INSERT INTO audit (user_id, audit_number, at, device_id, item_id, status, code)
         SELECT ?1, ?3 + key, ?4, ?5, value ->> 'item', value ->> 'status', value ->> 'code' FROM json_each(?2)",
    )
    .bind(&params.user_id)
    .bind(Value::from(audited).to_string())
    .bind(first)
    .bind(now)
    .bind(&params.device_id)
    .execute(&mut *connection)
    .await?;
    Ok(())
}

/// A replay changes nothing, so it leaves nothing, in the audit either (I4).
fn is_audited(result: &ItemResult) -> bool {
    result.status != PushStatus::Replayed
}

fn entity_of(row: &SqliteRow) -> Result<Entity, sqlx::Error> {
    Ok(Entity {
        id: id_of(row, "entity_id")?,
        version: number_of(row, "version")?,
        data: json_of(row, "data")?,
    })
}

fn id_of(row: &SqliteRow, column: &str) -> Result<ItemId, sqlx::Error> {
    ItemId::parse(row.try_get(column)?).map_err(|error| unreadable(column, error))
}

fn number_of(row: &SqliteRow, column: &str) -> Result<u64, sqlx::Error> {
    u64::try_from(row.try_get::<i64, _>(column)?).map_err(|error| unreadable(column, error))
}
