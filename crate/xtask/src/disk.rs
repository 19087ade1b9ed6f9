//! Whether the disk has room for what a run makes. A full disk shows itself as errors of the compiler, of PostgreSQL
//! and of the browser that name everything but the disk: better said once, before anything has begun.

use anyhow::{Context, Result, bail};

use crate::paths;

const GB: u64 = 1_000_000_000;
/// What `cargo xtask test` makes under `target/`: 6.2 GB were seen, and half a gigabyte in the temporary directory.
const FIRST: u64 = 7 * GB;
/// What a run makes anew that finds the last one's work there.
const AGAIN: u64 = 2 * GB;

/// Fails when there is too little room for building and testing everything.
pub fn check() -> Result<()> {
    let target = paths::cargo_target();
    let nearest = target.ancestors().find(|dir| dir.is_dir()).unwrap_or_else(|| paths::root());
    let stat =
        rustix::fs::statvfs(nearest).with_context(|| format!("{} cannot be asked", nearest.display()))?;
    enough(stat.f_bavail.saturating_mul(stat.f_frsize), target.join("debug/deps").is_dir())
        .with_context(|| format!("the disk of {} is nearly full", nearest.display()))
}

fn enough(free: u64, built_before: bool) -> Result<()> {
    let needed = if built_before { AGAIN } else { FIRST };
    let gb = |bytes: u64| format!("{:.1} GB", bytes as f64 / GB as f64);
    if free < needed {
        bail!("building and testing takes {} there, and {} are free", gb(needed), gb(free));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_how_much_is_missing() {
        assert_eq!(
            enough(5_100_000_000, false).unwrap_err().to_string(),
            "building and testing takes 7.0 GB there, and 5.1 GB are free"
        );
        assert!(enough(5_100_000_000, true).is_ok());
        assert!(enough(7 * GB, false).is_ok());
    }
}
