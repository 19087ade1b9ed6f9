//! Files in a database. Both databases understand these statements to the letter, so there is one text of them, stamped
//! for each store, which has `reader` and `write`.

/// Every operation of [`UploadStore`](super::UploadStore), which the functions of `queries` do.
macro_rules! upload_store {
    ($store:ty, $queries:ident) => {
        #[async_trait]
        impl UploadStore for $store {
            async fn begin_upload(&self, params: BeginUploadParams) -> Result<BeginUploadResult, StoreError> {
                Ok(self.write(async |connection| $queries::begin(connection, &params).await).await?)
            }

            async fn upload(&self, params: UploadParams) -> Result<Option<Upload>, StoreError> {
                Ok($queries::upload(&mut *self.reader().await?, &params).await?)
            }

            async fn hold_upload(&self, params: HoldParams) -> Result<HoldResult, StoreError> {
                Ok(self.write(async |connection| $queries::hold(connection, &params).await).await?)
            }

            async fn append(&self, params: AppendParams) -> Result<bool, StoreError> {
                Ok(self.write(async |connection| $queries::append(connection, &params).await).await?)
            }

            async fn upload_parts(&self, params: UploadParams) -> Result<Vec<Part>, StoreError> {
                Ok($queries::parts(&mut *self.reader().await?, &params).await?)
            }

            async fn claim_blob(&self, params: ClaimBlobParams) -> Result<bool, StoreError> {
                Ok(self.write(async |connection| $queries::claim(connection, &params).await).await?)
            }

            async fn finish_upload(&self, params: FinishUploadParams) -> Result<bool, StoreError> {
                Ok(self.write(async |connection| $queries::finish(connection, &params).await).await?)
            }

            async fn end_upload(&self, params: EndUploadParams) -> Result<bool, StoreError> {
                Ok(self.write(async |connection| $queries::end(connection, &params).await).await?)
            }

            async fn expired_uploads(
                &self,
                now: Millis,
                limit: u32,
            ) -> Result<Vec<UploadParams>, StoreError> {
                Ok($queries::expired(&mut *self.reader().await?, now, limit).await?)
            }

            async fn doom_blobs(&self, params: UnusedBlobsParams) -> Result<Vec<String>, StoreError> {
                for sha256 in $queries::unused(&mut *self.reader().await?, &params).await? {
                    self.write(async |connection| $queries::doom(connection, &sha256, &params).await).await?;
                }
                Ok($queries::doomed(&mut *self.reader().await?, params.limit).await?)
            }

            async fn forget_blob(&self, sha256: &str) -> Result<(), StoreError> {
                Ok(self.write(async |connection| $queries::forget(connection, sha256).await).await?)
            }

            async fn used_blob(&self, user_id: &str, sha256: &str) -> Result<Option<UsedBlob>, StoreError> {
                Ok($queries::used(&mut *self.reader().await?, user_id, sha256).await?)
            }
        }
    };
}

/// The functions, for the connections and rows of one database.
macro_rules! upload_queries {
    ($connection:ty, $row:ty, $note:path) => {
        use fieldsync_protocol::Millis;
        use sqlx::{query, query_scalar};

        use $crate::store::row::{self, stored};
        use $crate::store::upload::{
            ABANDONED_AFTER, AppendParams, BeginUploadParams, BeginUploadResult, ClaimBlobParams, EndUploadParams,
            FinishUploadParams, HoldParams, HoldResult, MAX_UPLOADS, Part, UNUSED_FOR, UnusedBlobsParams,
            Upload, UploadParams, UsedBlob,
        };

        pub async fn begin(
            connection: &mut $connection,
            params: &BeginUploadParams,
        ) -> Result<BeginUploadResult, sqlx::Error> {
            let upload = params.begun();
            let begun = query(
                "INSERT INTO upload
                     (user_id, upload_id, device_id, length, received, sha256, metadata, created_at, expires_at)
                 SELECT $1, $2, $3, $4, 0, $5, $6, $7, $8
                 WHERE (SELECT count(*) FROM upload AS u WHERE u.user_id = $1 AND u.done_at IS NULL) < $9",
            )
            .bind(&params.user_id)
            .bind(&upload.id)
            .bind(&upload.device_id)
            .bind(stored(upload.length))
            .bind(&upload.sha256)
            .bind(&upload.metadata)
            .bind(stored(upload.created_at.0))
            .bind(stored(upload.expires_at.0))
            .bind(i64::from(MAX_UPLOADS))
            .execute(&mut *connection)
            .await?;
            if begun.rows_affected() == 0 {
                return Ok(BeginUploadResult::TooMany);
            }
            $note(connection, &params.user_id, params.now, Some(params.noted())).await?;
            Ok(BeginUploadResult::Begun(upload))
        }

        pub async fn upload(
            connection: &mut $connection,
            params: &UploadParams,
        ) -> Result<Option<Upload>, sqlx::Error> {
            query("SELECT * FROM upload WHERE user_id = $1 AND upload_id = $2")
                .bind(&params.user_id)
                .bind(&params.id)
                .try_map(|row: $row| row::upload(&row))
                .fetch_optional(connection)
                .await
        }

        pub async fn hold(
            connection: &mut $connection,
            params: &HoldParams,
        ) -> Result<HoldResult, sqlx::Error> {
            let held = query(
                "UPDATE upload SET holder = $4, expires_at = $6
                 WHERE user_id = $1 AND upload_id = $2 AND received = $3 AND done_at IS NULL AND expires_at > $5
                 RETURNING *",
            )
            .bind(&params.upload.user_id)
            .bind(&params.upload.id)
            .bind(stored(params.offset))
            .bind(&params.holder)
            .bind(stored(params.now.0))
            .bind(stored((params.now + ABANDONED_AFTER).0))
            .try_map(|row: $row| row::upload(&row))
            .fetch_optional(&mut *connection)
            .await?;
            match held {
                Some(upload) => Ok(HoldResult::Held(upload)),
                None => Ok(params.judged(upload(connection, &params.upload).await?)),
            }
        }

        pub async fn append(
            connection: &mut $connection,
            params: &AppendParams,
        ) -> Result<bool, sqlx::Error> {
            let Some(first) = params.parts.first() else { return Ok(true) };
            let length: u64 = params.parts.iter().map(|part| part.length).sum();
            let grown = query(
                "UPDATE upload SET received = received + $5, expires_at = $6
                 WHERE user_id = $1 AND upload_id = $2 AND holder = $3 AND received = $4 AND done_at IS NULL
                     AND received + $5 < length",
            )
            .bind(&params.upload.user_id)
            .bind(&params.upload.id)
            .bind(&params.holder)
            .bind(stored(first.starts_at))
            .bind(stored(length))
            .bind(stored((params.now + ABANDONED_AFTER).0))
            .execute(&mut *connection)
            .await?;
            if grown.rows_affected() == 0 {
                return Ok(false);
            }
            for part in &params.parts {
                query("INSERT INTO upload_part VALUES ($1, $2, $3, $4, $5)")
                    .bind(&params.upload.user_id)
                    .bind(&params.upload.id)
                    .bind(stored(part.starts_at))
                    .bind(stored(part.length))
                    .bind(&part.name)
                    .execute(&mut *connection)
                    .await?;
            }
            Ok(true)
        }

        pub async fn parts(
            connection: &mut $connection,
            params: &UploadParams,
        ) -> Result<Vec<Part>, sqlx::Error> {
            query("SELECT * FROM upload_part WHERE user_id = $1 AND upload_id = $2 ORDER BY starts_at")
                .bind(&params.user_id)
                .bind(&params.id)
                .try_map(|row: $row| row::part(&row))
                .fetch_all(connection)
                .await
        }

        pub async fn claim(
            connection: &mut $connection,
            params: &ClaimBlobParams,
        ) -> Result<bool, sqlx::Error> {
            let claimed = query(
                "INSERT INTO blob (sha256, size, created_at, seen_at, going) VALUES ($1, $2, $3, $3, 0)
                 ON CONFLICT (sha256) DO UPDATE SET seen_at = excluded.seen_at WHERE blob.going = 0",
            )
            .bind(&params.sha256)
            .bind(stored(params.size))
            .bind(stored(params.now.0))
            .execute(connection)
            .await?;
            Ok(claimed.rows_affected() > 0)
        }

        pub async fn finish(
            connection: &mut $connection,
            params: &FinishUploadParams,
        ) -> Result<bool, sqlx::Error> {
            let whole = query(
                "UPDATE upload SET received = length, done_at = $4, expires_at = $5, holder = NULL
                 WHERE user_id = $1 AND upload_id = $2 AND holder = $3 AND done_at IS NULL
                     AND EXISTS (SELECT 1 FROM blob WHERE blob.sha256 = upload.sha256 AND going = 0)
                 RETURNING *",
            )
            .bind(&params.upload.user_id)
            .bind(&params.upload.id)
            .bind(&params.holder)
            .bind(stored(params.now.0))
            .bind(stored((params.now + UNUSED_FOR).0))
            .try_map(|row: $row| row::upload(&row))
            .fetch_optional(&mut *connection)
            .await?;
            let Some(upload) = whole else { return Ok(false) };
            // Before the file, as a push takes them, so that neither waits for the other.
            let noted = Some(params.noted(&upload));
            $note(connection, &params.upload.user_id, params.now, noted).await?;
            // Whoever claimed it first may have said another size, and brought nothing of the kind.
            query("UPDATE blob SET seen_at = $2, size = $3 WHERE sha256 = $1")
                .bind(&upload.sha256)
                .bind(stored(params.now.0))
                .bind(stored(upload.length))
                .execute(&mut *connection)
                .await?;
            forget_parts(connection, &params.upload).await?;
            Ok(true)
        }

        pub async fn end(
            connection: &mut $connection,
            params: &EndUploadParams,
        ) -> Result<bool, sqlx::Error> {
            let ended = query(
                "DELETE FROM upload
                 WHERE user_id = $1 AND upload_id = $2 AND (CAST($3 AS text) IS NULL OR holder = $3)
                 RETURNING *",
            )
            .bind(&params.upload.user_id)
            .bind(&params.upload.id)
            .bind(params.holder())
            .try_map(|row: $row| row::upload(&row))
            .fetch_optional(&mut *connection)
            .await?;
            let Some(upload) = ended else { return Ok(false) };
            forget_parts(connection, &params.upload).await?;
            $note(connection, &params.upload.user_id, params.now, params.noted(&upload)).await?;
            Ok(true)
        }

        async fn forget_parts(
            connection: &mut $connection,
            params: &UploadParams,
        ) -> Result<(), sqlx::Error> {
            query("DELETE FROM upload_part WHERE user_id = $1 AND upload_id = $2")
                .bind(&params.user_id)
                .bind(&params.id)
                .execute(connection)
                .await?;
            Ok(())
        }

        pub async fn expired(
            connection: &mut $connection,
            now: Millis,
            limit: u32,
        ) -> Result<Vec<UploadParams>, sqlx::Error> {
            query("SELECT user_id, upload_id FROM upload WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2")
                .bind(stored(now.0))
                .bind(i64::from(limit))
                .try_map(|row: $row| row::which_upload(&row))
                .fetch_all(connection)
                .await
        }

        pub async fn unused(
            connection: &mut $connection,
            params: &UnusedBlobsParams,
        ) -> Result<Vec<String>, sqlx::Error> {
            query_scalar(
                "SELECT sha256 FROM blob WHERE going = 0 AND seen_at <= $1
                     AND NOT EXISTS (SELECT 1 FROM blob_use WHERE blob_use.sha256 = blob.sha256)
                 ORDER BY seen_at LIMIT $2",
            )
            .bind(stored(params.before().0))
            .bind(i64::from(params.limit))
            .fetch_all(connection)
            .await
        }

        pub async fn doom(
            connection: &mut $connection,
            sha256: &str,
            params: &UnusedBlobsParams,
        ) -> Result<(), sqlx::Error> {
            // Whoever is about to use it holds its row. Looked at again once they have.
            query("UPDATE blob SET going = going WHERE sha256 = $1")
                .bind(sha256)
                .execute(&mut *connection)
                .await?;
            query(
                "UPDATE blob SET going = 1 WHERE sha256 = $1 AND seen_at <= $2
                     AND NOT EXISTS (SELECT 1 FROM blob_use WHERE blob_use.sha256 = blob.sha256)",
            )
            .bind(sha256)
            .bind(stored(params.before().0))
            .execute(connection)
            .await?;
            Ok(())
        }

        pub async fn doomed(connection: &mut $connection, limit: u32) -> Result<Vec<String>, sqlx::Error> {
            query_scalar("SELECT sha256 FROM blob WHERE going = 1 ORDER BY sha256 LIMIT $1")
                .bind(i64::from(limit))
                .fetch_all(connection)
                .await
        }

        pub async fn forget(connection: &mut $connection, sha256: &str) -> Result<(), sqlx::Error> {
            query("DELETE FROM blob WHERE sha256 = $1 AND going = 1").bind(sha256).execute(connection).await?;
            Ok(())
        }

        pub async fn used(
            connection: &mut $connection,
            user_id: &str,
            sha256: &str,
        ) -> Result<Option<UsedBlob>, sqlx::Error> {
            query(
                "SELECT size, mime, thumbnail FROM blob_use JOIN blob ON blob.sha256 = blob_use.sha256
                 WHERE blob_use.sha256 = $2 AND user_id = $1 ORDER BY entity_id LIMIT 1",
            )
            .bind(user_id)
            .bind(sha256)
            .try_map(|row: $row| row::used_blob(&row))
            .fetch_optional(connection)
            .await
        }
    };
}

pub(super) use {upload_queries, upload_store};
