//! What was counted, and the table of it.

use std::collections::BTreeMap;
use std::fmt;

use crate::plan::Kind;

/// The counts of one run, or of many.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    /// Runs.
    pub seeds: u64,
    /// Events handled.
    pub steps: u64,
    /// Virtual time.
    pub virtual_ms: u64,
    /// Until everything had drained after the last fault, at most.
    pub drained_after: u64,
    counts: BTreeMap<&'static str, u64>,
    planned: BTreeMap<&'static str, u64>,
    hits: BTreeMap<&'static str, u64>,
}

impl Stats {
    /// Counts something.
    pub fn count(&mut self, name: &'static str, by: u64) {
        *self.counts.entry(name).or_default() += by;
    }

    /// A step of a plan.
    pub fn step(&mut self, kind: Kind) {
        *self.planned.entry(kind.0).or_default() += 1;
    }

    /// The network did that to a request.
    pub fn hit(&mut self, name: &'static str) {
        *self.hits.entry(name).or_default() += 1;
    }

    /// What was counted under a name.
    pub fn of(&self, name: &str) -> u64 {
        self.counts.get(name).copied().unwrap_or(0)
    }

    /// Adds another's.
    pub fn add(&mut self, other: &Stats) {
        self.seeds += other.seeds;
        self.steps += other.steps;
        self.virtual_ms += other.virtual_ms;
        self.drained_after = self.drained_after.max(other.drained_after);
        for (mine, theirs) in [
            (&mut self.counts, &other.counts),
            (&mut self.planned, &other.planned),
            (&mut self.hits, &other.hits),
        ] {
            for (name, count) in theirs {
                *mine.entry(name).or_default() += count;
            }
        }
    }
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut row = |name: &str, value: String| writeln!(f, "| {name:<28} | {value:>14} |");
        row("seeds", self.seeds.to_string())?;
        row("steps", self.steps.to_string())?;
        row("virtual hours", format!("{:.1}", self.virtual_ms as f64 / 3_600_000.0))?;
        row("slowest drain after faults", format!("{:.1} min", self.drained_after as f64 / 60_000.0))?;
        for (name, count) in &self.counts {
            row(name, count.to_string())?;
        }
        row("— begun from outside", String::new())?;
        for (name, count) in &self.planned {
            row(name, count.to_string())?;
        }
        row("— requests that met", String::new())?;
        for (name, count) in &self.hits {
            row(name, count.to_string())?;
        }
        Ok(())
    }
}
