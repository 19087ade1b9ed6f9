//! `wasm-pack.toml`: which crates become wasm, how, and how large they may be.

use std::process::Command;

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::{paths, process, stamp};

/// The whole file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The wasm builds, in order.
    pub build: Vec<WasmBuild>,
    /// The app as browsers download it.
    pub shell: Shell,
}

/// One wasm module with its JavaScript.
#[derive(Debug, Deserialize, Hash)]
#[serde(deny_unknown_fields)]
pub struct WasmBuild {
    /// The name of the files made: `NAME.js`, `NAME_bg.wasm`, `NAME.d.ts`.
    pub name: String,
    /// The package in this workspace.
    #[serde(rename = "crate")]
    pub package: String,
    /// What wasm-bindgen writes JavaScript for: `web`, `bundler`, …
    pub target: String,
    /// The Cargo profile.
    pub profile: String,
    /// Cargo features.
    #[serde(default)]
    pub features: Vec<String>,
    /// Where the files go, from the repository's root.
    pub out: String,
    /// Further flags for wasm-bindgen.
    #[serde(default)]
    pub bindgen_flags: Vec<String>,
    /// The flags for wasm-opt; none means that it is not run.
    #[serde(default)]
    pub opt_flags: Vec<String>,
    /// How large the module may be in brotli, in bytes.
    pub budget_brotli_bytes: u64,
}

/// Everything that the service worker keeps for offline use.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Shell {
    /// Ends of the names of files that browsers do not download.
    #[serde(default)]
    pub leave_out: Vec<String>,
    /// How large all of it may be in brotli, in bytes.
    pub budget_brotli_bytes: u64,
}

impl Config {
    /// Reads the file.
    pub fn read() -> Result<Self> {
        let path = paths::in_root("wasm-pack.toml");
        let text = String::from_utf8(stamp::read(&path)?).context("wasm-pack.toml is not text")?;
        toml::from_str(&text).context("wasm-pack.toml is not what xtask understands")
    }

    /// Cargo for the workspace without the crates that are made for browsers alone. Who builds a part of it builds that
    /// in the same selection, so that the libraries have the same features, and are compiled once for all.
    pub fn host(&self, command: &str, arguments: &[&str]) -> Command {
        let mut cargo = process::cargo(&[command, "--workspace"]);
        for build in &self.build {
            cargo.args(["--exclude", &build.package]);
        }
        cargo.args(arguments);
        cargo
    }
}

/// The version of a package in `Cargo.lock`.
pub fn locked_version(package: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Lock {
        package: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        name: String,
        version: String,
    }
    let path = paths::in_root("Cargo.lock");
    let text = String::from_utf8(stamp::read(&path)?).context("Cargo.lock is not text")?;
    let lock: Lock = toml::from_str(&text).context("Cargo.lock cannot be understood")?;
    match lock.package.into_iter().find(|found| found.name == package) {
        Some(found) => Ok(found.version),
        None => bail!("Cargo.lock has no package {package}; `cargo generate-lockfile` writes it anew"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_projects_own_files_are_understood() {
        let config = Config::read().unwrap();
        assert!(config.build.iter().any(|build| build.package == "fieldsync"));
        assert!(locked_version("serde").unwrap().starts_with("1."));
    }

    #[test]
    fn a_misspelt_key_is_refused() {
        let error = toml::from_str::<Config>("build = []\n[shell]\nbudget_brotli = 1").unwrap_err();
        assert!(error.to_string().contains("budget_brotli"), "{error}");
    }
}
