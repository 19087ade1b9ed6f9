//! The command line.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Parser, Subcommand};
use fieldsync_protocol::Role;

const LAYERS: &str = "Every option but --config is also a key in the file that --config names (listen = \
                      \"127.0.0.1:8080\"; a dash is written as _), and a variable of the environment \
                      (FIELDSYNC_LISTEN). A flag goes before a variable, and that before the file. The file and the \
                      environment alone know `secret`, which signs access tokens, `connections`, \
                      `database_connections`, `grace_seconds`, `keep_days`, `time_zone`, `user_rate` and \
                      `address_rate` (requests a second; 0 is without limit) and `behind_proxy`; `fieldsync-server config` prints all.";

/// The fieldsync server.
#[derive(Clone, Debug, Parser)]
#[command(name = "fieldsync-server", version, after_help = LAYERS)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
    /// What every command reads.
    #[command(flatten)]
    pub common: CommonFlags,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Answer devices, and serve the app to them.
    #[command(after_help = LAYERS)]
    Serve(ServeFlags),
    /// Do what is done daily and no more: where several servers share a database, one of these is enough.
    Worker {
        /// Do it once, now, and end.
        #[arg(long)]
        once: bool,
    },
    /// Print what is configured, and where that is from. Secrets are not shown.
    #[command(after_help = LAYERS)]
    Config(ServeFlags),
    /// Print the OpenAPI document of what is served.
    Openapi,
    /// Make the tables, or bring them up to date, and no more; `serve` does it too.
    Migrate,
    /// Accounts.
    #[command(subcommand)]
    User(UserCommand),
    /// Print what the server holds, as JSON lines. It may be running meanwhile.
    Export,
    /// Copy the database, whole and as of one moment, into a new file. The server may be running meanwhile.
    Backup {
        /// The file to make.
        file: PathBuf,
    },
}

/// What to do with accounts.
#[derive(Clone, Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account; its password is the first line of the standard input.
    Add(NewUser),
}

/// Which account to make.
#[derive(Clone, Debug, Args)]
pub struct NewUser {
    /// The address that its owner logs in with.
    pub email: String,
    /// What its owner may do: a supervisor sees the devices of the team.
    #[arg(long, value_parser = PossibleValuesParser::new(["worker", "supervisor"]).map(|name| role(&name)))]
    pub role: Role,
    /// The team.
    #[arg(long)]
    pub team: Option<String>,
}

fn role(name: &str) -> Role {
    if name == "supervisor" { Role::Supervisor } else { Role::Worker }
}

/// What every command reads. The values are read further once it is known which layer wins.
#[derive(Clone, Debug, Default, Args)]
pub struct CommonFlags {
    /// A file with settings, in TOML.
    #[arg(long, global = true, env = "FIELDSYNC_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Where the data is kept: a SQLite file, made where it is missing, or postgres://USER:PASSWORD@HOST/NAME
    /// [default: sqlite://fieldsync.db].
    #[arg(long, global = true, value_name = "URL")]
    pub database: Option<String>,
    /// The directory that uploaded files are kept in, made where it is missing, or s3://BUCKET/PREFIX; several servers on
    /// one PostgreSQL share one [default: the SQLite file's name with .files].
    #[arg(long, global = true, value_name = "DIRECTORY")]
    pub files: Option<String>,
    /// What is logged: `error`, `warn`, `info`, `debug` or `trace`, or more finely, such as
    /// `info,fieldsync_server=debug` [default: info].
    #[arg(long, global = true, value_name = "LEVELS")]
    pub log: Option<String>,
    /// How it is logged: `text`, or `json` with one object a line [default: text].
    #[arg(long, global = true, value_name = "FORMAT")]
    pub log_format: Option<String>,
}

/// How to serve.
#[derive(Clone, Debug, Default, Args)]
pub struct ServeFlags {
    /// Where to listen; port 0 takes a free one [default: 127.0.0.1:8080].
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub listen: Option<String>,
    /// Where Prometheus asks for figures; without it there are none.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub metrics_listen: Option<String>,
    /// The directory of the built app; without it only the API is served.
    #[arg(long, value_name = "DIRECTORY")]
    pub www: Option<String>,
    /// The directory of the organisation's own forms for assessments, such as health.json; what is not in it is as it is
    /// built in.
    #[arg(long, value_name = "DIRECTORY")]
    pub forms: Option<String>,
    /// There are demo accounts and properties, and whoever has no token is demo@fieldsync.example; on this machine only.
    #[arg(long)]
    pub demo: bool,
    /// The certificate and its chain, in PEM: what is served is then HTTPS.
    #[arg(long, value_name = "FILE")]
    pub tls_certificate: Option<String>,
    /// The certificate's private key, in PEM.
    #[arg(long, value_name = "FILE")]
    pub tls_key: Option<String>,
}

impl Cli {
    /// The flags that were given, by the keys that they stand for.
    pub fn flags(&self) -> Vec<(&'static str, String)> {
        let CommonFlags { config: _, database, files, log, log_format } = &self.common;
        let mut all =
            vec![("database", database), ("files", files), ("log", log), ("log_format", log_format)];
        let mut given = Vec::new();
        if let Command::Serve(flags) | Command::Config(flags) = &self.command {
            let ServeFlags { listen, metrics_listen, www, forms, demo, tls_certificate, tls_key } = flags;
            given.extend(demo.then(|| ("demo", "true".to_owned())));
            all.extend([
                ("listen", listen),
                ("metrics_listen", metrics_listen),
                ("www", www),
                ("forms", forms),
                ("tls_certificate", tls_certificate),
                ("tls_key", tls_key),
            ]);
        }
        given.extend(all.into_iter().filter_map(|(key, text)| Some((key, text.clone()?))));
        given
    }
}
