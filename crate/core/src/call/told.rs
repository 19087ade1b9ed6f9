//! Why the engine is woken, how a drain ends, what is going on, and what every page is told of it.

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::{Write, Written};
use fieldsync_protocol::{Connectivity, Millis, Progress};
use serde::Serialize;

use crate::gate::{Hold, Power};
use crate::ledger::Totals;
use crate::sealed::Vault;

/// What brought the engine to look whether there is something to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Cause {
    /// The browser's sync event.
    Sync,
    /// The browser's periodic sync event.
    PeriodicSync,
    /// A person pressed the button.
    Manual,
    /// The same, but for deletions: a schedule is due that leaves them for another sync.
    WithoutDeletions,
    /// The app was opened.
    Start,
    /// The browser says that the network is back.
    Online,
    /// The page was looked at again.
    Visible,
    /// Something was saved.
    Saved,
    /// The charger, the battery or the link has changed.
    Power,
    /// The vault was opened.
    Unlocked,
    /// A wake that the engine itself had asked for.
    Timer,
}

/// Why the engine is woken.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Wake {
    /// What brought it.
    pub cause: Cause,
    /// The battery as the page sees it, for the worker, which cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<Power>,
}

/// How a drain ended. Everything counted here is committed on this device.
#[derive(Clone, Debug, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Settled {
    /// What was done and what was not.
    pub progress: Progress,
    /// What is still to be sent: now, or at a later time.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub remaining: u64,
    /// Why it stopped, where something remains.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
}

/// What the device's sync is doing, from committed facts.
#[derive(Clone, Debug, PartialEq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Status {
    /// Whether a drain runs anywhere on this device: this page, another tab, the worker.
    pub is_active: bool,
    /// The drain that runs, or the last one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub current_progress: Option<Progress>,
    /// What is known of the network.
    pub connectivity: Connectivity,
    /// Items not yet on the server.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub queue_size: u64,
    /// The same, by state.
    pub totals: Totals,
    /// A person has paused sync.
    pub is_paused: bool,
    /// Whether what is on the device is sealed, and can be read here.
    pub vault: Vault,
    /// Why nothing is being sent, and until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hold: Option<Hold>,
    /// When the drain that runs will be through, as far as its pace tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub estimated_completion_time: Option<Millis>,
    /// What went wrong last, in plain words; nothing since a drain went through without.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
}

/// What every page and the worker are told. Only committed facts are told (I6).
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "type", rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Event {
    /// Something was saved or discarded.
    Changed,
    /// A drain began.
    Started {
        /// Where it stands.
        progress: Progress,
    },
    /// A push begins, or its receipts and refusals were committed.
    Progressed {
        /// Where it stands.
        progress: Progress,
    },
    /// A drain ended.
    Settled {
        /// How.
        settled: Settled,
    },
    /// A check of sync health has ended: whoever shows it asks for it.
    Checked,
}

/// To the letter as serde's derive writes it; ours does not know variants with fields.
impl Write for Event {
    fn write(&self) -> Written<'_> {
        Written::Object(&["type", "progress", "settled"])
    }

    fn member(&self, index: usize) -> Option<&dyn Write> {
        Some(match (index, self) {
            (0, Event::Changed) => &"changed",
            (0, Event::Started { .. }) => &"started",
            (0, Event::Progressed { .. }) => &"progressed",
            (0, Event::Settled { .. }) => &"settled",
            (0, Event::Checked) => &"checked",
            (1, Event::Started { progress } | Event::Progressed { progress }) => progress,
            (2, Event::Settled { settled }) => settled,
            _ => return None,
        })
    }
}

impl Event {
    /// Reads an event that another page or the worker tells.
    pub fn hear(json: &str) -> Option<Event> {
        read::from_str::<Heard>(json).ok().map(Event::from)
    }
}

/// An event as it is heard.
#[derive(Read)]
#[serde(rename_all = "camelCase")]
struct Heard {
    r#type: String,
    #[serde(default)]
    progress: Option<Progress>,
    #[serde(default)]
    settled: Option<Settled>,
}

/// Of what is not understood only so much is certain: something changed.
impl From<Heard> for Event {
    fn from(heard: Heard) -> Event {
        match (heard.r#type.as_str(), heard.progress, heard.settled) {
            ("started", Some(progress), _) => Event::Started { progress },
            ("progressed", Some(progress), _) => Event::Progressed { progress },
            ("settled", _, Some(settled)) => Event::Settled { settled },
            ("checked", ..) => Event::Checked,
            _ => Event::Changed,
        }
    }
}

#[cfg(test)]
mod tests {
    use fieldsync_protocol::write;

    use super::*;
    use crate::gate::Why;

    #[test]
    fn an_event_is_written_as_its_type_says_and_heard_as_it_was_told() {
        let progress = Progress { total_items: 3, ..Progress::default() };
        let hold = Some(Hold::new(Why::Offline, Millis(7)));
        let settled = Settled { progress: progress.clone(), remaining: 2, hold };
        let events = [
            Event::Changed,
            Event::Started { progress: progress.clone() },
            Event::Progressed { progress },
            Event::Settled { settled },
            Event::Checked,
        ];
        for event in events {
            let json = write::to_string(&event);
            assert_eq!(json, serde_json::to_string(&event).unwrap());
            assert_eq!(Event::hear(&json), Some(event));
        }
        assert_eq!(Event::hear(r#"{"type":"of a later version"}"#), Some(Event::Changed));
        assert_eq!(Event::hear("{}"), None);
    }
}
