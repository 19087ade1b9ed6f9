//! `cargo xtask load`: how soon the app is there, on the field link and offline; with `--lighthouse` also what Lighthouse
//! says of the start page, which fetches it from npm.

use anyhow::Result;
use clap::Args;

use crate::shots::in_chromium;

/// Options of `load`.
#[derive(Args)]
pub struct Options {
    /// Also holds the start page against Lighthouse's 95 for performance, accessibility and best practices.
    #[arg(long)]
    lighthouse: bool,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    in_chromium("first load", "tests/load/first-load.ts", &[])?;
    if options.lighthouse {
        in_chromium("Lighthouse", "tests/load/lighthouse.ts", &[])?;
    }
    Ok(())
}
