//! Keystores in a database. Both databases understand these statements to the letter, so there is one text of them, stamped
//! for each store, which has `reader` and `write`. `note` audits.

macro_rules! keystore_store {
    ($store:ty, $connection:ty, $row:ty, $note:path) => {
        #[async_trait]
        impl KeystoreStore for $store {
            async fn keystore(&self, user_id: &str) -> Result<Option<CarriedKeystore>, StoreError> {
                // The first one that ever comes and is refused leaves a row without a revision.
                let carried = query("SELECT * FROM keystore WHERE user_id = $1 AND revision > 0")
                    .bind(user_id)
                    .try_map(|row: $row| row::keystore(&row))
                    .fetch_optional(&mut *self.reader().await?)
                    .await?;
                Ok(carried)
            }

            async fn put_keystore(&self, params: PutKeystoreParams) -> Result<PutKeystoreResult, StoreError> {
                Ok(self.write(async |connection| put_keystore(connection, &params).await).await?)
            }
        }

        async fn put_keystore(
            connection: &mut $connection,
            params: &PutKeystoreParams,
        ) -> Result<PutKeystoreResult, sqlx::Error> {
            // Whether it is there already or not, from here on nobody else changes it.
            let carried = query(
                "INSERT INTO keystore (user_id, revision, sequence, text, updated_at)
                 VALUES ($1, 0, 0, '', 0)
                 ON CONFLICT (user_id) DO UPDATE SET revision = keystore.revision RETURNING *",
            )
            .bind(&params.user_id)
            .try_map(|row: $row| row::keystore(&row))
            .fetch_one(&mut *connection)
            .await?;
            let result = params.judged(Some(carried).filter(|carried| carried.revision > 0));
            let PutKeystoreResult::Kept(kept) = &result else { return Ok(result) };
            query(
                "UPDATE keystore SET revision = $2, sequence = $3, text = $4, updated_at = $5, device_id = $6
                 WHERE user_id = $1",
            )
            .bind(&params.user_id)
            .bind(stored(kept.revision))
            .bind(stored(kept.sequence))
            .bind(&kept.keystore)
            .bind(stored(kept.updated_at.0))
            .bind(&kept.by_device)
            .execute(&mut *connection)
            .await?;
            $note(connection, &params.user_id, params.now, Some(params.noted())).await?;
            Ok(result)
        }
    };
}

pub(super) use keystore_store;
