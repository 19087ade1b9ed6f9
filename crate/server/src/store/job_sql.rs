//! Jobs in a database. Both databases understand these statements to the letter, so there is one text of them, stamped
//! for each store, which has `write`.

macro_rules! job_store {
    ($store:ty, $connection:ty, $row:ty) => {
        #[async_trait]
        impl JobStore for $store {
            async fn claim(&self, params: ClaimParams) -> Result<Due, StoreError> {
                Ok(self.write(async |connection| claim(connection, &params).await).await?)
            }

            async fn done(&self, params: DoneParams) -> Result<(), StoreError> {
                Ok(self.write(async |connection| done(connection, &params).await).await?)
            }
        }

        async fn claim(connection: &mut $connection, params: &ClaimParams) -> Result<Due, sqlx::Error> {
            // Whether it is there already or not, from here on nobody else changes it.
            let job = query(
                "INSERT INTO job (name) VALUES ($1) ON CONFLICT (name) DO UPDATE SET name = job.name RETURNING *",
            )
            .bind(params.name)
            .try_map(|row: $row| row::job(&row))
            .fetch_one(&mut *connection)
            .await?;
            let due = job.due(params.rhythm, params.now);
            if due == Due::Now {
                query("UPDATE job SET claimed_at = $2 WHERE name = $1")
                    .bind(params.name)
                    .bind(stored(params.now.0))
                    .execute(connection)
                    .await?;
            }
            Ok(due)
        }

        async fn done(connection: &mut $connection, params: &DoneParams) -> Result<(), sqlx::Error> {
            query("UPDATE job SET done_at = $2 WHERE name = $1")
                .bind(params.name)
                .bind(stored(params.now.0))
                .execute(connection)
                .await?;
            Ok(())
        }
    };
}

pub(super) use job_store;
