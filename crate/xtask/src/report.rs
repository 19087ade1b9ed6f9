//! What is printed: headings, durations, sizes, the closing table.

use std::env;
use std::io::{IsTerminal, Write};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use anyhow::Result;

use crate::count::Counts;
use crate::failure;
use crate::process;

static COLOUR: LazyLock<bool> = LazyLock::new(|| env::var_os("NO_COLOR").is_none() && is_terminal());

/// Whether somebody looks on, rather than a log being written.
pub fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Whether colours are shown: on a terminal, unless `NO_COLOR` says otherwise.
pub fn coloured() -> bool {
    *COLOUR
}

fn paint(code: &str, text: &str) -> String {
    if coloured() { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
}

/// Prints a line. When nobody reads any more (`cargo xtask test | head`) the run ends.
pub fn line(text: &str) {
    if cfg!(test) {
        // Shown only when the test fails.
        println!("{text}");
    } else if writeln!(std::io::stdout(), "{text}").is_err() {
        process::stop();
    }
}

/// The heading of a step.
pub fn heading(text: &str) {
    line(&format!("\n{}", paint("1;36", &format!("== {text}"))));
}

/// Something worth a line.
pub fn say(text: &str) {
    line(&format!("   {text}"));
}

/// A failure within a step, told at once; the run goes on.
pub fn failure(text: &str) {
    line(&format!("   {} {text}", paint("1;31", "FAILED")));
}

/// Announces work that takes a while, does it, and says how long it took.
pub fn timed<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    line(&format!(" - {what} …"));
    let began = Instant::now();
    let result = work();
    if result.is_ok() {
        line(&format!("   {what}: {}", seconds(began.elapsed())));
    }
    result
}

/// A program that has not been heard of for a while.
pub fn still(name: &str, for_so_long: Duration) {
    line(&format!("   … {name} is at work, {} so far", seconds(for_so_long)));
}

/// `0.4 s`, `12.3 s`, `2 min 05 s`.
pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole >= 60 {
        format!("{} min {:02} s", whole / 60, whole % 60)
    } else {
        format!("{:.1} s", time.as_secs_f64())
    }
}

/// Bytes in kB of 1,000.
pub fn kilobytes(bytes: u64) -> String {
    format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100)
}

/// One line of the closing table.
pub struct Row {
    /// The step's name, as `--only` takes it.
    pub name: &'static str,
    /// What it counted.
    pub counts: Counts,
    /// How long it took.
    pub time: Duration,
}

/// The table of all steps, what failed, and as the very last line `N passed, N failed`.
pub fn summary(rows: &[Row]) {
    line(&format!("\n{}", paint("1;36", "== summary")));
    line(&format!(
        "   {:<8} {:<7} {:>7} {:>7} {:>8} {:>13}",
        "step", "result", "passed", "failed", "skipped", "time"
    ));
    for Row { name, counts, time } in rows {
        // Padded before it is coloured: the codes would count as width.
        let result = if counts.failed > 0 {
            paint("1;31", &format!("{:<7}", "FAILED"))
        } else {
            paint("32", &format!("{:<7}", "ok"))
        };
        let Counts { passed, failed, skipped, .. } = counts;
        line(&format!("   {name:<8} {result} {passed:>7} {failed:>7} {skipped:>8} {:>13}", seconds(*time)));
    }
    let total: Counts = rows.iter().map(|row| row.counts.clone()).sum();
    let time = seconds(rows.iter().map(|row| row.time).sum());
    line(&format!(
        "   {:<8} {:<7} {:>7} {:>7} {:>8} {time:>13}",
        "", "", total.passed, total.failed, total.skipped
    ));
    let failures = rows.iter().flat_map(|row| row.counts.failures.iter().map(|failure| (row.name, failure)));
    failure::tell(&failures.collect::<Vec<_>>());
    let skipped = if total.skipped > 0 { format!(", {} skipped", total.skipped) } else { String::new() };
    line(&format!("\n{} passed, {} failed{skipped}", total.passed, total.failed));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_durations_and_sizes_for_people() {
        assert_eq!(seconds(Duration::from_millis(1_240)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(125)), "2 min 05 s");
        assert_eq!(kilobytes(39_951), "39.9 kB");
    }
}
