//! `fieldsync-server`: the command line around [`fieldsync_server`].

use std::env;
use std::io::{self, BufWriter, Write};
use std::process::ExitCode;

use clap::Parser;
use fieldsync_server::config::Config;
use fieldsync_server::config::cli::{Cli, Command, UserCommand};
use fieldsync_server::{ServerError, add_user, backup, export, log, migrate, openapi, serve, work};

/// Does what the command line says.
#[tokio::main]
pub async fn main() -> ExitCode {
    match run(Cli::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fieldsync-server: {error}");
            ExitCode::from(if matches!(error, ServerError::Config(_)) { 2 } else { 1 })
        }
    }
}

async fn run(cli: Cli) -> Result<(), ServerError> {
    let config = Config::read(&cli, |name| env::var_os(name))?;
    // Standard output is for what was asked for; the log goes beside it.
    log::begin(&config);
    match cli.command {
        Command::Serve(_) => {
            let stop = stop_signal()?;
            serve(
                &config,
                |address| {
                    let mut out = io::stdout();
                    let scheme = if config.tls.is_some() { "https" } else { "http" };
                    writeln!(out, "fieldsync is at {scheme}://{address}")?;
                    out.flush()
                },
                stop,
            )
            .await
        }
        Command::Worker { once } => work(&config, once, stop_signal()?).await,
        Command::Config(_) => {
            write!(io::stdout(), "{}", config.shown())?;
            Ok(config.check()?)
        }
        Command::Openapi => Ok(write!(io::stdout(), "{}", openapi::text())?),
        Command::Migrate => migrate(&config).await,
        Command::User(UserCommand::Add(new)) => {
            let mut password = String::new();
            io::stdin().read_line(&mut password)?;
            add_user(&config, &new, password.trim_end_matches(['\r', '\n'])).await
        }
        Command::Export => export(&config, &mut BufWriter::new(io::stdout())).await,
        Command::Backup { file } => backup(&config, &file).await,
    }
}

/// Done at the first SIGTERM or SIGINT.
#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => (),
            _ = interrupt.recv() => (),
        }
    })
}

/// Done at the first Ctrl-C.
#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        // Where it cannot be listened for, the server is ended from without.
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    })
}
