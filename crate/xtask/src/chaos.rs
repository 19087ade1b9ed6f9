//! `cargo xtask chaos`: everything goes wrong at random, for as long as asked, while somebody enters things.

use std::path::PathBuf;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use crate::build::{self, Mode};
use crate::config::Config;
use crate::{bench, browser, e2e, firefox, paths, report, setup, webkit};

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
    /// Another's app instead of ours, with its own server, in Chromium: what it loses is counted, and is no failure.
    #[arg(long, value_enum)]
    peer: Option<Peer>,
    /// A server with a defect on purpose: chaos must fail.
    #[arg(long, value_enum, conflicts_with = "peer")]
    mutant: Option<Mutant>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Where {
    Chromium,
    Firefox,
    /// Its link and its server alone: WebKitGTK forgets everything when it ends, and nobody can end its worker.
    Webkit,
}

/// See tests/peers/chaos.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Peer {
    /// As its documentation has it.
    Workbox,
    /// With what a careful author can add from without.
    WorkboxCareful,
}

/// See crate/server/src/judge/mutant.rs.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Mutant {
    /// It does not ask whether it has a receipt.
    Receipts,
}

/// What a run of chaos is to be.
#[derive(Clone, Copy)]
pub struct Course {
    pub minutes: u32,
    pub seed: u32,
    /// The peer's name, where it is not our app.
    pub peer: Option<&'static str>,
    /// Whether the server is the one with the defect.
    pub forgetful: bool,
}

/// The scenario's name has this in it.
const NAME: &str = "minutes of chaos";
/// The scenario that takes the server with the defect.
pub const CAUGHT: &str = "chaos catches a server that forgets its receipts, by what is there twice";

/// Runs the command; `false` when something was lost, doubled or stuck.
pub fn run(options: &Options) -> Result<bool> {
    let peer = options.peer.map(|peer| match peer {
        Peer::Workbox => "workbox",
        Peer::WorkboxCareful => "workbox-careful",
    });
    if peer.is_some() && options.browser != Where::Chromium {
        bail!("a peer's app runs in Chromium");
    }
    setup::ensure(setup::BUILD)?;
    let (file, variable, browser) = match options.browser {
        Where::Chromium => ("tests/e2e/chaos.test.ts", "CHROME", browser::ensure()?.chrome),
        Where::Firefox => ("tests/e2e/firefox/sent.test.ts", "FIREFOX", firefox::ensure()?),
        Where::Webkit => ("tests/e2e/webkit/chaos.ts", "WEBKIT_DRIVER", webkit::ensure()?),
    };
    let file = match peer {
        Some(_) => {
            bench::browser_peers_installed()?;
            "tests/e2e/peers/chaos.test.ts"
        }
        None => {
            build::app(&Config::read()?, Mode::Standard)?;
            build::server(Mode::Standard)?;
            file
        }
    };
    if options.mutant.is_some() {
        build::forgetful_server()?;
    }
    let what = peer.map(|name| format!(" for {name}")).unwrap_or_default();
    report::heading(&format!("{} minutes of chaos{what}, seed {}", options.minutes, options.seed));
    let counts = play(
        file,
        variable,
        browser,
        Course { minutes: options.minutes, seed: options.seed, peer, forgetful: options.mutant.is_some() },
    )?;
    report::say(&format!("{} passed, {} failed", counts.passed, counts.failed));
    Ok(counts.failed == 0 && counts.passed > 0)
}

fn play(file: &str, variable: &str, browser: PathBuf, course: Course) -> Result<crate::count::Counts> {
    e2e::Run {
        tests: &[paths::in_root(file)],
        variable,
        browser: &browser,
        abreast: 1,
        matching: Some(NAME),
        all: true,
        until: None,
        chaos: Some(course),
    }
    .play()
}
