//! What is read beside the writer.

use fieldsync_protocol::MAX_AUDIT_ROWS;
use sqlx::SqliteConnection;
use sqlx::sqlite::{SqlitePool, SqliteRow};

use crate::store::page::{begin, page};
use crate::store::row::{self, stored};
use crate::store::{AuditParams, AuditResult, ChangesParams, ChangesResult, ExportResult, PAGE_BYTES};

/// In one transaction, so that the head and the rows are of one moment.
pub async fn changes(
    connection: &mut SqliteConnection,
    instance: &str,
    params: &ChangesParams,
) -> Result<ChangesResult, sqlx::Error> {
    let head = sqlx::query("SELECT change_number, pruned_number FROM head WHERE user_id = ?1")
        .bind(&params.user_id)
        .try_map(|row: SqliteRow| {
            Ok((row::number(&row, "change_number")?, row::number(&row, "pruned_number")?))
        })
        .fetch_optional(&mut *connection)
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
        "SELECT * FROM (
             SELECT *, sum(octet_length(data)) OVER
                 (ORDER BY change_number ROWS BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING) AS bytes
             FROM (
                 SELECT * FROM entity
                 WHERE user_id = ?1 AND change_number > ?2 AND (data IS NOT NULL OR change_number > ?3)
                 ORDER BY change_number LIMIT ?4
             )
         ) WHERE coalesce(bytes, 0) < ?5 ORDER BY change_number",
    )
    .bind(&params.user_id)
    .bind(stored(cursor.after))
    .bind(stored(cursor.whole_at))
    .bind(i64::from(params.limit) + 1)
    .bind(stored(PAGE_BYTES))
    .try_map(|row: SqliteRow| row::entity(&row))
    .fetch_all(&mut *connection)
    .await?;
    Ok(page(cursor, head, rows, params.limit))
}

pub async fn audit(readers: &SqlitePool, params: &AuditParams) -> Result<AuditResult, sqlx::Error> {
    let limit = params.limit.min(MAX_AUDIT_ROWS);
    let before = params.before.map_or(i64::MAX, stored);
    let mut rows = sqlx::query(
        "SELECT * FROM audit WHERE user_id = ?1 AND audit_number < ?2 ORDER BY audit_number DESC LIMIT ?3",
    )
    .bind(&params.user_id)
    .bind(before)
    .bind(i64::from(limit) + 1)
    .try_map(|row: SqliteRow| row::audit(&row))
    .fetch_all(readers)
    .await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    Ok(AuditResult { rows, has_more })
}

/// In one transaction, so that all of it is of one moment.
pub async fn export(connection: &mut SqliteConnection) -> Result<ExportResult, sqlx::Error> {
    let entities = sqlx::query("SELECT * FROM entity ORDER BY user_id, entity_id")
        .try_map(|row: SqliteRow| row::exported_entity(&row))
        .fetch_all(&mut *connection)
        .await?;
    let receipts = sqlx::query("SELECT * FROM receipt ORDER BY user_id, item_id")
        .try_map(|row: SqliteRow| row::exported_receipt(&row))
        .fetch_all(&mut *connection)
        .await?;
    Ok(ExportResult { entities, receipts })
}
