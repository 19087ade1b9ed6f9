//! Counts of a drain, derived from committed facts alone (I6).

use fieldsync_protocol::read::Read;
use fieldsync_protocol::write::Write;
use fieldsync_protocol::{ItemId, Progress, Sorted, Trigger};

use crate::gate::Hold;
use crate::ledger::Totals;
use crate::link::Link;
use crate::record::{ItemState, Record};
use crate::time::Millis;

/// The drain's public state, stored so that a page opened later shows the same.
#[derive(Clone, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
pub struct Session {
    /// Where it stands.
    pub progress: Progress,
    /// Why it stopped, where something remains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// Troubles of link or server in a row; stored, because a worker lives for seconds and its backoff for minutes.
    #[serde(default)]
    pub troubles: u32,
    /// What is known of the link.
    #[serde(default)]
    pub link: Link,
    /// What went wrong last, in plain words; nothing since a drain went through without.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// Up to where the server's changes are known here.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cursor: Option<String>,
    /// When they were last asked for and there were no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refreshed_at: Option<Millis>,
    /// When what is kept for a stated time was last gone through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tidied_at: Option<Millis>,
    /// The server has said that this device is revoked, and the vault's keys were dropped for it.
    #[serde(default)]
    pub revoked: bool,
}

impl Session {
    /// Whether it has not ended, as far as was stored; a crash leaves it so.
    pub fn runs(&self) -> bool {
        self.progress.ended_at.is_none()
    }
}

/// How a push left one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Done,
    /// A person must look at it.
    Stopped,
    /// It is sent again later.
    Again,
}

/// The counts of the drain that runs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    progress: Progress,
    /// What failed in this drain and has not been accepted since.
    failed: Sorted<ItemId, Fate>,
}

impl Tally {
    pub(crate) fn begin(trigger: Trigger, now: Millis) -> Tally {
        Tally {
            progress: Progress { trigger, started_at: now, ..Progress::default() },
            failed: Sorted::new(),
        }
    }

    /// Someone joined the drain. When it is a person and it was running by itself, it is theirs now: `true`.
    pub(crate) fn joined(&mut self, trigger: Trigger) -> bool {
        let taken_over = trigger == Trigger::Manual && self.progress.trigger == Trigger::Auto;
        if taken_over {
            self.progress.trigger = trigger;
        }
        taken_over
    }

    pub(crate) fn trigger(&self) -> Trigger {
        self.progress.trigger
    }

    pub(crate) fn attempted(&mut self, now: Millis) {
        self.progress.last_sync_attempt = Some(now);
    }

    /// The same tally after these fates, were they committed.
    pub(crate) fn after(&self, fates: &[(ItemId, Fate)]) -> Tally {
        let mut next = self.clone();
        for (id, fate) in fates {
            if *fate == Fate::Done {
                next.failed.remove(id);
                next.progress.completed_items += 1;
            } else {
                next.failed.insert(*id, *fate);
            }
        }
        next
    }

    /// What may be sent of these: not what has failed in this drain and waits for its time, even when a person asks. With
    /// it the time at which the first of those is due.
    pub(crate) fn unless_failed(&self, now: Millis, due: Vec<Record>) -> (Vec<Record>, Option<Millis>) {
        let at = |record: &Record| Millis(record.order.max(0).unsigned_abs());
        let waits = |record: &Record| {
            record.state == ItemState::RetryAt && self.failed.contains_key(&record.id) && at(record) > now
        };
        let (put_off, due): (Vec<_>, Vec<_>) = due.into_iter().partition(waits);
        (due, put_off.iter().map(at).min())
    }

    /// Where the drain stands when the queue's totals are these.
    pub(crate) fn progress(&self, totals: &Totals) -> Progress {
        let mut progress = self.progress.clone();
        let again = self.failed.values().filter(|fate| **fate == Fate::Again).count() as u64;
        progress.failed_items = self.failed.len() as u64;
        progress.total_items =
            progress.completed_items + progress.failed_items + totals.unsent().saturating_sub(again);
        progress
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(n: u64) -> ItemId {
        ItemId::new(Millis(n), [0; 10])
    }

    fn totals(pending: i64, retry_at: i64) -> Totals {
        Totals { pending, retry_at, ..Totals::default() }
    }

    #[test]
    fn counts_add_up_to_the_total() {
        let tally = Tally::begin(Trigger::Auto, Millis(1));
        assert_eq!(tally.progress(&totals(5, 0)).total_items, 5);
        let tally = tally.after(&[(id(1), Fate::Done), (id(2), Fate::Stopped), (id(3), Fate::Again)]);
        let progress = tally.progress(&totals(2, 1));
        assert_eq!((progress.completed_items, progress.failed_items, progress.total_items), (1, 2, 5));
    }

    #[test]
    fn a_failure_that_is_accepted_later_counts_once() {
        let tally = Tally::begin(Trigger::Auto, Millis(1)).after(&[(id(3), Fate::Again)]);
        let tally = tally.after(&[(id(3), Fate::Again)]).after(&[(id(3), Fate::Done)]);
        let progress = tally.progress(&totals(0, 0));
        assert_eq!((progress.completed_items, progress.failed_items, progress.total_items), (1, 0, 1));
    }

    #[test]
    fn a_person_who_joins_makes_it_manual() {
        let mut tally = Tally::begin(Trigger::Auto, Millis(1));
        assert!(!tally.joined(Trigger::Auto));
        assert_eq!(tally.progress(&totals(0, 0)).trigger, Trigger::Auto);
        assert!(tally.joined(Trigger::Manual));
        assert!(!tally.joined(Trigger::Manual) && !tally.joined(Trigger::Auto));
        assert_eq!(tally.progress(&totals(0, 0)).trigger, Trigger::Manual);
    }
}
