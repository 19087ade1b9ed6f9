//! The deterministic simulator: real engines and the real server's judgement in a world made of faults.
//!
//! A seed becomes a [`plan`] (what comes from outside, as data), the [`world`] plays it in virtual time on one thread,
//! and the [`oracle`] checks the invariants at every step. The same seed gives the same bytes.

pub mod answer;
pub mod browser;
pub mod carry;
pub mod device;
pub mod disk;
mod ferry;
pub mod host;
pub mod keys;
pub mod mutants;
pub mod network;
pub mod oracle;
pub mod person;
pub mod plan;
mod pull;
pub mod report;
pub mod rng;
pub mod seat;
pub mod server;
pub mod shrink;
pub mod tamper;
pub mod tidy;
pub mod token;
pub mod trace;
mod uploads;
pub mod user;
pub mod vault;
pub mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::mutants::Mutant;
use crate::oracle::{Invariant, Violation};
use crate::plan::Plan;
use crate::world::Outcome;

/// Runs a plan; a panic counts as a violation.
pub fn play(plan: Plan, mutant: Option<Mutant>, traced: bool) -> Outcome {
    match catch_unwind(AssertUnwindSafe(|| world::run(plan, mutant, traced))) {
        Ok(outcome) => outcome,
        Err(panic) => {
            let said = panic.downcast_ref::<String>().cloned();
            let said = said.or_else(|| panic.downcast_ref::<&str>().map(|said| (*said).to_owned()));
            let words = format!("a panic: {}", said.unwrap_or_default());
            let violation = Some(Violation::new(Invariant::Defect, words));
            Outcome { violation, hash: 0, stats: Default::default(), text: Vec::new() }
        }
    }
}

/// Runs a seed.
pub fn seed(seed: u64, mutant: Option<Mutant>, traced: bool) -> Outcome {
    play(plan::generate(seed), mutant, traced)
}
