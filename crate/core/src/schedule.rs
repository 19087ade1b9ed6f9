//! When this device looks whether a person's devices are in step (A1 to A5, A12, A13). One check at a time, and one wake to
//! come: the next check is planned only when the last has ended.
//!
//! Times are the wall clock's, because pages and the worker share them by way of the store. What a clock that was set makes
//! of them is bounded: a check that is planned later than any interval lasts is due.

pub mod recurrence;

use fieldsync_protocol::read::Read;
use fieldsync_protocol::write::Write;

use crate::time::{Jitter, Millis};

const HOUR: Millis = Millis::minutes(60);
const DAY: Millis = Millis::minutes(24 * 60);
/// No interval is longer: a week's user on low battery.
const LONGEST: Millis = Millis::minutes(48 * 60);
/// Checks for news begin no closer to one another.
const NEWS: Millis = Millis::seconds(1);
/// So many days of use are looked back on.
const LOOK_BACK: u32 = 14;

/// Where the scheduler stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum SchedulerState {
    /// Not started yet.
    #[default]
    Idle,
    /// A check is planned, or runs.
    Running,
    /// The vault is locked: nothing is planned, and the last report stands.
    Paused,
    /// Stopped on purpose.
    Stopped,
}

/// How often checks may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tempo {
    /// From the start to the first check.
    first: Millis,
    /// No two checks begin closer to one another.
    least: Millis,
    /// Always this, whatever the circumstances.
    fixed: Option<Millis>,
}

impl Default for Tempo {
    fn default() -> Tempo {
        Tempo { first: Millis::seconds(1), least: Millis::minutes(1), fixed: None }
    }
}

/// A tempo that this build does not have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this build has no such tempo of checks")]
pub struct NoSuchTempo;

impl Tempo {
    /// The tempo of this name. `test` (a check every second) is there in test builds alone (A2).
    pub fn named(name: &str) -> Result<Tempo, NoSuchTempo> {
        let second = Millis::seconds(1);
        match name {
            "" | "normal" => Ok(Tempo::default()),
            "test" if cfg!(any(test, feature = "test-mode")) => {
                Ok(Tempo { first: second, least: second, fixed: Some(second) })
            }
            _ => Err(NoSuchTempo),
        }
    }
}

/// What the interval to the next check hangs on (A13).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// When keys were made last, on whatever device.
    pub rotated_at: Option<Millis>,
    /// How often the app is used.
    pub uses: Uses,
    /// The battery is low, and not being charged.
    pub low_battery: bool,
}

impl Circumstances {
    /// How long it is to the next check.
    pub fn interval(&self, now: Millis) -> Millis {
        let fresh = self.rotated_at.is_some_and(|at| now >= at && now - at < DAY);
        let hours = if fresh { 1 } else { self.uses.hours(now) };
        Millis(HOUR.0 * hours * if self.low_battery { 2 } else { 1 })
    }
}

/// On which of the last days the app was used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(default)]
pub struct Uses {
    /// Bit n: on the n-th day before the last one.
    days: u32,
    /// The last one, in days since 1970.
    last: u64,
    /// The first one ever.
    first: u64,
}

impl Uses {
    /// It is used now.
    pub fn note(&mut self, now: Millis) {
        let today = now.0 / DAY.0;
        if self.days == 0 || today < self.last {
            *self = Uses { days: 1, last: today, first: today }; // the first, or a clock that was set back
        }
        let passed = u32::try_from(today - self.last).unwrap_or(u32::MAX);
        self.days = self.days.checked_shl(passed).unwrap_or(0) | 1;
        self.last = today;
    }

    /// Twice a day is enough for who comes daily, once a day for who comes now and then; until that is known, every 6 h.
    fn hours(self, now: Millis) -> u64 {
        let today = now.0 / DAY.0;
        if self.days == 0 || today.saturating_sub(self.first) < u64::from(LOOK_BACK) {
            return 6;
        }
        let passed = u32::try_from(today.saturating_sub(self.last)).unwrap_or(u32::MAX);
        let lately = self.days.checked_shl(passed).unwrap_or(0) & ((1 << LOOK_BACK) - 1);
        if lately.count_ones() * 2 >= LOOK_BACK { 12 } else { 24 }
    }
}

/// What becomes of a wish for a check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It begins: the caller makes it, and says how it [ended](Scheduler::ended).
    Begin,
    /// There was one a moment ago, or the vault is locked: the last report stands.
    Cached,
    /// One runs: its report is waited for elsewhere, the last one stands until then.
    InProgress,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// There is a report.
    Done,
    /// There is none; everything is as before (A5).
    Failed,
}

/// What is counted of checks (A14).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CheckCounts {
    /// Checks that came to a report.
    pub done: u32,
    /// Checks that did not.
    pub failed: u32,
    /// Wishes that the last report was given for.
    pub limited: u32,
    /// All checks together, in milliseconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub took_ms: u64,
}

/// The scheduler: it is asked and told, and does nothing itself.
#[derive(Clone, Debug)]
pub struct Scheduler {
    tempo: Tempo,
    /// As it stands with an open vault.
    state: SchedulerState,
    /// When the next check is due.
    next: Option<Millis>,
    /// When the last check ended that came to a report.
    last: Option<Millis>,
    /// When the last check began, whatever came of it.
    begun: Option<Millis>,
    /// One runs.
    checking: bool,
    /// Something has changed that the last check cannot know.
    news: bool,
    /// For such a change is what the check looks that runs.
    for_news: bool,
    /// The vault is: no check is begun, by whomever, and one that runs is the last for now.
    locked: bool,
    counts: CheckCounts,
}

impl Scheduler {
    /// One that has not started.
    pub fn new(tempo: Tempo) -> Scheduler {
        Scheduler {
            tempo,
            state: SchedulerState::Idle,
            next: None,
            last: None,
            begun: None,
            checking: false,
            news: false,
            for_news: false,
            locked: false,
            counts: CheckCounts::default(),
        }
    }

    /// Plans the first check. One that runs or is paused stays as it is.
    pub fn start(&mut self, now: Millis) {
        if self.state != SchedulerState::Running {
            self.state = SchedulerState::Running;
            self.plan(now + self.tempo.first);
        }
    }

    /// Plans nothing more. A check that runs may end, and tells its report.
    pub fn stop(&mut self) {
        self.state = SchedulerState::Stopped;
        self.next = None;
    }

    /// The vault was locked (A4).
    pub fn pause(&mut self) {
        self.locked = true;
        self.next = None;
    }

    /// The vault was unlocked: a check at once, or as soon as there may be one again.
    pub fn resume(&mut self, now: Millis) {
        if std::mem::take(&mut self.locked) && self.is_running() {
            self.plan(now);
        }
    }

    /// Whether checks are made by themselves.
    pub fn is_running(&self) -> bool {
        self.state() == SchedulerState::Running
    }

    /// Where it stands. A worker's, which is never started, is paused too: it is asked for checks.
    pub fn state(&self) -> SchedulerState {
        let paused = self.locked && !self.checking && self.state != SchedulerState::Stopped;
        if paused { SchedulerState::Paused } else { self.state }
    }

    /// Whether a check runs.
    pub fn is_checking(&self) -> bool {
        self.checking
    }

    /// When the next check is due: the one wake that is to come.
    pub fn next_run(&self) -> Option<Millis> {
        self.next
    }

    /// When the last check ended that came to a report.
    pub fn last_run(&self) -> Option<Millis> {
        self.last
    }

    /// When the last check began.
    pub fn begun(&self) -> Option<Millis> {
        self.begun
    }

    /// What was counted.
    pub fn counts(&self) -> CheckCounts {
        self.counts
    }

    /// Whether the check that is due begins now.
    pub fn tick(&mut self, now: Millis) -> bool {
        let due = self.next.is_some_and(|at| at <= now || at - now > LONGEST + HOUR);
        if !due || self.checking || !self.is_running() {
            return false;
        }
        if let Some(free) = self.limited_until(now) {
            self.next = Some(free);
            return false;
        }
        self.begin(now);
        true
    }

    /// Somebody wants to know now.
    pub fn check_now(&mut self, now: Millis) -> Verdict {
        let verdict = match () {
            () if self.checking => Verdict::InProgress,
            () if self.locked || self.limited_until(now).is_some() => Verdict::Cached,
            () => Verdict::Begin,
        };
        if verdict == Verdict::Begin {
            self.begin(now);
        } else {
            self.counts.limited = self.counts.limited.saturating_add(1);
        }
        verdict
    }

    /// The check that was begun has ended, and so long it is to the next.
    pub fn ended(&mut self, now: Millis, outcome: Outcome, interval: Millis) {
        if !self.checking {
            return;
        }
        self.checking = false;
        let took = self.begun.map_or(Millis::ZERO, |begun| now - begun);
        self.counts.took_ms = self.counts.took_ms.saturating_add(took.0);
        let count = if outcome == Outcome::Done { &mut self.counts.done } else { &mut self.counts.failed };
        *count = count.saturating_add(1);
        if outcome == Outcome::Done {
            self.last = Some(now);
        }
        if self.is_running() {
            self.plan(now + self.span(interval));
            if self.for_news && outcome == Outcome::Failed {
                self.hasten(now + self.tempo.least); // once more: there is something to be found
            }
            if self.news {
                self.news(now); // it came while this one ran
            }
        }
    }

    /// How long it is to the next check, where circumstances would have it be this.
    pub fn span(&self, interval: Millis) -> Millis {
        self.tempo.fixed.unwrap_or(interval.min(LONGEST))
    }

    /// Another page or the worker has made a check since the last one that is known here: nothing is done twice. Whoever made
    /// it makes the next one too, at its time. The others come after that, each a while of its own, and so learn of it; where
    /// nobody has made it by then, one of them does.
    pub(crate) fn learn(
        &mut self,
        jitter: &mut Jitter,
        begun: Option<Millis>,
        last: Option<Millis>,
        next: Option<Millis>,
    ) {
        self.begun = self.begun.max(begun);
        self.last = last.or(self.last);
        if self.is_running()
            && !self.checking
            && let Some(next) = next
        {
            self.next = Some(next + jitter.around(self.tempo.least));
        }
    }

    /// Something has changed that the last check cannot know: the next one does not wait for its minute, but only until it
    /// is none of the second before.
    pub fn news(&mut self, now: Millis) {
        self.news = true;
        self.hasten(self.limited_until(now).unwrap_or(now));
    }

    /// The next check comes no later than this.
    pub fn hasten(&mut self, at: Millis) {
        if self.is_running() && self.next.is_none_or(|next| next > at) {
            self.plan(at);
        }
    }

    fn begin(&mut self, now: Millis) {
        self.begun = Some(now);
        self.checking = true;
        self.for_news = std::mem::take(&mut self.news);
        self.next = None;
    }

    fn plan(&mut self, at: Millis) {
        self.next = if self.checking || self.locked { None } else { Some(at) };
    }

    /// When the next real check may begin, where that is not now.
    fn limited_until(&self, now: Millis) -> Option<Millis> {
        let begun = self.begun.filter(|begun| *begun <= now)?; // else the clock was set back
        let least = if self.news { self.tempo.least.min(NEWS) } else { self.tempo.least };
        Some(begun + least).filter(|free| *free > now)
    }
}

#[cfg(test)]
mod tests;
