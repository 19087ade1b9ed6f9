//! `cargo xtask bench server`: items a second over HTTP on SQLite and PostgreSQL, beside express-pouchdb's
//! `_bulk_docs` with the same items, what idle event streams cost (bars P11 and P12), and what files cost that come at once.
//!
//! The load is made on the same cores as it is served on. Times describe the run that they come from; what is compared
//! is compared within one run.

#![expect(clippy::unwrap_used, reason = "what goes wrong ends the bench")]

mod load;
mod peer;
#[expect(dead_code, reason = "the tests' clusters forget, this one must not")]
#[path = "../../tests/postgres.rs"]
mod postgres;
mod running;
mod streams;
mod uploads;

use std::path::PathBuf;
use std::time::Duration;

use clap::Parser;
use serde_json::{Value, json};

use self::load::{Load, Pushed};
use self::postgres::Cluster;
use self::running::{Running, Where};
use self::streams::Idle;
use self::uploads::Uploads;

/// P11, items a second.
const SQLITE_BAR: f64 = 12_000.0;
/// P11, items a second.
const POSTGRES_BAR: f64 = 15_000.0;
/// P11, ours over express-pouchdb's.
const RATIO_BAR: f64 = 10.0;
/// P12, bytes a stream.
const STREAM_BAR: f64 = 40_000.0;
/// P12, of a push meanwhile.
const P99_BAR: Duration = Duration::from_millis(250);

/// Of memory, bytes an upload.
const UPLOAD_BAR: f64 = 2_000_000.0;

#[derive(Parser)]
struct Options {
    /// How long each is under load.
    #[arg(long, default_value_t = 20)]
    seconds: u64,
    /// Pushes under way at once.
    #[arg(long, default_value_t = 16)]
    abreast: usize,
    /// Idle event streams.
    #[arg(long, default_value_t = 10_000)]
    streams: usize,
    /// Files of 25 MB that are uploaded at once.
    #[arg(long, default_value_t = 100)]
    uploads: usize,
    /// Where express-pouchdb is installed; without it nothing is compared.
    #[arg(long)]
    peers: Option<PathBuf>,
    /// Where the report goes.
    #[arg(long)]
    report: Option<PathBuf>,
    /// Given by `cargo bench`.
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let options = Options::parse();
    let load = Load { abreast: options.abreast, time: Duration::from_secs(options.seconds) };
    let mut report = serde_json::Map::new();
    let mut bars = Bars::default();
    println!("50 items a push, {} abreast, {} s each, durable commits", load.abreast, options.seconds);

    let sqlite = {
        let server = Running::start(&Where::File, load.abreast, 0);
        load.push_to(&server)
    };
    say("SQLite", &sqlite, &mut report);
    bars.at_least("P11 SQLite, items/s", sqlite.items_per_second(), SQLITE_BAR);

    // Commits wait for the disk, as they do by default.
    let cluster = Cluster::start(&[]);
    let postgres = {
        let server = Running::start(&Where::Url(cluster.url("postgres")), load.abreast, 0);
        load.push_to(&server)
    };
    drop(cluster);
    say("PostgreSQL", &postgres, &mut report);
    bars.at_least("P11 PostgreSQL, items/s", postgres.items_per_second(), POSTGRES_BAR);

    if let Some(peers) = &options.peers {
        let peer = load.push_to_peer(&peer::Peer::start(peers, false));
        say("express-pouchdb _bulk_docs", &peer, &mut report);
        let flushed = load.push_to_peer(&peer::Peer::start(peers, true));
        say("the same, flushed as ours are", &flushed, &mut report);
        for (name, ours) in [("SQLite", &sqlite), ("PostgreSQL", &postgres)] {
            let times = |peer: &Pushed| ours.items_per_second() / peer.items_per_second();
            bars.at_least(&format!("P11 {name} ÷ express-pouchdb"), times(&peer), RATIO_BAR);
            println!("{name} ÷ express-pouchdb, flushed as ours are: {:.1}", times(&flushed));
        }
    }

    let idle = Idle::measure(options.streams, &load);
    println!(
        "{} idle streams: {:.1} kB each; pushes meanwhile: p50 {:.1} ms, p99 {:.1} ms ({} of them)",
        idle.streams,
        idle.bytes_each / 1e3,
        millis(idle.pushed.quantile(0.5)),
        millis(idle.pushed.quantile(0.99)),
        idle.pushed.times.len(),
    );
    bars.at_most("P12 bytes a stream", idle.bytes_each, STREAM_BAR);
    bars.at_most("P12 push p99 meanwhile, ms", millis(idle.pushed.quantile(0.99)), millis(P99_BAR));
    report.insert(
        "streams".into(),
        json!({
            "streams": idle.streams, "bytesEach": idle.bytes_each, "pushP99": millis(idle.pushed.quantile(0.99)),
        }),
    );

    let uploads = Uploads::measure(options.uploads);
    let seconds = uploads.took.as_secs_f64();
    println!("{} uploads at once in {seconds:.1} s: {:.0} kB each", uploads.files, uploads.bytes_each / 1e3);
    bars.at_most("memory an upload, of those at once, bytes", uploads.bytes_each, UPLOAD_BAR);

    bars.print();
    report.insert("bars".into(), Value::Array(bars.0));
    if let Some(file) = &options.report {
        std::fs::write(file, Value::Object(report).to_string()).expect("the report can be written");
    }
}

fn say(name: &str, pushed: &Pushed, report: &mut serde_json::Map<String, Value>) {
    let (each, p50, p99) = (pushed.items_per_second(), pushed.quantile(0.5), pushed.quantile(0.99));
    println!("{name}: {each:.0} items/s, a push p50 {:.1} ms, p99 {:.1} ms", millis(p50), millis(p99));
    report.insert(name.into(), json!({ "itemsPerSecond": each, "p50": millis(p50), "p99": millis(p99) }));
}

fn millis(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// What was measured beside what was wanted, as `tests/peers/bars.ts` reads it.
#[derive(Default)]
struct Bars(Vec<Value>);

impl Bars {
    fn at_least(&mut self, what: &str, seen: f64, bar: f64) {
        self.add(what, seen, &format!("≥ {bar}"), seen >= bar);
    }

    fn at_most(&mut self, what: &str, seen: f64, bar: f64) {
        self.add(what, seen, &format!("≤ {bar}"), seen <= bar);
    }

    fn add(&mut self, what: &str, seen: f64, bar: &str, holds: bool) {
        let once = json!({ "min": seen, "median": seen, "max": seen, "of": 1 });
        self.0.push(json!({ "what": what, "bar": bar, "seen": once, "holds": holds }));
    }

    fn print(&self) {
        println!();
        for bar in &self.0 {
            let verdict = if bar["holds"] == true { "holds" } else { "MISSED" };
            let (what, seen) = (&bar["what"], bar["seen"]["median"].as_f64().unwrap_or_default());
            println!(
                "{verdict:<6} {}: {seen:.1} (bar {})",
                what.as_str().unwrap_or_default(),
                bar["bar"].as_str().unwrap_or_default()
            );
        }
    }
}
