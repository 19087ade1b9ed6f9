//! `cargo xtask sim`: many seeds on all cores, or one of them told in full.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use clap::Parser;
use fieldsync_sim::mutants::{self, Mutant};
use fieldsync_sim::oracle::{Invariant, Violation};
use fieldsync_sim::plan::{Plan, generate};
use fieldsync_sim::report::Stats;
use fieldsync_sim::shrink::shrink;
use fieldsync_sim::{play, seed};

/// Three tenths of a seed's time were the C library's `malloc` and `free`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(Debug, Parser)]
#[command(about = "Runs the engine and the server's judgement in a simulated world of faults.")]
struct Options {
    /// How many seeds.
    #[arg(long, default_value_t = 20_000)]
    seeds: u64,
    /// The first of them.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// This seed alone.
    #[arg(long)]
    seed: Option<u64>,
    /// Tells every step of it.
    #[arg(long)]
    trace: bool,
    /// Of its plan only these steps, by their places from 0.
    #[arg(long, value_delimiter = ',')]
    only: Option<Vec<usize>>,
    /// Stops after so many minutes.
    #[arg(long)]
    minutes: Option<f64>,
    /// So many threads; as many as there are cores unless said otherwise.
    #[arg(long)]
    jobs: Option<usize>,
    /// With this mutant, by its name.
    #[arg(long)]
    mutant: Option<String>,
    /// Goes on after a violation, and tells the first seed and the number of each kind.
    #[arg(long)]
    keep_going: bool,
    /// Looks for the first seed that catches each mutant.
    #[arg(long)]
    find_mutants: bool,
}

fn main() -> ExitCode {
    std::panic::set_hook(Box::new(|_| ())); // a panic is a violation, and told as one
    match run(&Options::parse()) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(options: &Options) -> Result<bool> {
    let mutant = match &options.mutant {
        None => None,
        Some(name) => match mutants::ALL.iter().find(|caught| format!("{:?}", caught.mutant) == *name) {
            Some(caught) => Some(caught.mutant),
            None => bail!("there is no mutant {name}"),
        },
    };
    if options.find_mutants {
        return Ok(find(options));
    }
    match options.seed {
        Some(number) => Ok(one(number, options, mutant)),
        None => Ok(many(options, mutant)),
    }
}

/// One seed, told.
fn one(number: u64, options: &Options, mutant: Option<Mutant>) -> bool {
    let whole = generate(number);
    let plan = options.only.as_ref().map_or(whole.clone(), |places| whole.only(places));
    println!("seed {number}:\n{plan}");
    let outcome = play(plan.clone(), mutant, options.trace);
    for line in &outcome.text {
        println!("{line}");
    }
    println!("{}hash {:016x}", outcome.stats, outcome.hash);
    let Some(violation) = outcome.violation else { return true };
    tell(number, &whole, &violation, mutant, options.only.is_some());
    false
}

/// What is wrong, and the scenario cut down to what it takes.
fn tell(number: u64, plan: &Plan, violation: &Violation, mutant: Option<Mutant>, is_cut: bool) {
    let with = mutant.map(|mutant| format!(" --mutant {mutant:?}")).unwrap_or_default();
    let replay = format!("cargo xtask sim --seed {number}{with}");
    println!("\nVIOLATION of {violation}\nseed {number}; to replay it: {replay} --trace");
    if is_cut {
        return;
    }
    let fails = |plan| play(plan, mutant, false).violation.map(|violation| violation.invariant);
    let kept = shrink(plan, violation.invariant, fails);
    let places = kept.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    println!("cut down: {replay} --only {places} --trace\n{}", plan.only(&kept));
}

/// The violations of one invariant.
struct Found {
    count: u64,
    /// The lowest seed that shows it.
    number: u64,
    first: Violation,
}

/// Many seeds, on all cores.
fn many(options: &Options, mutant: Option<Mutant>) -> bool {
    let jobs = options.jobs.unwrap_or_else(|| thread::available_parallelism().map_or(1, usize::from));
    let began = Instant::now();
    let limit = options.minutes.map(|minutes| Duration::from_secs_f64(minutes * 60.0));
    let (next, done, over) = (AtomicU64::new(options.from), AtomicU64::new(0), AtomicBool::new(false));
    let end = options.from + options.seeds;
    let found: Mutex<BTreeMap<Invariant, Found>> = Mutex::default();
    let work = || {
        let mut stats = Stats::default();
        while !over.load(Ordering::Relaxed) {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= end || limit.is_some_and(|limit| began.elapsed() > limit) {
                break;
            }
            let mut outcome = seed(number, mutant, false);
            outcome.stats.seeds = 1;
            stats.add(&outcome.stats);
            let count = done.fetch_add(1, Ordering::Relaxed) + 1;
            if count.is_multiple_of(10_000) {
                let rate = count as f64 / began.elapsed().as_secs_f64();
                println!("{count} seeds, {rate:.0} a second");
            }
            if let Some(violation) = outcome.violation {
                over.store(!options.keep_going, Ordering::Relaxed);
                let mut found = found.lock().unwrap_or_else(PoisonError::into_inner);
                let kind = found.entry(violation.invariant);
                let kind = kind.or_insert_with(|| Found { count: 0, number, first: violation.clone() });
                kind.count += 1;
                if number < kind.number {
                    (kind.number, kind.first) = (number, violation);
                }
            }
        }
        stats
    };
    let mut stats = Stats::default();
    thread::scope(|scope| {
        let threads: Vec<_> = (0..jobs).map(|_| scope.spawn(work)).collect();
        for thread in threads {
            if let Ok(counted) = thread.join() {
                stats.add(&counted);
            }
        }
    });
    let seconds = began.elapsed().as_secs_f64();
    println!("{stats}{:.1} s, {:.0} seeds a second", seconds, stats.seeds as f64 / seconds);
    let found = found.into_inner().unwrap_or_else(PoisonError::into_inner);
    for Found { count, number, first } in found.values() {
        println!("\n{count} × {:?}", first.invariant);
        tell(*number, &generate(*number), first, mutant, false);
    }
    close(&found, stats.seeds);
    found.is_empty()
}

/// One line an invariant, and in the end a line as test runners print it.
fn close(found: &BTreeMap<Invariant, Found>, seeds: u64) {
    println!();
    for invariant in Invariant::ALL {
        match found.get(&invariant) {
            Some(Found { count, .. }) => println!("{invariant:?}: broken by {count} of {seeds} seeds"),
            None => println!("{invariant:?}: held in {seeds} seeds"),
        }
    }
    let (result, failed) = (if found.is_empty() { "ok" } else { "FAILED" }, found.len());
    println!("\ntest result: {result}. {} passed; {failed} failed", Invariant::ALL.len() - failed);
}

/// The first seed that catches each mutant.
fn find(options: &Options) -> bool {
    let mut all = true;
    for caught in mutants::ALL {
        let breaks = |number: &u64| {
            seed(*number, Some(caught.mutant), false).violation.is_some_and(|v| v.invariant == caught.breaks)
        };
        let first = (options.from..options.from + options.seeds).find(breaks);
        println!("{:?} breaks {:?}: {first:?}", caught.mutant, caught.breaks);
        all &= first.is_some();
    }
    all
}
