//! Reading what test runners print, line by line: how many tests passed, which failed, where and why.

use std::process::Command;

use anyhow::Result;

use crate::count::Counts;
use crate::failure::{Again, Failure, Said, plain};
use crate::process;

/// A runner's words.
pub trait Reader: Default {
    /// One more line, without colours.
    fn line(&mut self, line: &str);
    /// What it came to.
    fn counts(self) -> Counts;
}

/// Runs a test program with its output shown, and reads it.
pub fn tests<R: Reader>(what: &str, command: &mut Command) -> Result<Counts> {
    let (mut reader, mut said) = (R::default(), Said::default());
    let status = process::lines(command, |line| {
        reader.line(&plain(line));
        said.hear(line);
    })?;
    Ok(reader.counts().finish(what, status.success(), said))
}

/// libtest, and wasm-bindgen's runner, which prints alike.
#[derive(Default)]
pub struct Libtest {
    counts: Counts,
    /// Whether lines belong to the last failure.
    is_within: bool,
}

impl Reader for Libtest {
    fn line(&mut self, line: &str) {
        if let Some(name) = section(line) {
            let again = Again::Matching(name.to_owned());
            self.counts.failures.push(Failure { name: name.to_owned(), again, ..Failure::default() });
            self.is_within = true;
        } else if let Some((_, closing)) = line.split_once("test result: ") {
            self.is_within = false;
            self.counts += closing_line(closing);
        } else if line == "failures:" || line == "stack backtrace:" {
            self.is_within = false;
        } else if let Some(failure) = self.counts.failures.last_mut().filter(|_| self.is_within) {
            if failure.place.is_none() {
                failure.place = panicked_at(line);
            }
            failure.hear(line);
        }
    }

    fn counts(self) -> Counts {
        self.counts
    }
}

/// `---- engine::tests::adds stdout ----`
fn section(line: &str) -> Option<&str> {
    let name = line.strip_prefix("---- ")?.strip_suffix(" ----")?;
    name.strip_suffix(" stdout").or_else(|| name.strip_suffix(" output"))
}

/// `thread 'adds' (7) panicked at crate/core/src/engine.rs:12:5:`
fn panicked_at(line: &str) -> Option<String> {
    let (_, place) = line.split_once("panicked at ")?;
    let (place, _column) = place.trim_end_matches(':').rsplit_once(':')?;
    Some(place.to_owned())
}

/// `ok. 12 passed; 0 failed; 1 ignored; 0 measured; …`
fn closing_line(line: &str) -> Counts {
    let mut counts = Counts::default();
    for part in line.split_once(". ").map_or(line, |(_, counts)| counts).split(';') {
        let mut words = part.split_whitespace();
        let (Some(Ok(number)), Some(kind)) = (words.next().map(str::parse), words.next()) else { continue };
        match kind {
            "passed" => counts.passed = number,
            "failed" => counts.failed = number,
            "ignored" => counts.skipped = number,
            _ => {}
        }
    }
    counts
}

/// Node's test runner, by its spec reporter.
#[derive(Default)]
pub struct Node {
    counts: Counts,
    /// Whether it has come to the list of failures at its end.
    is_listing: bool,
}

impl Reader for Node {
    fn line(&mut self, line: &str) {
        if line == "✖ failing tests:" {
            self.is_listing = true;
        } else if !self.is_listing {
            self.counts += counted(line);
        } else if let Some(named) = line.strip_prefix("✖ ") {
            // `✖ the queue drains (1203.4ms)`
            let name = named.rsplit_once(" (").map_or(named, |(name, _time)| name);
            let again = Again::Matching(name.to_owned());
            self.counts.failures.push(Failure { name: name.to_owned(), again, ..Failure::default() });
        } else if let Some(failure) =
            self.counts.failures.last_mut().filter(|_| !line.starts_with("test at "))
        {
            failure.hear(line.strip_prefix("  ").unwrap_or(line));
        }
    }

    fn counts(self) -> Counts {
        self.counts
    }
}

/// One of the closing lines: `ℹ pass 5`.
fn counted(line: &str) -> Counts {
    let mut counts = Counts::default();
    let Some(rest) = line.strip_prefix("ℹ ") else { return counts };
    let mut words = rest.split_whitespace();
    if let (Some(kind), Some(Ok(number)), None) = (words.next(), words.next().map(str::parse), words.next()) {
        match kind {
            "pass" => counts.passed = number,
            "fail" | "cancelled" => counts.failed = number,
            "skipped" | "todo" => counts.skipped = number,
            _ => {}
        }
    }
    counts
}

/// The simulator: what is broken, by which seed, and how that is replayed.
#[derive(Default)]
pub struct Simulator {
    counts: Counts,
}

impl Reader for Simulator {
    fn line(&mut self, line: &str) {
        if let Some(broken) = line.strip_prefix("VIOLATION of ") {
            let name = broken.split_once(" at ").map_or(broken, |(name, _)| name);
            let error = vec![broken.to_owned()];
            self.counts.failures.push(Failure { name: name.to_owned(), error, ..Failure::default() });
        } else if let Some((_, closing)) = line.split_once("test result: ") {
            self.counts += closing_line(closing);
        } else if let Some(failure) = self.counts.failures.last_mut() {
            if let Some((_, replay)) = line.split_once("; to replay it: ") {
                failure.again = Again::Command(replay.to_owned());
            }
            if line.starts_with("seed ") || line.starts_with("cut down: ") {
                failure.hear(line);
            }
        }
    }

    fn counts(self) -> Counts {
        self.counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read<R: Reader>(text: &str) -> Counts {
        let mut reader = R::default();
        text.lines().for_each(|line| reader.line(line));
        reader.counts()
    }

    #[test]
    fn of_libtest_the_failed_are_known_with_place_and_error() {
        let counts = read::<Libtest>(
            "running 3 tests\ntest gate::opens ... FAILED\ntest gate::closes ... ok\n\nfailures:\n\n\
             ---- gate::opens stdout ----\n\nthread 'gate::opens' (71) panicked at crate/core/src/gate.rs:12:5:\n\
             assertion `left == right` failed\n  left: 1\nnote: run with `RUST_BACKTRACE=1` environment variable\n\n\
             stack backtrace:\n   0: __rustc::rust_begin_unwind\n\n\
             failures:\n    gate::opens\n\n\
             test result: FAILED. 12 passed; 1 failed; 2 ignored; 0 measured; 3 filtered out; finished in 0.01s\n\
             running 4 tests\ntest result: ok. 4 passed; 0 failed; 0 ignored",
        );
        assert_eq!((counts.passed, counts.failed, counts.skipped), (16, 1, 2));
        let [failure] = &counts.failures[..] else { panic!("{:?}", counts.failures) };
        assert_eq!(failure.name, "gate::opens");
        assert_eq!(failure.place.as_deref(), Some("crate/core/src/gate.rs:12"));
        assert_eq!(failure.error[1..], ["assertion `left == right` failed", "  left: 1"]);
        assert_eq!(failure.again, Again::Matching("gate::opens".into()));
    }

    #[test]
    fn wasm_bindgens_runner_is_read_alike() {
        let counts = read::<Libtest>(
            "failures:\n\n---- store::keeps output ----\n    error output:\n        panicked at crate/web/src/store.rs:7:9:\n\n\
             failures:\n\n    store::keeps\n\ntest result: FAILED. 2 passed; 1 failed; 0 ignored; 0 filtered out",
        );
        assert_eq!(counts.failed, 1);
        assert_eq!(counts.failures[0].place.as_deref(), Some("crate/web/src/store.rs:7"));
    }

    #[test]
    fn of_node_the_failed_are_known_with_their_errors() {
        let counts = read::<Node>(
            "✖ the queue (of ten) drains (1203.4ms)\n  Error: shown at once, and again below\n    ℹ pass 9\n\
             ℹ tests 4\nℹ pass 2\nℹ fail 1\nℹ cancelled 1\nℹ skipped 2\nℹ pass the salt\n\n✖ failing tests:\n\n\
             test at tests/e2e/support/scenario.ts:79:3\n✖ the queue (of ten) drains (1203.4ms)\n  Error: not empty\n\n  + 1\n\
             \x20     at play (file:///r/tests/e2e/queue.test.ts:7:64)\n      at Test.run (node:internal/test_runner/test:796:25)\n\n\
             test at tests/e2e/support/scenario.ts:79:3\n✖ it ends (501.2ms)\n  'test timed out after 500ms'\n",
        );
        assert_eq!((counts.passed, counts.failed, counts.skipped), (2, 2, 2));
        let [drains, ends] = &counts.failures[..] else { panic!("{:?}", counts.failures) };
        assert_eq!(drains.name, "the queue (of ten) drains");
        assert_eq!(drains.error[..2], ["Error: not empty", "+ 1"]);
        assert_eq!(drains.error.len(), 3, "{:?}", drains.error);
        assert_eq!(
            (ends.name.as_str(), &ends.error[..]),
            ("it ends", &["'test timed out after 500ms'".to_owned()][..])
        );
    }

    #[test]
    fn of_the_simulator_the_seed_and_its_command_are_known() {
        let counts = read::<Simulator>(
            "2 × Kept\n\nVIOLATION of Kept at 71 ms: r7 left without a receipt\nseed 41; to replay it: cargo xtask sim --seed 41 --trace\n\
             cut down: cargo xtask sim --seed 41 --only 3,8 --trace\n3 phone enters\n\n\
             Kept: broken by 2 of 9 seeds\n\ntest result: FAILED. 9 passed; 1 failed",
        );
        assert_eq!((counts.passed, counts.failed), (9, 1));
        let [failure] = &counts.failures[..] else { panic!("{:?}", counts.failures) };
        assert_eq!(failure.name, "Kept");
        assert_eq!(failure.error.len(), 3, "{:?}", failure.error);
        assert_eq!(failure.again, Again::Command("cargo xtask sim --seed 41 --trace".into()));
    }
}
