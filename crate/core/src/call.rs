//! What a page, a script or the service worker's shell can ask of the engine, and what it gets back.
//!
//! One table at the end names every call with the shape of its question and of its answer; the `Command` and `Answer`
//! enums and the TypeScript map `Calls` are made from that table.

use fieldsync_protocol::{
    Action, Code, Connectivity, EntityId, FieldError, ItemId, ItemType, MetricsReport, Millis, Priority,
    Progress, PushStatus, Rule, Settings,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;
use thiserror::Error;

use crate::conflict::Resolve;
use crate::gate::{Hold, Power};
use crate::ledger::Totals;
use crate::local_api::{ConnectivityTest, HttpReply, HttpRequest};
use crate::preferences::SettingsChange;
use crate::record::{ItemState, Trouble};

/// What someone entered, before the engine has stamped and checked it.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Draft {
    /// What kind of record it is.
    pub r#type: ItemType,
    /// What it does; a create unless said otherwise.
    #[serde(default = "create")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Action>"))]
    pub action: Action,
    /// How urgent it is.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(as = "Option<Priority>"))]
    pub priority: Priority,
    /// The entity to change or delete; a create makes its own unless one is given.
    #[serde(default)]
    pub entity_id: Option<EntityId>,
    /// The record itself, such as a `Reading`: for an update the whole of it as it is to be, of which only what differs
    /// is sent.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional, type = "unknown"))]
    pub data: Option<Box<RawValue>>,
    /// For an update, instead of `data`: a JSON merge patch (RFC 7396).
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional, type = "unknown"))]
    pub patch: Option<Box<RawValue>>,
    /// The version that the change was made against, where the device does not know it itself.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(optional, type = "number"))]
    pub base_version: Option<u64>,
    /// An item that must be done before this one.
    #[serde(default)]
    pub depends_on: Option<ItemId>,
    /// A queued item that this one takes the place of: the person saw both values and chose this one.
    #[serde(default)]
    pub replaces: Option<ItemId>,
}

fn create() -> Action {
    Action::Create
}

/// A queued item, or the receipt of one that is done, as pages show it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Item {
    /// Its id, and the idempotency key it is sent under.
    pub id: ItemId,
    /// What kind of record it carries.
    pub r#type: ItemType,
    /// What it does to its entity.
    pub action: Action,
    /// The entity it is about.
    pub entity_id: EntityId,
    /// How urgent the person said it is.
    pub priority: Priority,
    /// How urgent it is by the rules.
    pub urgency: Priority,
    /// Its points by the rules: more go sooner, and ten seconds of waiting are worth one.
    pub score: i32,
    /// The queued item that must be done before it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub depends_on: Option<ItemId>,
    /// When it was entered, by this device's clock.
    pub created_at: Millis,
    /// The record itself, whole where the device knows it.
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub data: Box<RawValue>,
    /// For an update: what is sent of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional, type = "unknown"))]
    pub patch: Option<Box<RawValue>>,
    /// Where it is on its way.
    pub state: ItemState,
    /// How often it was sent without being settled.
    pub retry_count: u32,
    /// When it was last answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_attempt: Option<Millis>,
    /// When it is due again, for `retryAt`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Millis>,
    /// What went wrong last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<Trouble>,
    /// For a conflict: what the server has.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub server_item: Option<Value>,
    /// For `done`: the server's receipt.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub receipt: Option<ReceiptView>,
}

/// The server's word that an item took effect.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct ReceiptView {
    /// `applied`, or `replayed` when the first receipt was lost on its way; `conflict` where it was given up.
    pub status: PushStatus,
    /// The entity's version after it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub version: Option<u64>,
    /// When this device got it.
    pub at: Millis,
    /// It is none: in a conflict the server's side was kept, and this took no effect.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    #[cfg_attr(feature = "ts", ts(as = "Option<bool>"))]
    pub yielded: bool,
}

/// Which items a list shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Shelf {
    /// What is not yet on the server.
    #[default]
    Queue,
    /// What is, with its receipt.
    Done,
}

/// A page of a list, newest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct ListQuery {
    /// Which items; the queue unless said otherwise.
    #[cfg_attr(feature = "ts", ts(as = "Option<Shelf>"))]
    pub shelf: Shelf,
    /// At most this many, 1 to 500; 100 unless said otherwise.
    pub limit: Option<u32>,
    /// Only items entered before this one: the last id of the page before.
    pub before: Option<ItemId>,
}

/// A page of items.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Listing {
    /// The items, newest first.
    pub items: Vec<Item>,
    /// Where the next page begins, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<ItemId>,
}

/// A meter: where it is, and which one where a unit has several.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct OfMeter {
    /// The property's code.
    pub property: String,
    /// The unit's.
    pub unit: String,
    /// The meter's, where the unit has several.
    #[serde(default)]
    pub meter: Option<String>,
}

/// A record as the server was last known to have it.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ServerRecord {
    /// Its entity.
    pub entity_id: EntityId,
    /// Its version there.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub version: u64,
    /// The record.
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub data: Box<RawValue>,
}

/// The last reading of a meter.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Latest {
    /// It; nothing where none is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reading: Option<ServerRecord>,
}

/// Which records are asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct RecordsQuery {
    /// Of which type.
    pub r#type: ItemType,
    /// At most this many, 1 to 500; 100 unless said otherwise.
    #[serde(default)]
    pub limit: Option<u32>,
    /// Only those after this one: the last entity of the page before.
    #[serde(default)]
    pub after: Option<EntityId>,
}

/// A page of records, the oldest first.
#[derive(Clone, Debug, Serialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Records {
    /// The records.
    pub records: Vec<ServerRecord>,
    /// Where the next page begins, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<EntityId>,
}

/// The priority rules of this device (B4), in the order in which they are shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct RuleSet {
    /// All of them.
    pub rules: Vec<Rule>,
}

/// Rules to be tried against the queue.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Trial {
    /// All of them.
    pub rules: Vec<Rule>,
    /// Which page of the queue; the newest items unless said otherwise.
    #[serde(default)]
    #[cfg_attr(feature = "ts", ts(as = "Option<ListQuery>"))]
    pub page: ListQuery,
}

/// One item by its id.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ById {
    /// The id.
    pub id: ItemId,
}

/// Nothing to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "Record<string, never>"))]
pub struct Nothing {}

/// What brought the engine to look whether there is something to send.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Cause {
    /// The browser's sync event.
    Sync,
    /// The browser's periodic sync event.
    PeriodicSync,
    /// A person pressed the button.
    Manual,
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
    /// A wake that the engine itself had asked for.
    Timer,
}

/// Why the engine is woken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Wake {
    /// What brought it.
    pub cause: Cause,
    /// The battery as the page sees it, for the worker, which cannot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub power: Option<Power>,
}

/// How a drain ended. Everything counted here is committed on this device.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", from = "Heard")]
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
}

/// An event as it is heard: read flat, which takes a third of the code that a tagged enum does.
#[derive(Deserialize)]
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
            _ => Event::Changed,
        }
    }
}

/// A stable name for why a call failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum CallCode {
    /// The arguments are not of the call's shape.
    BadRequest,
    /// A field's value is not acceptable; `fields` says which and why.
    Invalid,
    /// This version cannot do that.
    Unsupported,
    /// A reading for this property, unit, meter and period waits already; `existing` is it.
    DuplicateReading,
    /// Nothing has changed.
    Unchanged,
    /// Other entries build on this one.
    HasDependents,
    /// The item is being sent at this moment.
    InFlight,
    /// There is no such item.
    NotFound,
    /// The device has no room left.
    StorageFull,
    /// The device's storage failed.
    Storage,
    /// No answer came in time.
    Timeout,
    /// A defect; please report it.
    Internal,
}

/// Why a call failed, for the page and for the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Error)]
#[serde(rename_all = "camelCase")]
#[error("{message}")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct CallError {
    /// The stable name.
    pub code: CallCode,
    /// Whether the same call may succeed later.
    pub retryable: bool,
    /// A sentence for the person.
    pub message: String,
    /// The item it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<ItemId>,
    /// The fields that were not acceptable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "ts", ts(as = "Option<Vec<FieldError>>"))]
    pub fields: Vec<FieldError>,
    /// For `duplicate_reading`: the record on the server that has this key, if it is not an item that waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<EntityId>,
    /// For `duplicate_reading`: the data of the item that waits already, whose id is `itemId`, or of the server's record.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub existing: Option<Value>,
}

impl CallError {
    /// An error with a code and a sentence.
    pub fn new(code: CallCode, message: impl Into<String>) -> CallError {
        let retryable = matches!(
            code,
            CallCode::InFlight
                | CallCode::StorageFull
                | CallCode::Storage
                | CallCode::Timeout
                | CallCode::Internal
        );
        CallError {
            code,
            retryable,
            message: message.into(),
            item_id: None,
            entity_id: None,
            fields: Vec::new(),
            existing: None,
        }
    }

    /// The same error, about this item.
    pub fn about(mut self, id: ItemId) -> CallError {
        self.item_id = Some(id);
        self
    }

    /// No item has this id.
    pub fn not_found(id: ItemId) -> CallError {
        CallError::new(CallCode::NotFound, "This item is not on this device any more.").about(id)
    }
}

/// The codes of the wire that a page can also meet at entry.
impl From<Code> for CallCode {
    fn from(code: Code) -> CallCode {
        match code {
            Code::Unsupported => CallCode::Unsupported,
            Code::DuplicateReading => CallCode::DuplicateReading,
            _ => CallCode::Invalid,
        }
    }
}

macro_rules! calls {
    ($( $(#[doc = $doc:literal])* $name:ident $variant:ident($question:ident) -> $answer:ident; )*) => {
        /// A call: its name and its arguments.
        #[derive(Clone, Debug)]
        pub enum Command {
            $( $(#[doc = $doc])* $variant($question), )*
        }

        impl Command {
            /// Reads a call's arguments, given as a JSON object.
            pub fn parse(name: &str, args: &str) -> Result<Command, CallError> {
                let wrong = |error: serde_json::Error| CallError::new(CallCode::BadRequest, format!("{name}: {error}."));
                match name {
                    $( stringify!($name) => serde_json::from_str(args).map(Command::$variant).map_err(wrong), )*
                    _ => Err(CallError::new(CallCode::BadRequest, format!("There is no call named {name:?}."))),
                }
            }
        }

        /// The answer to a call.
        #[derive(Clone, Debug, Serialize)]
        #[serde(untagged)]
        pub enum Answer {
            $( #[doc = concat!("To `", stringify!($name), "`.")] $variant(Box<$answer>), )*
        }

        /// The TypeScript map from a call's name to its question and answer.
        #[cfg(feature = "ts")]
        pub fn declaration() -> String {
            let rows: &[(&[&str], &str, &str, &str)] = &[
                $( (&[$($doc),*], stringify!($name), stringify!($question), stringify!($answer)), )*
            ];
            let mut text = String::from("/** Every call: its question and its answer. */\nexport interface Calls {\n");
            for (docs, name, question, answer) in rows {
                text.push_str(&format!("  /**{} */\n  {name}: [{question}, {answer}];\n", docs.join("\n  * ")));
            }
            text + "}"
        }
    };
}

calls! {
    /// Saves a draft; answers once it is durably stored, and it will be sent by itself.
    enqueue Enqueue(Draft) -> Item;
    /// One item, queued or done.
    get Get(ById) -> Item;
    /// A page of the queue or of the receipts, newest first.
    list List(ListQuery) -> Listing;
    /// Sends an item again that was set aside, or that waits for its time.
    retry Retry(ById) -> Item;
    /// A person's choice between the two sides of a conflict; answers the new item, or the old one where the server's is
    /// kept.
    resolve Resolve(Resolve) -> Item;
    /// Drops a queued item for good: the only way besides a receipt that one leaves the device (I1).
    discard Discard(ById) -> Item;
    /// What sync is doing.
    status Status(Nothing) -> Status;
    /// Sends what is due, now; answers once the drain that does it has settled.
    syncNow SyncNow(Nothing) -> Settled;
    /// The settings.
    settings Settings(Nothing) -> Settings;
    /// Changes some of the settings, and answers all of them; they take effect at once, on every page and in the worker.
    setSettings SetSettings(SettingsChange) -> Settings;
    /// The last reading of a meter that the server was known to have, from this device's own copy.
    latest Latest(OfMeter) -> Latest;
    /// A page of the records of a type that the server was known to have, from this device's own copy.
    records Records(RecordsQuery) -> Records;
    /// The priority rules.
    rules Rules(Nothing) -> RuleSet;
    /// Keeps these priority rules in the place of those before; what is queued is scored anew.
    setRules SetRules(RuleSet) -> RuleSet;
    /// What these rules would do to a page of the queue; nothing is kept.
    tryRules TryRules(Trial) -> Listing;
    /// The figures of the drain that runs or ran last and of those before it, what they come to, and what they suggest.
    metrics Metrics(Nothing) -> MetricsReport;
    /// Forgets the figures of all drains.
    eraseMetrics EraseMetrics(Nothing) -> Nothing;
    /// Looks at the link: a few pings, and what is known of it after them. Nothing is sent.
    testConnection TestConnection(Nothing) -> ConnectivityTest;
    /// A request of the interface that the device answers itself, online or not (`/api/v1/sync/background/…`).
    http Http(HttpRequest) -> HttpReply;
    /// Sends nothing until it is resumed, not even when a person asks.
    pause Pause(Nothing) -> Nothing;
    /// Ends a pause.
    resume Resume(Nothing) -> Nothing;
    /// Something happened that may make sending possible.
    wake Wake(Wake) -> Settled;
    /// Ends the drain that runs here at its next step: a new version of the app waits to take over.
    giveWay GiveWay(Nothing) -> Nothing;
}
