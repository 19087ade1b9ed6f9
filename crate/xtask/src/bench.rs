//! `cargo xtask bench`: how fast and how small, beside what others do in the same run. Times are never asserted; the
//! report, target/bench/report.html, says which bars hold. Without the name of one, all benches are run in turn.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::{Args, Parser, Subcommand};
use serde_json::json;

use crate::build::{self, Mode};
use crate::config::Config;
use crate::shots::{in_chromium, in_chromium_of};
use crate::size::{self, Size};
use crate::{npm, paths, postgres, process, report, setup, stamp, web};

/// P7, in bytes.
const WASM: u64 = 150_000;
const SHELL: u64 = 300_000;

/// Options of `bench`.
#[derive(Args)]
pub struct Options {
    /// One of them; without, all, the peers last.
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Pushes over HTTP on SQLite and PostgreSQL beside express-pouchdb, idle event streams (P11, P12), and uploads at once.
    Server(Server),
    /// A report of sync health with 50 devices and with 10,000 (P10), and a page's question to the worker (P9).
    Health,
    /// How long a worker that was ended takes to its first answer, beside a bare one (P8).
    Start,
    /// What is downloaded, compressed (P7).
    Size,
    /// Entering and sending with 100,000 items queued, beside a thousand, and the engine's memory meanwhile (P5, P6).
    Growth,
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
        Some(What::Server(options)) => server(options),
        Some(What::Health) => health(),
        Some(What::Start) => start(),
        Some(What::Size) => size(),
        Some(What::Growth) => growth(),
        Some(What::Peers(options)) => browser_peers(options),
        None => all(),
    }
}

/// As a parser would have them: each with its own defaults.
fn all() -> Result<()> {
    for words in [&["size"][..], &["health"], &["start"], &["server"], &["growth"], &["peers"]] {
        run(&Alone::parse_from([&["bench"], words].concat()).options)?;
    }
    Ok(())
}

/// The options as a program of their own.
#[derive(Parser)]
struct Alone {
    #[command(flatten)]
    options: Options,
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
    let mut cargo = process::cargo(&["bench", "--package", "fieldsync-core", "--bench", "health", "--"]);
    process::run(cargo.arg("--report").arg(bars("health")?))?;
    in_chromium("calls from page to worker", "tests/load/calls.ts", &[])
}

fn start() -> Result<()> {
    in_chromium("start of a worker", "tests/load/start.ts", &[])
}

/// The engine is the first of what `wasm-pack.toml` builds.
fn size() -> Result<()> {
    setup::ensure(setup::BUILD)?;
    let config = Config::read()?;
    build::app(&config, Mode::Standard)?;
    let engine = config.build.first().context("wasm-pack.toml builds nothing")?;
    let wasm = size::of(&[paths::in_root(&engine.out).join(format!("{}_bg.wasm", engine.name))])?;
    let shell = web::size().context("no app was built")?;
    let bar = |what: &str, size: Size, most: u64| {
        let (seen, most) = (size.brotli as f64 / 1e3, most as f64 / 1e3);
        report::say(&format!(
            "{what}: {seen:.1} kB, bar {most}: {}",
            if seen <= most { "holds" } else { "MISSED" }
        ));
        let once = json!({ "min": seen, "median": seen, "max": seen, "of": 1 });
        json!({ "what": what, "bar": format!("≤ {most}"), "seen": once, "holds": seen <= most })
    };
    let all = [bar("P7 wasm, brotli, kB", wasm, WASM), bar("P7 app shell, brotli, kB", shell, SHELL)];
    Ok(fs::write(bars("size")?, json!({ "bars": all }).to_string())?)
}

fn growth() -> Result<()> {
    let environment = [("FIELDSYNC_ITEMS", "100000"), ("FIELDSYNC_ALL", "1")];
    in_chromium_of("a queue of 100,000", "tests/e2e/scale.test.ts", &[], Mode::Standard, &environment)
}

/// Where a bench leaves its bars for the report.
fn bars(name: &str) -> Result<PathBuf> {
    let folder = paths::in_root("target/bench");
    fs::create_dir_all(&folder)?;
    Ok(folder.join(format!("{name}.json")))
}

/// The contenders themselves are built by the script, beside the packages.
fn browser_peers(options: &Peers) -> Result<()> {
    browser_peers_installed()?;
    let Peers { items, rounds, slow_rounds, only } = options;
    let arguments = [
        format!("--items={items}"),
        format!("--rounds={rounds}"),
        format!("--slow-rounds={slow_rounds}"),
        format!("--only={}", only.join(",")),
    ];
    in_chromium_of("bench beside peers", "tests/peers/run.ts", &arguments, Mode::Release, &[])?;
    report::say("target/bench/report.html has the tables and plots");
    Ok(())
}

/// The browser's peers, where they are built.
pub fn browser_peers_installed() -> Result<PathBuf> {
    installed("tests/peers", "target/bench/peers", &["package.json", "package-lock.json"])
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
