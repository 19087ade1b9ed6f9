//! Receipts and tombstones of long ago are removed, a user at a time, so that pushes go on between.

use sqlx::postgres::PgPool;

use crate::store::row::stored;
use crate::store::{PruneParams, PruneResult};

pub async fn prune(pool: &PgPool, params: &PruneParams) -> Result<PruneResult, sqlx::Error> {
    let before = stored(params.before().0);
    let users: Vec<String> =
        sqlx::query_scalar("SELECT user_id FROM head ORDER BY user_id").fetch_all(pool).await?;
    let mut result = PruneResult::default();
    for user in users {
        let mut transaction = pool.begin().await?;
        // A push holds this lock too: it never finds half of what it looks for.
        sqlx::query("SELECT FROM head WHERE user_id = $1 FOR UPDATE")
            .bind(&user)
            .execute(&mut *transaction)
            .await?;
        let receipts = sqlx::query("DELETE FROM receipt WHERE user_id = $1 AND received_at < $2")
            .bind(&user)
            .bind(before)
            .execute(&mut *transaction)
            .await?;
        let tombstones: Vec<i64> = sqlx::query_scalar(
            "DELETE FROM entity WHERE user_id = $1 AND data IS NULL AND updated_at < $2 RETURNING change_number",
        )
        .bind(&user)
        .bind(before)
        .fetch_all(&mut *transaction)
        .await?;
        if let Some(last) = tombstones.iter().max() {
            sqlx::query("UPDATE head SET pruned_number = greatest(pruned_number, $2) WHERE user_id = $1")
                .bind(&user)
                .bind(last)
                .execute(&mut *transaction)
                .await?;
        }
        transaction.commit().await?;
        result.receipts += receipts.rows_affected();
        result.tombstones += tombstones.len() as u64;
    }
    let ended = sqlx::query("DELETE FROM login WHERE expires_at <= $1").bind(stored(params.now.0));
    result.logins = ended.execute(pool).await?.rows_affected();
    Ok(result)
}
