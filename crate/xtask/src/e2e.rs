//! Scenarios in real browsers, by node's own test runner.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};

use crate::chaos::Course;
use crate::count::Counts;
use crate::failure::Failure;
use crate::{npm, orphans, paths, read, report, stamp};

/// A run of scenarios.
pub struct Run<'a> {
    /// Their files.
    pub tests: &'a [PathBuf],
    /// Where the tests look for the browser.
    pub variable: &'a str,
    /// The browser.
    pub browser: &'a Path,
    /// Files at a time.
    pub abreast: u8,
    /// Of the scenarios those alone whose names have this in them.
    pub matching: Option<&'a str>,
    /// Those too that the lists leave out (tests/e2e/support/rounds.ts, tests/e2e/firefox/scenarios.ts).
    pub all: bool,
    /// When no more is begun.
    pub until: Option<SystemTime>,
    /// How chaos goes; else as its scenario has it.
    pub chaos: Option<Course>,
}

/// The test files of one directory.
pub fn of_directory(dir: &str) -> Result<Vec<PathBuf>> {
    let dir = paths::in_root(dir);
    let is_test =
        |file: &PathBuf| file.parent() == Some(&dir) && file.to_string_lossy().ends_with(".test.ts");
    let tests: Vec<PathBuf> = stamp::files(&dir)?.into_iter().filter(is_test).collect();
    if tests.is_empty() {
        bail!("there is no {}/*.test.ts", dir.display());
    }
    Ok(tests)
}

impl Run<'_> {
    /// Plays them.
    pub fn play(&self) -> Result<Counts> {
        let artifacts = paths::artifacts();
        fs::create_dir_all(&artifacts).context("target/test-artifacts cannot be made")?;
        // Each has a browser, a server and perhaps network namespaces of its own.
        let mut node = npm::node(&["--import", "tsx", "--test", "--test-reporter=spec"]);
        node.arg(format!("--test-concurrency={}", self.abreast))
            .env("FIELDSYNC_SERVER", paths::server(false))
            .env("FIELDSYNC_FORGETFUL_SERVER", paths::forgetful_server())
            .env("FIELDSYNC_WWW", paths::www())
            .env("FIELDSYNC_ARTIFACTS", &artifacts)
            .env(self.variable, self.browser)
            // Whoever runs xtask from a test of their own: this is a run by itself.
            .env_remove("NODE_TEST_CONTEXT");
        if self.all {
            node.env("FIELDSYNC_ALL", "1");
        }
        if let Some(until) = self.until {
            let since = until.duration_since(UNIX_EPOCH).context("the clock is before 1970")?;
            node.env("FIELDSYNC_UNTIL", since.as_millis().to_string());
        }
        if let Some(Course { minutes, seed, peer, forgetful }) = self.chaos {
            node.env("FIELDSYNC_CHAOS_MINUTES", minutes.to_string())
                .env("FIELDSYNC_CHAOS_SEED", seed.to_string())
                .envs(peer.map(|name| ("FIELDSYNC_CHAOS_PEER", name)));
            if forgetful {
                node.env("FIELDSYNC_SERVER", paths::forgetful_server());
            }
        }
        let texts = texts()?;
        match self.matching {
            Some(name) => {
                node.arg(format!("--test-name-pattern={}", literally(name)));
                node.args(self.tests_with(name, &texts))
            }
            None => node.args(self.tests),
        };
        let mut counts = read::tests::<read::Node>("node --test", &mut node)?;
        end_leftovers();
        counts.failures.iter_mut().for_each(|failure| failure.place = place(failure, &texts));
        Ok(counts)
    }

    /// The files that have it; all, where none has: Firefox plays other files' scenarios.
    fn tests_with(&self, name: &str, texts: &[(PathBuf, String)]) -> Vec<PathBuf> {
        let has = |test: &&PathBuf| texts.iter().any(|(path, text)| path == *test && text.contains(name));
        let with: Vec<PathBuf> = self.tests.iter().filter(has).cloned().collect();
        if with.is_empty() { self.tests.to_vec() } else { with }
    }
}

/// All scenarios' files, with their texts.
fn texts() -> Result<Vec<(PathBuf, String)>> {
    let tests = stamp::files(&paths::in_root("tests/e2e"))?.into_iter();
    let tests = tests.filter(|file| file.to_string_lossy().ends_with(".test.ts"));
    tests.map(|file| Ok((file.clone(), String::from_utf8_lossy(&stamp::read(&file)?).into_owned()))).collect()
}

/// Where a scenario is: node knows only the function that all of them are made by.
fn place(failure: &Failure, texts: &[(PathBuf, String)]) -> Option<String> {
    let name = failure.name.strip_prefix("in Firefox: ").unwrap_or(&failure.name);
    let (path, text) = texts.iter().find(|(_, text)| text.contains(name))?;
    let line = text.lines().position(|line| line.contains(name))?;
    Some(format!("{}:{}", paths::shown(path), line + 1))
}

/// A regular expression that stands for this text.
pub fn literally(text: &str) -> String {
    let mut expression = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\^$.*+?()[]{}|/".contains(letter) {
            expression.push('\\');
        }
        expression.push(letter);
    }
    expression
}

/// Ends what the tests have left running, and says so.
pub fn end_leftovers() {
    match orphans::end() {
        0 => {}
        1 => report::say("a process that the tests had left running was ended"),
        ended => report::say(&format!("{ended} processes that the tests had left running were ended")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts() -> Vec<(PathBuf, String)> {
        let path = |name: &str| paths::in_root(format!("tests/e2e/{name}.test.ts"));
        vec![
            (path("queue"), "import\n\nscenario('the queue drains', () => {});".into()),
            (path("firefox/first"), "await inFirefox();".into()),
        ]
    }

    #[test]
    fn a_scenario_is_found_by_its_name_in_either_browser() {
        let of = |name: &str| place(&Failure { name: name.into(), ..Failure::default() }, &texts());
        assert_eq!(of("the queue drains").as_deref(), Some("tests/e2e/queue.test.ts:3"));
        assert_eq!(of("in Firefox: the queue drains"), of("the queue drains"));
        assert_eq!(of("nothing of the kind"), None);
    }

    #[test]
    fn only_the_files_that_have_a_scenario_are_run_for_it() {
        let tests: Vec<PathBuf> = texts().into_iter().map(|(path, _)| path).collect();
        let run = Run {
            tests: &tests,
            variable: "CHROME",
            browser: Path::new("chromium"),
            abreast: 1,
            matching: None,
            all: false,
            until: None,
            chaos: None,
        };
        assert_eq!(run.tests_with("the queue drains", &texts()), tests[..1]);
        assert_eq!(run.tests_with("in Firefox: the queue drains", &texts()), tests);
    }

    #[test]
    fn a_name_stands_for_itself() {
        assert_eq!(literally("what (a) page. costs?"), r"what \(a\) page\. costs\?");
    }
}
