//! `cargo xtask coverage`: how much of the engine its own tests reach, by line. Below [`LEAST`] it fails.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};
use serde_json::Value;

use crate::{paths, process, report, tools};

/// Percent of the lines of `crate/core/src`.
const LEAST: f64 = 90.0;
/// The engine.
const PACKAGE: &str = "fieldsync-core";
/// How many files are shown: those with the most lines that nothing reaches.
const SHOWN: usize = 8;

/// Lines, and those of them that some test has run.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Lines {
    count: u64,
    covered: u64,
}

impl Lines {
    fn missed(self) -> u64 {
        self.count - self.covered
    }

    fn percent(self) -> f64 {
        if self.count == 0 { 0.0 } else { 100.0 * self.covered as f64 / self.count as f64 }
    }
}

/// Measures it, says it, and fails where it is too little.
pub fn run() -> Result<()> {
    let bin = tools::llvm()?;
    let target = paths::in_root("target/coverage");
    let profiles = target.join("profiles");
    if profiles.exists() {
        fs::remove_dir_all(&profiles).context("the last run's profiles cannot be removed")?;
    }
    // The profiles of build scripts are not those of the tests: only what runs below writes any.
    let instrumented = |arguments: &[&str]| {
        let mut cargo = process::cargo(arguments);
        cargo.env("RUSTFLAGS", "-C instrument-coverage").env("CARGO_TARGET_DIR", &target);
        cargo.env("LLVM_PROFILE_FILE", profiles.join("%p-%m.profraw"));
        cargo
    };
    process::check(&mut instrumented(&["test", "--quiet", "--package", PACKAGE, "--lib", "--tests"]))?;
    let built =
        ["test", "--quiet", "--package", PACKAGE, "--lib", "--tests", "--no-run", "--message-format=json"];
    let tests = process::captured(&mut instrumented(&built)).context("cargo cannot be started")?;
    let tests = executables(&String::from_utf8_lossy(&tests.stdout));
    let merged = target.join("merged.profdata");
    let mut merge = process::command(bin.join("llvm-profdata"));
    process::check(merge.args(["merge", "--sparse", "--output"]).arg(&merged).arg(&profiles))?;
    let mut export = process::command(bin.join("llvm-cov"));
    export.args(["export", "--summary-only", "--instr-profile"]).arg(&merged);
    for test in &tests {
        export.arg("--object").arg(test);
    }
    let text = process::output(&mut export).context("llvm-cov cannot read the profiles")?;
    say(&files(&text)?)
}

fn say(files: &[(String, Lines)]) -> Result<()> {
    let total = files.iter().fold(Lines::default(), |sum, (_, lines)| Lines {
        count: sum.count + lines.count,
        covered: sum.covered + lines.covered,
    });
    let mut least: Vec<_> = files.iter().filter(|(_, lines)| lines.missed() > 0).collect();
    least.sort_by_key(|(_, lines)| std::cmp::Reverse(lines.missed()));
    for (name, lines) in least.into_iter().take(SHOWN) {
        report::line(&format!("{name}: {} of {} lines not reached", lines.missed(), lines.count));
    }
    let words = format!(
        "line coverage of {PACKAGE}: {:.1} % ({} of {} lines)",
        total.percent(),
        total.covered,
        total.count
    );
    report::line(&words);
    if total.percent() < LEAST {
        bail!("{words}; it has to be {LEAST} % at least");
    }
    Ok(())
}

/// The test programs that cargo names.
fn executables(messages: &str) -> Vec<PathBuf> {
    let executable = |line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message["executable"].as_str().map(PathBuf::from)
    };
    messages.lines().filter_map(executable).collect()
}

/// The engine's own files, without its tests.
fn files(export: &str) -> Result<Vec<(String, Lines)>> {
    let export: Value = serde_json::from_str(export).context("llvm-cov's answer is no JSON")?;
    let files = export["data"][0]["files"].as_array().context("llvm-cov names no files")?;
    let ours = |file: &Value| {
        let (_, name) = file["filename"].as_str()?.split_once("crate/core/src/")?;
        let lines = &file["summary"]["lines"];
        let lines = Lines { count: lines["count"].as_u64()?, covered: lines["covered"].as_u64()? };
        Some((name.to_owned(), lines))
    };
    Ok(files.iter().filter_map(ours).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_engines_own_lines_count() {
        let file = |name: &str, count, covered| serde_json::json!({ "filename": name, "summary": { "lines": { "count": count, "covered": covered } } });
        let export = serde_json::json!({ "data": [{ "files": [
            file("/a/crate/core/src/gate.rs", 10, 9),
            file("/a/crate/core/tests/engine/main.rs", 50, 50),
            file("/a/serde/src/lib.rs", 500, 1),
        ] }] });
        let files = files(&export.to_string()).unwrap();
        assert_eq!(files, [("gate.rs".to_owned(), Lines { count: 10, covered: 9 })]);
        assert!(say(&files).is_ok());
        assert!(say(&[("gate.rs".to_owned(), Lines { count: 10, covered: 8 })]).is_err());
        assert!(say(&[]).is_err(), "nothing measured is nothing shown");
    }

    #[test]
    fn test_programs_are_found_among_cargos_messages() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
                        {\"reason\":\"compiler-artifact\",\"executable\":\"/t/core-1\"}\nnoise\n";
        assert_eq!(executables(messages), [PathBuf::from("/t/core-1")]);
    }
}
