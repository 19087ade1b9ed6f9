//! A push on PostgreSQL: what bears on it is found in four statements and its verdict written in one, however many
//! items it has.

use std::collections::{BTreeMap, BTreeSet};

use fieldsync_protocol::ItemId;
use sqlx::PgConnection;
use sqlx::postgres::{PgPool, PgRow};
use sqlx::types::Uuid;

use crate::examine::Candidate;
use crate::judge::{Found, Needs, Verdict, files_at_stake, judge, keys_at_stake};
use crate::store::PushParams;
use crate::store::row::{self, name_of as name, stored};
use crate::store::task::THUMBNAIL;

/// The columns of an entity, as [`row::entity`] reads them.
const ENTITY: &str =
    "entity_id::text AS entity_id, type, version, change_number, updated_at, natural_key, data";

/// The head of a user, locked.
struct Head {
    change: u64,
    audit: i64,
}

/// One push, in one transaction: an error anywhere rolls all of it back.
pub async fn push(pool: &PgPool, params: &PushParams) -> Result<Verdict, sqlx::Error> {
    let mut transaction = pool.begin().await?;
    let head = lock(&mut transaction, &params.user_id).await?;
    let found = find(&mut transaction, head.change, params).await?;
    let verdict = judge(&params.candidates, &found, params.now);
    // What changed nothing writes nothing.
    if !verdict.audit.is_empty() {
        keep(&mut transaction, params, &head, &found, &verdict).await?;
    }
    transaction.commit().await?;
    Ok(verdict)
}

async fn lock(connection: &mut PgConnection, user: &str) -> Result<Head, sqlx::Error> {
    loop {
        let head = sqlx::query("SELECT change_number, audit_number FROM head WHERE user_id = $1 FOR UPDATE")
            .bind(user)
            .try_map(|row: PgRow| {
                let (change, audit) =
                    (row::number(&row, "change_number")?, row::number(&row, "audit_number")?);
                Ok(Head { change, audit: stored(audit) })
            })
            .fetch_optional(&mut *connection)
            .await?;
        if let Some(head) = head {
            return Ok(head);
        }
        // The user's first push; of several at once, the others wait here until it has committed.
        sqlx::query("INSERT INTO head VALUES ($1, 0, 0, 0) ON CONFLICT DO NOTHING")
            .bind(user)
            .execute(&mut *connection)
            .await?;
    }
}

/// Each is looked up by its whole key. Asked for with `= ANY`, a table without statistics has all keys of the user
/// walked through, so that a push takes the longer the more there is.
async fn find(connection: &mut PgConnection, head: u64, params: &PushParams) -> Result<Found, sqlx::Error> {
    let candidates: &[Candidate] = &params.candidates;
    let needs = Needs::of(candidates);
    let receipts = sqlx::query(
        "SELECT found.* FROM unnest($2::uuid[]) AS asked (id) CROSS JOIN LATERAL (
             SELECT item_id::text AS item_id, content_hash, version FROM receipt
             WHERE user_id = $1 AND item_id = asked.id LIMIT 1
         ) AS found",
    )
    .bind(&params.user_id)
    .bind(uuids(&needs.items))
    .try_map(|row: PgRow| row::receipt(&row))
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .collect();

    let entities = sqlx::query(sqlx::AssertSqlSafe(format!(
        "SELECT found.* FROM unnest($2::uuid[]) AS asked (id) CROSS JOIN LATERAL (
             SELECT {ENTITY} FROM entity WHERE user_id = $1 AND entity.entity_id = asked.id LIMIT 1
         ) AS found"
    )))
    .bind(&params.user_id)
    .bind(uuids(&needs.entities))
    .try_map(|row: PgRow| row::entity(&row).map(|entity| (entity.id, entity)))
    .fetch_all(&mut *connection)
    .await?
    .into_iter()
    .collect();

    let keys: Vec<String> =
        keys_at_stake(candidates, &receipts, &entities).iter().map(ToString::to_string).collect();
    let holders = if keys.is_empty() {
        Vec::new()
    } else {
        sqlx::query(sqlx::AssertSqlSafe(format!(
            "SELECT found.* FROM unnest($2::text[]) AS asked (key) CROSS JOIN LATERAL (
                 SELECT {ENTITY} FROM entity
                 WHERE user_id = $1 AND type = 'READING' AND natural_key = asked.key LIMIT 1
             ) AS found"
        )))
        .bind(&params.user_id)
        .bind(keys)
        .try_map(|row: PgRow| row::entity(&row))
        .fetch_all(&mut *connection)
        .await?
    };
    let holders = holders.into_iter().filter_map(|entity| Some((entity.key.clone()?, entity))).collect();
    let files = find_files(connection, &params.user_id, files_at_stake(candidates, &entities)).await?;
    Ok(Found { head, receipts, entities, holders, files })
}

/// Each that is found is locked, always in the same order, so that it is not removed before the verdict is written.
async fn find_files(
    connection: &mut PgConnection,
    user: &str,
    at_stake: BTreeSet<String>,
) -> Result<BTreeMap<String, u64>, sqlx::Error> {
    if at_stake.is_empty() {
        return Ok(BTreeMap::new());
    }
    let files = sqlx::query(
        "SELECT sha256, size FROM blob
         WHERE sha256 = ANY ($2) AND going = 0
             AND (EXISTS (SELECT FROM upload
                          WHERE upload.sha256 = blob.sha256 AND upload.user_id = $1 AND done_at IS NOT NULL)
                  OR EXISTS (SELECT FROM blob_use
                             WHERE blob_use.sha256 = blob.sha256 AND blob_use.user_id = $1))
         ORDER BY sha256 FOR UPDATE OF blob",
    )
    .bind(user)
    .bind(at_stake.into_iter().collect::<Vec<_>>())
    .try_map(|row: PgRow| row::file(&row))
    .fetch_all(connection)
    .await?;
    Ok(files.into_iter().collect())
}

async fn keep(
    connection: &mut PgConnection,
    params: &PushParams,
    head: &Head,
    found: &Found,
    verdict: &Verdict,
) -> Result<(), sqlx::Error> {
    let moved = verdict.gives_up_keys(found);
    if !moved.is_empty() {
        let sql = "UPDATE entity SET natural_key = NULL WHERE user_id = $1 AND entity_id = ANY ($2)";
        sqlx::query(sql).bind(&params.user_id).bind(uuids(&moved)).execute(&mut *connection).await?;
    }
    keep_uses(connection, params, verdict).await?;
    let entities = || verdict.entities.values();
    let receipts = || verdict.receipts.values();
    let audit = || verdict.audit.iter();
    sqlx::query(
        "WITH entities AS (
             INSERT INTO entity
             SELECT $1, id, type, version, number, $2, key, data
             FROM unnest($4::uuid[], $5::text[], $6::bigint[], $7::bigint[], $8::text[], $9::text[])
                  AS made (id, type, version, number, key, data)
             ON CONFLICT (user_id, entity_id) DO UPDATE
             SET version = excluded.version, change_number = excluded.change_number,
                 updated_at = excluded.updated_at, natural_key = excluded.natural_key, data = excluded.data
         ), receipts AS (
             INSERT INTO receipt
             SELECT $1, id, hash, version, $2, $3
             FROM unnest($10::uuid[], $11::bytea[], $12::bigint[]) AS given (id, hash, version)
         ), head AS (
             UPDATE head SET change_number = $13, audit_number = $14 + cardinality($15::uuid[]) WHERE user_id = $1
         )
         INSERT INTO audit (user_id, audit_number, at, device_id, item_id, entity_id, type, action, status, code)
         SELECT $1, $14 + number, $2, $3, item, entity, type, action, status, code
         FROM unnest($15::uuid[], $16::uuid[], $17::text[], $18::text[], $19::text[], $20::text[]) WITH ORDINALITY
              AS said (item, entity, type, action, status, code, number)",
    )
    .bind(&params.user_id)
    .bind(stored(params.now.0))
    .bind(&params.device_id)
    .bind(uuids(verdict.entities.keys()))
    .bind(entities().map(|entity| name(&entity.r#type)).collect::<Vec<_>>())
    .bind(entities().map(|entity| stored(entity.version)).collect::<Vec<_>>())
    .bind(entities().map(|entity| stored(entity.number)).collect::<Vec<_>>())
    .bind(entities().map(|entity| entity.key.as_ref().map(ToString::to_string)).collect::<Vec<_>>())
    .bind(entities().map(|entity| entity.record.as_ref().map(|record| record.text())).collect::<Vec<_>>())
    .bind(uuids(verdict.receipts.keys()))
    .bind(receipts().map(|receipt| receipt.hash.0.to_vec()).collect::<Vec<_>>())
    .bind(receipts().map(|receipt| stored(receipt.version)).collect::<Vec<_>>())
    .bind(stored(verdict.head))
    .bind(head.audit)
    .bind(audit().map(|row| Uuid::from(row.item)).collect::<Vec<_>>())
    .bind(audit().map(|row| Uuid::from(row.entity)).collect::<Vec<_>>())
    .bind(audit().map(|row| name(&row.r#type)).collect::<Vec<_>>())
    .bind(audit().map(|row| name(&row.action)).collect::<Vec<_>>())
    .bind(audit().map(|row| name(&row.outcome)).collect::<Vec<_>>())
    .bind(audit().map(|row| row.code.map(|code| code.as_str())).collect::<Vec<_>>())
    .execute(connection)
    .await?;
    Ok(())
}

/// Which record uses which file, in the transaction of what makes it so. A file that is given up has its day from now on.
async fn keep_uses(
    connection: &mut PgConnection,
    params: &PushParams,
    verdict: &Verdict,
) -> Result<(), sqlx::Error> {
    if verdict.uses.is_empty() {
        return Ok(());
    }
    sqlx::query(
        "WITH given_up AS (
             DELETE FROM blob_use WHERE user_id = $1 AND entity_id = ANY ($2) RETURNING sha256
         )
         UPDATE blob SET seen_at = $3 WHERE sha256 IN (SELECT sha256 FROM given_up)",
    )
    .bind(&params.user_id)
    .bind(uuids(verdict.uses.keys()))
    .bind(stored(params.now.0))
    .execute(&mut *connection)
    .await?;
    let used = || verdict.uses.iter().filter_map(|(id, file)| Some((id, file.as_ref()?)));
    sqlx::query(
        "INSERT INTO blob_use (user_id, entity_id, sha256, mime)
         SELECT $1, id, sha256, mime FROM unnest($2::uuid[], $3::text[], $4::text[]) AS used (id, sha256, mime)",
    )
    .bind(&params.user_id)
    .bind(uuids(used().map(|(id, _)| id)))
    .bind(used().map(|(_, file)| file.sha256.clone()).collect::<Vec<_>>())
    .bind(used().map(|(_, file)| file.mime.clone()).collect::<Vec<_>>())
    .execute(&mut *connection)
    .await?;
    let photos = verdict.new_photos();
    if !photos.is_empty() {
        // In order, so that of two pushes neither waits for the other.
        sqlx::query(
            "INSERT INTO task (kind, subject, priority, due_at, attempts)
             SELECT $1, sha256, 0, $3, 0 FROM blob WHERE sha256 = ANY ($2) AND thumbnail IS NULL
             ORDER BY sha256 ON CONFLICT DO NOTHING",
        )
        .bind(THUMBNAIL)
        .bind(photos.into_iter().cloned().collect::<Vec<_>>())
        .bind(stored(params.now.0))
        .execute(connection)
        .await?;
    }
    Ok(())
}

/// As PostgreSQL has them: read from text, they took a quarter of a push's time.
fn uuids<'a>(ids: impl IntoIterator<Item = &'a ItemId>) -> Vec<Uuid> {
    ids.into_iter().copied().map(Uuid::from).collect()
}
