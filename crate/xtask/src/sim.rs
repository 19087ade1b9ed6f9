//! `cargo xtask sim`: builds the simulator, fast, and hands it what was asked.

use std::env;
use std::process::Command;

use anyhow::Result;
use clap::Args;

use crate::config::Config;
use crate::count::Counts;
use crate::{paths, process, read};

/// The seeds of `cargo xtask test`, the same in every run, so that a failure is one for everybody; and those of `--all`.
const TESTED: u64 = 60_000;
const THOROUGH: u64 = 200_000;
/// What of the workspace is in it, and how far it is optimised: as a release where seeds spend their time, with the engine's own
/// assertions. Everything else of it is what `cargo build` has made already: a profile of its own would be all of that a
/// second time.
const FAST: [(&str, u8); 4] =
    [("fieldsync-core", 3), ("fieldsync-protocol", 3), ("fieldsync-server", 1), ("fieldsync-sim", 3)];
/// Where the cores are not free it stops after so many minutes, and says how many seeds it was.
const PATIENCE: &str = "3";
const MORE_PATIENCE: &str = "20";

/// Simulates devices, network and server from seeds, and checks the invariants at every step.
#[derive(Args)]
pub struct Options {
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
    /// Of its plan only these steps, as a failure prints them.
    #[arg(long, value_delimiter = ',')]
    only: Vec<usize>,
    /// Stops after so many minutes.
    #[arg(long)]
    minutes: Option<f64>,
    /// So many threads; as many as there are cores unless said otherwise.
    #[arg(long)]
    jobs: Option<usize>,
    /// With this mutant, a defect on purpose (see tests/sim/src/mutants.rs).
    #[arg(long)]
    mutant: Option<String>,
    /// Goes on after a violation, and tells the number and the first seed of each kind.
    #[arg(long)]
    keep_going: bool,
    /// Looks for the first seed that catches each mutant.
    #[arg(long)]
    find_mutants: bool,
}

/// Whether no seed broke anything.
pub fn run(options: &Options) -> Result<bool> {
    let mut command = built(&Config::read()?)?;
    command.args(["--seeds", &options.seeds.to_string(), "--from", &options.from.to_string()]);
    let only = options.only.iter().map(usize::to_string).collect::<Vec<_>>().join(",");
    for (name, value) in [
        ("--seed", options.seed.map(|seed| seed.to_string())),
        ("--only", (!only.is_empty()).then_some(only)),
        ("--minutes", options.minutes.map(|minutes| minutes.to_string())),
        ("--jobs", options.jobs.map(|jobs| jobs.to_string())),
        ("--mutant", options.mutant.clone()),
    ] {
        command.args(value.iter().flat_map(|value| [name, value]));
    }
    let switches = [
        ("--trace", options.trace),
        ("--keep-going", options.keep_going),
        ("--find-mutants", options.find_mutants),
    ];
    command.args(switches.iter().filter_map(|(name, wanted)| wanted.then_some(*name)));
    Ok(process::status(&mut command)?.success())
}

/// The step of `cargo xtask test`: each invariant is a test, and passes where no seed broke it.
pub fn test(config: &Config, all: bool) -> Result<Counts> {
    let mut command = built(config)?;
    let (seeds, minutes) = if all { (THOROUGH, MORE_PATIENCE) } else { (TESTED, PATIENCE) };
    command.args(["--seeds", &seeds.to_string(), "--minutes", minutes, "--keep-going"]);
    read::tests::<read::Simulator>("the simulator", &mut command)
}

/// The simulator, to be run. It is built by a call of its own, so that a failure to build is told as one.
fn built(config: &Config) -> Result<Command> {
    let mut build = config.host("build", &["--bin", "fieldsync-sim"]);
    for (package, level) in FAST {
        build.args(["--config", &format!("profile.dev.package.{package}.opt-level={level}")]);
        for setting in ["codegen-units=16", "overflow-checks=false", "debug=false"] {
            build.args(["--config", &format!("profile.dev.package.{package}.{setting}")]);
        }
    }
    process::check(&mut build)?;
    Ok(process::command(
        paths::cargo_target().join("debug").join(format!("fieldsync-sim{}", env::consts::EXE_SUFFIX)),
    ))
}
