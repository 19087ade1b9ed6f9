//! Schedules in a database. Both databases understand these statements to the letter but for one lock, so there is one
//! text of them, stamped for each.

/// The functions, for the connections and rows of one database. `$queries` are those for accounts, which audit; `$fleet`
/// those for what is asked of devices; `$lock` passes over what another holds.
macro_rules! schedule_queries {
    ($connection:ty, $row:ty, $accounts:path, $fleet:path, $lock:literal) => {
        use fieldsync_protocol::{MAX_SCHEDULE_RUNS, MAX_SCHEDULES, RunOutcome, Schedule, ScheduleRun};
        use sqlx::{query, query_scalar};
        use $accounts as accounts;
        use $fleet as fleet;

        use $crate::store::row::{self, stored};
        use $crate::store::schedule::{
            CreateScheduleParams, CreateScheduleResult, DisableScheduleParams, DueParams, DueSchedule,
            KEEP_DISABLED, RunScheduleParams, ScheduleRunsParams, ToldParams,
        };

        pub async fn create(
            connection: &mut $connection,
            params: &CreateScheduleParams,
        ) -> Result<CreateScheduleResult, sqlx::Error> {
            forget_disabled(connection, params).await?;
            let draft = &params.draft;
            let made = query(
                "INSERT INTO schedule
                     (user_id, schedule_id, device_id, schedule_type, time_of_day, time_zone, day_of_week,
                      day_of_month, sync_deletions, resolve_conflicts, created_at, next_run_at, run_number)
                 SELECT $1, $2, d.device_id, $4, $5, $6, $7, $8, $9, $10, $11, $12, 0
                 FROM device AS d
                 WHERE d.user_id = $1 AND d.device_id = $3 AND d.revoked_at IS NULL
                     AND (SELECT count(*) FROM schedule AS s WHERE s.user_id = $1 AND s.disabled_at IS NULL) < $13
                 RETURNING *",
            )
            .bind(&params.user_id)
            .bind(&params.schedule_id)
            .bind(&draft.device_id)
            .bind(row::name_of(&draft.schedule_type))
            .bind(&draft.time_of_day)
            .bind(&draft.time_zone)
            .bind(draft.day_of_week.as_ref().and_then(row::name_of))
            .bind(draft.day_of_month.map(i64::from))
            .bind(i64::from(draft.sync_deletions))
            .bind(row::name_of(&draft.resolve_conflicts))
            .bind(stored(params.now.0))
            .bind(stored(params.next_run_at.0))
            .bind(i64::from(MAX_SCHEDULES))
            .try_map(|row: $row| row::schedule(&row))
            .fetch_optional(&mut *connection)
            .await?;
            let Some(schedule) = made else {
                let device: Option<String> = query_scalar(
                    "SELECT device_id FROM device WHERE user_id = $1 AND device_id = $2 AND revoked_at IS NULL",
                )
                .bind(&params.user_id)
                .bind(&draft.device_id)
                .fetch_optional(connection)
                .await?;
                return Ok(match device {
                    Some(_) => CreateScheduleResult::TooMany,
                    None => CreateScheduleResult::NoSuchDevice,
                });
            };
            accounts::note(connection, &params.user_id, params.now, Some(params.noted())).await?;
            Ok(CreateScheduleResult::Created(schedule))
        }

        /// Of schedules that were disabled long ago nothing stays but the audit.
        async fn forget_disabled(
            connection: &mut $connection,
            params: &CreateScheduleParams,
        ) -> Result<(), sqlx::Error> {
            for sql in [
                "DELETE FROM schedule_run WHERE user_id = $1 AND schedule_id IN
                     (SELECT schedule_id FROM schedule WHERE user_id = $1 AND disabled_at < $2)",
                "DELETE FROM schedule WHERE user_id = $1 AND disabled_at < $2",
            ] {
                query(sql)
                    .bind(&params.user_id)
                    .bind(stored((params.now - KEEP_DISABLED).0))
                    .execute(&mut *connection)
                    .await?;
            }
            Ok(())
        }

        pub async fn schedules(
            connection: &mut $connection,
            user_id: &str,
        ) -> Result<Vec<Schedule>, sqlx::Error> {
            query("SELECT * FROM schedule WHERE user_id = $1 ORDER BY created_at, schedule_id")
                .bind(user_id)
                .try_map(|row: $row| row::schedule(&row))
                .fetch_all(connection)
                .await
        }

        pub async fn disable(
            connection: &mut $connection,
            params: &DisableScheduleParams,
        ) -> Result<Option<Schedule>, sqlx::Error> {
            let disabled = query(
                "UPDATE schedule SET disabled_at = $3, next_run_at = NULL
                 WHERE user_id = $1 AND schedule_id = $2 AND disabled_at IS NULL RETURNING *",
            )
            .bind(&params.user_id)
            .bind(&params.schedule_id)
            .bind(stored(params.now.0))
            .try_map(|row: $row| row::schedule(&row))
            .fetch_optional(&mut *connection)
            .await?;
            if let Some(schedule) = &disabled {
                let noted = params.noted(&schedule.draft.device_id);
                accounts::note(connection, &params.user_id, params.now, Some(noted)).await?;
                return Ok(disabled);
            }
            query("SELECT * FROM schedule WHERE user_id = $1 AND schedule_id = $2")
                .bind(&params.user_id)
                .bind(&params.schedule_id)
                .try_map(|row: $row| row::schedule(&row))
                .fetch_optional(connection)
                .await
        }

        pub async fn runs(
            connection: &mut $connection,
            params: &ScheduleRunsParams,
        ) -> Result<Option<Vec<ScheduleRun>>, sqlx::Error> {
            let known: Option<String> =
                query_scalar("SELECT schedule_id FROM schedule WHERE user_id = $1 AND schedule_id = $2")
                    .bind(&params.user_id)
                    .bind(&params.schedule_id)
                    .fetch_optional(&mut *connection)
                    .await?;
            if known.is_none() {
                return Ok(None);
            }
            let runs = query(
                "SELECT * FROM schedule_run WHERE user_id = $1 AND schedule_id = $2 ORDER BY run_number DESC",
            )
            .bind(&params.user_id)
            .bind(&params.schedule_id)
            .try_map(|row: $row| row::schedule_run(&row))
            .fetch_all(connection)
            .await?;
            Ok(Some(runs))
        }

        pub async fn due(
            connection: &mut $connection,
            params: &DueParams,
        ) -> Result<Vec<DueSchedule>, sqlx::Error> {
            let after = params.after.as_ref();
            query(
                "SELECT * FROM schedule
                 WHERE next_run_at <= $1 AND (next_run_at, user_id, schedule_id) > ($2, $3, $4)
                 ORDER BY next_run_at, user_id, schedule_id LIMIT $5",
            )
            .bind(stored(params.now.0))
            .bind(after.map_or(-1, |after| stored(after.due_at.0)))
            .bind(after.map_or("", |after| &after.user_id))
            .bind(after.map_or("", |after| &after.schedule_id))
            .bind(i64::from(params.limit))
            .try_map(|row: $row| row::due_schedule(&row))
            .fetch_all(connection)
            .await
        }

        pub async fn run(
            connection: &mut $connection,
            params: &RunScheduleParams,
        ) -> Result<Option<ScheduleRun>, sqlx::Error> {
            let taken = query(concat!(
                "UPDATE schedule SET next_run_at = $4, last_run_at = $5, run_number = run_number + 1
                 WHERE (user_id, schedule_id) IN
                     (SELECT user_id, schedule_id FROM schedule
                      WHERE user_id = $1 AND schedule_id = $2 AND next_run_at = $3 ",
                $lock,
                ")
                 RETURNING device_id, run_number, told_number",
            ))
            .bind(&params.user_id)
            .bind(&params.schedule_id)
            .bind(stored(params.due_at.0))
            .bind(stored(params.next_run_at.0))
            .bind(stored(params.now.0))
            .try_map(|row: $row| {
                let told = row::optional_number(&row, "told_number")?.unwrap_or_default();
                let device_id = row::optional_text(&row, "device_id")?.unwrap_or_default();
                Ok((device_id, row::number(&row, "run_number")?, told))
            })
            .fetch_optional(&mut *connection)
            .await?;
            let Some((device_id, number, told)) = taken else { return Ok(None) };
            let (mut changes, mut is_asked) = (0, false);
            if !params.has_failed {
                changes = changes_after(connection, &params.user_id, told).await?;
                is_asked = fleet::ask(connection, &params.wish(&device_id)).await?.is_some();
            }
            let run = params.run(number, changes, is_asked);
            if run.outcome == RunOutcome::Revoked {
                query(
                    "UPDATE schedule SET next_run_at = NULL, disabled_at = $3
                     WHERE user_id = $1 AND schedule_id = $2",
                )
                .bind(&params.user_id)
                .bind(&params.schedule_id)
                .bind(stored(params.now.0))
                .execute(&mut *connection)
                .await?;
            }
            keep_run(connection, params, &run).await?;
            let noted = params.noted(device_id, &run);
            accounts::note(connection, &params.user_id, params.now, Some(noted)).await?;
            Ok(Some(run))
        }

        /// How many of a person's records have changed. A device that knows of none need not hear of those that are gone.
        async fn changes_after(
            connection: &mut $connection,
            user_id: &str,
            number: u64,
        ) -> Result<u64, sqlx::Error> {
            let count: i64 = query_scalar(
                "SELECT count(*) FROM entity
                 WHERE user_id = $1 AND change_number > $2 AND (data IS NOT NULL OR $2 > 0)",
            )
            .bind(user_id)
            .bind(stored(number))
            .fetch_one(connection)
            .await?;
            Ok(u64::try_from(count).unwrap_or_default())
        }

        async fn keep_run(
            connection: &mut $connection,
            params: &RunScheduleParams,
            run: &ScheduleRun,
        ) -> Result<(), sqlx::Error> {
            query("INSERT INTO schedule_run VALUES ($1, $2, $3, $4, $5, $6, $7)")
                .bind(&params.user_id)
                .bind(&params.schedule_id)
                .bind(stored(run.number))
                .bind(stored(run.at.0))
                .bind(stored(run.due_at.0))
                .bind(stored(run.changes_detected))
                .bind(row::name_of(&run.outcome))
                .execute(&mut *connection)
                .await?;
            query("DELETE FROM schedule_run WHERE user_id = $1 AND schedule_id = $2 AND run_number <= $3")
                .bind(&params.user_id)
                .bind(&params.schedule_id)
                .bind(stored(run.number.saturating_sub(u64::from(MAX_SCHEDULE_RUNS))))
                .execute(connection)
                .await?;
            Ok(())
        }

        /// Whether a schedule of a device does not know yet what that was told.
        pub async fn wants_to_know(
            connection: &mut $connection,
            params: &ToldParams,
        ) -> Result<bool, sqlx::Error> {
            let found: Option<i32> = query_scalar(
                "SELECT 1 FROM schedule
                 WHERE user_id = $1 AND device_id = $2 AND disabled_at IS NULL AND coalesce(told_number, -1) <> $3
                 LIMIT 1",
            )
            .bind(&params.user_id)
            .bind(&params.device_id)
            .bind(stored(params.number))
            .fetch_optional(connection)
            .await?;
            Ok(found.is_some())
        }

        pub async fn told(
            connection: &mut $connection,
            params: &ToldParams,
        ) -> Result<(), sqlx::Error> {
            query(
                "UPDATE schedule SET told_number = $3
                 WHERE user_id = $1 AND device_id = $2 AND disabled_at IS NULL",
            )
            .bind(&params.user_id)
            .bind(&params.device_id)
            .bind(stored(params.number))
            .execute(connection)
            .await?;
            Ok(())
        }
    };
}

/// Every operation of [`ScheduleStore`](super::ScheduleStore) on a store that has `reader` and `write`.
macro_rules! schedule_store {
    ($store:ty, $queries:ident) => {
        #[async_trait]
        impl ScheduleStore for $store {
            async fn create_schedule(
                &self,
                params: CreateScheduleParams,
            ) -> Result<CreateScheduleResult, StoreError> {
                Ok(self.write(async |connection| $queries::create(connection, &params).await).await?)
            }

            async fn schedules(&self, user_id: &str) -> Result<Vec<Schedule>, StoreError> {
                Ok($queries::schedules(&mut *self.reader().await?, user_id).await?)
            }

            async fn disable_schedule(
                &self,
                params: DisableScheduleParams,
            ) -> Result<Option<Schedule>, StoreError> {
                Ok(self.write(async |connection| $queries::disable(connection, &params).await).await?)
            }

            async fn schedule_runs(
                &self,
                params: ScheduleRunsParams,
            ) -> Result<Option<Vec<ScheduleRun>>, StoreError> {
                Ok($queries::runs(&mut *self.reader().await?, &params).await?)
            }

            async fn due_schedules(&self, params: DueParams) -> Result<Vec<DueSchedule>, StoreError> {
                Ok($queries::due(&mut *self.reader().await?, &params).await?)
            }

            async fn run_schedule(
                &self,
                params: RunScheduleParams,
            ) -> Result<Option<ScheduleRun>, StoreError> {
                Ok(self.write(async |connection| $queries::run(connection, &params).await).await?)
            }

            async fn told(&self, params: ToldParams) -> Result<(), StoreError> {
                if $queries::wants_to_know(&mut *self.reader().await?, &params).await? {
                    self.write(async |connection| $queries::told(connection, &params).await).await?;
                }
                Ok(())
            }
        }
    };
}

pub(super) use {schedule_queries, schedule_store};
