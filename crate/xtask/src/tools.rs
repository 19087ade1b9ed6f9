//! Finding programs and their versions, and installing wasm-bindgen.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{config, paths, process, report};

/// The target that browsers run.
pub const WASM: &str = "wasm32-unknown-unknown";

/// A program on the PATH.
pub fn find(name: &str) -> Option<PathBuf> {
    let file = format!("{name}{}", env::consts::EXE_SUFFIX);
    let path = env::var_os("PATH")?;
    // `ip` lives in /usr/sbin, which is not on everyone's PATH.
    env::split_paths(&path)
        .chain([PathBuf::from("/usr/sbin")])
        .map(|dir| dir.join(&file))
        .find(|p| p.is_file())
}

/// The first number with dots in a text such as `wasm-bindgen 0.2.130` or `v20.20.2`.
pub fn version_in(text: &str) -> Option<Vec<u32>> {
    let start = text.find(|c: char| c.is_ascii_digit())?;
    let number = text[start..].split(|c: char| !c.is_ascii_digit() && c != '.').next()?;
    number.split('.').filter(|part| !part.is_empty()).map(|part| part.parse().ok()).collect()
}

/// What a program answers to `--version`.
pub fn version_of(program: &Path) -> Option<Vec<u32>> {
    version_in(&process::output(process::command(program).arg("--version"))?)
}

fn sysroot() -> Result<PathBuf> {
    process::output(process::command("rustc").args(["--print", "sysroot"]))
        .map(PathBuf::from)
        .context("rustc is missing; install Rust with rustup: https://rustup.rs")
}

/// Whether there is a C compiler; it cannot be installed from here. On Windows it comes with what rustup asks for.
pub fn check_compiler() -> Result<()> {
    if cfg!(windows) || env::var_os("CC").is_some() || find("cc").is_some() {
        return Ok(());
    }
    bail!(
        "a C compiler (`cc`) is missing; {}",
        if cfg!(target_os = "macos") {
            "run: xcode-select --install"
        } else {
            "on Debian: apt-get install -y build-essential"
        }
    );
}

/// Adds the wasm target to the toolchain.
pub fn ensure_wasm_target() -> Result<()> {
    if sysroot()?.join("lib/rustlib").join(WASM).is_dir() {
        return Ok(());
    }
    rustup(&["target", "add", WASM])
}

/// Adds clippy and rustfmt to the toolchain.
pub fn ensure_components() -> Result<()> {
    let bin = sysroot()?.join("bin");
    for (component, program) in [("clippy", "cargo-clippy"), ("rustfmt", "cargo-fmt")] {
        if !bin.join(format!("{program}{}", env::consts::EXE_SUFFIX)).is_file() {
            rustup(&["component", "add", component])?;
        }
    }
    Ok(())
}

/// Where the toolchain's own llvm-cov and llvm-profdata are.
pub fn llvm() -> Result<PathBuf> {
    let host =
        process::output(process::command("rustc").arg("-vV")).context("rustc does not say its host")?;
    let host = host.lines().find_map(|line| line.strip_prefix("host: ")).context("rustc names no host")?;
    Ok(sysroot()?.join("lib/rustlib").join(host).join("bin"))
}

/// Adds them to the toolchain.
pub fn ensure_llvm() -> Result<()> {
    if llvm()?.join(format!("llvm-cov{}", env::consts::EXE_SUFFIX)).is_file() {
        return Ok(());
    }
    rustup(&["component", "add", "llvm-tools"])
}

fn rustup(arguments: &[&str]) -> Result<()> {
    let command = format!("rustup {}", arguments.join(" "));
    if find("rustup").is_none() {
        bail!("rustup is missing (for `{command}`); install Rust with rustup: https://rustup.rs");
    }
    report::timed(&command, || process::run(process::command("rustup").args(arguments)))
}

/// A program of wasm-bindgen-cli, in the version that `Cargo.lock` names: the one on the PATH where that is of this version, else
/// our own, which may have to be installed first.
pub fn wasm_bindgen(program: &str) -> Result<PathBuf> {
    let version = config::locked_version("wasm-bindgen")?;
    if let Some(program) = find(program)
        && version_of(&program) == version_in(&version)
    {
        return Ok(program);
    }
    Ok(bindgen_root(&version).join("bin").join(format!("{program}{}", env::consts::EXE_SUFFIX)))
}

fn bindgen_root(version: &str) -> PathBuf {
    paths::in_root("target/tools").join(format!("wasm-bindgen-{version}"))
}

/// Installs wasm-bindgen-cli under `target/tools`: it must be of exactly the crate's version.
pub fn ensure_wasm_bindgen() -> Result<()> {
    let version = config::locked_version("wasm-bindgen")?;
    let works = || -> Result<bool> {
        let runner = wasm_bindgen("wasm-bindgen-test-runner")?;
        Ok(runner.is_file() && version_of(&wasm_bindgen("wasm-bindgen")?) == version_in(&version))
    };
    if works()? {
        return Ok(());
    }
    report::timed(
        &format!("installing wasm-bindgen {version} into target/tools (two to three minutes)"),
        || {
            let mut install = process::cargo(&["install", "wasm-bindgen-cli", "--force", "--version"]);
            install.arg(format!("={version}")).arg("--root").arg(bindgen_root(&version));
            // It runs for seconds: that it is quickly compiled matters more.
            install.env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "1");
            process::run(install.env("CARGO_TARGET_DIR", paths::in_root("target/tools/build")))
        },
    )?;
    if !works()? {
        bail!("wasm-bindgen {version} was installed but does not run; remove target/tools and try again");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_versions_in_what_programs_say() {
        assert_eq!(version_in("wasm-bindgen 0.2.130"), Some(vec![0, 2, 130]));
        assert_eq!(version_in("v20.20.2"), Some(vec![20, 20, 2]));
        assert_eq!(version_in("Chromium 156.0.7204.1 built on Debian 12"), Some(vec![156, 0, 7204, 1]));
        assert_eq!(version_in(">=20.19"), Some(vec![20, 19]));
        assert_eq!(version_in("none"), None);
    }
}
