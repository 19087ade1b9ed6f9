//! `cargo xtask test`: every check and every test. A step that fails does not hide the others.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, Result, bail};
use clap::Args;

use crate::build::{self, Mode};
use crate::config::Config;
use crate::count::Counts;
use crate::failure::Failure;
use crate::report::{self, Row};
use crate::setup::{self, Part};
use crate::step::Step;
use crate::{
    browser, chaos, coverage, disk, e2e, firefox, npm, paths, process, read, sim, stamp, tools, tried, types,
    webkit, words,
};

/// Options of `test`.
#[derive(Args)]
pub struct Options {
    /// Runs these steps alone, with what they need.
    #[arg(long, value_enum, num_args = 1.., value_delimiter = ',')]
    only: Vec<Step>,
    /// Of Rust's and the browsers' tests only those whose names have this in them.
    #[arg(long)]
    matching: Option<String>,
    /// Also what takes too long for every change: every scenario in every browser, more simulated faults, coverage.
    #[arg(long)]
    all: bool,
    /// Begins no step and no scenario any more after so many minutes, and counts as skipped what was not begun: where the
    /// machine may be too busy for all of it, and somebody waits for the answer.
    #[arg(long, value_name = "MINUTES")]
    within: Option<u64>,
}

/// Runs the command; `false` when anything failed. The last line printed is `N passed, N failed`.
pub fn run(options: &Options) -> Result<bool> {
    let steps = Step::plan(&options.only, options.all);
    let mut run = Run {
        config: Config::read()?,
        steps: &steps,
        matching: options.matching.as_deref(),
        all: options.all || options.matching.is_some(),
        until: options.within.map(|minutes| SystemTime::now() + Duration::from_secs(60 * minutes)),
        missing: Vec::new(),
        build_failed: false,
    };
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
        let counts = result.unwrap_or_else(|error| Counts::failure(Failure::of(step.title(), &error)));
        let time = began.elapsed();
        report::say(&format!(
            "{} passed, {} failed, {}",
            counts.passed,
            counts.failed,
            report::seconds(time)
        ));
        rows.push(Row { name: step.name(), counts, time });
    }
    report::summary(&rows);
    Ok(rows.iter().all(|row| row.counts.failed == 0))
}

struct Run<'a> {
    config: Config,
    steps: &'a [Step],
    matching: Option<&'a str>,
    all: bool,
    until: Option<SystemTime>,
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
        if self.until.is_some_and(|until| SystemTime::now() > until) {
            report::say("not begun: its time is over");
            return Ok(Counts { skipped: 1, ..Counts::default() });
        }
        match step {
            Step::Setup => Ok(self.setup()),
            Step::Fmt => {
                check("cargo fmt", || process::check(&mut process::cargo(&["fmt", "--all", "--check"])))
            }
            Step::Clippy => Ok(self.clippy()),
            Step::Doc => Ok(self.doc()),
            Step::Types => check("types", types::check),
            Step::Unit => self.unit(),
            Step::Coverage => check("coverage", coverage::run),
            Step::Sim => sim::test(&self.config, self.all),
            Step::Build => Ok(self.build()),
            Step::Ts => typescript(),
            Step::Wasm => self.wasm(),
            Step::Tus | Step::E2e | Step::Firefox | Step::Webkit if self.build_failed => {
                bail!("not run: the build failed")
            }
            Step::Tus => self.tus(),
            // Most of a scenario is waiting: for a browser to start, for a link, for the engine's own pauses.
            Step::E2e => self.scenarios("tests/e2e", "CHROME", &browser::ensure()?.chrome, 3),
            Step::Firefox => self.scenarios("tests/e2e/firefox", "FIREFOX", &firefox::ensure()?, 2),
            Step::Webkit if !webkit::IS_POSSIBLE => Ok(Counts { skipped: 1, ..Counts::default() }),
            Step::Webkit => self.scenarios("tests/e2e/webkit", "WEBKIT_DRIVER", &webkit::ensure()?, 1),
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
            counts += Counts::failure(Failure::of("set-up", &error));
            self.missing.push(part);
        }
        counts
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
        counts.check("clippy", process::check(&mut self.config.host("clippy", &deny)));
        for build in &self.config.build {
            let mut clippy = Self::browser_crate("clippy", &build.package, &deny);
            counts.check(&format!("clippy of {}", build.package), process::check(&mut clippy));
        }
        counts
    }

    fn doc(&self) -> Counts {
        let mut counts = Counts::default();
        let deny = |mut cargo: Command| process::check(cargo.env("RUSTDOCFLAGS", "-D warnings"));
        counts.check("doc", deny(self.config.host("doc", &["--no-deps"])));
        for build in &self.config.build {
            let doc = Self::browser_crate("doc", &build.package, &["--no-deps"]);
            counts.check(&format!("doc of {}", build.package), deny(doc));
        }
        counts
    }

    fn unit(&self) -> Result<Counts> {
        // Every crate's tests run even when one crate's fail.
        let mut cargo = self.config.host("test", &["--no-fail-fast"]);
        if let Some(name) = self.matching {
            cargo.args(["--", name]);
        }
        read::tests::<read::Libtest>("cargo test", &mut cargo)
    }

    fn scenarios(&self, dir: &str, variable: &str, browser: &Path, abreast: u8) -> Result<Counts> {
        let tests = e2e::of_directory(dir)?;
        let Self { matching, all, until, .. } = *self;
        e2e::Run { tests: &tests, variable, browser, abreast, matching, all, until, chaos: None }.play()
    }

    fn tus(&self) -> Result<Counts> {
        let mut node = npm::node(&["--import", "tsx", "--test", "--test-reporter=spec"]);
        node.env("FIELDSYNC_SERVER", paths::server(false)).env_remove("NODE_TEST_CONTEXT");
        if let Some(name) = self.matching {
            node.arg(format!("--test-name-pattern={}", e2e::literally(name)));
        }
        node.args(e2e::of_directory("tests/tus")?);
        read::tests::<read::Node>("node --test", &mut node)
    }

    fn build(&mut self) -> Counts {
        let mut counts = Counts::default();
        let app = build::app(&self.config, Mode::Standard);
        let sizes = app.as_ref().ok().map(|oversize| build::within_budgets(oversize));
        counts.check("app", app.map(|_| ()));
        counts.check("app for tests", build::app_for_tests(&self.config));
        counts.check("server", build::server(Mode::Standard));
        // One scenario takes it.
        if self.matching.is_none_or(|name| chaos::CAUGHT.contains(name)) {
            counts.check("server that forgets", build::forgetful_server());
        }
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
            let mut cargo = Self::browser_crate("test", &build.package, &["--tests", "--no-fail-fast"]);
            cargo
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", &runner)
                .env("CHROMEDRIVER", &browser.driver)
                .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", &capabilities)
                .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
            all += read::tests::<read::Libtest>(&format!("the tests of {}", build.package), &mut cargo)?;
        }
        e2e::end_leftovers();
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
            let result = process::check(npm::program("tsc").args(["--noEmit", "--project", dir]));
            counts.check(&format!("tsc in {dir}"), result);
        }
    }
    counts.check("words in other languages", words::check());
    // `biome ci` colours even what goes into a file.
    let colours = if report::coloured() { "--colors=force" } else { "--colors=off" };
    counts.check("biome", process::check(npm::program("biome").args(["ci", colours, "www", "sw", "tests"])));
    Ok(counts)
}

/// What an earlier run kept of its failures.
fn forget_artifacts() -> Result<()> {
    let artifacts = paths::artifacts();
    match artifacts.exists() {
        true => fs::remove_dir_all(&artifacts).context("target/test-artifacts cannot be emptied"),
        false => Ok(()),
    }
}
