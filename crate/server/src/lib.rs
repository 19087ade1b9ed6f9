//! The fieldsync reference server: takes what devices push, each item exactly once, and serves the app.
//!
//! A push goes through these rooms, each of which can refuse it:
//!
//! 1. `connections`: how many, and how long until one says what it wants
//! 2. `observe`: its id, for the log, and its time, for `metrics`; `router`: time limit, panics, and errors made into problem documents; `headers`, `problem`, `host`
//! 3. `rate`: how often; `auth`: who is calling; `body`: JSON within limits; `push`: the request as a whole
//! 4. [`examine`]: what each item says by itself, its [`record`], and its [`content_hash`]
//! 5. [`store`]: one transaction that finds what bears on the items, has [`judge`] decide, and writes the verdict
//!
//! `changes` goes the other way: what a user's devices have not seen since their [`cursor`].
//!
//! `events` tells devices that there is something to ask for, and [`notice`] carries the word to all streams.
//! `heartbeat` takes how devices are doing, `fleet` shows it to a supervisor, and `background` keeps what is asked of
//! devices. `audit` tells who did what.
//!
//! Every night `housekeeping` removes what is older than anybody asks for.
//!
//! `upload` takes files, over links that break, and `download` gives them; [`files`] is where their bytes are. `thumbnail` makes
//! small pictures of photos.
//!
//! `forms` is what assessments ask for, built in or the organisation's own.
//!
//! Beside them `ping`, the app's files (`www`), and the demo's properties and QR codes (`demo`, `qr`).

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;
use tokio::net::TcpListener;
use tokio::sync::{Notify, oneshot};

use crate::auth::Auth;
use crate::auth::secret::{Secret, SecretError, new_id};
use crate::bandwidth::pace::Paces;
use crate::config::{Config, ConfigError, Database, FilesAt};
use crate::connections::Limits;
use crate::files::Files;
use crate::forms::Forms;
use crate::housekeeping::Chores;
use crate::metrics::{Metrics, Told};
use crate::notice::{Hub, Notifier, PgNotifier};
use crate::rate::Rates;
use crate::state::AppState;
use crate::store::{PostgresStore, SqliteStore, Store, StoreError};
use crate::upload::{Places, Uploads};

pub use crate::commands::{add_user, backup, export, migrate};
pub use crate::worker::work;

mod account;
mod audit;
mod auth;
mod background;
mod bandwidth;
mod body;
mod changes;
mod clock;
mod commands;
pub mod config;
mod connections;
pub mod content_hash;
pub mod cursor;
mod demo;
mod demo_users;
mod device;
mod docs;
mod download;
mod events;
pub mod examine;
pub mod files;
mod fleet;
mod forms;
mod headers;
mod health;
mod heartbeat;
mod host;
mod housekeeping;
pub mod judge;
mod keystore;
pub mod log;
mod metrics;
pub mod notice;
mod observe;
pub mod openapi;
mod ping;
mod place;
mod problem;
mod push;
mod qr;
mod rate;
pub mod record;
mod router;
mod schedule;
mod state;
pub mod store;
mod thumbnail;
mod tls;
mod unread;
mod upload;
mod worker;
mod www;

/// A person's devices listen with one stream each, and a page now and then with one more.
const STREAMS_OF_A_PERSON: usize = 64;
/// Whoever asks for figures needs a few at most.
const METRICS_CONNECTIONS: usize = 8;

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
    /// The directory or bucket for files cannot be made or opened.
    #[error("{1}: {0}")]
    Files(#[source] io::Error, String),
    /// HTTPS cannot be served.
    #[error(transparent)]
    Tls(#[from] tls::TlsError),
    /// The address cannot be listened on.
    #[error("cannot listen on {1}: {0}")]
    Listen(#[source] io::Error, SocketAddr),
    /// A backup cannot be made; the text names the file.
    #[error("{0}")]
    Backup(String),
    /// Reading or writing failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Serves until `stop` is done, then lets running requests end. `ready` is told the address once requests are taken.
pub async fn serve(
    config: &Config,
    ready: impl FnOnce(SocketAddr) -> io::Result<()>,
    stop: impl Future<Output = ()>,
) -> Result<(), ServerError> {
    config.check()?;
    let forms = Forms::read(config.forms.as_deref()).map_err(ConfigError::from)?;
    let store = open(config).await?;
    let files = files(config)?;
    let auth = Auth::new(&secret(config)?, config.demo);
    if config.demo {
        tracing::info!("demo: a request without an access token is taken as {}'s", auth::DEMO_USER);
        demo_users::make(&*store, &auth.passwords)
            .await
            .map_err(|error| io::Error::other(error.to_string()))?;
    }
    let tls = config.tls.as_ref().map(tls::acceptor).transpose()?;
    let listener = listen(config.listen).await?;
    let figures = match config.metrics_listen {
        Some(address) => Some(listen(address).await?),
        None => None,
    };
    if let Some(figures) = &figures {
        tracing::info!("metrics are at http://{}/metrics", figures.local_addr()?);
    }
    ready(listener.local_addr()?)?;

    let metrics = Arc::new(Metrics::default());
    let notices = notifier(config)?;
    let (drained, until_drained) = oneshot::channel::<()>();
    let figures = figures.map(|listener| {
        let (metrics, store, notices) = (Arc::clone(&metrics), Arc::clone(&store), Arc::clone(&notices));
        let router = metrics::router(Told { metrics, store, notices });
        let limits = Limits { connections: METRICS_CONNECTIONS, grace: Duration::ZERO, ..Limits::default() };
        // Told to the end of the drain, and no longer.
        let drained = async { until_drained.await.unwrap_or_default() };
        tokio::spawn(connections::answer(listener, None, router, limits, drained))
    });
    let housekeeping = housekeeping::begin(chores(config, &store, files.clone()));
    let schedules = schedule::due::begin(Arc::clone(&store), Arc::clone(&notices));
    // Whoever reaches a demo is its one user.
    let rates = if config.demo { Rates::unlimited() } else { Rates::new(config.rates) };
    let left = Arc::new(Notify::new());
    let thumbnails =
        files.clone().map(|files| thumbnail::begin(Arc::clone(&store), files, Arc::clone(&left)));
    let uploads = Uploads { files, places: Places::new(config.connections, config.demo) };
    let state = AppState {
        store: Arc::clone(&store),
        auth,
        metrics,
        rates,
        paces: Paces::default(),
        notices: Arc::clone(&notices),
        forms,
        left,
        uploads,
    };
    let router = router::router(state, config.www.as_deref(), config.demo);
    let limits = Limits { connections: config.connections, grace: config.grace, ..Limits::default() };
    let stop = async {
        stop.await;
        // An event stream is a request that does not end by itself.
        notices.close();
    };
    connections::answer(listener, tls, router, limits, stop).await;
    drop((drained, housekeeping, schedules, thumbnails));
    if let Some(figures) = figures {
        figures.await.map_err(io::Error::other)?;
    }
    store.close().await;
    Ok(())
}

async fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    TcpListener::bind(address).await.map_err(|error| ServerError::Listen(error, address))
}

/// What signs the access tokens. That of a demo on PostgreSQL ends with it.
fn secret(config: &Config) -> Result<Secret, ServerError> {
    Ok(match (&config.secret, &config.database) {
        (Some(secret), _) => secret.clone(),
        (None, Database::File(file)) => Secret::beside(file)?,
        (None, Database::Postgres(_)) => Secret::for_now()?,
    })
}

/// How many of so many connections may be event streams, which stay: some are left for everything else.
fn streams_of(connections: usize) -> usize {
    (connections - connections / 6).max(1)
}

/// What passes notices on between event streams, and between the servers of one PostgreSQL.
fn notifier(config: &Config) -> Result<Arc<dyn Notifier>, ServerError> {
    let streams = streams_of(config.connections);
    // Whoever reaches a demo is its one user.
    let hub = Hub::new(streams, if config.demo { streams } else { STREAMS_OF_A_PERSON });
    let Database::Postgres(url) = &config.database else { return Ok(Arc::new(hub)) };
    let process = new_id().map_err(|error| io::Error::other(error.to_string()))?;
    let notifier = PgNotifier::start(url, process, hub);
    Ok(Arc::new(notifier.map_err(|error| ServerError::Store(error.into(), config.database.to_string()))?))
}

/// What is done daily.
fn chores(config: &Config, store: &Arc<dyn Store>, files: Option<Files>) -> Chores {
    let (store, place) = (Arc::clone(store), config.place.clone());
    Chores { store, files, keep_days: config.keep_days, place }
}

/// Where files are kept, if anywhere.
fn files(config: &Config) -> Result<Option<Files>, ServerError> {
    let Some(at) = &config.files else { return Ok(None) };
    let opened = match at {
        FilesAt::Directory(directory) => Files::open(directory),
        FilesAt::Bucket { name, prefix } => Files::in_bucket(name, prefix),
    };
    opened.map(Some).map_err(|error| ServerError::Files(error, at.to_string()))
}

/// Opens the database and brings its tables up to date.
async fn open(config: &Config) -> Result<Arc<dyn Store>, ServerError> {
    let opened: Result<Arc<dyn Store>, StoreError> = match &config.database {
        Database::File(file) => SqliteStore::open(file).await.map(|store| Arc::new(store) as _),
        Database::Postgres(url) => {
            PostgresStore::open(url, config.database_connections).await.map(|store| Arc::new(store) as _)
        }
    };
    opened.map_err(|error| ServerError::Store(error, config.database.to_string()))
}
