//! `cargo xtask bench health`: how long a report of sync health takes with 50 devices, and with 10,000 (P10). The two are
//! measured by turns in one run; what is compared is their ratio.

#![expect(clippy::disallowed_types, reason = "a bench looks at the clock")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use fieldsync_core::Millis;
use fieldsync_core::health::{Evidence, Head, Member, Own, Space, Turn, report};
use serde_json::json;

/// P10.
const BAR: Duration = Duration::from_millis(1);
/// P10: 10,000 devices over 50, which are 200 times as many.
const RATIO_BAR: f64 = 220.0;
const FEW: usize = 50;
const MANY: usize = 10_000;
/// By turns so often; the median counts.
const ROUNDS: usize = 201;
const DAY: u64 = 24 * 60 * 60 * 1_000;
const NOW: Millis = Millis(1_000 * DAY);

/// Devices in every state: most have some warning.
fn roster(devices: usize) -> Vec<Member> {
    let member = |n: usize| Member {
        id: format!("018f4d2e-7c1a-7000-8000-{n:012}"),
        name: Some(format!("Phone of a reader, number {n}")),
        last_seen_at: NOW - Millis((n as u64 % 100) * DAY),
        head: Some(Head { sequence: 100 - (n as u64 % 3), id: name(100 - n as u64 % 3) }),
        pending: Some(n as u64 % 2),
        oldest_unsent_at: n.is_multiple_of(2).then_some(NOW - Millis(2 * DAY)),
        revoked_at: n.is_multiple_of(10).then_some(NOW),
    };
    (0..devices).map(member).collect()
}

fn name(sequence: u64) -> String {
    format!("{sequence:064}")
}

fn main() {
    let turn = |sequence: u64| Turn {
        id: name(sequence),
        sequence,
        created_at: NOW - Millis(DAY),
        by_device: "device".to_owned(),
        public_key: "k".repeat(87),
    };
    let turns: Vec<Turn> = (1..=100).map(turn).collect();
    let own = Own {
        device_id: "own",
        turns: &turns,
        other_passphrase: false,
        last_synced_at: Some(NOW),
        oldest_unsent_at: None,
        space: Space::default(),
        clock_skew: None,
        evicted: None,
        downgrade: None,
    };
    let many = roster(MANY);
    // The same devices, as people of a few each.
    let few: Vec<Vec<Member>> = many.chunks(FEW).map(<[Member]>::to_vec).collect();
    let once = |roster: &[Member]| {
        let evidence = Evidence { now: NOW, next_scheduled: None, roster, told: &turns, own };
        black_box(report(black_box(&evidence)))
    };
    let (mut short, mut long) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let reports: Vec<_> = few.iter().map(|roster| once(roster)).collect();
        short.push(begun.elapsed() / (MANY / FEW) as u32);
        drop(reports);
        let begun = Instant::now();
        let report = once(&many);
        long.push(begun.elapsed());
        drop(report);
    }
    let (few, many) = (median(short), median(long));
    let ratio = many.as_secs_f64() / few.as_secs_f64();
    println!("health report, {FEW} devices: {few:?} (bar {BAR:?}) {}", verdict(few <= BAR));
    println!("health report, {MANY} devices: {many:?}");
    println!("ratio: {ratio:.0} (bar {RATIO_BAR}) {}", verdict(ratio <= RATIO_BAR));
    // As tests/peers/bars.ts reads it.
    if let Some(file) = std::env::args().skip_while(|arg| arg != "--report").nth(1) {
        let bar = |what: &str, bar: f64, seen: f64| {
            let once = json!({ "min": seen, "median": seen, "max": seen, "of": 1 });
            json!({ "what": what, "bar": format!("≤ {bar}"), "seen": once, "holds": seen <= bar })
        };
        let few_ms =
            bar("P10 health report of 50 devices, ms", BAR.as_secs_f64() * 1e3, few.as_secs_f64() * 1e3);
        let ratio = bar("P10 the same of 10,000 ÷ of 50", RATIO_BAR, ratio);
        std::fs::write(file, json!({ "bars": [few_ms, ratio] }).to_string())
            .expect("the report can be written");
    }
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn verdict(holds: bool) -> &'static str {
    if holds { "holds" } else { "MISSED" }
}
