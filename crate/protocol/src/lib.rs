//! What crosses the wire between a fieldsync device and its server: the single definition of the protocol.
//!
//! JSON over HTTPS, camelCase names, version 1. Times are epoch milliseconds, sizes bytes, rates bytes per second.
//! Unknown fields are ignored, unknown enum values refused. Samples of every message are in `tests/golden/`.

mod id;
mod item;
mod limits;
mod number;
mod ping;
mod problem;
mod push;
mod reading;
mod time;
#[cfg(feature = "ts")]
pub mod ts;

pub use id::{EntityId, InvalidId, ItemId};
pub use item::{Action, ItemType, Priority};
pub use limits::{MAX_PUSH_BYTES, MAX_PUSH_ITEMS, PushLimits};
pub use number::Number;
pub use ping::Pong;
pub use problem::{Code, FieldError, Problem};
pub use push::{ItemResult, PushItem, PushRequest, PushResponse, PushStatus};
pub use reading::{NaturalKey, Period, Reading};
pub use time::Millis;

/// The protocol's version; it is part of the path (`/api/v1/…`).
pub const VERSION: u32 = 1;
