//! The command line, each option also by environment, and what of it cannot be served.

use std::fmt;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use clap::builder::{BoolishValueParser, PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use fieldsync_protocol::Role;
use percent_encoding::percent_decode_str;
use thiserror::Error;

pub use crate::auth::secret::Secret;

/// The fieldsync server.
#[derive(Clone, Debug, Parser)]
#[command(name = "fieldsync-server", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Answer devices, and serve the app to them.
    Serve(ServeConfig),
    /// Print what the server holds, as JSON lines. It may be running meanwhile.
    Export(DatabaseConfig),
    /// Make the tables, or bring them up to date, and no more; `serve` does it too.
    Migrate(DatabaseConfig),
    /// Accounts.
    #[command(subcommand)]
    User(UserCommand),
}

/// What to do with accounts.
#[derive(Clone, Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account; its password is the first line of the standard input.
    Add(AddUserConfig),
}

/// Which account to make.
#[derive(Clone, Debug, Args)]
pub struct AddUserConfig {
    /// The address that its owner logs in with.
    pub email: String,
    /// What its owner may do: a supervisor sees the devices of the team.
    #[arg(long, value_parser = PossibleValuesParser::new(["worker", "supervisor"]).map(|name| role(&name)))]
    pub role: Role,
    /// The team.
    #[arg(long)]
    pub team: Option<String>,
    /// Where it is kept.
    #[command(flatten)]
    pub database: DatabaseConfig,
}

fn role(name: &str) -> Role {
    if name == "supervisor" { Role::Supervisor } else { Role::Worker }
}

/// How to serve.
#[derive(Clone, Debug, Args)]
pub struct ServeConfig {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, env = "FIELDSYNC_LISTEN", value_name = "ADDRESS:PORT", default_value = "127.0.0.1:8080")]
    pub listen: SocketAddr,
    /// Where the data is kept: a SQLite file, made where it is missing, or postgres://USER:PASSWORD@HOST/NAME.
    #[arg(
        long,
        env = "FIELDSYNC_DATABASE",
        value_name = "URL",
        default_value = "sqlite://fieldsync.db",
        hide_env_values = true
    )]
    pub database: String,
    /// The directory of the built app; without it only the API is served.
    #[arg(long, env = "FIELDSYNC_WWW", value_name = "DIRECTORY")]
    pub www: Option<PathBuf>,
    /// There are demo accounts and properties, and whoever has no token is demo@fieldsync.example; on this machine only.
    #[arg(long, env = "FIELDSYNC_DEMO", value_parser = BoolishValueParser::new())]
    pub demo: bool,
    /// What signs access tokens. From the environment alone: a command line is read by everybody.
    #[arg(skip)]
    pub secret: Option<Secret>,
}

/// Which database.
#[derive(Clone, Debug, Args)]
pub struct DatabaseConfig {
    /// Where the data is kept.
    #[arg(
        long,
        env = "FIELDSYNC_DATABASE",
        value_name = "URL",
        default_value = "sqlite://fieldsync.db",
        hide_env_values = true
    )]
    pub database: String,
}

/// What was asked for cannot be done by any server of this version.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConfigError {
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
    /// Neither a SQLite file nor a PostgreSQL database.
    #[error("the database has to be a file, such as sqlite://fieldsync.db, or a postgres:// URL")]
    NoDatabase,
    /// The app's directory is not there.
    #[error("there is no directory {}", .0.display())]
    NoWww(PathBuf),
}

impl ServeConfig {
    /// Refuses what must not be served, before anything is opened.
    pub fn check(&self) -> Result<(), ConfigError> {
        if self.demo && !self.listen.ip().to_canonical().is_loopback() {
            return Err(ConfigError::DemoBeyondLoopback(self.listen));
        }
        if matches!(Database::parse(&self.database)?, Database::Postgres(_))
            && !self.demo
            && self.secret.is_none()
        {
            return Err(ConfigError::NoSecret);
        }
        match &self.www {
            Some(www) if !www.is_dir() => Err(ConfigError::NoWww(www.clone())),
            _ => Ok(()),
        }
    }
}

/// Where the data is kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// A SQLite file.
    File(PathBuf),
    /// A PostgreSQL database, by its URL.
    Postgres(String),
}

impl Database {
    /// Reads a URL.
    pub fn parse(url: &str) -> Result<Database, ConfigError> {
        if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            return Ok(Database::Postgres(url.to_owned()));
        }
        let path = url.strip_prefix("sqlite://").or_else(|| url.strip_prefix("sqlite:"));
        let path = path.and_then(|path| percent_decode_str(path).decode_utf8().ok());
        match path {
            // What is in memory alone could not keep what it acknowledges.
            Some(path) if !path.is_empty() && !path.starts_with(':') && !path.contains('?') => {
                Ok(Database::File(Path::new(&*path).to_owned()))
            }
            _ => Err(ConfigError::NoDatabase),
        }
    }
}

/// Of a PostgreSQL URL, which may hold a password, nothing is shown.
impl fmt::Display for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Database::File(file) => write!(f, "sqlite://{}", file.display()),
            Database::Postgres(_) => f.write_str("the PostgreSQL database"),
        }
    }
}

impl fmt::Debug for Database {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn serve(arguments: &[&str]) -> ServeConfig {
        let all = ["fieldsync-server", "serve"].iter().chain(arguments);
        match Cli::parse_from(all).command {
            Command::Serve(config) => config,
            other => unreachable!("{other:?}"),
        }
    }

    #[test]
    fn the_demo_stays_on_this_machine() {
        for listen in ["127.0.0.1:0", "127.9.9.9:80", "[::1]:0", "[::ffff:127.0.0.1]:0"] {
            assert_eq!(serve(&["--demo", "--listen", listen]).check(), Ok(()), "{listen}");
        }
        for listen in ["0.0.0.0:0", "[::]:0", "192.168.1.2:80", "[::ffff:10.0.0.1]:0"] {
            let refused = ConfigError::DemoBeyondLoopback(listen.parse().unwrap());
            assert_eq!(serve(&["--demo", "--listen", listen]).check(), Err(refused));
        }
    }

    #[test]
    fn servers_on_postgresql_share_a_secret() {
        assert_eq!(serve(&[]).check(), Ok(()), "a file is beside its secret");
        let mut config = serve(&["--database", "postgres://b/c"]);
        assert_eq!(config.check(), Err(ConfigError::NoSecret));
        config.secret = Some(Secret::parse("0123456789abcdef0123456789abcdef").unwrap());
        assert_eq!(config.check(), Ok(()));
        assert_eq!(serve(&["--demo", "--database", "postgres://b/c"]).check(), Ok(()));
    }

    #[test]
    fn a_database_is_a_file_or_a_server() {
        let file = |path: &str| Ok(Database::File(path.into()));
        assert_eq!(Database::parse("sqlite://fieldsync.db"), file("fieldsync.db"));
        assert_eq!(Database::parse("sqlite:///var/a%20b.db"), file("/var/a b.db"));
        for url in ["postgres://a:secret@b/c", "postgresql://b/c"] {
            let database = Database::parse(url).unwrap();
            assert!(!format!("{database} {database:?}").contains("secret"));
            assert_eq!(database, Database::Postgres(url.into()));
        }
        for url in ["sqlite::memory:", "sqlite://a.db?mode=memory", "sqlite://", "mysql://a", "a.db"] {
            assert_eq!(Database::parse(url), Err(ConfigError::NoDatabase), "{url}");
        }
    }
}
