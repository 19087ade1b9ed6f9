//! Tasks in a database. There is one text of the statements, stamped for each store, which has `write`; who takes a task
//! passes over those that another is just taking, where the database has several that write.

macro_rules! task_store {
    ($store:ty, $connection:ty, $row:ty, $passing_over:literal) => {
        #[async_trait]
        impl TaskStore for $store {
            async fn take_task(&self, params: TakeTaskParams) -> Result<Option<Task>, StoreError> {
                Ok(self.write(async |connection| take(connection, &params).await).await?)
            }

            async fn put_off_task(&self, params: PutOffTaskParams) -> Result<(), StoreError> {
                Ok(self.write(async |connection| put_off(connection, &params).await).await?)
            }

            async fn end_thumbnail(&self, sha256: &str, thumbnail: Thumbnail) -> Result<bool, StoreError> {
                Ok(self.write(async |connection| end(connection, sha256, thumbnail).await).await?)
            }
        }

        async fn take(
            connection: &mut $connection,
            params: &TakeTaskParams,
        ) -> Result<Option<Task>, sqlx::Error> {
            query(concat!(
                "UPDATE task SET attempts = attempts + 1, due_at = $3
                 WHERE kind = $1 AND subject =
                     (SELECT subject FROM task WHERE kind = $1 AND due_at <= $2
                      ORDER BY priority DESC, due_at, subject LIMIT 1 ",
                $passing_over,
                ") RETURNING subject, attempts"
            ))
            .bind(params.kind)
            .bind(stored(params.now.0))
            .bind(stored((params.now + params.lease).0))
            .try_map(|row: $row| row::task(&row))
            .fetch_optional(connection)
            .await
        }

        async fn put_off(connection: &mut $connection, params: &PutOffTaskParams) -> Result<(), sqlx::Error> {
            query("UPDATE task SET due_at = $3 WHERE kind = $1 AND subject = $2")
                .bind(params.kind)
                .bind(&params.subject)
                .bind(stored(params.due_at.0))
                .execute(connection)
                .await?;
            Ok(())
        }

        async fn end(
            connection: &mut $connection,
            sha256: &str,
            thumbnail: Thumbnail,
        ) -> Result<bool, sqlx::Error> {
            // The file first, as a push does, so that neither waits for the other.
            let kept = query("UPDATE blob SET thumbnail = $2 WHERE sha256 = $1 AND going = 0")
                .bind(sha256)
                .bind(stored(thumbnail.number()))
                .execute(&mut *connection)
                .await?;
            query("DELETE FROM task WHERE kind = $1 AND subject = $2")
                .bind(THUMBNAIL)
                .bind(sha256)
                .execute(connection)
                .await?;
            Ok(kept.rows_affected() > 0)
        }
    };
}

pub(super) use task_store;
