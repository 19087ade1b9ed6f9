//! `cargo xtask bench`: how fast and how small, beside what others do in the same run. Times are never asserted; the
//! report says which bars hold.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use crate::shots::in_chromium;
use crate::{npm, paths, postgres, process, report, stamp};

/// Options of `bench`.
#[derive(Args)]
pub struct Options {
    #[command(subcommand)]
    what: What,
}

#[derive(Subcommand)]
enum What {
    /// Pushes over HTTP on SQLite and PostgreSQL beside express-pouchdb, and idle event streams (P11, P12).
    Server(Server),
    /// A report of sync health with 50 devices and with 10,000 (P10), and a page's question to the worker (P9).
    Health,
}

#[derive(Args)]
struct Server {
    /// How long each server is under load, in seconds.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// How many event streams are held open.
    #[arg(long, default_value_t = 10_000)]
    streams: usize,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    match &options.what {
        What::Server(options) => server(options),
        What::Health => health(),
    }
}

fn server(options: &Server) -> Result<()> {
    report::heading("bench of the server");
    postgres::ensure()?;
    let peers = peers()?;
    let mut cargo = process::cargo(&["bench", "--package", "fieldsync-server", "--bench", "server", "--"]);
    cargo
        .args(["--seconds", &options.seconds.to_string(), "--streams", &options.streams.to_string()])
        .arg("--peers")
        .arg(&peers)
        .arg("--report")
        .arg(peers.join("server.json"));
    process::run(&mut cargo)
}

fn health() -> Result<()> {
    report::heading("bench of the health report");
    process::run(&mut process::cargo(&["bench", "--package", "fieldsync-core", "--bench", "health"]))?;
    in_chromium("calls from page to worker", "tests/load/calls.ts", &[])
}

/// Where the others are installed: anew where what is asked for has changed.
fn peers() -> Result<PathBuf> {
    let (from, to) = (paths::in_root("tests/bench"), paths::in_root("target/bench"));
    for file in ["package.json", "package-lock.json", "express-pouchdb.mjs"] {
        stamp::write(&to.join(file), stamp::read(&from.join(file))?)?;
    }
    npm::ensure_in(&to).context("what the bench compares with could not be installed")?;
    Ok(to)
}
