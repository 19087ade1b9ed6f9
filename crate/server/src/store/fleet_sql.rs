//! How devices are doing and what is asked of them, in a database. Both databases understand these statements to the
//! letter, so there is one text of them, stamped for each.

/// The functions, for the connections and rows of one database. `note` audits.
macro_rules! fleet_queries {
    ($connection:ty, $row:ty, $note:path) => {
        use fieldsync_protocol::Wishes;
        use sqlx::query;

        use $crate::store::fleet::{
            DeviceParams, FleetParams, FleetResult, KnownDevice, ReportParams, RosterMember, Standing,
            StandingParams, WishParams,
        };
        use $crate::store::row::{self, stored};

        pub async fn report(
            connection: &mut $connection,
            params: &ReportParams,
        ) -> Result<Wishes, sqlx::Error> {
            let beat = &params.heartbeat;
            query(
                "INSERT INTO report
                     (user_id, device_id, at, pending, oldest_unsent_at, storage, app_version, activity, metrics,
                      rotation_sequence, rotation_id, storage_usage, storage_quota)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
                 ON CONFLICT (user_id, device_id) DO UPDATE
                 SET at = excluded.at, pending = excluded.pending, oldest_unsent_at = excluded.oldest_unsent_at,
                     storage = excluded.storage, app_version = excluded.app_version,
                     activity = excluded.activity, metrics = excluded.metrics,
                     rotation_sequence = excluded.rotation_sequence, rotation_id = excluded.rotation_id,
                     storage_usage = excluded.storage_usage, storage_quota = excluded.storage_quota",
            )
            .bind(&params.user_id)
            .bind(&beat.device_id)
            .bind(stored(params.now.0))
            .bind(stored(beat.pending))
            .bind(beat.oldest_unsent_at.map(|at| stored(at.0)))
            .bind(beat.storage.as_ref().and_then(row::name_of))
            .bind(&beat.app_version)
            .bind(beat.activity.as_ref().and_then(row::json_of))
            .bind(beat.metrics.as_ref().and_then(row::json_of))
            .bind(beat.last_rotation.as_ref().map(|mark| stored(mark.sequence)))
            .bind(beat.last_rotation.as_ref().map(|mark| &mark.id))
            .bind(beat.storage_usage.map(stored))
            .bind(beat.storage_quota.map(stored))
            .execute(&mut *connection)
            .await?;
            if let Some(taken) = beat.wishes_taken {
                // Never back, and never ahead of what was asked: what arrives late says nothing new.
                query(
                    "UPDATE wish SET taken_revision = $3
                     WHERE user_id = $1 AND device_id = $2 AND taken_revision < $3 AND revision >= $3",
                )
                .bind(&params.user_id)
                .bind(&beat.device_id)
                .bind(stored(taken))
                .execute(&mut *connection)
                .await?;
            }
            let wishes = query("SELECT * FROM wish WHERE user_id = $1 AND device_id = $2")
                .bind(&params.user_id)
                .bind(&beat.device_id)
                .try_map(|row: $row| row::wishes(&row))
                .fetch_optional(connection)
                .await?;
            Ok(wishes.unwrap_or_default())
        }

        pub async fn known_device(
            connection: &mut $connection,
            params: &DeviceParams,
        ) -> Result<Option<KnownDevice>, sqlx::Error> {
            query(
                "SELECT d.device_id, d.name, d.registered_at, d.last_seen_at, d.revoked_at,
                     r.at, r.pending, r.oldest_unsent_at, r.storage, r.app_version, r.activity, r.metrics,
                     r.rotation_sequence, r.rotation_id, r.storage_usage, r.storage_quota,
                     coalesce(w.revision, 0) AS revision, coalesce(w.start_revision, 0) AS start_revision,
                     coalesce(w.settings_revision, 0) AS settings_revision,
                     w.paused, w.settings, coalesce(w.taken_revision, 0) AS taken_revision
                 FROM device AS d
                 LEFT JOIN report AS r ON r.user_id = d.user_id AND r.device_id = d.device_id
                 LEFT JOIN wish AS w ON w.user_id = d.user_id AND w.device_id = d.device_id
                 WHERE d.user_id = $1 AND d.device_id = $2",
            )
            .bind(&params.user_id)
            .bind(&params.device_id)
            .try_map(|row: $row| {
                Ok(KnownDevice {
                    device: row::device(&row)?,
                    report: row::report(&row)?,
                    wishes: row::wishes(&row)?,
                })
            })
            .fetch_optional(connection)
            .await
        }

        pub async fn roster(
            connection: &mut $connection,
            user_id: &str,
        ) -> Result<Vec<RosterMember>, sqlx::Error> {
            query(
                "SELECT d.device_id, d.name, d.registered_at, d.last_seen_at, d.revoked_at,
                     r.at, r.pending, r.oldest_unsent_at, r.storage, r.app_version,
                     CAST(NULL AS text) AS activity, CAST(NULL AS text) AS metrics,
                     r.rotation_sequence, r.rotation_id, r.storage_usage, r.storage_quota
                 FROM device AS d
                 LEFT JOIN report AS r ON r.user_id = d.user_id AND r.device_id = d.device_id
                 WHERE d.user_id = $1 ORDER BY d.device_id",
            )
            .bind(user_id)
            .try_map(|row: $row| {
                Ok(RosterMember { device: row::device(&row)?, report: row::report(&row)? })
            })
            .fetch_all(connection)
            .await
        }

        pub async fn fleet(
            connection: &mut $connection,
            params: &FleetParams,
        ) -> Result<FleetResult, sqlx::Error> {
            let (user_id, device_id) = params.after.clone().unwrap_or_default();
            let mut devices = query(
                "SELECT d.user_id, a.email, d.device_id, d.name, d.last_seen_at, d.revoked_at,
                     r.at, r.pending, r.oldest_unsent_at, r.storage, r.app_version,
                     coalesce(w.revision, 0) AS revision, coalesce(w.taken_revision, 0) AS taken_revision
                 FROM account AS a
                 JOIN device AS d ON d.user_id = a.user_id
                 LEFT JOIN report AS r ON r.user_id = d.user_id AND r.device_id = d.device_id
                 LEFT JOIN wish AS w ON w.user_id = d.user_id AND w.device_id = d.device_id
                 WHERE a.team = (SELECT s.team FROM account AS s WHERE s.user_id = $1 AND s.role = 'supervisor')
                     AND (d.user_id, d.device_id) > ($2, $3)
                 ORDER BY d.user_id, d.device_id LIMIT $4",
            )
            .bind(&params.supervisor_id)
            .bind(user_id)
            .bind(device_id)
            .bind(i64::from(params.limit) + 1)
            .try_map(|row: $row| row::fleet_device(&row))
            .fetch_all(connection)
            .await?;
            let has_more = devices.len() > params.limit as usize;
            devices.truncate(params.limit as usize);
            Ok(FleetResult { devices, has_more })
        }

        pub async fn wish(
            connection: &mut $connection,
            params: &WishParams,
        ) -> Result<Option<Wishes>, sqlx::Error> {
            let wishes = ask(connection, params).await?;
            if wishes.is_some() {
                $note(connection, &params.user_id, params.now, Some(params.noted())).await?;
            }
            Ok(wishes)
        }

        /// The same, audited by the caller.
        pub async fn ask(
            connection: &mut $connection,
            params: &WishParams,
        ) -> Result<Option<Wishes>, sqlx::Error> {
            // Whether it is there already or not, from here on nobody else changes it.
            let wishes = query(
                "INSERT INTO wish (user_id, device_id, revision, start_revision, settings_revision, taken_revision)
                 SELECT user_id, device_id, 0, 0, 0, 0 FROM device
                 WHERE user_id = $1 AND device_id = $2 AND revoked_at IS NULL
                 ON CONFLICT (user_id, device_id) DO UPDATE SET revision = wish.revision
                 RETURNING *",
            )
            .bind(&params.user_id)
            .bind(&params.device_id)
            .try_map(|row: $row| row::wishes(&row))
            .fetch_optional(&mut *connection)
            .await?;
            let Some(wishes) = wishes else { return Ok(None) };
            let wishes = params.added_to(&wishes);
            query(
                "UPDATE wish
                 SET revision = $3, start_revision = $4, settings_revision = $5, paused = $6, settings = $7
                 WHERE user_id = $1 AND device_id = $2",
            )
            .bind(&params.user_id)
            .bind(&params.device_id)
            .bind(stored(wishes.revision))
            .bind(stored(wishes.start_revision))
            .bind(stored(wishes.settings_revision))
            .bind(wishes.paused.map(i64::from))
            .bind(wishes.settings.as_ref().and_then(row::json_of))
            .execute(connection)
            .await?;
            Ok(Some(wishes))
        }

        pub async fn standing(
            connection: &mut $connection,
            instance: &str,
            params: &StandingParams,
        ) -> Result<Standing, sqlx::Error> {
            let head = query("SELECT change_number, roster_number FROM head WHERE user_id = $1")
                .bind(&params.user_id)
                .try_map(|row: $row| {
                    Ok((row::number(&row, "change_number")?, row::number(&row, "roster_number")?))
                })
                .fetch_optional(&mut *connection)
                .await?
                .unwrap_or_default();
            let mut known = None;
            if let Some(device_id) = &params.device_id {
                let device =
                    DeviceParams { user_id: params.user_id.clone(), device_id: device_id.clone() };
                known = wishes_of(connection, &device).await?;
            }
            let (wishes, is_revoked) = known.unwrap_or_default();
            Ok(Standing::of(instance, head, wishes, is_revoked))
        }

        /// The wishes for a device, and whether it is revoked.
        async fn wishes_of(
            connection: &mut $connection,
            params: &DeviceParams,
        ) -> Result<Option<(Wishes, bool)>, sqlx::Error> {
            query(
                "SELECT d.revoked_at, coalesce(w.revision, 0) AS revision,
                     coalesce(w.start_revision, 0) AS start_revision,
                     coalesce(w.settings_revision, 0) AS settings_revision,
                     w.paused, w.settings, coalesce(w.taken_revision, 0) AS taken_revision
                 FROM device AS d
                 LEFT JOIN wish AS w ON w.user_id = d.user_id AND w.device_id = d.device_id
                 WHERE d.user_id = $1 AND d.device_id = $2",
            )
            .bind(&params.user_id)
            .bind(&params.device_id)
            .try_map(|row: $row| {
                Ok((row::wishes(&row)?, row::optional_number(&row, "revoked_at")?.is_some()))
            })
            .fetch_optional(connection)
            .await
        }
    };
}

/// Every operation of [`FleetStore`](super::FleetStore) on a store that has `reader` and `write`.
macro_rules! fleet_store {
    ($store:ty, $queries:ident) => {
        #[async_trait]
        impl FleetStore for $store {
            async fn report(&self, params: ReportParams) -> Result<Wishes, StoreError> {
                Ok(self.write(async |connection| $queries::report(connection, &params).await).await?)
            }

            async fn known_device(&self, params: DeviceParams) -> Result<Option<KnownDevice>, StoreError> {
                Ok($queries::known_device(&mut *self.reader().await?, &params).await?)
            }

            async fn roster(&self, user_id: &str) -> Result<Vec<RosterMember>, StoreError> {
                Ok($queries::roster(&mut *self.reader().await?, user_id).await?)
            }

            async fn fleet(&self, params: FleetParams) -> Result<FleetResult, StoreError> {
                Ok($queries::fleet(&mut *self.reader().await?, &params).await?)
            }

            async fn wish(&self, params: WishParams) -> Result<Option<Wishes>, StoreError> {
                Ok(self.write(async |connection| $queries::wish(connection, &params).await).await?)
            }

            async fn standing(&self, params: StandingParams) -> Result<Standing, StoreError> {
                Ok($queries::standing(&mut *self.reader().await?, &self.instance, &params).await?)
            }
        }
    };
}

pub(super) use {fleet_queries, fleet_store};
