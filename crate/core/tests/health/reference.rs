//! The same report, made slowly: every question is answered by itself, with whatever the standard library has for it.

use std::collections::{BTreeMap, BTreeSet};

use fieldsync_core::health::{HealthReport, Member, Severity, Turn, WarningCode};

use crate::{DAY, NOW, World};

/// What counts in a report, in no order.
#[derive(Debug, PartialEq)]
pub(crate) struct Told {
    needs_sync: bool,
    aligned: bool,
    devices: u64,
    key: Option<String>,
    in_sync: Vec<String>,
    out_of_sync: Vec<String>,
    missing: u64,
    stale_days: u64,
    days_since_last_sync: Option<u64>,
    /// What is warned of, about whom, and how often.
    warnings: BTreeMap<String, u32>,
    action: &'static str,
}

fn sorted(names: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.into_iter().collect();
    names.sort();
    names
}

fn warning(severity: Severity, code: WarningCode, number: Option<u64>, about: Option<&str>) -> String {
    format!("{severity:?} {code:?} {number:?} {about:?}")
}

/// What a report says.
pub(crate) fn told(report: &HealthReport) -> Told {
    let mut warnings = BTreeMap::new();
    for one in &report.warnings {
        let fact = one.metadata.unwrap();
        let text = warning(one.severity, fact.code, fact.number, one.device_id.as_deref());
        *warnings.entry(text).or_default() += 1;
    }
    Told {
        needs_sync: report.needs_sync,
        aligned: report.is_aligned,
        devices: report.device_count,
        key: report.alignment.current_keypair_public_key.clone(),
        in_sync: sorted(report.alignment.devices_in_sync.clone()),
        out_of_sync: sorted(report.alignment.devices_out_of_sync.clone()),
        missing: report.alignment.missing_rotations,
        stale_days: report.alignment.stale_days,
        days_since_last_sync: report.days_since_last_sync,
        warnings,
        action: match report.recommendation.action {
            fieldsync_core::health::Remedy::NoActionNeeded => "nothing",
            fieldsync_core::health::Remedy::ImportKeystore => "import",
            fieldsync_core::health::Remedy::RotatePassword => "rotate",
        },
    }
}

fn days_since(at: fieldsync_core::Millis) -> u64 {
    NOW.0.saturating_sub(at.0) / DAY
}

/// What a report is to say.
pub(crate) fn slowly(world: &World) -> Told {
    use Severity::{Critical, Info, Warning};
    use WarningCode as Code;
    let names = |turns: &[Turn]| turns.iter().map(|turn| turn.id.clone()).collect::<BTreeSet<_>>();
    let (mine, theirs) = (names(&world.own_turns), names(&world.told));
    let missing = theirs.difference(&mine).count() as u64;
    let mut all: Vec<Turn> = world.own_turns.iter().chain(&world.told).cloned().collect();
    all.sort_by(|one, two| one.id.cmp(&two.id));
    all.dedup_by(|one, two| one.id == two.id);
    let last = all.iter().map(|turn| turn.sequence).max();
    let mut heads: Vec<&Turn> = all.iter().filter(|turn| Some(turn.sequence) == last).collect();
    heads.sort_by_key(|turn| (turn.created_at, turn.id.clone()));
    let head = heads.first().copied();

    let mut said: Vec<String> = Vec::new();
    let mut say = |severity, code, number, about: Option<&Member>| {
        said.push(warning(severity, code, number, about.map(|member| member.id.as_str())));
    };
    if missing > 0 {
        say(Critical, Code::MissingRotations, Some(missing), None);
    }
    let waited = world.oldest_unsent_at.map(days_since);
    if waited.is_some_and(|days| days >= 1) {
        say(Warning, Code::Unsynced, waited, None);
    }
    let aged = head.map(|head| days_since(head.created_at));
    if aged.is_some_and(|days| days >= 90) {
        say(Warning, Code::OldKey, aged, None);
    }
    let taken = world.space.usage.unwrap();
    if taken >= 97 {
        say(Critical, Code::StorageFull, Some(taken), None);
    } else if taken >= 90 {
        say(Warning, Code::StorageFull, Some(taken), None);
    }
    if let Some(skew) = world.clock_skew.filter(|skew| skew.abs() > 300_000) {
        say(Warning, Code::ClockSkew, Some(skew.unsigned_abs() / 60_000), None);
    }
    if world.space.persisted == Some(false) {
        say(if waited.is_some() { Warning } else { Info }, Code::NotPersistent, None, None);
    }
    if world.other_passphrase {
        say(Warning, Code::OtherPassphrase, None, None);
    }
    if world.evicted.is_some() {
        say(Critical, Code::Evicted, world.evicted, None);
    }
    if let Some(attempt) = world.downgrade {
        say(Critical, Code::Downgrade, Some(attempt.theirs), None);
    }

    let others: Vec<&Member> = world.roster.iter().filter(|member| member.id != "own").collect();
    let trusted: Vec<&Member> = others.iter().filter(|member| member.revoked_at.is_none()).copied().collect();
    let mut revoked_since = false;
    for member in others.iter().filter(|member| member.revoked_at.is_some()) {
        if !mine.is_empty() && head.is_some_and(|head| member.revoked_at.unwrap() > head.created_at) {
            revoked_since = true;
            say(Critical, Code::RevokedSince, None, Some(member));
        }
    }
    let mut in_sync = Vec::new();
    let mut out_of_sync = Vec::new();
    if missing == 0 {
        in_sync.push("own".to_owned())
    } else {
        out_of_sync.push("own".to_owned())
    }
    for member in &trusted {
        let their_last = member.head.as_ref().map_or(0, |head| head.sequence);
        let same = match (&member.head, head) {
            (None, None) => true,
            (Some(theirs), Some(head)) => theirs.id == head.id && theirs.sequence == head.sequence,
            _ => false,
        };
        if same {
            in_sync.push(member.id.clone());
        } else {
            out_of_sync.push(member.id.clone());
            if their_last > last.unwrap_or(0) {
                let more = their_last - last.unwrap_or(0);
                say(Info, Code::UnsharedRotations, Some(more), Some(member));
            } else {
                let later = all.iter().filter(|turn| turn.sequence > their_last).count() as u64;
                say(Warning, Code::MissingRotations, Some(later.max(1)), Some(member));
            }
        }
        let unseen = days_since(member.last_seen_at);
        if unseen >= 90 {
            say(Critical, Code::StaleDevice, Some(unseen), Some(member));
        } else if unseen >= 30 {
            say(Warning, Code::StaleDevice, Some(unseen), Some(member));
        } else if unseen >= 7 {
            say(Info, Code::StaleDevice, Some(unseen), Some(member));
        }
        let waits = member.oldest_unsent_at.filter(|_| member.pending != Some(0)).map(days_since);
        if waits.is_some_and(|days| days >= 1) {
            say(Warning, Code::Unsynced, waits, Some(member));
        }
    }
    let mut warnings = BTreeMap::new();
    for text in said {
        *warnings.entry(text).or_default() += 1;
    }
    Told {
        needs_sync: missing > 0 || world.other_passphrase || waited.is_some_and(|days| days >= 1),
        aligned: out_of_sync.is_empty(),
        devices: trusted.len() as u64 + 1,
        key: head.map(|head| head.public_key.clone()),
        in_sync: sorted(in_sync),
        out_of_sync: sorted(out_of_sync),
        missing,
        stale_days: trusted.iter().map(|member| days_since(member.last_seen_at)).max().unwrap_or(0),
        days_since_last_sync: world.last_synced_at.map(days_since),
        warnings,
        action: match () {
            () if missing > 0 || world.other_passphrase => "import",
            () if revoked_since => "rotate",
            () if aged.is_some_and(|days| days >= 90) => "rotate",
            () => "nothing",
        },
    }
}
