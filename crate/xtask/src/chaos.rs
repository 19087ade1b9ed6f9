//! `cargo xtask chaos`: everything goes wrong at random, for as long as asked, while somebody enters things.

use anyhow::Result;
use clap::{Args, ValueEnum};

use crate::build::{self, Mode};
use crate::config::Config;
use crate::{browser, e2e, firefox, paths, report, setup};

/// Options of `chaos`.
#[derive(Args)]
pub struct Options {
    /// For so long; then everything has five minutes to be sent.
    #[arg(long, default_value_t = 10)]
    minutes: u32,
    /// What goes wrong, and when: the same seed gives the same plan.
    #[arg(long, default_value_t = 1)]
    seed: u32,
    /// Where the app runs.
    #[arg(long, value_enum, default_value_t = Where::Chromium)]
    browser: Where,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Where {
    Chromium,
    Firefox,
}

/// The scenario's name has this in it.
const NAME: &str = "minutes of chaos";

/// Runs the command; `false` when something was lost, doubled or stuck.
pub fn run(options: &Options) -> Result<bool> {
    setup::ensure(setup::BUILD)?;
    let (file, variable, browser) = match options.browser {
        Where::Chromium => ("tests/e2e/chaos.test.ts", "CHROME", browser::ensure()?.chrome),
        Where::Firefox => ("tests/e2e/firefox/sent.test.ts", "FIREFOX", firefox::ensure()?),
    };
    build::app(&Config::read()?, Mode::Standard)?;
    build::server(Mode::Standard)?;
    report::heading(&format!("{} minutes of chaos, seed {}", options.minutes, options.seed));
    let counts = e2e::Run {
        tests: &[paths::in_root(file)],
        variable,
        browser: &browser,
        abreast: 1,
        matching: Some(NAME),
        all: true,
        until: None,
        chaos: Some((options.minutes, options.seed)),
    }
    .play()?;
    report::say(&format!("{} passed, {} failed", counts.passed, counts.failed));
    Ok(counts.failed == 0 && counts.passed > 0)
}
