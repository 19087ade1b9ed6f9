//! What crosses the wire between a fieldsync device and its server: the single definition of the protocol.
//!
//! JSON over HTTPS, camelCase names, version 1. Times are epoch milliseconds, sizes bytes, rates bytes per second.
//! Unknown fields are ignored, unknown enum values refused. Samples of every message are in `tests/golden/`.

// What is derived names this crate, in itself too.
extern crate self as fieldsync_protocol;

mod account;
mod assessment;
mod audit;
mod background;
mod bandwidth;
mod changes;
mod fleet;
mod id;
mod item;
mod keystore;
mod limits;
mod media;
pub mod merge_patch;
mod notice;
mod number;
mod ping;
mod plain;
mod problem;
mod push;
pub mod read;
mod reading;
mod rule;
mod schedule;
mod settings;
mod sorted;
mod text;
mod time;
#[cfg(feature = "ts")]
pub mod ts;
mod work;
pub mod write;

pub use account::{
    Credentials, Device, DeviceRegistration, Devices, MAX_DEVICE_ID, MAX_DEVICE_NAME, MAX_EMAIL,
    MAX_PASSWORD, MIN_PASSWORD, RefreshRequest, RegisteredDevice, Role, Tokens, device_id_fault,
};
pub use assessment::{Assessment, AssessmentKind, Response, ResponseStatus};
pub use audit::{AuditEvent, AuditPage, AuditRow, MAX_AUDIT_ROWS, Outcome};
pub use background::{
    Advice, AveragePerformance, ConnectionQuality, ConnectionType, Connectivity, CurrentOperation,
    MetricsReport, Progress, SessionMetrics, Trigger,
};
pub use bandwidth::{BandwidthLimits, DeviceBandwidthLimit, MAX_SPEED, SetBandwidthLimit};
pub use changes::{Change, ChangesResponse, MAX_CHANGES};
pub use fleet::{
    Activity, DeviceStatus, FleetDevice, FleetPage, Heartbeat, HeartbeatAnswer, MAX_APP_VERSION,
    MAX_FLEET_DEVICES, StorageRisk, Wishes,
};
pub use id::{EntityId, InvalidId, ItemId};
pub use item::{Action, ItemType, Priority};
pub use keystore::{
    CarriedKeystore, KEYSTORE_FORMAT, Keystore, KeystoreError, KeystorePut, MAX_KEYSTORE_BYTES,
    MAX_ROTATIONS, PassphraseLock, Rotation, RotationMark, RotationTold,
};
pub use limits::{MAX_PUSH_BYTES, MAX_PUSH_ITEMS, MAX_UPLOAD_BYTES, PushLimits};
pub use media::{MAX_INLINE_BYTES, Media, is_sha256};
pub use notice::{HeadMoved, RosterChanged, WishMade};
pub use number::Number;
pub use ping::Pong;
pub use problem::{Code, FieldError, Problem};
pub use push::{ItemResult, PushItem, PushRequest, PushResponse, PushStatus, ServerItem};
pub use reading::{NaturalKey, Period, Reading};
pub use rule::{Condition, Op, Rule};
pub use schedule::{
    MAX_SCHEDULE_RUNS, MAX_SCHEDULES, ResolveConflicts, RunOutcome, Schedule, ScheduleDraft, SchedulePreview,
    ScheduleRun, ScheduleRuns, ScheduleType, Schedules, TOLD_RUNS, TimeOfDay, Weekday,
};
pub use settings::{ConflictPolicy, Settings};
pub use sorted::Sorted;
pub use time::Millis;
pub use work::{MAX_WORK_BYTES, SealedWork, WORK_FORMAT, WorkError};

/// The protocol's version; it is part of the path (`/api/v1/…`).
pub const VERSION: u32 = 1;
