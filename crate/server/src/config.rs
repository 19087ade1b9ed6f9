//! What a server is told: by flags, the environment and a file, in `layers`; what of it cannot be served, and how it is
//! shown.

pub mod cli;
mod database;
mod files;
mod layers;

use std::ffi::OsString;
use std::fmt::Write;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use thiserror::Error;
use tracing::Level;
use tracing_subscriber::filter::Targets;

use self::cli::Cli;
pub use self::database::Database;
pub use self::files::FilesAt;
use self::layers::{Given, KEYS, Layers};
pub use crate::auth::secret::Secret;
use crate::forms::{FormError, Forms};
use crate::place::Place;
pub use crate::rate::RateLimits;
use crate::store::LEAST_KEEP_DAYS;

/// Everything that can be set.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen; port 0 takes a free one.
    pub listen: SocketAddr,
    /// Where the figures are told, if anywhere.
    pub metrics_listen: Option<SocketAddr>,
    /// Where the data is kept.
    pub database: Database,
    /// What signs access tokens. Never from a flag: a command line is read by everybody.
    pub secret: Option<Secret>,
    /// Where uploaded files are kept; without it none are taken.
    pub files: Option<FilesAt>,
    /// The directory of the built app; without it only the API is served.
    pub www: Option<PathBuf>,
    /// The directory of the organisation's own forms; what is not in it is as it is built in.
    pub forms: Option<PathBuf>,
    /// There are demo accounts and properties, and whoever has no token is the demo user.
    pub demo: bool,
    /// What HTTPS is served with, if it is.
    pub tls: Option<TlsFiles>,
    /// How many connections are open at once.
    pub connections: usize,
    /// How many connections a process has to PostgreSQL.
    pub database_connections: u32,
    /// How long running requests may take to end once the server is told to stop.
    pub grace: Duration,
    /// How long receipts and tombstones are kept.
    pub keep_days: u32,
    /// By whose clocks it is night, when what is old is removed.
    pub place: Place,
    /// How many requests there may be.
    pub rates: RateLimits,
    /// What is logged.
    pub log: Targets,
    /// How it is logged.
    pub log_format: LogFormat,
    layers: Layers,
}

/// A certificate and its key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsFiles {
    /// The certificate and its chain, in PEM.
    pub certificate: PathBuf,
    /// Its private key, in PEM.
    pub key: PathBuf,
}

/// How a log is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// What was asked for cannot be done by any server of this version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
    /// There is no such file.
    #[error("there is no configuration file {0}")]
    NoFile(String),
    /// A file that is not TOML, or cannot be read; the text names it.
    #[error("the configuration cannot be read: {0}")]
    Unreadable(String),
    /// A key that means nothing.
    #[error("{0:?} in {1} is no setting; these are: {known}", known = KEYS.map(|key| key.name).join(", "))]
    UnknownKey(String, String),
    /// A list or a table where one value belongs.
    #[error("{key} ({origin}) has to be one text, number or true or false")]
    NoScalar {
        /// The key.
        key: &'static str,
        /// Where it is from.
        origin: String,
    },
    /// A variable that is not UTF-8.
    #[error("{0} is not text")]
    NoText(String),
    /// A value that means nothing.
    #[error("{key} ({origin}) {wrong}")]
    Unusable {
        /// The key.
        key: &'static str,
        /// Where it is from.
        origin: String,
        /// What is wrong with it, and what is right.
        wrong: String,
    },
    /// Anyone who reaches a demo server is its user.
    #[error(
        "--demo has no passwords, so it listens on loopback only, such as 127.0.0.1:8080; {0} can be reached from \
         other machines"
    )]
    DemoBeyondLoopback(SocketAddr),
    /// On PostgreSQL there is no file to keep a secret in, and several servers have to know the same.
    #[error(
        "with PostgreSQL the servers need a secret that they share, in FIELDSYNC_SECRET: 32 characters or more"
    )]
    NoSecret,
    /// It could be guessed.
    #[error("the secret, FIELDSYNC_SECRET, has to be 32 characters or more")]
    ShortSecret,
    /// Nobody could fill it in.
    #[error(transparent)]
    Form(#[from] FormError),
    /// A certificate without a key, or the other way round.
    #[error("HTTPS takes both tls_certificate and tls_key")]
    HalfTls,
    /// PostgreSQL has its own way, and it is the better one.
    #[error(
        "PostgreSQL is backed up by its own programs, such as: pg_dump --format=custom --file=fieldsync.dump \
         \"$FIELDSYNC_DATABASE\""
    )]
    BackupOfPostgres,
}

impl Config {
    /// Reads what the command line, the environment and the file say.
    pub fn read(cli: &Cli, environment: impl Fn(&str) -> Option<OsString>) -> Result<Config, ConfigError> {
        Config::of(Layers::read(cli.common.config.as_deref(), environment, &cli.flags())?)
    }

    fn of(layers: Layers) -> Result<Config, ConfigError> {
        let address = "is no address with a port, such as 127.0.0.1:8080";
        let number = "has to be a whole number, at least 1";
        let rate = "has to be a whole number of requests a second; 0 is without limit";
        let path = |key| layers.get(key).map(|given| PathBuf::from(&given.text));
        let tls = match (path("tls_certificate"), path("tls_key")) {
            (Some(certificate), Some(key)) => Some(TlsFiles { certificate, key }),
            (None, None) => None,
            _ => return Err(ConfigError::HalfTls),
        };
        let database = required(&layers, "database", Database::WRONG, Database::parse)?;
        let secret = layers.get("secret").map(|given| Secret::parse(&given.text)).transpose()?;
        Ok(Config {
            listen: required(&layers, "listen", address, parsed)?,
            metrics_listen: optional(&layers, "metrics_listen", address, parsed)?,
            files: optional(&layers, "files", FilesAt::WRONG, FilesAt::parse)?
                .or_else(|| database.files_beside().map(FilesAt::Directory)),
            database,
            secret,
            www: optional(&layers, "www", "is no directory", |text| {
                Some(PathBuf::from(text)).filter(|www| www.is_dir())
            })?,
            forms: optional(&layers, "forms", "is no directory", |text| {
                Some(PathBuf::from(text)).filter(|forms| forms.is_dir())
            })?,
            demo: required(&layers, "demo", "has to be true or false", is_true)?,
            tls,
            connections: required(&layers, "connections", number, |text| parsed(text).filter(|n| *n > 0))?,
            database_connections: required(&layers, "database_connections", number, |text| {
                parsed(text).filter(|n| *n > 0)
            })?,
            grace: Duration::from_secs(required(
                &layers,
                "grace_seconds",
                "has to be a whole number of seconds, at most 3600",
                |text| parsed(text).filter(|seconds| *seconds <= 3_600),
            )?),
            keep_days: required(&layers, "keep_days", "has to be a number of days, at least 90", |text| {
                parsed(text).filter(|days| *days >= LEAST_KEEP_DAYS)
            })?,
            place: required(
                &layers,
                "time_zone",
                "is no time zone that is known here, such as Europe/Berlin",
                Place::named,
            )?,
            rates: RateLimits {
                user: required(&layers, "user_rate", rate, parsed)?,
                address: required(&layers, "address_rate", rate, parsed)?,
                behind_proxy: required(&layers, "behind_proxy", "has to be true or false", is_true)?,
            },
            log: required(
                &layers,
                "log",
                "has to be a level (error, warn, info, debug, trace), or such as info,fieldsync_server=debug",
                levels,
            )?,
            log_format: required(&layers, "log_format", "has to be text or json", |text| match text {
                "text" => Some(LogFormat::Text),
                "json" => Some(LogFormat::Json),
                _ => None,
            })?,
            layers,
        })
    }

    /// Refuses what must not be served, before anything is opened.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.demo && !self.listen.ip().to_canonical().is_loopback() {
            return Err(ConfigError::DemoBeyondLoopback(self.listen));
        }
        if matches!(self.database, Database::Postgres(_)) && !self.demo && self.secret.is_none() {
            return Err(ConfigError::NoSecret);
        }
        Forms::read(self.forms.as_deref())?;
        Ok(())
    }

    /// Every setting with its origin, a line each, as the file has them; of secrets only that there are some.
    pub fn shown(&self) -> String {
        let mut text = String::new();
        for key in KEYS {
            // Writing to a string does not fail.
            let _ = match self.layers.get(key.name) {
                Some(Given { text: value, origin, .. }) => {
                    let value = match key.name {
                        "secret" => "***".to_owned(),
                        "database" => self.database.masked(),
                        _ => value.clone(),
                    };
                    writeln!(text, "{} = {}  # {origin}", key.name, toml_value(&value))
                }
                None => writeln!(text, "# {} is not set", key.name),
            };
        }
        text
    }
}

/// As TOML has it: numbers and booleans bare, everything else as a text.
fn toml_value(text: &str) -> String {
    let is_bare = text.parse::<u64>().is_ok() || text.parse::<bool>().is_ok();
    if is_bare { text.to_owned() } else { format!("{text:?}") }
}

fn parsed<T: FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

/// Each part is a level, or says whose. A bare name would be taken for everything from there.
fn levels(text: &str) -> Option<Targets> {
    let is_one = |part: &str| part.contains('=') || part.trim().parse::<Level>().is_ok();
    text.parse().ok().filter(|_| text.split(',').all(is_one))
}

fn is_true(text: &str) -> Option<bool> {
    match text.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" | "1" => Some(true),
        "false" | "no" | "off" | "0" => Some(false),
        _ => None,
    }
}

fn optional<T>(
    layers: &Layers,
    key: &'static str,
    wrong: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<Option<T>, ConfigError> {
    let Some(given) = layers.get(key) else { return Ok(None) };
    let unusable = || ConfigError::Unusable {
        key,
        origin: given.origin.clone(),
        // A database's URL may hold a password, and somebody may think that a bucket's does.
        wrong: if matches!(key, "database" | "files") {
            wrong.to_owned()
        } else {
            format!("{wrong}; it is {:?}", given.text)
        },
    };
    read(&given.text).map(Some).ok_or_else(unusable)
}

fn required<T>(
    layers: &Layers,
    key: &'static str,
    wrong: &str,
    read: impl Fn(&str) -> Option<T>,
) -> Result<T, ConfigError> {
    let missing = || ConfigError::Unusable { key, origin: "not set".into(), wrong: wrong.to_owned() };
    optional(layers, key, wrong, read)?.ok_or_else(missing)
}

#[cfg(test)]
mod tests;
