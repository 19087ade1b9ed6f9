//! The fieldsync reference server: takes what devices push, each item exactly once, and serves the app.
//!
//! A push goes through these rooms, each of which can refuse it:
//!
//! 1. `connections`: how many, and how long until one says what it wants
//! 2. `router`: time limit, panics, and errors made into problem documents; `headers`, `problem`, `host`
//! 3. `auth`: who is calling; `body`: JSON within limits; `push`: the request as a whole
//! 4. [`examine`]: what each item says by itself, its [`record`], and its [`content_hash`]
//! 5. [`store`]: one transaction that finds what bears on the items, has [`judge`] decide, and writes the verdict
//!
//! `changes` goes the other way: what a user's devices have not seen since their [`cursor`].
//!
//! `heartbeat` takes how devices are doing, `fleet` shows it to a supervisor, and `background` keeps what is asked of
//! devices. `audit` tells who did what.
//!
//! Beside them `ping`, the app's files (`www`), and the demo's properties and QR codes (`demo`, `qr`).

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use fieldsync_protocol::Credentials;
use thiserror::Error;
use tokio::net::TcpListener;

use crate::auth::Auth;
use crate::auth::password;
use crate::auth::secret::{Secret, SecretError, new_id};
use crate::config::{AddUserConfig, ConfigError, Database, DatabaseConfig, ServeConfig};
use crate::connections::Limits;
use crate::state::AppState;
use crate::store::account::{AddUserParams, AddUserResult, User};
use crate::store::{PostgresStore, SqliteStore, Store, StoreError};

mod account;
mod audit;
mod auth;
mod background;
mod body;
mod changes;
mod clock;
pub mod config;
mod connections;
pub mod content_hash;
pub mod cursor;
mod demo;
mod demo_users;
mod device;
pub mod examine;
mod fleet;
mod headers;
mod heartbeat;
mod host;
pub mod judge;
mod ping;
mod problem;
mod push;
mod qr;
pub mod record;
mod router;
mod state;
pub mod store;
mod www;

/// Why a server did not start, or broke down.
#[derive(Debug, Error)]
pub enum ServerError {
    /// What was asked for cannot be done.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be opened or read.
    #[error("{1}: {0}")]
    Store(#[source] StoreError, String),
    /// An account cannot be made; the text says why.
    #[error("{0}")]
    Account(String),
    /// The secret beside a database cannot be read or made.
    #[error(transparent)]
    Secret(#[from] SecretError),
    /// The address cannot be listened on.
    #[error("cannot listen on {1}: {0}")]
    Listen(#[source] io::Error, SocketAddr),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves until `stop` is done, then lets running requests end. `ready` is told the address once requests are taken.
pub async fn serve(
    config: &ServeConfig,
    ready: impl FnOnce(SocketAddr) -> io::Result<()>,
    stop: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    config.check()?;
    let store = open(&Database::parse(&config.database)?).await?;
    let auth = Auth::new(&secret(config)?, config.demo);
    if config.demo {
        tracing::info!("demo: a request without an access token is taken as {}'s", auth::DEMO_USER);
        demo_users::make(&*store, &auth.passwords)
            .await
            .map_err(|error| io::Error::other(error.to_string()))?;
    }
    let listener =
        TcpListener::bind(config.listen).await.map_err(|error| ServerError::Listen(error, config.listen))?;
    ready(listener.local_addr()?)?;

    let router =
        router::router(AppState { store: Arc::clone(&store), auth }, config.www.as_deref(), config.demo);
    connections::answer(listener, router, Limits::default(), stop).await;
    store.close().await;
    Ok(())
}

/// What signs the access tokens. That of a demo on PostgreSQL ends with it.
fn secret(config: &ServeConfig) -> Result<Secret, ServerError> {
    Ok(match (&config.secret, Database::parse(&config.database)?) {
        (Some(secret), _) => secret.clone(),
        (None, Database::File(file)) => Secret::beside(&file)?,
        (None, Database::Postgres(_)) => Secret::for_now()?,
    })
}

/// Opens a database and brings its tables up to date.
async fn open(database: &Database) -> Result<Arc<dyn Store>, ServerError> {
    let opened: Result<Arc<dyn Store>, StoreError> = match database {
        Database::File(file) => SqliteStore::open(file).await.map(|store| Arc::new(store) as _),
        Database::Postgres(url) => PostgresStore::open(url).await.map(|store| Arc::new(store) as _),
    };
    opened.map_err(|error| ServerError::Store(error, database.to_string()))
}

/// Brings the tables of a database up to date.
pub async fn migrate(config: &DatabaseConfig) -> Result<(), ServerError> {
    open(&Database::parse(&config.database)?).await?.close().await;
    Ok(())
}

/// Makes an account.
pub async fn add_user(config: &AddUserConfig, password: &str) -> Result<(), ServerError> {
    let database = Database::parse(&config.database.database)?;
    let given = Credentials { email: config.email.clone(), password: password.to_owned(), device_id: None };
    if let Some(fault) = given.validate().first() {
        return Err(ServerError::Account(fault.message.clone()));
    }
    let failed = |error: String| ServerError::Account(error);
    let user = User {
        id: new_id().map_err(|error| failed(error.to_string()))?,
        email: given.address(),
        password_hash: password::hash(password).map_err(|error| failed(error.to_string()))?,
        role: config.role,
        team: config.team.clone(),
        created_at: clock::now(),
    };
    let store = open(&database).await?;
    let added = store.add_user(AddUserParams { user }).await;
    store.close().await;
    match added.map_err(|error| ServerError::Store(error, database.to_string()))? {
        AddUserResult::Added => Ok(()),
        AddUserResult::EmailTaken => Err(failed("There is an account with this address already.".into())),
    }
}

/// Writes what a database holds as JSON lines: one an entity, then one a receipt.
pub async fn export(config: &DatabaseConfig, out: &mut impl io::Write) -> Result<(), ServerError> {
    let database = Database::parse(&config.database)?;
    let failed = |error| ServerError::Store(error, database.to_string());
    let store: Box<dyn Store> = match &database {
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
