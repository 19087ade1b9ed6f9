//! Receipts and tombstones of long ago are removed, a user at a time, so that pushes go on between.

use sqlx::sqlite::SqlitePool;

use super::write;
use crate::store::row::stored;
use crate::store::{PruneParams, PruneResult};

pub async fn prune(writer: &SqlitePool, params: &PruneParams) -> Result<PruneResult, sqlx::Error> {
    let before = stored(params.before().0);
    let users: Vec<String> =
        sqlx::query_scalar("SELECT user_id FROM head ORDER BY user_id").fetch_all(writer).await?;
    let mut result = PruneResult::default();
    for user in users {
        let removed = write(writer, async |connection| {
            let receipts = sqlx::query("DELETE FROM receipt WHERE user_id = ?1 AND received_at < ?2")
                .bind(&user)
                .bind(before)
                .execute(&mut *connection)
                .await?;
            let tombstones: Vec<i64> = sqlx::query_scalar(
                "DELETE FROM entity WHERE user_id = ?1 AND data IS NULL AND updated_at < ?2
                 RETURNING change_number",
            )
            .bind(&user)
            .bind(before)
            .fetch_all(&mut *connection)
            .await?;
            if let Some(last) = tombstones.iter().max() {
                sqlx::query("UPDATE head SET pruned_number = max(pruned_number, ?2) WHERE user_id = ?1")
                    .bind(&user)
                    .bind(last)
                    .execute(&mut *connection)
                    .await?;
            }
            Ok((receipts.rows_affected(), tombstones.len() as u64))
        })
        .await?;
        result.receipts += removed.0;
        result.tombstones += removed.1;
    }
    result.logins = write(writer, async |connection| {
        let ended = sqlx::query("DELETE FROM login WHERE expires_at <= ?1").bind(stored(params.now.0));
        Ok(ended.execute(connection).await?.rows_affected())
    })
    .await?;
    Ok(result)
}
