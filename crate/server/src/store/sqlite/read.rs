//! What is read beside the writer.

use fieldsync_protocol::Millis;
use sqlx::sqlite::{SqlitePool, SqliteRow};
use sqlx::{Row, SqliteConnection};

use super::row;
use crate::store::page::{begin, page};
use crate::store::{
    AuditParams, AuditResult, AuditRow, ChangesParams, ChangesResult, ExportResult, ExportedEntity,
    ExportedReceipt, MAX_AUDIT_ROWS, PAGE_BYTES,
};

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
    .bind(cursor.after as i64)
    .bind(cursor.whole_at as i64)
    .bind(i64::from(params.limit) + 1)
    .bind(PAGE_BYTES as i64)
    .try_map(|row: SqliteRow| row::entity(&row))
    .fetch_all(&mut *connection)
    .await?;
    Ok(page(cursor, head, rows, params.limit))
}

pub async fn audit(readers: &SqlitePool, params: &AuditParams) -> Result<AuditResult, sqlx::Error> {
    let limit = params.limit.min(MAX_AUDIT_ROWS);
    let before = params.before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
    let mut rows = sqlx::query(
        "SELECT * FROM audit WHERE user_id = ?1 AND audit_number < ?2 ORDER BY audit_number DESC LIMIT ?3",
    )
    .bind(&params.user_id)
    .bind(before)
    .bind(i64::from(limit) + 1)
    .try_map(|row: SqliteRow| {
        Ok(AuditRow {
            number: row::number(&row, "audit_number")?,
            at: Millis(row::number(&row, "at")?),
            device_id: row.try_get("device_id")?,
            item_id: row::id(&row, "item_id")?,
            entity_id: row::optional_name(&row, "entity_id")?,
            r#type: row::optional_name(&row, "type")?,
            action: row::optional_name(&row, "action")?,
            status: row::name(&row, "status")?,
            code: row::optional_name(&row, "code")?,
        })
    })
    .fetch_all(readers)
    .await?;
    let has_more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    Ok(AuditResult { rows, has_more })
}

/// In one transaction, so that all of it is of one moment.
pub async fn export(connection: &mut SqliteConnection) -> Result<ExportResult, sqlx::Error> {
    let entities = sqlx::query("SELECT * FROM entity ORDER BY user_id, entity_id")
        .try_map(|row: SqliteRow| Ok(ExportedEntity::of(row.try_get("user_id")?, &row::entity(&row)?)))
        .fetch_all(&mut *connection)
        .await?;
    let receipts = sqlx::query("SELECT * FROM receipt ORDER BY user_id, item_id")
        .try_map(|row: SqliteRow| {
            let (user, device) = (row.try_get("user_id")?, row.try_get("device_id")?);
            let at = Millis(row::number(&row, "received_at")?);
            let (item, receipt) = row::receipt(&row)?;
            Ok(ExportedReceipt::of(user, item, receipt.version, at, device))
        })
        .fetch_all(&mut *connection)
        .await?;
    Ok(ExportResult { entities, receipts })
}
