//! `cargo xtask flake`: the same scenarios over and over, to know how often they fail for no fault of the code.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::Args;

use crate::build::{self, Mode};
use crate::config::Config;
use crate::count::Counts;
use crate::{browser, e2e, paths, process, report, setup};

/// Options of `flake`.
#[derive(Args)]
pub struct Options {
    /// How often.
    #[arg(long, default_value_t = 100)]
    runs: u32,
    /// Which of `tests/e2e/*.test.ts`, by their names.
    #[arg(default_values = ["scheduler", "rotation"])]
    names: Vec<String>,
}

/// Runs the command; `false` when a run failed.
pub fn run(options: &Options) -> Result<bool> {
    let file = |name: &String| paths::in_root(format!("tests/e2e/{name}.test.ts"));
    let tests: Vec<PathBuf> = options.names.iter().map(file).collect();
    if let Some(missing) = tests.iter().find(|file| !file.is_file()) {
        bail!("there is no {}", missing.display());
    }
    setup::ensure(setup::BUILD)?;
    let browser = browser::ensure()?;
    let config = Config::read()?;
    build::app(&config, Mode::Standard)?;
    build::app_for_tests(&config)?;
    build::server(Mode::Standard)?;
    let (mut whole, mut all) = (0, Counts::default());
    for run in 1..=options.runs {
        report::heading(&format!("run {run} of {}", options.runs));
        let counts = e2e::Run {
            tests: &tests,
            variable: "CHROME",
            browser: &browser.chrome,
            abreast: 2,
            matching: None,
            all: true,
            until: None,
            chaos: None,
        }
        .play()?;
        if process::interrupted() {
            bail!("interrupted");
        }
        whole += u32::from(counts.failed == 0);
        all += counts;
    }
    report::say(&format!("{whole} of {} runs passed whole", options.runs));
    report::say(&format!("{} passed, {} failed", all.passed, all.failed));
    Ok(whole == options.runs)
}
