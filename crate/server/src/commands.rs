//! What the command line does beside serving.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::Path;

use fieldsync_protocol::Credentials;

use crate::auth::password;
use crate::auth::secret::new_id;
use crate::config::cli::NewUser;
use crate::config::{Config, ConfigError, Database};
use crate::store::account::{AddUserParams, AddUserResult, User};
use crate::store::{PostgresStore, SqliteStore, Store};
use crate::{ServerError, clock, open};

/// Brings the tables of a database up to date.
pub async fn migrate(config: &Config) -> Result<(), ServerError> {
    open(config).await?.close().await;
    Ok(())
}

/// Makes an account.
pub async fn add_user(config: &Config, new: &NewUser, password: &str) -> Result<(), ServerError> {
    let given = Credentials { email: new.email.clone(), password: password.to_owned(), device_id: None };
    if let Some(fault) = given.validate().first() {
        return Err(ServerError::Account(fault.message.clone()));
    }
    let failed = |error: String| ServerError::Account(error);
    let user = User {
        id: new_id().map_err(|error| failed(error.to_string()))?,
        email: given.address(),
        password_hash: password::hash(password).map_err(|error| failed(error.to_string()))?,
        role: new.role,
        team: new.team.clone(),
        created_at: clock::now(),
    };
    let store = open(config).await?;
    let added = store.add_user(AddUserParams { user }).await;
    store.close().await;
    match added.map_err(|error| ServerError::Store(error, config.database.to_string()))? {
        AddUserResult::Added => Ok(()),
        AddUserResult::EmailTaken => Err(failed("There is an account with this address already.".into())),
    }
}

/// Writes what a database holds as JSON lines: one an entity, then one a receipt.
pub async fn export(config: &Config, out: &mut impl io::Write) -> Result<(), ServerError> {
    let failed = |error| ServerError::Store(error, config.database.to_string());
    let store: Box<dyn Store> = match &config.database {
        Database::File(file) => Box::new(SqliteStore::open_to_read(file)),
        Database::Postgres(url) => Box::new(PostgresStore::open_to_read(url).map_err(failed)?),
    };
    let held = store.export().await.map_err(failed)?;
    for entity in &held.entities {
        writeln!(out, "{}", serde_json::to_string(entity).map_err(io::Error::from)?)?;
    }
    for receipt in &held.receipts {
        writeln!(out, "{}", serde_json::to_string(receipt).map_err(io::Error::from)?)?;
    }
    store.close().await;
    Ok(out.flush()?)
}

/// Copies the database into a new file that only its owner can read. A copy that failed is removed.
pub async fn backup(config: &Config, to: &Path) -> Result<(), ServerError> {
    let Database::File(file) = &config.database else { return Err(ConfigError::BackupOfPostgres.into()) };
    let failed = |error: &dyn std::fmt::Display| ServerError::Backup(format!("{}: {error}", to.display()));
    let made = create_private(to).map_err(|error| failed(&error))?;
    let store = SqliteStore::open_to_read(file);
    let copied = store.backup(to).await;
    store.close().await;
    let outcome = copied
        .map_err(|error| ServerError::Store(error, config.database.to_string()))
        .and_then(|()| made.sync_all().map_err(|error| failed(&error)));
    if outcome.is_err() {
        fs::remove_file(to)?;
    }
    outcome
}

/// A new, empty file; none that is there is written over.
fn create_private(file: &Path) -> io::Result<fs::File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    options.open(file)
}
