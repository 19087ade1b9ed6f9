//! What is read, each in one snapshot.

use fieldsync_protocol::MAX_AUDIT_ROWS;
use sqlx::postgres::{PgPool, PgRow, PgTransaction};

use crate::store::page::{begin, page};
use crate::store::row::{self, stored};
use crate::store::{AuditParams, AuditResult, ChangesParams, ChangesResult, ExportResult, PAGE_BYTES};

/// A transaction that sees one moment.
async fn snapshot(pool: &PgPool) -> Result<PgTransaction<'static>, sqlx::Error> {
    pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY").await
}

pub async fn changes(
    pool: &PgPool,
    instance: &str,
    params: &ChangesParams,
) -> Result<ChangesResult, sqlx::Error> {
    let mut transaction = snapshot(pool).await?;
    let head = sqlx::query("SELECT change_number, pruned_number FROM head WHERE user_id = $1")
        .bind(&params.user_id)
        .try_map(|row: PgRow| Ok((row::number(&row, "change_number")?, row::number(&row, "pruned_number")?)))
        .fetch_optional(&mut *transaction)
        .await?;
    let (head, pruned) = head.unwrap_or_default();
    let Some(cursor) = begin(params.cursor.as_deref(), instance, head, pruned) else {
        return Ok(ChangesResult::Expired);
    };
    if cursor.after >= head {
        return Ok(page(cursor, head, Vec::new(), params.limit));
    }
    // Cut by bytes already here, but for one row that tells that there is more.
    let rows = sqlx::query(
        "SELECT entity_id::text AS entity_id, type, version, change_number, updated_at, natural_key, data FROM (
             SELECT *, sum(octet_length(data)) OVER
                 (ORDER BY change_number ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING) AS bytes
             FROM (
                 SELECT * FROM entity
                 WHERE user_id = $1 AND change_number > $2 AND (data IS NOT NULL OR change_number > $3)
                 ORDER BY change_number LIMIT $4
             ) AS next
         ) AS counted WHERE coalesce(bytes, 0) < $5 ORDER BY change_number",
    )
    .bind(&params.user_id)
    .bind(stored(cursor.after))
    .bind(stored(cursor.whole_at))
    .bind(i64::from(params.limit) + 1)
    .bind(stored(PAGE_BYTES))
    .try_map(|row: PgRow| row::entity(&row))
    .fetch_all(&mut *transaction)
    .await?;
    Ok(page(cursor, head, rows, params.limit))
}

pub async fn audit(pool: &PgPool, params: &AuditParams) -> Result<AuditResult, sqlx::Error> {
    let limit = params.limit.min(MAX_AUDIT_ROWS);
    let mut rows = sqlx::query(
        "SELECT audit_number, at, device_id, item_id::text AS item_id, entity_id::text AS entity_id, type, action,
                status, code, event, actor_id, subject_id, schedule_id, upload_id, changes_detected
         FROM audit WHERE user_id = $1 AND audit_number < $2 ORDER BY audit_number DESC LIMIT $3",
    )
    .bind(&params.user_id)
    .bind(params.before.map_or(i64::MAX, stored))
    .bind(i64::from(limit) + 1)
    .try_map(|row: PgRow| row::audit(&row))
    .fetch_all(pool)
    .await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    Ok(AuditResult { rows, has_more })
}

pub async fn export(pool: &PgPool) -> Result<ExportResult, sqlx::Error> {
    let mut transaction = snapshot(pool).await?;
    // It takes as long as it takes.
    sqlx::query("SET LOCAL statement_timeout = 0").execute(&mut *transaction).await?;
    let entities = sqlx::query(
        "SELECT user_id, entity_id::text AS entity_id, type, version, change_number, updated_at, natural_key, data
         FROM entity AS e ORDER BY e.user_id, e.entity_id",
    )
    .try_map(|row: PgRow| row::exported_entity(&row))
    .fetch_all(&mut *transaction)
    .await?;
    let receipts = sqlx::query(
        "SELECT user_id, item_id::text AS item_id, content_hash, version, received_at, device_id
         FROM receipt AS r ORDER BY r.user_id, r.item_id",
    )
    .try_map(|row: PgRow| row::exported_receipt(&row))
    .fetch_all(&mut *transaction)
    .await?;
    Ok(ExportResult { entities, receipts })
}
