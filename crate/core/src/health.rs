//! Whether a person's devices are in step (A7, A8): from what is known of them and of their keys to one report. Each device
//! is looked at once, and nothing is asked of anybody.

mod evidence;
mod report;
mod warn;

pub use evidence::{Attempt, Evidence, Head, Member, Own, Space, StoreMark, Turn};
pub use report::{
    Alignment, HealthReport, HealthWarning, Recommendation, Remedy, Severity, Urgency, WarningCode,
    WarningFact,
};

use fieldsync_protocol::{Millis, Sorted};

use warn::Warnings;

/// A device that was not heard of for so many days is stale: a little, much, for good.
pub const STALE_DAYS: [u64; 3] = [7, 30, 90];
/// Keys that are older than so many days are to be made anew.
pub const KEY_DAYS: u64 = 90;
/// Work that has waited for so many days should be on the server.
pub const UNSYNCED_DAYS: u64 = 1;
/// A clock that is off by more than this is told of: with it, what is entered has a wrong time.
pub const CLOCK_SKEW: Millis = Millis::minutes(5);

const DAY: u64 = 24 * 60 * 60 * 1_000;

/// What the evidence comes to.
pub fn report(evidence: &Evidence<'_>) -> HealthReport {
    let Evidence { now, next_scheduled, roster, told, own } = *evidence;
    let keys = Keys::of(own.turns, told);
    let mut warnings = Warnings::default();
    let mut alignment = Alignment { missing_rotations: keys.missing_here, ..Alignment::default() };
    alignment.current_keypair_public_key = keys.head.map(|head| head.public_key.clone());

    alignment.devices_in_sync.reserve_exact(roster.len() + 1);
    let in_step = keys.missing_here == 0;
    let here = if in_step { &mut alignment.devices_in_sync } else { &mut alignment.devices_out_of_sync };
    here.push(own.device_id.to_owned());
    warnings.own(now, own, &keys);

    let mut others = 0;
    let mut revoked_since = None;
    for member in roster.iter().filter(|member| member.id != own.device_id) {
        if let Some(at) = member.revoked_at {
            let since = keys.head.filter(|head| at > head.created_at);
            if since.is_some() && own.device_trusts_keys() {
                revoked_since = revoked_since.or(Some(member));
                warnings.revoked(member);
            }
            continue;
        }
        others += 1;
        let standing = keys.standing(member.head.as_ref());
        let side = match standing {
            Standing::Same => &mut alignment.devices_in_sync,
            Standing::Behind(_) | Standing::Ahead(_) => &mut alignment.devices_out_of_sync,
        };
        side.push(member.id.clone());
        let unseen = days(now, member.last_seen_at);
        alignment.stale_days = alignment.stale_days.max(unseen);
        warnings.other(now, member, standing, unseen);
    }
    alignment.aligned = alignment.devices_out_of_sync.is_empty();

    let waiting = own.oldest_unsent_at.is_some_and(|at| days(now, at) >= UNSYNCED_DAYS);
    let key_days = keys.head.map(|head| days(now, head.created_at));
    HealthReport {
        needs_sync: !in_step || own.other_passphrase || waiting,
        is_aligned: alignment.aligned,
        last_synced_at: own.last_synced_at,
        days_since_last_sync: own.last_synced_at.map(|at| days(now, at)),
        device_count: others + 1,
        recommendation: Recommendation::from(
            keys.missing_here,
            own.other_passphrase,
            revoked_since,
            key_days,
        ),
        alignment,
        warnings: warnings.in_order(),
        last_check: now,
        next_scheduled,
    }
}

/// Whole days that have passed; none where a clock says that it is still to come.
fn days(now: Millis, at: Millis) -> u64 {
    (now - at).0 / DAY
}

/// How a device stands to the last rotation that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Same,
    /// It lacks so many.
    Behind(u64),
    /// It has made so many that nobody else has heard of.
    Ahead(u64),
}

/// All rotations that are known, by sequence and name.
#[derive(Debug)]
struct Keys<'a> {
    all: Sorted<(u64, &'a str), &'a Turn>,
    head: Option<&'a Turn>,
    /// Those that this device lacks.
    missing_here: u64,
}

impl<'a> Keys<'a> {
    fn of(own: &'a [Turn], told: &'a [Turn]) -> Keys<'a> {
        let mut all = Sorted::new();
        for turn in own {
            all.insert((turn.sequence, turn.id.as_str()), turn);
        }
        let mine = all.len();
        for turn in told {
            all.insert((turn.sequence, turn.id.as_str()), turn);
        }
        let order = |turn: &Turn| (std::cmp::Reverse(turn.sequence), turn.created_at);
        // Of alike ones the first, which is the one with the smallest name.
        let head = all.values().copied().min_by_key(|turn| order(turn));
        let missing_here = (all.len() - mine) as u64;
        Keys { all, head, missing_here }
    }

    fn standing(&self, theirs: Option<&Head>) -> Standing {
        let Some(head) = self.head else {
            return theirs.map_or(Standing::Same, |theirs| Standing::Ahead(theirs.sequence));
        };
        // Who has never said so has no keys, and lacks all of them.
        let Some(theirs) = theirs else { return Standing::Behind(self.all.len() as u64) };
        if theirs.sequence > head.sequence {
            return Standing::Ahead(theirs.sequence - head.sequence);
        }
        if theirs.id == head.id {
            return Standing::Same;
        }
        let later = self.all.keys().rev().take_while(|(sequence, _)| *sequence > theirs.sequence).count();
        // At the same sequence with another name: it has not heard of the one that counts.
        Standing::Behind((later as u64).max(1))
    }
}
