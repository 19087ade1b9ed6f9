//! Everything that goes into the engine and everything that comes out of it.

use fieldsync_protocol::{ItemId, NaturalKey, PushRequest};

use crate::call::{Answer, CallError, Cause, Command, Event, Settled};
use crate::gate::{Facts, Power};
use crate::ledger::{Batch, Found, Known, Query};
use crate::login::Secret;
use crate::record::Record;
use crate::time::Millis;
use crate::upload::{UploadStep, Uploaded};

/// Pairs an effect with the input that brings its outcome.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Token(pub u64);

/// Pairs a call with its answer; chosen by the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallId(pub u64);

/// 128 bits of the host's randomness, for an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entropy(pub [u8; 16]);

impl Entropy {
    /// An id made at this time.
    pub fn id(self, at: Millis) -> ItemId {
        let mut ten = [0; 10];
        ten.copy_from_slice(&self.0[..10]);
        ItemId::new(at, ten)
    }
}

/// What happened.
#[derive(Clone, Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one of it, for as long as it is handled")]
pub enum Input {
    /// Someone calls.
    Call {
        /// To be named in the answer.
        call: CallId,
        /// What is asked.
        command: Command,
        /// Fresh for every call.
        entropy: Entropy,
    },
    /// The host has looked at the world.
    Facts(Facts),
    /// Another page or the worker told something.
    Heard(Event),
    /// The time that `next_wake` named has come.
    Tick,
    /// Outcome of [`Effect::Read`].
    Read(Token, Result<Found, StoreError>),
    /// Outcome of [`Effect::Write`]. `Ok` means durable, as far as the batch asks for it.
    Written(Token, Result<(), WriteError>),
    /// Outcome of [`Effect::Lock`].
    Locked(Token, Result<Lock, StoreError>),
    /// Outcome of [`Effect::Ping`]: the body of a 200 answer, if one came in time.
    Pinged(Token, Option<String>),
    /// Outcome of [`Effect::Push`], and how many bytes its body took on the wire.
    Pushed(Token, Transfer, u64),
    /// Outcome of [`Effect::Pull`].
    Pulled(Token, Transfer),
    /// Outcome of [`Effect::Renew`].
    Renewed(Token, Transfer),
    /// Outcome of [`Effect::Ask`].
    Asked(Token, Transfer),
    /// Outcome of [`Effect::Upload`].
    Uploaded(Token, Uploaded),
    /// Outcome of [`Effect::Delegate`].
    Delegated(Token, Result<Settled, CallError>),
    /// The other outcome of [`Effect::Delegate`]: the worker has ended in the midst of it.
    WorkerEnded(Token),
    /// Outcome of [`Effect::RequestSync`]: whether the browser will send the event.
    SyncRequested(Token, bool),
}

/// The store did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// There is no room left.
    #[error("the device has no room left")]
    Full,
    /// Anything else, in the host's words.
    #[error("{0}")]
    Failed(String),
}

/// A batch was not written; nothing of it was.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum WriteError {
    /// A later drainer has taken over (I7).
    #[error("a later drainer has taken over")]
    Fenced,
    /// Another queued item has this natural key.
    #[error("a queued item has the key {0} already")]
    Twin(NaturalKey, Box<Record>),
    /// The server has a reading with this natural key, as far as this device knows.
    #[error("the server has a reading with the key {0} already")]
    Known(NaturalKey, Box<Known>),
    /// An item is being sent.
    #[error("the item is being sent")]
    Flying,
    /// An item has come into another state meanwhile.
    #[error("the item has changed meanwhile")]
    Changed,
    /// An item is not queued any more.
    #[error("the item is not queued any more")]
    Gone,
    /// The store itself failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The answer of the lock that elects one drainer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// It is ours, and this is our epoch: one more than any before, stored.
    Held(u64),
    /// Another page or the worker has it.
    Busy,
}

/// What came of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// An answer came, whole.
    Answered {
        /// The HTTP status.
        status: u16,
        /// `Retry-After`, as a span.
        retry_after: Option<Millis>,
        /// The body.
        body: String,
    },
    /// The server was not reached, or the answer broke off. Whether the request arrived is unknown.
    Broken,
    /// No answer came in time. Whether the request arrived is unknown.
    TimedOut,
}

/// What the host is to do. Fire and forget: an outcome comes back as an [`Input`] with the same token.
#[derive(Clone, Debug)]
pub enum Effect {
    /// Answer a call. No outcome.
    Answer(CallId, Box<Result<Answer, CallError>>),
    /// Ask for the drainer's lock without waiting, and count the epoch up when it is granted. → [`Input::Locked`]
    Lock,
    /// Give the lock back. No outcome.
    Unlock,
    /// Ask the store. → [`Input::Read`]
    Read(Query),
    /// Write one batch: checked, atomic, and durable before its outcome. → [`Input::Written`]
    Write(Box<Batch>),
    /// `GET /api/ping?nonce=…`, past every cache. → [`Input::Pinged`]
    Ping {
        /// To be echoed.
        nonce: String,
        /// Give up after this.
        timeout: Millis,
    },
    /// `POST /api/v1/sync/push`. → [`Input::Pushed`]
    Push {
        /// The body.
        request: Box<PushRequest>,
        /// Send it gzipped, where the host can.
        gzip: bool,
        /// The access token, where there is one.
        bearer: Option<Secret>,
        /// Give up after this.
        timeout: Millis,
    },
    /// `GET /api/v1/sync/changes`. → [`Input::Pulled`]
    Pull {
        /// What has changed since then; everything, where there is none.
        cursor: Option<String>,
        /// The access token, where there is one.
        bearer: Option<Secret>,
        /// Give up after this.
        timeout: Millis,
    },
    /// `POST /api/v1/auth/refresh`. → [`Input::Renewed`]
    Renew {
        /// The refresh token.
        refresh_token: Secret,
        /// Give up after this.
        timeout: Millis,
    },
    /// A request to the server of another kind. → [`Input::Asked`]
    Ask {
        /// `GET`, `POST` or `PUT`.
        method: &'static str,
        /// The path.
        path: &'static str,
        /// The body, as JSON; none with `GET`.
        body: Option<String>,
        /// The access token, where there is one.
        bearer: Option<Secret>,
        /// Give up after this.
        timeout: Millis,
    },
    /// A step of a file's upload; its bytes are the host's. → [`Input::Uploaded`]
    Upload {
        /// What is to be done.
        step: Box<UploadStep>,
        /// The access token, where there is one.
        bearer: Option<Secret>,
        /// Give up after this.
        timeout: Millis,
    },
    /// End every request to the server that is under way, as if its answer were lost: their outcomes come, as
    /// [`Transfer::Broken`]. No outcome of its own.
    BreakOff,
    /// Take the keys of the vault from every page and worker of this device, and off its disk. No outcome.
    DropKeys,
    /// Let the service worker drain, and say how it settled. → [`Input::Delegated`], [`Input::WorkerEnded`]
    Delegate {
        /// What brought it.
        cause: Cause,
        /// The battery as the page sees it.
        power: Power,
        /// Give up after this.
        timeout: Millis,
    },
    /// Ask the browser for a sync event under this tag. → [`Input::SyncRequested`]
    RequestSync {
        /// The tag.
        tag: String,
    },
    /// Tell every other page and the worker, and whoever listens here. No outcome.
    Tell(Box<Event>),
}
