//! What failed, told at the end once more: whoever sees only the last lines of a long log sees which test, where, why, and
//! the command that repeats it alone.

use std::collections::VecDeque;
use std::fmt;

use crate::{paths, report};

/// Lines that all failures take together, so that they and the table are among the last hundred.
const LINES: usize = 76;
/// Of one failure's error, where there is room.
const ERROR: usize = 24;
/// Failures that are told in full; of the others only the number is.
const TOLD: usize = 24;
/// Letters of a line.
const WIDTH: usize = 180;
/// What is kept of a program's words.
const KEPT: usize = 32;

/// How a failure is repeated.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Again {
    /// With its step.
    #[default]
    Step,
    /// The step's tests of this name alone.
    Matching(String),
    /// By this command.
    Command(String),
}

/// One failure.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The test or check.
    pub name: String,
    /// The file, where it is known.
    pub place: Option<String>,
    /// Its error from the first line on.
    pub error: Vec<String>,
    /// How it is repeated.
    pub again: Again,
}

impl Failure {
    /// Of a check, with its error.
    pub fn of(name: &str, error: &anyhow::Error) -> Self {
        let words = format!("{error:#}");
        let said = error.downcast_ref::<Failed>().map_or(&[][..], |failed| &failed.said);
        let error = words.lines().map(str::to_owned).chain(said.iter().cloned()).collect();
        Self { name: name.to_owned(), error, ..Self::default() }
    }

    /// Takes a line of its error; blank ones and stacks within Node are not worth their room.
    pub fn hear(&mut self, line: &str) {
        let is_noise = line.trim().is_empty()
            || line.trim_start().starts_with("note: run with `RUST_BACKTRACE")
            || line.contains("(node:internal")
            || line.contains("at node:");
        if !is_noise && self.error.len() < KEPT {
            self.error.push(line.to_owned());
        }
    }
}

/// A program that failed, with what it said of it.
#[derive(Debug)]
pub struct Failed {
    what: String,
    said: Vec<String>,
}

impl fmt::Display for Failed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.what)
    }
}

impl std::error::Error for Failed {}

/// What a program says: from its first error on, else its last words.
#[derive(Default)]
pub struct Said {
    lines: VecDeque<String>,
    is_error: bool,
}

impl Said {
    /// One more line.
    pub fn hear(&mut self, line: &str) {
        let line = plain(line);
        if !self.is_error && is_first_of_error(&line) {
            self.is_error = true;
            self.lines.clear();
        }
        if self.lines.len() == KEPT {
            if self.is_error {
                return;
            }
            self.lines.pop_front();
        }
        if !line.trim().is_empty() {
            self.lines.push_back(line);
        }
    }

    /// The lines.
    pub fn lines(self) -> Vec<String> {
        self.lines.into()
    }

    /// As an error.
    pub fn failed(self, what: String) -> Failed {
        Failed { what, said: self.lines() }
    }
}

/// As rustc, cargo, tsc, rustfmt and biome begin what they complain of.
fn is_first_of_error(line: &str) -> bool {
    line.starts_with("error")
        || line.contains(": error TS")
        || line.starts_with("Diff in ")
        || line.ends_with("━━")
}

/// A line without its colours.
pub fn plain(line: &str) -> String {
    let mut text = String::with_capacity(line.len());
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("\x1b[") {
        text.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text
}

/// Tells the failures of all steps, each with its step's name.
pub fn tell(failures: &[(&str, &Failure)]) {
    if failures.is_empty() {
        return;
    }
    report::heading("what failed");
    lines(failures).iter().for_each(|line| report::line(line));
}

fn lines(failures: &[(&str, &Failure)]) -> Vec<String> {
    let told = failures.len().min(TOLD);
    let room = (LINES / told.max(1)).saturating_sub(2).clamp(1, ERROR);
    let mut all = Vec::new();
    for (step, failure) in &failures[..told] {
        let place = failure.place.as_ref().map(|place| format!("{place}: ")).unwrap_or_default();
        all.push(short(&format!("   {step}: {place}{}", failure.name)));
        all.extend(failure.error.iter().take(room).map(|line| short(&format!("      {line}"))));
        all.push(format!("      again: {}", command(step, &failure.again)));
    }
    if failures.len() > told {
        all.push(format!("   … and {} more", failures.len() - told));
    }
    all
}

fn command(step: &str, again: &Again) -> String {
    match again {
        Again::Step => format!("cargo xtask test --only {step}"),
        Again::Matching(name) => {
            format!("cargo xtask test --only {step} --matching '{}'", name.replace('\'', r"'\''"))
        }
        Again::Command(command) => command.clone(),
    }
}

fn short(line: &str) -> String {
    let root = format!("{}/", paths::root().display());
    let line = line.replace("file://", "").replace(&root, "");
    match line.char_indices().nth(WIDTH) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failure(lines: usize) -> Failure {
        let error = (0..lines).map(|line| format!("line {line}")).collect();
        Failure {
            name: "adds".into(),
            place: Some("a.rs:3".into()),
            error,
            again: Again::Matching("it's".into()),
        }
    }

    #[test]
    fn a_failure_is_told_with_its_place_its_error_and_its_command() {
        let failure = failure(2);
        let expected = [
            "   unit: a.rs:3: adds",
            "      line 0",
            "      line 1",
            r"      again: cargo xtask test --only unit --matching 'it'\''s'",
        ];
        assert_eq!(lines(&[("unit", &failure)]), expected);
        let bare = Failure { name: "tsc".into(), ..Failure::default() };
        assert_eq!(lines(&[("ts", &bare)]), ["   ts: tsc", "      again: cargo xtask test --only ts"]);
    }

    #[test]
    fn however_many_fail_and_however_much_they_say_it_fits() {
        let failure = failure(100);
        for count in [1, 5, 24, 25, 500] {
            let told = lines(&vec![("unit", &failure); count]);
            assert!(told.len() <= LINES + 1, "{count} failures in {} lines", told.len());
            assert!(told.iter().filter(|line| line.contains("again:")).count() == count.min(TOLD));
        }
        let long = Failure { name: "ä".repeat(1_000), ..Failure::default() };
        assert_eq!(lines(&[("unit", &long)])[0].chars().count(), WIDTH + 1);
    }

    #[test]
    fn of_what_a_program_says_its_first_error_counts_else_its_last_words() {
        let said = |lines: &[&str]| {
            let mut said = Said::default();
            lines.iter().for_each(|line| said.hear(line));
            said.lines()
        };
        assert_eq!(
            said(&["Compiling", "\x1b[31merror\x1b[0m: no", "", "  --> a.rs", "error: two"]),
            ["error: no", "  --> a.rs", "error: two"]
        );
        let many: Vec<String> = (0..100).map(|line| line.to_string()).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(said(&many), many[68..]);
        let first: Vec<&str> = std::iter::once("error: it").chain(many.iter().copied()).collect();
        assert_eq!(said(&first), first[..32]);
    }

    #[test]
    fn what_a_program_said_is_part_of_a_checks_failure() {
        let mut said = Said::default();
        said.hear("error: missing documentation");
        let error = anyhow::Error::new(said.failed("cargo clippy failed".into())).context("clippy");
        let failure = Failure::of("lints", &error);
        assert_eq!(failure.error, ["clippy: cargo clippy failed", "error: missing documentation"]);
    }
}
