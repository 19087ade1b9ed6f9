use serde::{Deserialize, Serialize};

/// The data of the event `head` of `GET /api/v1/events`: something of the user's has changed. A device that stands
/// elsewhere asks for changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct HeadMoved {
    /// Where the user's changes stand; opaque, as in the answers to pushes and questions for changes.
    pub cursor: String,
}

/// The data of the events `settings` and `start`: there is a wish that the device has not read. Its next heartbeat is
/// answered with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WishMade {
    /// Of the wish.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub revision: u64,
}

/// The data of the event `roster`: a device of the user's came, went or has another name, or the keystore that
/// the server carries was changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RosterChanged {
    /// Counts up with every such change.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub revision: u64,
}
