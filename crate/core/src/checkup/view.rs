//! What is asked of the scheduler, what is answered, and what is stored of it.

use fieldsync_protocol::Millis;
use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::{self, Write};
use serde_json::value::RawValue;

use crate::health::{Space, StoreMark};
use crate::schedule::{CheckCounts, Scheduler, SchedulerState, Uses};

/// What is to become of the scheduler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum CheckWish {
    /// Nothing: how it stands is answered.
    #[default]
    Look,
    /// It starts; a page does so once.
    Start,
    /// It stops.
    Stop,
    /// Something has changed that the last report cannot know: keys were made, here or elsewhere, or a device was revoked.
    News,
    /// A check now, or the last report where there was one a moment ago; answered when it is over.
    Check,
    /// As if the vault had been locked. In test builds alone.
    #[cfg(feature = "test-mode")]
    Pause,
    /// As if it had been opened. In test builds alone.
    #[cfg(feature = "test-mode")]
    Resume,
}

/// A question to the scheduler.
#[derive(Clone, Debug, Default, PartialEq, Eq, Read)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct SchedulerAsk {
    /// What is to become of it.
    #[cfg_attr(feature = "ts", ts(as = "Option<CheckWish>"))]
    pub wish: CheckWish,
    /// What the browser says of its storage, which a worker cannot ask it.
    pub space: Option<Space>,
    /// What the page has kept of the store's life elsewhere.
    pub mark: Option<StoreMark>,
    /// Reports say from now on that a sync is needed, or is not. In test builds alone.
    #[cfg(feature = "test-mode")]
    pub force: Option<bool>,
}

/// How the scheduler stands.
#[derive(Clone, Debug, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SchedulerView {
    /// Where it stands.
    pub state: SchedulerState,
    /// A check runs in this page or worker.
    pub is_checking: bool,
    /// When the next check is due.
    pub next_run: Option<Millis>,
    /// When the last check ended that came to a report.
    pub last_run: Option<Millis>,
    /// The last check came to no report.
    pub failed: bool,
    /// The last report.
    #[cfg_attr(feature = "ts", ts(type = "HealthReport | null"))]
    pub report: Option<Box<RawValue>>,
    /// What was counted.
    pub counts: CheckCounts,
    /// What the last hundred checks came to, oldest first.
    #[cfg_attr(feature = "ts", ts(type = "CheckNote[] | null"))]
    pub history: Option<Box<RawValue>>,
    /// The browser has removed what was stored here: how many entries waited when the app was last open. Until the page
    /// keeps a mark of the store of now.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub lost: Option<u64>,
}

/// So many checks are remembered: some weeks of them.
const REMEMBERED: usize = 100;

/// A check that was made (A13).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct CheckNote {
    /// When it ended.
    pub at: Millis,
    /// Whether this device was out of step with the others; `null` where the check came to no report.
    pub needs_sync: Option<bool>,
}

/// What is stored of the checks of this device.
#[derive(Clone, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
pub struct Checked {
    /// The last report, as JSON.
    pub report: Option<String>,
    /// The last check came to none.
    pub failed: bool,
    /// When the last one began.
    pub begun: Option<Millis>,
    /// When the last one ended that came to a report.
    pub last_run: Option<Millis>,
    /// When the next one is due.
    pub next_run: Option<Millis>,
    /// On which days the app was used.
    pub uses: Uses,
    /// What was counted.
    pub counts: CheckCounts,
    /// Where the scheduler stood that made it.
    pub state: SchedulerState,
    /// What the last checks came to, as JSON: only a check and those who look at the history read it.
    pub history: Option<String>,
}

impl Checked {
    /// The last that is known of a check. Of two at once the one counts that has ended last: it is what is stored.
    pub(super) fn latest(&self) -> Option<Millis> {
        self.begun.max(self.last_run)
    }

    /// A check has come to this; the oldest of too many is forgotten.
    pub(super) fn note(&mut self, at: Millis, needs_sync: Option<bool>) {
        let before = self.history.as_deref().and_then(|history| read::from_str(history).ok());
        let mut history: Vec<CheckNote> = before.unwrap_or_default();
        if history.len() == REMEMBERED {
            history.remove(0);
        }
        history.push(CheckNote { at, needs_sync });
        self.history = Some(write::to_string(&history));
    }

    pub(super) fn view(&self, scheduler: &Scheduler, lost: Option<u64>) -> SchedulerView {
        // A worker starts none itself: what its pages' does is stored.
        let state = if scheduler.state() == SchedulerState::Idle { self.state } else { scheduler.state() };
        let raw = |text: &Option<String>| text.as_deref().and_then(|text| read::from_str(text).ok());
        SchedulerView {
            state,
            is_checking: scheduler.is_checking(),
            next_run: match state {
                SchedulerState::Paused | SchedulerState::Stopped => None,
                SchedulerState::Idle | SchedulerState::Running => scheduler.next_run().or(self.next_run),
            },
            last_run: self.last_run,
            failed: self.failed,
            report: raw(&self.report),
            counts: scheduler.counts(),
            history: raw(&self.history),
            lost,
        }
    }
}
