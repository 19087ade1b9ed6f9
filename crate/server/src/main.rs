//! `fieldsync-server`: the command line around [`fieldsync_server`].

use std::io::{self, BufWriter, IsTerminal, Write};
use std::process::ExitCode;

use clap::Parser;
use fieldsync_server::config::{Cli, Command, Secret, UserCommand};
use fieldsync_server::{ServerError, add_user, export, migrate, serve};
use tracing::level_filters::LevelFilter;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    // Standard output is for what was asked for; the log goes beside it.
    tracing_subscriber::fmt()
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_max_level(LevelFilter::INFO)
        .init();
    match run(cli.command).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("fieldsync-server: {error}");
            ExitCode::from(if matches!(error, ServerError::Config(_)) { 2 } else { 1 })
        }
    }
}

async fn run(command: Command) -> Result<(), ServerError> {
    match command {
        Command::Serve(mut config) => {
            config.secret = Secret::of_environment()?;
            let stop = stop_signal()?;
            serve(
                &config,
                |address| {
                    let mut out = io::stdout();
                    writeln!(out, "fieldsync is at http://{address}")?;
                    out.flush()
                },
                stop,
            )
            .await
        }
        Command::Migrate(config) => migrate(&config).await,
        Command::User(UserCommand::Add(config)) => {
            let mut password = String::new();
            io::stdin().read_line(&mut password)?;
            add_user(&config, password.trim_end_matches(['\r', '\n'])).await
        }
        Command::Export(config) => export(&config, &mut BufWriter::new(io::stdout())).await,
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
