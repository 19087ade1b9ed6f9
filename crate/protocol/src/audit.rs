use serde::{Deserialize, Serialize};

use crate::{Action, Code, EntityId, ItemId, ItemType, Millis, PushStatus};

/// At most this many audit rows in one answer.
pub const MAX_AUDIT_ROWS: u32 = 500;

/// What an audit row is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AuditEvent {
    /// An item of a push. What was answered before, and what is to come again, changed nothing and has no row.
    Item,
    /// The account was made.
    Register,
    /// Somebody logged in, or tried to with another password.
    Login,
    /// A refresh token was handed in for the next.
    Refresh,
    /// A login was ended.
    Logout,
    /// A device was registered, or named anew.
    DeviceRegister,
    /// A device was revoked.
    DeviceRevoke,
    /// The keystore that the server carries was changed.
    KeystorePut,
    /// A device was asked to send what it has.
    SyncStart,
    /// A device was asked to change settings.
    SyncSettings,
    /// A device was asked to send nothing for now.
    SyncPause,
    /// A device was asked to send again.
    SyncResume,
    /// A schedule was made.
    ScheduleCreate,
    /// A schedule was disabled.
    ScheduleDisable,
    /// A schedule ran, by itself.
    SyncScheduleExecution,
    /// A limit of bandwidth was set, or taken away.
    BandwidthLimit,
    /// An upload was begun.
    UploadBegin,
    /// An upload came whole. One that was not what had been declared is refused, and gone.
    UploadFinish,
    /// An upload was ended before it was whole: by its person, or because nobody came back for it.
    UploadEnd,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Outcome {
    /// The item took effect.
    Applied,
    /// The item clashed with what the server has, and took no effect.
    Conflict,
    /// The item was not acceptable, and took no effect.
    Rejected,
    /// It was done.
    Done,
    /// It was refused.
    Refused,
}

impl Outcome {
    /// What became of an item; `None` for an answer that has no row.
    pub fn of(status: PushStatus) -> Option<Outcome> {
        match status {
            PushStatus::Applied => Some(Outcome::Applied),
            PushStatus::Conflict => Some(Outcome::Conflict),
            PushStatus::Rejected => Some(Outcome::Rejected),
            PushStatus::Replayed | PushStatus::Retry => None,
        }
    }
}

/// Who did what, from where, when, and what became of it. Never a secret, and nothing of a record but its id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditRow {
    /// Its number among the person's rows, from 1, without gaps.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub number: u64,
    /// When it was, by the server's clock.
    pub at: Millis,
    /// What it is about.
    pub event: AuditEvent,
    /// Who did it, where that was another than the person whose row this is: a supervisor's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actor_id: Option<String>,
    /// The device it was done on, as it names itself, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// The device it was done to, where that is another.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The item.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub item_id: Option<ItemId>,
    /// The entity that the item is about; absent in rows of long ago.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity_id: Option<EntityId>,
    /// What kind of record that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<ItemType>,
    /// What the item does to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<Action>,
    /// The schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule_id: Option<String>,
    /// The upload.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub upload_id: Option<String>,
    /// How many changes it found for the device.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub changes_detected: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

/// The answer to `GET /api/v1/audit?before&limit`: the caller's own rows, or with `user`, for a supervisor, those of
/// somebody of the team.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct AuditPage {
    /// The latest first.
    pub rows: Vec<AuditRow>,
    /// What to ask for as `before` to get the earlier ones; absent where there are none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub next: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_an_item_came_to_has_a_row() {
        for (status, outcome) in [
            (PushStatus::Applied, Some(Outcome::Applied)),
            (PushStatus::Conflict, Some(Outcome::Conflict)),
            (PushStatus::Rejected, Some(Outcome::Rejected)),
            (PushStatus::Replayed, None),
            (PushStatus::Retry, None),
        ] {
            assert_eq!(Outcome::of(status), outcome);
            let name =
                outcome.map_or_else(|| serde_json::json!(status), |outcome| serde_json::json!(outcome));
            assert_eq!(name, serde_json::json!(status), "they have one name in the tables");
        }
    }
}
