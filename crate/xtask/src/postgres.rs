//! PostgreSQL's server programs, of which the server's tests start a cluster of their own.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{apt, tools};

const ADVICE: &str = "On Debian or Ubuntu: sudo apt-get install -y --no-install-recommends postgresql; elsewhere put \
                      PostgreSQL's initdb and postgres on the PATH.";

/// Looks for the programs where the tests look; as root they are installed by apt when they are missing.
pub fn ensure() -> Result<()> {
    // The tests need Unix.
    if is_there() || cfg!(windows) {
        return Ok(());
    }
    if apt::is_possible() {
        let installed = apt::install(&["postgresql"]);
        if is_there() {
            return Ok(());
        }
        installed
            .with_context(|| format!("the tests need PostgreSQL, and apt could not install it. {ADVICE}"))?;
    }
    bail!("the tests need PostgreSQL. {ADVICE}");
}

fn is_there() -> bool {
    let versions = fs::read_dir("/usr/lib/postgresql").into_iter().flatten().flatten();
    tools::find("initdb").is_some()
        || versions.into_iter().any(|version| version.path().join("bin/initdb").is_file())
}
