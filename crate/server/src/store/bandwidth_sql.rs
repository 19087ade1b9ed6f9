//! Limits in a database. Both databases understand these statements to the letter, so there is one text of them, stamped
//! for each store, which has `reader` and `write`. `note` audits.

macro_rules! bandwidth_store {
    ($store:ty, $connection:ty, $row:ty, $note:path) => {
        #[async_trait]
        impl BandwidthStore for $store {
            async fn bandwidth(&self, user_id: &str) -> Result<BandwidthLimits, StoreError> {
                Ok(bandwidth(&mut *self.reader().await?, user_id).await?)
            }

            async fn set_bandwidth(
                &self,
                params: SetBandwidthParams,
            ) -> Result<Option<BandwidthLimits>, StoreError> {
                Ok(self.write(async |connection| set_bandwidth(connection, &params).await).await?)
            }
        }

        async fn bandwidth(
            connection: &mut $connection,
            user_id: &str,
        ) -> Result<BandwidthLimits, sqlx::Error> {
            let kept = query("SELECT * FROM bandwidth WHERE user_id = $1 ORDER BY device_id")
                .bind(user_id)
                .try_map(|row: $row| row::bandwidth(&row))
                .fetch_all(connection)
                .await?;
            Ok(limits(kept))
        }

        async fn set_bandwidth(
            connection: &mut $connection,
            params: &SetBandwidthParams,
        ) -> Result<Option<BandwidthLimits>, sqlx::Error> {
            if let Some(device_id) = &params.given.device_id {
                let device: Option<String> = query_scalar(
                    "SELECT device_id FROM device WHERE user_id = $1 AND device_id = $2 AND revoked_at IS NULL",
                )
                .bind(&params.user_id)
                .bind(device_id)
                .fetch_optional(&mut *connection)
                .await?;
                if device.is_none() {
                    return Ok(None);
                }
            }
            query(
                "INSERT INTO bandwidth (user_id, device_id, upload, download) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (user_id, device_id) DO UPDATE
                 SET upload = excluded.upload, download = excluded.download",
            )
            .bind(&params.user_id)
            .bind(params.key())
            .bind(params.given.upload_speed_limit.map(stored))
            .bind(params.given.download_speed_limit.map(stored))
            .execute(&mut *connection)
            .await?;
            query("DELETE FROM bandwidth WHERE user_id = $1 AND upload IS NULL AND download IS NULL")
                .bind(&params.user_id)
                .execute(&mut *connection)
                .await?;
            let limits = bandwidth(connection, &params.user_id).await?;
            $note(connection, &params.user_id, params.now, Some(params.noted())).await?;
            Ok(Some(limits))
        }
    };
}

pub(super) use bandwidth_store;
