//! `cargo xtask test`: every check and every test. A step that fails does not hide the others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::build::{self, Mode};
use crate::config::Config;
use crate::count::{self, Counts};
use crate::report::{self, Row};
use crate::setup::{self, Part};
use crate::step::Step;
use crate::{
    browser, coverage, disk, firefox, npm, orphans, paths, process, sim, stamp, tools, tried, types, words,
};

/// Options of `test`.
#[derive(Args)]
pub struct Options {
    /// Runs these steps alone, with what they need.
    #[arg(long, value_enum, num_args = 1.., value_delimiter = ',')]
    only: Vec<Step>,
}

/// Runs the command; `false` when anything failed. The last line printed is `N passed, N failed`.
pub fn run(options: &Options) -> Result<bool> {
    let steps = Step::plan(&options.only);
    let mut run = Run { config: Config::read()?, steps: &steps, missing: Vec::new(), build_failed: false };
    let mut rows: Vec<Row> = Vec::new();
    if options.only.is_empty() {
        disk::check()?;
    }
    forget_artifacts()?;
    for step in &steps {
        report::heading(step.title());
        let began = Instant::now();
        let result = run.step(*step);
        if process::interrupted() {
            bail!("interrupted");
        }
        let counts = result.unwrap_or_else(|error| {
            report::failure(&format!("{error:#}"));
            Counts::FAILED
        });
        let row = Row { name: step.name(), counts, time: began.elapsed() };
        report::say(&format!(
            "{} passed, {} failed, {}",
            counts.passed,
            counts.failed,
            report::seconds(row.time)
        ));
        rows.push(row);
    }
    report::summary(&rows);
    Ok(rows.iter().all(|row| row.counts.failed == 0))
}

struct Run<'a> {
    config: Config,
    steps: &'a [Step],
    missing: Vec<Part>,
    build_failed: bool,
}

impl Run<'_> {
    fn step(&mut self, step: Step) -> Result<Counts> {
        // Where PostgreSQL is missing, the tests that need it fail and say so, and the others run.
        let is_missing = |part: &Part| *part != Part::Postgres && self.missing.contains(part);
        if step != Step::Setup && step.parts().iter().any(is_missing) {
            bail!("not run: its set-up failed");
        }
        match step {
            Step::Setup => Ok(self.setup()),
            Step::Fmt => {
                check("cargo fmt", || process::run(&mut process::cargo(&["fmt", "--all", "--check"])))
            }
            Step::Clippy => Ok(self.clippy()),
            Step::Doc => Ok(self.doc()),
            Step::Types => check("types", types::check),
            Step::Unit => self.unit(),
            Step::Coverage => check("coverage", coverage::run),
            Step::Sim => sim::test(),
            Step::Build => Ok(self.build()),
            Step::Ts => typescript(),
            Step::Wasm => self.wasm(),
            Step::E2e | Step::Firefox if self.build_failed => bail!("not run: the build failed"),
            Step::E2e => e2e("tests/e2e", "CHROME", &browser::ensure()?.chrome),
            Step::Firefox => e2e("tests/e2e/firefox", "FIREFOX", &firefox::ensure()?),
        }
    }

    /// Counts what failed; that all is there is no test.
    fn setup(&mut self) -> Counts {
        let mut needed: Vec<Part> = Vec::new();
        for part in self.steps.iter().filter(|step| **step != Step::Setup).flat_map(|step| step.parts()) {
            if !needed.contains(part) {
                needed.push(*part);
            }
        }
        let mut counts = Counts::default();
        for (part, error) in setup::try_each(if needed.is_empty() { setup::ALL } else { &needed }) {
            report::failure(&format!("{error:#}"));
            self.missing.push(part);
            counts += Counts::FAILED;
        }
        counts
    }

    /// `--workspace` without the crates that are made for browsers alone.
    fn host(&self, command: &str, arguments: &[&str]) -> Command {
        let mut cargo = process::cargo(&[command, "--workspace"]);
        for build in &self.config.build {
            cargo.args(["--exclude", &build.package]);
        }
        cargo.args(arguments);
        cargo
    }

    /// One crate that is made for browsers.
    fn browser_crate(command: &str, package: &str, arguments: &[&str]) -> Command {
        let mut cargo = process::cargo(&[command, "--package", package, "--target", tools::WASM]);
        cargo.args(arguments);
        cargo
    }

    fn clippy(&self) -> Counts {
        let mut counts = Counts::default();
        let deny = ["--all-targets", "--", "-D", "warnings"];
        counts.check("clippy", process::run(&mut self.host("clippy", &deny)));
        for build in &self.config.build {
            let mut clippy = Self::browser_crate("clippy", &build.package, &deny);
            counts.check(&format!("clippy of {}", build.package), process::run(&mut clippy));
        }
        counts
    }

    fn doc(&self) -> Counts {
        let mut counts = Counts::default();
        let deny = |mut cargo: Command| process::run(cargo.env("RUSTDOCFLAGS", "-D warnings"));
        counts.check("doc", deny(self.host("doc", &["--no-deps"])));
        for build in &self.config.build {
            let doc = Self::browser_crate("doc", &build.package, &["--no-deps"]);
            counts.check(&format!("doc of {}", build.package), deny(doc));
        }
        counts
    }

    fn unit(&self) -> Result<Counts> {
        let mut counts = Counts::default();
        // Every crate's tests run even when one crate's fail.
        let mut cargo = self.host("test", &["--no-fail-fast"]);
        let status = process::lines(&mut cargo, |line| counts += count::libtest(line))?;
        Ok(counts.finish("cargo test", status.success()))
    }

    fn build(&mut self) -> Counts {
        let mut counts = Counts::default();
        let app = build::app(&self.config, Mode::Standard);
        let sizes = app.as_ref().ok().map(|oversize| build::within_budgets(oversize));
        counts.check("app", app.map(|_| ()));
        counts.check("server", build::server(Mode::Standard));
        // What is merely too large can be tested nevertheless.
        self.build_failed = counts.failed > 0;
        if !self.build_failed {
            counts.check("cargo xtask serve", tried::serve());
        }
        if let Some(sizes) = sizes {
            counts.check("sizes", sizes);
        }
        counts
    }

    fn wasm(&self) -> Result<Counts> {
        let browser = browser::ensure()?;
        let runner = tools::wasm_bindgen("wasm-bindgen-test-runner")?;
        let capabilities = capabilities(&browser)?;
        let mut all = Counts::default();
        for build in &self.config.build {
            let mut counts = Counts::default();
            let mut cargo = Self::browser_crate("test", &build.package, &["--tests", "--no-fail-fast"]);
            cargo
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner)
                .env("CHROMEDRIVER", &browser.driver)
                .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities)
                .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
            let status = process::lines(&mut cargo, |line| counts += count::libtest(line))?;
            all += counts.finish(&format!("the tests of {}", build.package), status.success());
        }
        end_leftovers();
        Ok(all)
    }
}

fn check(what: &str, work: impl FnOnce() -> Result<()>) -> Result<Counts> {
    let mut counts = Counts::default();
    counts.check(what, work());
    Ok(counts)
}

/// The web crate's `webdriver.json`, with the browser named that the driver shall start.
fn capabilities(browser: &browser::Browser) -> Result<PathBuf> {
    let own = paths::in_root("crate/web/webdriver.json");
    let mut all = match own.is_file() {
        true => {
            serde_json::from_slice(&stamp::read(&own)?).context("crate/web/webdriver.json is not JSON")?
        }
        false => serde_json::json!({}),
    };
    all["goog:chromeOptions"]["binary"] = browser.chrome.to_string_lossy().into();
    let path = paths::in_root("target/wasm-test/webdriver.json");
    stamp::write(&path, serde_json::to_vec_pretty(&all)?)?;
    Ok(path)
}

fn typescript() -> Result<Counts> {
    let mut counts = Counts::default();
    for dir in ["www", "sw", "tests/e2e"] {
        if paths::in_root(dir).join("tsconfig.json").is_file() {
            let result = process::run(npm::program("tsc").args(["--noEmit", "--project", dir]));
            counts.check(&format!("tsc in {dir}"), result);
        }
    }
    counts.check("words in other languages", words::check());
    // `biome ci` colours even what goes into a file.
    let colours = if report::coloured() { "--colors=force" } else { "--colors=off" };
    counts.check("biome", process::run(npm::program("biome").args(["ci", colours, "www", "sw", "tests"])));
    Ok(counts)
}

/// The files of one directory, in the browser that the tests find in this variable.
fn e2e(dir: &str, variable: &str, browser: &Path) -> Result<Counts> {
    let dir = paths::in_root(dir);
    let tests: Vec<PathBuf> = stamp::files(&dir)?
        .into_iter()
        .filter(|file| file.parent() == Some(&dir) && file.to_string_lossy().ends_with(".test.ts"))
        .collect();
    if tests.is_empty() {
        bail!("there is no {}/*.test.ts", dir.display());
    }
    let artifacts = paths::artifacts();
    fs::create_dir_all(&artifacts).context("target/test-artifacts cannot be made")?;
    let mut counts = Counts::default();
    // One file at a time: each has a browser, a server and perhaps network namespaces of its own.
    let mut node = npm::node(&["--import", "tsx", "--test", "--test-reporter=spec", "--test-concurrency=1"]);
    node.args(&tests)
        .env("FIELDSYNC_SERVER", paths::server(false))
        .env("FIELDSYNC_WWW", paths::www())
        .env("FIELDSYNC_ARTIFACTS", &artifacts)
        .env(variable, browser)
        // Whoever runs xtask from a test of their own: this is a run by itself.
        .env_remove("NODE_TEST_CONTEXT");
    let status = process::lines(&mut node, |line| counts += count::node(line))?;
    end_leftovers();
    Ok(counts.finish("node --test", status.success()))
}

/// What an earlier run kept of its failures.
fn forget_artifacts() -> Result<()> {
    let artifacts = paths::artifacts();
    match artifacts.exists() {
        true => fs::remove_dir_all(&artifacts).context("target/test-artifacts cannot be emptied"),
        false => Ok(()),
    }
}

fn end_leftovers() {
    match orphans::end() {
        0 => {}
        1 => report::say("a process that the tests had left running was ended"),
        ended => report::say(&format!("{ended} processes that the tests had left running were ended")),
    }
}
