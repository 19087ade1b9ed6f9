//! `cargo xtask bench`: how fast and how small, beside what others do in the same run. Times are never asserted; the
//! report says which bars hold.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Subcommand};

use crate::build::Mode;
use crate::shots::{in_chromium, in_chromium_of};
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
    /// Entering and sending a day's items beside RxDB, PouchDB, Dexie, Workbox and TanStack Query in one Chromium (P1 to P3).
    Peers(Peers),
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

#[derive(Args)]
struct Peers {
    /// Of the field's items the first so many.
    #[arg(long, default_value_t = 1_000)]
    items: u32,
    /// How often each contender has its turn.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// How often those have theirs that take minutes on the field link.
    #[arg(long, default_value_t = 2)]
    slow_rounds: u32,
    /// Of the benches these alone.
    #[arg(long, value_delimiter = ',', default_values = ["enqueue", "loopback", "field"])]
    only: Vec<String>,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    match &options.what {
        What::Server(options) => server(options),
        What::Health => health(),
        What::Peers(options) => browser_peers(options),
    }
}

fn server(options: &Server) -> Result<()> {
    report::heading("bench of the server");
    postgres::ensure()?;
    let peers = installed(
        "tests/bench",
        "target/bench",
        &["package.json", "package-lock.json", "express-pouchdb.mjs"],
    )?;
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

/// The contenders themselves are built by the script, beside the packages.
fn browser_peers(options: &Peers) -> Result<()> {
    installed("tests/peers", "target/bench/peers", &["package.json", "package-lock.json"])?;
    let Peers { items, rounds, slow_rounds, only } = options;
    let arguments = [
        format!("--items={items}"),
        format!("--rounds={rounds}"),
        format!("--slow-rounds={slow_rounds}"),
        format!("--only={}", only.join(",")),
    ];
    in_chromium_of("bench beside peers", "tests/peers/run.ts", &arguments, Mode::Release)?;
    report::say("target/bench/report.html has the tables and plots");
    Ok(())
}

/// Where the others are installed: anew where what is asked for has changed.
fn installed(from: &str, to: &str, files: &[&str]) -> Result<PathBuf> {
    let (from, to) = (paths::in_root(from), paths::in_root(to));
    for file in files {
        stamp::write(&to.join(file), stamp::read(&from.join(file))?)?;
    }
    npm::ensure_in(&to).context("what the bench compares with could not be installed")?;
    Ok(to)
}
