//! `cargo xtask shots`: pictures of every page of the app in its main states, phone and desktop, light and dark, into
//! `target/shots`; to be looked at.

use anyhow::Result;
use clap::Args;

use crate::build::{self, Mode};
use crate::config::Config;
use crate::{browser, npm, orphans, paths, process, report, setup};

/// Options of `shots`.
#[derive(Args)]
pub struct Options {
    /// Of pages whose names contain one of these words; of all unless said otherwise.
    words: Vec<String>,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    in_chromium("shots", "tests/shots/shots.ts", &options.words)?;
    report::say("the pictures are in target/shots");
    Ok(())
}

/// Builds everything, and runs a script that shows the app to Chromium.
pub fn in_chromium(heading: &str, script: &str, arguments: &[String]) -> Result<()> {
    in_chromium_of(heading, script, arguments, Mode::Standard, &[])
}

/// The same with a server of this mode, and with this set for the script.
pub fn in_chromium_of(
    heading: &str,
    script: &str,
    arguments: &[String],
    mode: Mode,
    environment: &[(&str, &str)],
) -> Result<()> {
    setup::ensure(setup::BUILD)?;
    let browser = browser::ensure()?;
    // What is too large can be looked at nevertheless.
    build::app(&Config::read()?, mode)?;
    build::server(mode)?;
    report::heading(heading);
    let mut node = npm::node(&["--import", "tsx", script]);
    node.args(arguments)
        .env("FIELDSYNC_SERVER", paths::server(mode == Mode::Release))
        .env("FIELDSYNC_WWW", paths::www())
        .env("CHROME", browser.chrome)
        .envs(environment.iter().copied());
    let result = process::run(&mut node);
    orphans::end();
    result
}
