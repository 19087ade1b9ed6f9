//! `cargo xtask schemathesis`: the server against its OpenAPI document. The program is Python's; it is installed into
//! `target/schemathesis`, and the server's own tests run it. No step of `cargo xtask test`, which needs no Python.

use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::{paths, postgres, process, report, tools};

/// Newer ones check more; which of that is meant is looked at before it is taken.
const VERSION: &str = "4.32.5";

const ADVICE: &str = "On Debian or Ubuntu: sudo apt-get install -y --no-install-recommends python3-venv; elsewhere \
                      install Python 3.10 or newer from https://www.python.org.";

/// Options of `schemathesis`.
#[derive(Args)]
pub struct Options {
    /// How many requests are made up for each call.
    #[arg(long, default_value_t = 50)]
    examples: u32,
}

/// Runs the command.
pub fn run(options: &Options) -> Result<()> {
    report::heading("schemathesis");
    postgres::ensure()?;
    let program = ensure()?;
    let mut cargo = process::cargo(&["test", "--package", "fieldsync-server", "--test", "server", "--"]);
    cargo
        .args(["--ignored", "schemathesis::"])
        .env("FIELDSYNC_SCHEMATHESIS", program)
        .env("FIELDSYNC_SCHEMATHESIS_EXAMPLES", options.examples.to_string());
    process::run(&mut cargo)
}

/// The program, installed where it is missing or of another version.
fn ensure() -> Result<PathBuf> {
    let home = paths::in_root("target/schemathesis");
    let bin = home.join(if cfg!(windows) { "Scripts" } else { "bin" });
    let program = bin.join("st");
    if tools::version_of(&program) == tools::version_in(VERSION) {
        return Ok(program);
    }
    let python = ["python3", "python"].into_iter().find_map(tools::find);
    let Some(python) = python else { bail!("schemathesis needs Python, which is missing. {ADVICE}") };
    report::timed(&format!("installing schemathesis {VERSION} into target/schemathesis"), || {
        process::run(process::command(python).args(["-m", "venv"]).arg(&home))
            .with_context(|| format!("Python makes no virtual environment. {ADVICE}"))?;
        let mut pip = process::command(bin.join("python"));
        pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
        process::run(pip.arg(format!("schemathesis=={VERSION}")))
            .context("pip could not install schemathesis")
    })?;
    Ok(program)
}
