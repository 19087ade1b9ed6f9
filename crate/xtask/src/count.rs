//! Counting tests from what their runners print.

use std::iter::Sum;
use std::ops::AddAssign;

use anyhow::Result;

use crate::{process, report};

/// Tests and checks of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
    /// Left out by their own decision (ignored, skipped, to do).
    pub skipped: u64,
}

impl Counts {
    /// One check that passed.
    pub const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0 };
    /// One check that failed.
    pub const FAILED: Self = Self { passed: 0, failed: 1, skipped: 0 };

    /// Counts a check; its error is told and does not end the run.
    pub fn check(&mut self, what: &str, result: Result<()>) {
        *self += match result {
            Ok(()) => Self::PASSED,
            // Of no interest to whoever pressed Ctrl-C.
            Err(_) if process::interrupted() => Self::FAILED,
            Err(error) => {
                report::failure(&format!("{what}: {error:#}"));
                Self::FAILED
            }
        };
    }

    /// The end of a test program: a failure it did not count (it crashed, it did not compile) counts as one, and so
    /// does a run without a single test.
    pub fn finish(mut self, what: &str, success: bool) -> Self {
        if !success && self.failed == 0 {
            report::failure(&format!("{what} ended with an error"));
            self.failed = 1;
        } else if success && self.passed + self.failed == 0 {
            report::failure(&format!("{what}: no test ran"));
            self.failed = 1;
        }
        self
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Sum for Counts {
    fn sum<I: Iterator<Item = Self>>(all: I) -> Self {
        all.fold(Self::default(), |mut sum, next| {
            sum += next;
            sum
        })
    }
}

/// Reads libtest's and wasm-bindgen's closing line:
/// `test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured; …`.
pub fn libtest(line: &str) -> Counts {
    let line = plain(line);
    let Some((_, rest)) = line.split_once("test result: ") else { return Counts::default() };
    let rest = rest.split_once(". ").map_or(rest, |(_, counts)| counts);
    let mut counts = Counts::default();
    for part in rest.split(';') {
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

/// Reads one of the closing lines of Node's test runner (its spec reporter): `ℹ pass 5`.
pub fn node(line: &str) -> Counts {
    let line = plain(line);
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

/// A line without its colours.
fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        text.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_what_libtest_prints() {
        let line = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.01s";
        assert_eq!(libtest(line), Counts { passed: 12, failed: 2, skipped: 1 });
        assert_eq!(libtest("test result: \x1b[32mok\x1b[0m. 4 passed; 0 failed").passed, 4);
        assert_eq!(libtest("running 12 tests"), Counts::default());
    }

    #[test]
    fn counts_what_node_prints() {
        let lines = [
            "ℹ tests 9",
            "ℹ pass 5",
            "\x1b[34mℹ fail 1\x1b[39m",
            "ℹ cancelled 1",
            "ℹ skipped 2",
            "ℹ pass the salt",
        ];
        let counts: Counts = lines.iter().map(|line| node(line)).sum();
        assert_eq!(counts, Counts { passed: 5, failed: 2, skipped: 2 });
        assert_eq!(node("    ℹ pass 5"), Counts::default());
    }

    #[test]
    fn a_run_without_tests_fails() {
        assert_eq!(Counts::default().finish("tests", true).failed, 1);
        assert_eq!(Counts::default().finish("tests", false).failed, 1);
        assert_eq!(Counts::PASSED.finish("tests", true), Counts::PASSED);
        assert_eq!(Counts { passed: 3, failed: 2, skipped: 0 }.finish("tests", false).failed, 2);
    }
}
