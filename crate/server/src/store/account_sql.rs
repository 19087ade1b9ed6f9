//! People, devices and logins in a database. Both databases understand these statements to the letter, so there is one
//! text of them, stamped for each: every one that writes is whole by itself, and what two of them do together is in the
//! caller's transaction.

/// The functions, for the connections and rows of one database.
macro_rules! account_queries {
    ($connection:ty, $row:ty) => {
        use fieldsync_protocol::Millis;
        use sqlx::{query, query_scalar};

        use $crate::store::account::{
            AddUserParams, AddUserResult, BeginLoginParams, Device, EndLoginParams, EndLoginResult,
            MAX_DEVICES, NoteParams, OverseesParams, RegisterDeviceParams, RegisterDeviceResult,
            RevokeDeviceParams, RotateParams, RotateResult, SEEN_EVERY, SeeDeviceParams, SeeDeviceResult,
            User, UserParams,
        };
        use $crate::store::audit::Noted;
        use $crate::store::row::{self, stored};

        pub async fn add_user(
            connection: &mut $connection,
            params: &AddUserParams,
        ) -> Result<AddUserResult, sqlx::Error> {
            let User { id, email, password_hash, role, team, created_at } = &params.user;
            let added = query("INSERT INTO account VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING")
                .bind(id)
                .bind(email)
                .bind(password_hash)
                .bind(row::name_of(role))
                .bind(team)
                .bind(stored(created_at.0))
                .execute(&mut *connection)
                .await?;
            let result =
                if added.rows_affected() > 0 { AddUserResult::Added } else { AddUserResult::EmailTaken };
            note(connection, id, *created_at, params.noted(result)).await?;
            Ok(result)
        }

        pub async fn user(
            connection: &mut $connection,
            params: &UserParams,
        ) -> Result<Option<User>, sqlx::Error> {
            let (sql, key) = match params {
                UserParams::Email(email) => ("SELECT * FROM account WHERE email = $1", email),
                UserParams::Id(id) => ("SELECT * FROM account WHERE user_id = $1", id),
            };
            query(sql).bind(key).try_map(|row: $row| row::user(&row)).fetch_optional(connection).await
        }

        pub async fn begin_login(
            connection: &mut $connection,
            params: &BeginLoginParams,
        ) -> Result<(), sqlx::Error> {
            query("INSERT INTO login VALUES ($1, $2, $3, $4, NULL, $5, $6)")
                .bind(&params.user_id)
                .bind(&params.login_id)
                .bind(&params.device_id)
                .bind(params.token.0.to_vec())
                .bind(stored(params.now.0))
                .bind(stored(params.expires_at.0))
                .execute(&mut *connection)
                .await?;
            note(connection, &params.user_id, params.now, Some(params.noted())).await
        }

        pub async fn rotate(
            connection: &mut $connection,
            params: &RotateParams,
        ) -> Result<RotateResult, sqlx::Error> {
            let result = rotate_only(connection, params).await?;
            note(connection, &params.user_id, params.now, params.noted(&result)).await?;
            Ok(result)
        }

        async fn rotate_only(
            connection: &mut $connection,
            params: &RotateParams,
        ) -> Result<RotateResult, sqlx::Error> {
            let rotated = query(
                "UPDATE login
                 SET previous_hash = CASE WHEN live_hash = $3 THEN live_hash ELSE previous_hash END,
                     live_hash = $4, expires_at = $6
                 WHERE user_id = $1 AND login_id = $2 AND expires_at > $5
                     AND (live_hash = $3 OR previous_hash = $3)
                     AND NOT EXISTS (SELECT 1 FROM device WHERE device.user_id = login.user_id
                         AND device.device_id = login.device_id AND revoked_at IS NOT NULL)
                 RETURNING device_id",
            )
            .bind(&params.user_id)
            .bind(&params.login_id)
            .bind(params.spent.0.to_vec())
            .bind(params.fresh.0.to_vec())
            .bind(stored(params.now.0))
            .bind(stored(params.expires_at.0))
            .try_map(|row: $row| row::optional_text(&row, "device_id"))
            .fetch_optional(&mut *connection)
            .await?;
            if let Some(device_id) = rotated {
                return Ok(RotateResult::Rotated { device_id });
            }
            let revoked: Option<String> = query_scalar(
                "SELECT device.device_id FROM login
                 JOIN device ON device.user_id = login.user_id AND device.device_id = login.device_id
                 WHERE login.user_id = $1 AND login_id = $2 AND expires_at > $4
                     AND (live_hash = $3 OR previous_hash = $3) AND revoked_at IS NOT NULL",
            )
            .bind(&params.user_id)
            .bind(&params.login_id)
            .bind(params.spent.0.to_vec())
            .bind(stored(params.now.0))
            .fetch_optional(&mut *connection)
            .await?;
            if let Some(device_id) = revoked {
                return Ok(RotateResult::Revoked { device_id });
            }
            let ended = query("DELETE FROM login WHERE user_id = $1 AND login_id = $2 AND expires_at > $3")
                .bind(&params.user_id)
                .bind(&params.login_id)
                .bind(stored(params.now.0))
                .execute(connection)
                .await?;
            Ok(if ended.rows_affected() > 0 { RotateResult::Reused } else { RotateResult::Unknown })
        }

        pub async fn end_login(
            connection: &mut $connection,
            params: &EndLoginParams,
        ) -> Result<EndLoginResult, sqlx::Error> {
            let ended = query("DELETE FROM login WHERE user_id = $1 AND login_id = $2 RETURNING device_id")
                .bind(&params.user_id)
                .bind(&params.login_id)
                .try_map(|row: $row| row::optional_text(&row, "device_id"))
                .fetch_optional(&mut *connection)
                .await?;
            let result =
                ended.map_or(EndLoginResult::Unknown, |device_id| EndLoginResult::Ended { device_id });
            note(connection, &params.user_id, params.now, result.noted()).await?;
            Ok(result)
        }

        pub async fn note_alone(
            connection: &mut $connection,
            params: &NoteParams,
        ) -> Result<(), sqlx::Error> {
            note(connection, &params.user_id, params.now, Some(params.noted.clone())).await
        }

        /// Writes the audit row of an account event. After everything else: it takes the lock that pushes wait for.
        pub async fn note(
            connection: &mut $connection,
            user_id: &str,
            at: Millis,
            noted: Option<Noted>,
        ) -> Result<(), sqlx::Error> {
            let Some(noted) = noted else { return Ok(()) };
            let number: i64 = query_scalar(
                "INSERT INTO head (user_id, change_number, audit_number, pruned_number, roster_number)
                 VALUES ($1, 0, 1, 0, $2)
                 ON CONFLICT (user_id) DO UPDATE
                 SET audit_number = head.audit_number + 1, roster_number = head.roster_number + $2
                 RETURNING audit_number",
            )
            .bind(user_id)
            .bind(i64::from(noted.changes_roster()))
            .fetch_one(&mut *connection)
            .await?;
            query(
                "INSERT INTO audit
                     (user_id, audit_number, at, event, actor_id, device_id, subject_id, status, code,
                      schedule_id, upload_id, changes_detected)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
            )
            .bind(user_id)
            .bind(number)
            .bind(stored(at.0))
            .bind(row::name_of(&noted.event))
            .bind(noted.actor_id)
            .bind(noted.device_id)
            .bind(noted.subject_id)
            .bind(row::name_of(&noted.outcome))
            .bind(noted.code.map(|code| code.as_str()))
            .bind(noted.schedule_id)
            .bind(noted.upload_id)
            .bind(noted.changes_detected.map(stored))
            .execute(connection)
            .await?;
            Ok(())
        }

        pub async fn oversees(
            connection: &mut $connection,
            params: &OverseesParams,
        ) -> Result<bool, sqlx::Error> {
            let found: Option<i32> = query_scalar(
                "SELECT 1 FROM account AS s JOIN account AS m ON m.team = s.team
                 WHERE s.user_id = $1 AND s.role = 'supervisor' AND m.user_id = $2",
            )
            .bind(&params.supervisor_id)
            .bind(&params.user_id)
            .fetch_optional(connection)
            .await?;
            Ok(found.is_some())
        }

        pub async fn register_device(
            connection: &mut $connection,
            params: &RegisterDeviceParams,
        ) -> Result<RegisterDeviceResult, sqlx::Error> {
            let known = device_of(connection, &params.user_id, &params.device_id).await?;
            let result = register_only(connection, params).await?;
            let noted = params.noted(known.as_ref(), &result);
            note(connection, &params.user_id, params.now, noted).await?;
            Ok(result)
        }

        async fn register_only(
            connection: &mut $connection,
            params: &RegisterDeviceParams,
        ) -> Result<RegisterDeviceResult, sqlx::Error> {
            if !may_have_login(connection, params).await? {
                return Ok(RegisterDeviceResult::LoginElsewhere);
            }
            let device = query(
                "INSERT INTO device (user_id, device_id, name, registered_at, last_seen_at)
                 SELECT $1, $2, coalesce($3, ''), $4, $4
                 WHERE (SELECT count(*) FROM device AS d WHERE d.user_id = $1 AND d.device_id <> $2) < $5
                 ON CONFLICT (user_id, device_id) DO UPDATE
                 SET name = coalesce($3, device.name),
                     last_seen_at = CASE WHEN device.last_seen_at > $4 THEN device.last_seen_at ELSE $4 END
                 WHERE device.revoked_at IS NULL
                 RETURNING *",
            )
            .bind(&params.user_id)
            .bind(&params.device_id)
            .bind(&params.name)
            .bind(stored(params.now.0))
            .bind(i64::from(MAX_DEVICES))
            .try_map(|row: $row| row::device(&row))
            .fetch_optional(&mut *connection)
            .await?;
            let Some(device) = device else {
                let known = device_of(connection, &params.user_id, &params.device_id).await?;
                return Ok(match known {
                    Some(_) => RegisterDeviceResult::Revoked,
                    None => RegisterDeviceResult::TooMany,
                });
            };
            query("UPDATE login SET device_id = $3 WHERE user_id = $1 AND login_id = $2")
                .bind(&params.user_id)
                .bind(&params.login_id)
                .bind(&params.device_id)
                .execute(connection)
                .await?;
            Ok(RegisterDeviceResult::Registered(device))
        }

        /// Whether the login goes on and is on no other device. It changes nothing: nobody else changes that from here on.
        async fn may_have_login(
            connection: &mut $connection,
            params: &RegisterDeviceParams,
        ) -> Result<bool, sqlx::Error> {
            let Some(login_id) = &params.login_id else { return Ok(true) };
            let found = query(
                "UPDATE login SET device_id = device_id
                 WHERE user_id = $1 AND login_id = $2 AND expires_at > $4
                     AND (device_id IS NULL OR device_id = $3)",
            )
            .bind(&params.user_id)
            .bind(login_id)
            .bind(&params.device_id)
            .bind(stored(params.now.0))
            .execute(connection)
            .await?;
            Ok(found.rows_affected() > 0)
        }

        pub async fn devices(
            connection: &mut $connection,
            user_id: &str,
        ) -> Result<Vec<Device>, sqlx::Error> {
            query("SELECT * FROM device WHERE user_id = $1 ORDER BY device_id")
                .bind(user_id)
                .try_map(|row: $row| row::device(&row))
                .fetch_all(connection)
                .await
        }

        pub async fn revoke_device(
            connection: &mut $connection,
            params: &RevokeDeviceParams,
        ) -> Result<Option<Device>, sqlx::Error> {
            let known = device_of(connection, &params.user_id, &params.device_id).await?;
            let device = query(
                "UPDATE device SET revoked_at = coalesce(revoked_at, $3)
                 WHERE user_id = $1 AND device_id = $2 RETURNING *",
            )
            .bind(&params.user_id)
            .bind(&params.device_id)
            .bind(stored(params.now.0))
            .try_map(|row: $row| row::device(&row))
            .fetch_optional(&mut *connection)
            .await?;
            // Its login stays until it expires, good for nothing: so the device learns why.
            note(connection, &params.user_id, params.now, params.noted(known.as_ref())).await?;
            Ok(device)
        }

        /// What a device that calls may do, and whether it is time to write that it was seen.
        pub async fn look_at_device(
            connection: &mut $connection,
            params: &SeeDeviceParams,
        ) -> Result<(SeeDeviceResult, bool), sqlx::Error> {
            Ok(match device_of(connection, &params.user_id, &params.device_id).await? {
                None => (SeeDeviceResult::Unknown, false),
                Some(device) if device.revoked_at.is_some() => (SeeDeviceResult::Revoked, false),
                Some(device) => (SeeDeviceResult::Registered, device.last_seen_at + SEEN_EVERY <= params.now),
            })
        }

        pub async fn mark_seen(
            connection: &mut $connection,
            params: &SeeDeviceParams,
        ) -> Result<(), sqlx::Error> {
            query(
                "UPDATE device SET last_seen_at = $3
                 WHERE user_id = $1 AND device_id = $2 AND last_seen_at < $3",
            )
            .bind(&params.user_id)
            .bind(&params.device_id)
            .bind(stored(params.now.0))
            .execute(connection)
            .await?;
            Ok(())
        }

        async fn device_of(
            connection: &mut $connection,
            user_id: &str,
            device_id: &str,
        ) -> Result<Option<Device>, sqlx::Error> {
            query("SELECT * FROM device WHERE user_id = $1 AND device_id = $2")
                .bind(user_id)
                .bind(device_id)
                .try_map(|row: $row| row::device(&row))
                .fetch_optional(connection)
                .await
        }
    };
}

/// Every operation of [`AccountStore`](super::AccountStore) on a store that has `read` and `write`, which do some work on
/// a connection.
macro_rules! account_store {
    ($store:ty, $queries:ident) => {
        #[async_trait]
        impl AccountStore for $store {
            async fn add_user(&self, params: AddUserParams) -> Result<AddUserResult, StoreError> {
                Ok(self.write(async |connection| $queries::add_user(connection, &params).await).await?)
            }

            async fn user(&self, params: UserParams) -> Result<Option<User>, StoreError> {
                Ok($queries::user(&mut *self.reader().await?, &params).await?)
            }

            async fn begin_login(&self, params: BeginLoginParams) -> Result<(), StoreError> {
                Ok(self.write(async |connection| $queries::begin_login(connection, &params).await).await?)
            }

            async fn rotate(&self, params: RotateParams) -> Result<RotateResult, StoreError> {
                Ok(self.write(async |connection| $queries::rotate(connection, &params).await).await?)
            }

            async fn end_login(&self, params: EndLoginParams) -> Result<EndLoginResult, StoreError> {
                Ok(self.write(async |connection| $queries::end_login(connection, &params).await).await?)
            }

            async fn note(&self, params: NoteParams) -> Result<(), StoreError> {
                Ok(self.write(async |connection| $queries::note_alone(connection, &params).await).await?)
            }

            async fn oversees(&self, params: OverseesParams) -> Result<bool, StoreError> {
                Ok($queries::oversees(&mut *self.reader().await?, &params).await?)
            }

            async fn register_device(
                &self,
                params: RegisterDeviceParams,
            ) -> Result<RegisterDeviceResult, StoreError> {
                Ok(self
                    .write(async |connection| $queries::register_device(connection, &params).await)
                    .await?)
            }

            async fn devices(&self, user_id: &str) -> Result<Vec<Device>, StoreError> {
                Ok($queries::devices(&mut *self.reader().await?, user_id).await?)
            }

            async fn revoke_device(&self, params: RevokeDeviceParams) -> Result<Option<Device>, StoreError> {
                Ok(self.write(async |connection| $queries::revoke_device(connection, &params).await).await?)
            }

            async fn see_device(&self, params: SeeDeviceParams) -> Result<SeeDeviceResult, StoreError> {
                let (known, is_due) = $queries::look_at_device(&mut *self.reader().await?, &params).await?;
                if is_due {
                    self.write(async |connection| $queries::mark_seen(connection, &params).await).await?;
                }
                Ok(known)
            }
        }
    };
}

pub(super) use {account_queries, account_store};
