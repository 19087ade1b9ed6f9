//! What a step's tests and checks came to.

use std::iter::Sum;
use std::ops::AddAssign;

use anyhow::Result;

use crate::failure::{Failure, Said};
use crate::{process, report};

/// Tests and checks of a step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Passed.
    pub passed: u64,
    /// Failed.
    pub failed: u64,
    /// Left out by their own decision (ignored, skipped, to do).
    pub skipped: u64,
    /// What is known of those that failed.
    pub failures: Vec<Failure>,
}

impl Counts {
    /// One check that passed.
    pub const PASSED: Self = Self { passed: 1, failed: 0, skipped: 0, failures: Vec::new() };

    /// One that failed, told at once.
    pub fn failure(failure: Failure) -> Self {
        let words = failure.error.first().map(|error| format!(": {error}")).unwrap_or_default();
        report::failure(&format!("{}{words}", failure.name));
        Self { failed: 1, failures: vec![failure], ..Self::default() }
    }

    /// Counts a check; its error is told and does not end the run.
    pub fn check(&mut self, what: &str, result: Result<()>) {
        *self += match result {
            Ok(()) => Self::PASSED,
            // Of no interest to whoever pressed Ctrl-C.
            Err(_) if process::interrupted() => Self { failed: 1, ..Self::default() },
            Err(error) => Self::failure(Failure::of(what, &error)),
        };
    }

    /// The end of a test program: a failure it did not count (it crashed, it did not compile) counts as one, and so
    /// does a run without a single test.
    pub fn finish(mut self, what: &str, success: bool, said: Said) -> Self {
        if !success && self.failed == 0 {
            let error = std::iter::once("ended with an error".to_owned()).chain(said.lines()).collect();
            self += Self::failure(Failure { name: what.to_owned(), error, ..Failure::default() });
        } else if success && self.passed + self.failed == 0 {
            let error = vec!["no test ran".to_owned()];
            self += Self::failure(Failure { name: what.to_owned(), error, ..Failure::default() });
        }
        self
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.failures.extend(other.failures);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_without_tests_fails() {
        let finish = |counts: Counts, success| counts.finish("tests", success, Said::default());
        assert_eq!(finish(Counts::default(), true).failed, 1);
        assert_eq!(finish(Counts::PASSED, true), Counts::PASSED);
        let counted = Counts { passed: 3, failed: 2, ..Counts::default() };
        assert_eq!(finish(counted.clone(), false), counted);
    }

    #[test]
    fn a_program_that_fails_without_a_test_is_told_with_what_it_said() {
        let mut said = Said::default();
        said.hear("error[E0425]: cannot find value");
        let ended = Counts::default().finish("cargo test", false, said);
        assert_eq!(ended.failed, 1);
        assert_eq!(ended.failures[0].error, ["ended with an error", "error[E0425]: cannot find value"]);
    }
}
