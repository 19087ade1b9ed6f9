//! `cargo xtask load`: how soon the app is there, on the field link and offline; with `--lighthouse` also what Lighthouse
//! says of the start page, which fetches it from npm; with `--queue N` how a queue of so many items opens and scrolls instead.

use anyhow::Result;
use clap::Args;

use crate::shots::in_chromium;

/// Options of `load`.
#[derive(Args)]
pub struct Options {
    /// Also holds the start page against Lighthouse's 95 for performance, accessibility and best practices.
    #[arg(long)]
    lighthouse: bool,
    /// Instead: how soon the queue page is there with so many items, and the longest task while it is scrolled.
    #[arg(long, value_name = "ITEMS", conflicts_with = "lighthouse")]
    queue: Option<u32>,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    if let Some(items) = options.queue {
        return in_chromium("long queue", "tests/load/queue.ts", &[items.to_string()]);
    }
    in_chromium("first load", "tests/load/first-load.ts", &[])?;
    if options.lighthouse {
        in_chromium("Lighthouse", "tests/load/lighthouse.ts", &[])?;
    }
    Ok(())
}
