//! `cargo xtask build`: the wasm, the app with its service worker, the server.

use anyhow::{Result, bail};
use clap::Args;

use crate::config::Config;
use crate::size::Oversize;
use crate::{process, report, setup, types, wasm, web};

/// The engine in the browser.
const ENGINE: &str = "fieldsync";

/// Options of `build`.
#[derive(Args)]
pub struct Options {
    /// Builds the server optimised too. (What browsers download always is.)
    #[arg(long, conflicts_with = "dev")]
    release: bool,
    /// Builds everything for debugging: larger, and sooner there. Sizes are not checked.
    #[arg(long)]
    dev: bool,
}

/// What a build is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// For debugging.
    Dev,
    /// What browsers download is optimised, the server quickly compiled.
    Standard,
    /// Everything is optimised.
    Release,
    /// For end-to-end tests alone: an app whose engine can check every second (A2), beside the one that people get.
    Test,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    let mode = match options {
        Options { dev: true, .. } => Mode::Dev,
        Options { release: true, .. } => Mode::Release,
        _ => Mode::Standard,
    };
    report::heading("build");
    setup::ensure(setup::BUILD)?;
    let oversize = app(&Config::read()?, mode)?;
    server(mode)?;
    // At the end: what was built can be used and looked into.
    within_budgets(&oversize)
}

/// The app: types, wasm, pages, service worker. Returns what is too large.
pub fn app(config: &Config, mode: Mode) -> Result<Vec<Oversize>> {
    types::write()?;
    let mut oversize = Vec::new();
    for build in &config.build {
        oversize.extend(report::timed(&format!("wasm of {}", build.package), || wasm::build(build, mode))?);
    }
    oversize.extend(web::build(config, mode)?);
    Ok(oversize)
}

/// The app of [`Mode::Test`], after that of another mode.
pub fn app_for_tests(config: &Config) -> Result<()> {
    for build in config.build.iter().filter(|build| build.package == ENGINE) {
        report::timed(&format!("wasm of {} for tests", build.package), || wasm::build(build, Mode::Test))?;
    }
    web::build_for_tests(config)
}

/// Fails when something is too large.
pub fn within_budgets(oversize: &[Oversize]) -> Result<()> {
    if oversize.is_empty() {
        return Ok(());
    }
    bail!("{}", oversize.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))
}

/// The server.
pub fn server(mode: Mode) -> Result<()> {
    report::timed("server", || {
        process::check(&mut match mode {
            Mode::Release => process::cargo(&["build", "--release", "--package", "fieldsync-server"]),
            _ => Config::read()?.host("build", &["--bin", "fieldsync-server"]),
        })
    })
}

/// The server that has a defect on purpose, under a name of its own: the server beside it stays what it is.
pub fn forgetful_server() -> Result<()> {
    report::timed("server that forgets its receipts", || {
        let which = ["--bin", "fieldsync-server-forgetful", "--features", "fieldsync-server/mutants"];
        process::check(&mut Config::read()?.host("build", &which))
    })
}
