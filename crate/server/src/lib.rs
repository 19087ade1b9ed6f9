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
//! Beside them `ping`, the app's files (`www`), and the demo's properties and QR codes (`demo`, `qr`).

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;

use thiserror::Error;
use tokio::net::TcpListener;

use crate::config::{ConfigError, ExportConfig, ServeConfig, database_file};
use crate::connections::Limits;
use crate::store::{SqliteStore, Store, StoreError};

mod auth;
mod body;
mod changes;
mod clock;
pub mod config;
mod connections;
pub mod content_hash;
pub mod cursor;
mod demo;
pub mod examine;
mod headers;
mod host;
pub mod judge;
mod ping;
mod problem;
mod push;
mod qr;
pub mod record;
mod router;
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
    let store = SqliteStore::open(&database_file(&config.database)?)
        .await
        .map_err(|error| ServerError::Store(error, config.database.clone()))?;
    let listener =
        TcpListener::bind(config.listen).await.map_err(|error| ServerError::Listen(error, config.listen))?;
    ready(listener.local_addr()?)?;

    let router = router::router(Arc::new(store.clone()), config.www.as_deref(), config.demo);
    connections::answer(listener, router, Limits::default(), stop).await;
    store.close().await;
    Ok(())
}

/// Writes what a database holds as JSON lines: one an entity, then one a receipt.
pub async fn export(config: &ExportConfig, out: &mut impl io::Write) -> Result<(), ServerError> {
    let store = SqliteStore::open_to_read(&database_file(&config.database)?);
    let held = store.export().await.map_err(|error| ServerError::Store(error, config.database.clone()))?;
    for entity in &held.entities {
        writeln!(out, "{}", serde_json::to_string(entity).map_err(io::Error::from)?)?;
    }
    for receipt in &held.receipts {
        writeln!(out, "{}", serde_json::to_string(receipt).map_err(io::Error::from)?)?;
    }
    store.close().await;
    Ok(out.flush()?)
}
