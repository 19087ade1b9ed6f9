//! `cargo xtask sim`: builds the simulator, fast, and hands it what was asked.

use anyhow::Result;
use clap::Args;

use crate::process;

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
}

/// Whether no seed broke anything.
pub fn run(options: &Options) -> Result<bool> {
    // Two calls, so that a failure to build is told as one.
    process::run(&mut process::cargo(&["build", "--profile", "sim", "--package", "fieldsync-sim"]))?;
    let mut command =
        process::cargo(&["run", "--quiet", "--profile", "sim", "--package", "fieldsync-sim", "--"]);
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
    command.args(
        [("--trace", options.trace), ("--keep-going", options.keep_going)]
            .iter()
            .filter_map(|(name, wanted)| wanted.then_some(*name)),
    );
    Ok(process::status(&mut command)?.success())
}
