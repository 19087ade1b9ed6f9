//! The same seed gives the same bytes; a few hundred seeds hold; every mutant is caught.

use std::io::{Write, stderr};
use std::iter::once;
use std::process::Command;

use fieldsync_sim::mutants::{ALL, Caught};
use fieldsync_sim::oracle::Invariant;
use fieldsync_sim::plan::generate;
use fieldsync_sim::report::Stats;
use fieldsync_sim::shrink::shrink;
use fieldsync_sim::{play, seed};

#[test]
fn the_same_seed_gives_the_same_bytes() {
    for number in 0..40 {
        let [first, second] = [(); 2].map(|()| seed(number, None, true));
        assert_eq!(first.hash, second.hash, "seed {number}");
        assert!(!first.text.is_empty() && first.text == second.text, "seed {number}");
        assert_eq!(seed(number, None, false).hash, first.hash, "writing it down changes nothing");
    }
    assert_ne!(seed(1, None, false).hash, seed(2, None, false).hash);
}

#[test]
fn the_same_seed_gives_the_same_bytes_in_another_process() {
    let tell = |number: u64| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_fieldsync-sim"));
        let output = command.args(["--seed", &number.to_string(), "--trace"]).output().unwrap();
        assert!(output.status.success());
        output.stdout
    };
    for number in [3, 4, 5] {
        let told = tell(number);
        assert!(told.len() > 1_000 && told == tell(number), "seed {number}");
        let hash = format!("hash {:016x}", seed(number, None, false).hash);
        assert!(String::from_utf8_lossy(&told).contains(&hash), "seed {number}");
    }
}

#[test]
fn a_few_hundred_seeds_hold() {
    let mut stats = Stats::default();
    for number in 0..300 {
        let outcome = seed(number, None, false);
        assert!(outcome.violation.is_none(), "seed {number}: {}", outcome.violation.unwrap());
        stats.add(&outcome.stats);
    }
    for name in [
        "items done on devices",
        "replays",
        "sync events",
        "late writers fenced",
        "hit: server crashed",
        "conflicts resolved",
        "conflicts given up",
        "items set aside",
        "hit: cursor gone",
        "devices up to date in the end",
    ] {
        assert!(stats.of(name) > 0, "{name}: a world without faults proves nothing");
    }
}

/// Seeds below this one are searched for a mutant whose own seed does not show it any more.
const SEARCHED: u64 = 3_000;

/// What a seed breaks with this mutant.
fn broken(number: u64, caught: Caught) -> Option<Invariant> {
    seed(number, Some(caught.mutant), false).violation.map(|violation| violation.invariant)
}

/// A seed that shows this mutant: its own, unless the engine has changed the course of it.
fn shown_by(caught: Caught) -> u64 {
    let mut seeds = once(caught.seed).chain(0..SEARCHED);
    let Some(number) = seeds.find(|number| broken(*number, caught) == Some(caught.breaks)) else {
        panic!("{:?} breaks {:?} with no seed below {SEARCHED}", caught.mutant, caught.breaks)
    };
    if number != caught.seed {
        // Not captured as `println!` is: whoever changed the engine should write it down.
        let _ = writeln!(stderr(), "{:?}: seed {number} shows it, {} no more", caught.mutant, caught.seed);
    }
    number
}

#[test]
fn every_mutant_is_caught_by_what_it_breaks() {
    for caught in ALL {
        let number = shown_by(caught);
        assert!(seed(number, None, false).violation.is_none(), "{:?}: only with it", caught.mutant);
    }
}

#[test]
fn the_readme_lists_every_mutant_with_its_seed() {
    let readme = include_str!("../README.md");
    for Caught { mutant, breaks, seed } in ALL {
        let row = |line: &&str| {
            line.starts_with(&format!("| `{mutant:?}` |"))
                && line.ends_with(&format!("| {breaks:?} | {seed} |"))
        };
        assert!(readme.lines().any(|line| row(&line)), "{mutant:?}, {breaks:?}, {seed}");
    }
}

#[test]
fn a_failing_scenario_is_cut_down_and_fails_still() {
    let caught = ALL[0];
    let plan = generate(shown_by(caught));
    let fails = |plan| play(plan, Some(caught.mutant), false).violation.map(|violation| violation.invariant);
    let kept = shrink(&plan, caught.breaks, fails);
    assert!(kept.len() < plan.steps.len() && kept.len() <= 3, "{kept:?}");
    assert_eq!(fails(plan.only(&kept)), Some(caught.breaks));
}
