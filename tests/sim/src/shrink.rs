//! A failing scenario, cut down: whole kinds first, then ever smaller runs of steps, for as long as the same invariant
//! breaks.

use std::collections::BTreeSet;

use crate::oracle::Invariant;
use crate::plan::Plan;

/// The places of the steps that are needed. `fails` says what a plan breaks.
pub fn shrink(plan: &Plan, breaks: Invariant, fails: impl Fn(Plan) -> Option<Invariant>) -> Vec<usize> {
    let mut kept: Vec<usize> = (0..plan.steps.len()).collect();
    let still = |places: &[usize]| fails(plan.only(places)) == Some(breaks);
    let kinds: BTreeSet<_> = plan.steps.iter().map(|step| step.what.kind()).collect();
    for kind in kinds {
        let fewer: Vec<_> =
            kept.iter().copied().filter(|place| plan.steps[*place].what.kind() != kind).collect();
        if still(&fewer) {
            kept = fewer;
        }
    }
    let mut length = kept.len().div_ceil(2).max(1);
    loop {
        let mut begin = 0;
        while begin < kept.len() {
            let end = (begin + length).min(kept.len());
            let fewer: Vec<_> = kept[..begin].iter().chain(&kept[end..]).copied().collect();
            if still(&fewer) {
                kept = fewer;
            } else {
                begin = end;
            }
        }
        if length == 1 {
            return kept;
        }
        length = length.div_ceil(2);
    }
}
