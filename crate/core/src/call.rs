//! What a page, a script or the service worker's shell can ask of the engine, and what it gets back.
//!
//! One table at the end names every call with the shape of its question and of its answer; the `Command` and `Answer`
//! enums and the TypeScript map `Calls` are made from that table.

mod error;
mod item;
mod told;

pub use error::{CallCode, CallError};
pub use item::{
    Draft, Item, Latest, ListQuery, Listing, OfMeter, ReceiptView, Records, RecordsQuery, ServerRecord, Shelf,
};
pub use told::{Cause, Event, Settled, Status, Wake};

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::{self, Write, Written};
use fieldsync_protocol::{ItemId, MetricsReport, Rule, Settings};

use crate::carry::{Pack, Parcel, TakenIn};
use crate::checkup::{SchedulerAsk, SchedulerView};
use crate::conflict::Resolve;
use crate::local_api::{ConnectivityTest, HttpReply, HttpRequest};
use crate::login::{Account, SignIn, SignedOut};
use crate::preferences::SettingsChange;

/// The priority rules of this device (B4), in the order in which they are shown.
#[derive(Clone, Debug, PartialEq, Read, Write)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct RuleSet {
    /// All of them.
    pub rules: Vec<Rule>,
}

/// Rules to be tried against the queue.
#[derive(Clone, Debug, PartialEq, Read)]
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
#[derive(Clone, Debug, PartialEq, Eq, Read)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ById {
    /// The id.
    pub id: ItemId,
}

/// Nothing to say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Read, Write)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "Record<string, never>"))]
pub struct Nothing {}

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
                let wrong = |error: read::Error| CallError::new(CallCode::BadRequest, format!("{name}: {error}."));
                match name {
                    $( stringify!($name) => read::from_str(args).map(Command::$variant).map_err(wrong), )*
                    _ => Err(CallError::new(CallCode::BadRequest, format!("There is no call named “{name}”."))),
                }
            }
        }

        /// The answer to a call.
        #[derive(Clone, Debug)]
        pub enum Answer {
            $( #[doc = concat!("To `", stringify!($name), "`.")] $variant(Box<$answer>), )*
        }

        impl Write for Answer {
            fn write(&self) -> Written<'_> {
                Written::As(match self {
                    $( Answer::$variant(answer) => &**answer, )*
                })
            }
        }

        /// For what goes by serde.
        impl serde::Serialize for Answer {
            fn serialize<S: serde::Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
                write::serialize(self, into)
            }
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
    /// A part of what is queued, to be taken to another device; it stays here.
    pack Pack(Pack) -> Parcel;
    /// Takes in what another device of the same person has packed, under its own ids: what is here already is passed over.
    takeIn TakeIn(Parcel) -> TakenIn;
    /// What sync is doing.
    status Status(Nothing) -> Status;
    /// Sends what is due, now; answers once the drain that does it has settled.
    syncNow SyncNow(Nothing) -> Settled;
    /// This device, and who is signed in on it.
    account Account(Nothing) -> Account;
    /// Signs in with what the server answered to a login, and sends what waits for it.
    signIn SignIn(SignIn) -> Account;
    /// Signs out. What is queued stays, and waits for the same person.
    signOut SignOut(Nothing) -> SignedOut;
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
    /// The scheduler of checks: how it stands, or what is to become of it.
    scheduler Scheduler(SchedulerAsk) -> SchedulerView;
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
