//! The fieldsync engine: every decision about what is synced, when and in what order, as plain synchronous Rust.
//!
//! There is no clock, no randomness and no I/O in here. A host passes time and entropy in with its [`Input`]s and
//! carries out the [`Effect`]s; what comes of them returns as further inputs. The browser is one host, the tests' are
//! others. Data walks one way: enqueue → ledger → gate → plan → push → commit → notify.

mod answers;
pub mod bandwidth;
mod call;
mod carry;
mod checkup;
mod commit;
mod conflict;
#[cfg(any(test, feature = "testing"))]
pub mod conformance;
mod drain;
mod engine;
mod enqueue;
mod event;
mod gate;
pub mod health;
pub mod keystore;
pub mod lane;
mod ledger;
mod link;
mod local_api;
mod login;
#[cfg(any(test, feature = "testing"))]
pub mod memory;
mod metrics;
mod outbox;
mod plan;
mod preferences;
mod priority;
mod probe;
mod progress;
mod push;
mod record;
mod saving;
pub mod schedule;
mod sealed;
mod stability;
mod time;
#[cfg(feature = "ts")]
pub mod ts;
mod upload;
mod usual;
mod waiters;
mod wake;

pub use call::{
    Answer, ById, CallCode, CallError, Cause, Command, Draft, Event, Item, Latest, ListQuery, Listing,
    Nothing, OfMeter, ReceiptView, Records, RecordsQuery, RuleSet, ServerRecord, Settled, Shelf, Status,
    Trial, Wake,
};
pub use carry::{Pack, Parcel, TakenIn};
pub use checkup::{CheckNote, CheckWish, Checked, Keys, SchedulerAsk, SchedulerView};
pub use conflict::{Choice, Resolve};
pub use engine::{Config, Engine};
pub use event::{CallId, Effect, Entropy, Input, Lock, StoreError, Token, Transfer, WriteError};
pub use fieldsync_protocol as protocol;
pub use fieldsync_protocol::{Connectivity, Progress, Trigger};
pub use gate::{Facts, Hold, Power, Why};
pub use ledger::{
    Batch, Expect, Expire, Flight, FlightChange, Found, Known, Lane, Leaving, Overview, Query, Standing,
    Totals, Waiter, Waiting, Window,
};
pub use link::Link;
pub use local_api::{ConnectivityTest, HttpReply, HttpRequest};
pub use login::{Account, Login, Secret, SignIn, SignedOut};
pub use preferences::{Preferences, SettingsChange};
pub use priority::rescore::BEGIN;
pub use progress::Session;
pub use record::{ItemState, Moment, Receipt, Record, Trouble, TroubleKind};
pub use sealed::{Sealable, Vault};
pub use time::Millis;
pub use upload::{Stage, StepKind, Upload, UploadProgress, UploadStep, Uploaded};
pub use usual::Expected;
pub use wake::Role;
