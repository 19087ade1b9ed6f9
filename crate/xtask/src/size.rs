//! How large things are for those who download them, and what they may be.

use std::fmt;
use std::iter::Sum;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::{npm, process, report};

/// A file as it is, and as servers send it, in bytes.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Size {
    /// As it is.
    pub raw: u64,
    /// gzip, level 9.
    pub gzip: u64,
    /// Brotli, quality 11.
    pub brotli: u64,
}

impl Sum for Size {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |sum, next| Self {
            raw: sum.raw + next.raw,
            gzip: sum.gzip + next.gzip,
            brotli: sum.brotli + next.brotli,
        })
    }
}

/// Measures files and adds them up. Each is compressed by itself, as it is downloaded; Node does both compressions.
pub fn of(files: &[PathBuf]) -> Result<Size> {
    measure(files, None)
}

/// Measures files, and keeps what was compressed beside those below a directory: `a.js.br`, `a.js.gz`.
pub fn with_siblings(files: &[PathBuf], below: &Path) -> Result<Size> {
    measure(files, Some(below))
}

fn measure(files: &[PathBuf], siblings_below: Option<&Path>) -> Result<Size> {
    const SCRIPT: &str =
        "const z = require('node:zlib'), fs = require('node:fs'), path = require('node:path');
        const below = process.env.SIBLINGS_BELOW;
        console.log(JSON.stringify(process.argv.slice(1).map(file => {
            const raw = fs.readFileSync(file);
            const gzip = z.gzipSync(raw, { level: 9 }), brotli = z.brotliCompressSync(raw);
            if (below && file.startsWith(below + path.sep) && gzip.length < 0.9 * raw.length) {
                fs.writeFileSync(file + '.gz', gzip);
                fs.writeFileSync(file + '.br', brotli);
            }
            return { raw: raw.length, gzip: gzip.length, brotli: brotli.length };
        })));";
    let mut node = npm::node(&["-e", SCRIPT, "--"]);
    match siblings_below {
        Some(dir) => node.args(files).env("SIBLINGS_BELOW", dir),
        None => node.args(files).env_remove("SIBLINGS_BELOW"),
    };
    let said = process::output(&mut node).context("node could not measure sizes")?;
    let sizes: Vec<Size> = serde_json::from_str(&said).context("node could not measure sizes")?;
    Ok(sizes.into_iter().sum())
}

/// Something that is larger than `wasm-pack.toml` allows.
#[derive(Debug, PartialEq, Eq)]
pub struct Oversize {
    what: String,
    brotli: u64,
    budget: u64,
}

impl fmt::Display for Oversize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, brotli, budget } = self;
        let (over, budget) = (report::kilobytes(brotli - budget), report::kilobytes(*budget));
        write!(f, "{what} is {over} over its budget of {budget} in brotli (wasm-pack.toml)")
    }
}

/// Prints a line about a size, and says whether it is over its budget.
pub fn report(what: &str, size: Size, budget: u64) -> Option<Oversize> {
    let [raw, gzip, brotli] = [size.raw, size.gzip, size.brotli].map(report::kilobytes);
    let of = report::kilobytes(budget);
    report::say(&format!("{what}: {raw} raw, {gzip} gzip, {brotli} brotli (budget {of})"));
    (size.brotli > budget).then(|| Oversize { what: what.to_owned(), brotli: size.brotli, budget })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_what_is_too_large() {
        let size = Size { raw: 9_000, gzip: 4_000, brotli: 3_500 };
        assert_eq!(report("a.wasm", size, 3_500), None);
        let over = report("a.wasm", size, 3_000).unwrap();
        assert_eq!(over.to_string(), "a.wasm is 0.5 kB over its budget of 3.0 kB in brotli (wasm-pack.toml)");
    }
}
