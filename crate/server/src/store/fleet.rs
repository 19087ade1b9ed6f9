//! What a server asks of its store about how devices are doing and what is asked of them: the params and the result of
//! every operation, and the trait.

use async_trait::async_trait;
use fieldsync_protocol::{
    Activity, AuditEvent, FleetDevice, Heartbeat, MetricsReport, Millis, RotationMark, StorageRisk, Wishes,
};
use serde_json::{Map, Value};

use super::StoreError;
use super::account::Device;
use super::audit::Noted;
use crate::cursor::Cursor;

/// A device that says how it is doing.
#[derive(Clone, Debug)]
pub struct ReportParams {
    /// Whose.
    pub user_id: String,
    /// The server's clock.
    pub now: Millis,
    /// What it says, sound and of bounded length.
    pub heartbeat: Heartbeat,
}

/// What a device said last.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// When that was, by the server's clock.
    pub at: Millis,
    /// Items that were not on the server.
    pub pending: u64,
    /// When the oldest of them was entered.
    pub oldest_unsent_at: Option<Millis>,
    /// How sure it is that they stay.
    pub storage: Option<StorageRisk>,
    /// Of the app.
    pub app_version: Option<String>,
    /// What it was doing.
    pub activity: Option<Activity>,
    /// Its figures.
    pub metrics: Option<MetricsReport>,
    /// The last rotation that it had.
    pub last_rotation: Option<RotationMark>,
    /// Bytes that it had stored.
    pub storage_usage: Option<u64>,
    /// Bytes that it could store.
    pub storage_quota: Option<u64>,
}

/// A device of a person, among all of theirs.
#[derive(Clone, Debug, PartialEq)]
pub struct RosterMember {
    /// The device.
    pub device: Device,
    /// What it said last, without its activity and its figures.
    pub report: Option<Report>,
}

/// A question for one device.
#[derive(Clone, Debug)]
pub struct DeviceParams {
    /// Whose.
    pub user_id: String,
    /// Which.
    pub device_id: String,
}

/// What is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct KnownDevice {
    /// The device.
    pub device: Device,
    /// What it said last.
    pub report: Option<Report>,
    /// What is asked of it.
    pub wishes: Wishes,
}

/// A question for the devices of a team.
#[derive(Clone, Debug)]
pub struct FleetParams {
    /// Whose team. Somebody who is no supervisor has none.
    pub supervisor_id: String,
    /// The person and the device that the page before ended with.
    pub after: Option<(String, String)>,
    /// At most so many.
    pub limit: u32,
}

/// Its answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FleetResult {
    /// By person and device.
    pub devices: Vec<FleetDevice>,
    /// Whether there are more.
    pub has_more: bool,
}

/// What a device can be asked to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wish {
    /// Send what is to be sent.
    Start,
    /// Change these settings.
    Settings(Map<String, Value>),
    /// Send nothing until it is resumed.
    Pause,
    /// Send again.
    Resume,
}

/// A wish.
#[derive(Clone, Debug)]
pub struct WishParams {
    /// Whose device.
    pub user_id: String,
    /// Which.
    pub device_id: String,
    /// Who asks.
    pub actor_id: String,
    /// On which device.
    pub on_device_id: Option<String>,
    /// What for.
    pub wish: Wish,
    /// The server's clock.
    pub now: Millis,
}

impl WishParams {
    /// The wishes with this one among them.
    pub(super) fn added_to(&self, wishes: &Wishes) -> Wishes {
        let mut wishes = Wishes { revision: wishes.revision + 1, ..wishes.clone() };
        if self.wish == Wish::Start {
            wishes.start_revision = wishes.revision;
            return wishes;
        }
        wishes.settings_revision = wishes.revision;
        match &self.wish {
            Wish::Start => {}
            Wish::Pause => wishes.paused = Some(true),
            Wish::Resume => wishes.paused = Some(false),
            // Of two wishes for one setting the later counts.
            Wish::Settings(change) => {
                wishes.settings.get_or_insert_default().extend(change.clone());
            }
        }
        wishes
    }

    pub(super) fn noted(&self) -> Noted {
        let event = match self.wish {
            Wish::Start => AuditEvent::SyncStart,
            Wish::Settings(_) => AuditEvent::SyncSettings,
            Wish::Pause => AuditEvent::SyncPause,
            Wish::Resume => AuditEvent::SyncResume,
        };
        Noted {
            actor_id: Some(self.actor_id.clone()).filter(|actor| *actor != self.user_id),
            subject_id: Some(self.device_id.clone()),
            ..Noted::done(event, self.on_device_id.clone())
        }
    }
}

/// A question for where a person and a device stand.
#[derive(Clone, Debug)]
pub struct StandingParams {
    /// Whose.
    pub user_id: String,
    /// Which, where that is known.
    pub device_id: Option<String>,
}

/// Where they stand: numbers that move where there is something to ask for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The number of the person's last change.
    pub head: u64,
    /// The same as a device is told it.
    pub cursor: Cursor,
    /// Counts up where a device of the person's comes, goes or is named anew, or their keystore changes.
    pub roster: u64,
    /// The revision of the last wish about settings or a pause.
    pub settings: u64,
    /// The revision of the last wish for a drain.
    pub start: u64,
    /// The revision of the last wish that the device has taken.
    pub taken: u64,
    /// Whether the device may do nothing more.
    pub is_revoked: bool,
}

impl Standing {
    pub(super) fn of(
        instance: &str,
        (head, roster): (u64, u64),
        wishes: Wishes,
        is_revoked: bool,
    ) -> Standing {
        let Wishes { settings_revision, start_revision, taken_revision, .. } = wishes;
        Standing {
            head,
            cursor: Cursor::at(instance, head),
            roster,
            settings: settings_revision,
            start: start_revision,
            taken: taken_revision,
            is_revoked,
        }
    }
}

/// What a server asks of its store about devices. Every operation is whole or has not happened, with its audit row.
#[async_trait]
pub trait FleetStore: Send + Sync {
    /// Keeps what a device says, and gives what is asked of it.
    async fn report(&self, params: ReportParams) -> Result<Wishes, StoreError>;

    /// What is known of one device; `None` where there is no such device.
    async fn known_device(&self, params: DeviceParams) -> Result<Option<KnownDevice>, StoreError>;

    /// A person's devices with what they said last, by their ids.
    async fn roster(&self, user_id: &str) -> Result<Vec<RosterMember>, StoreError>;

    /// A page of a team's devices.
    async fn fleet(&self, params: FleetParams) -> Result<FleetResult, StoreError>;

    /// Asks something of a device; `None` where there is no such device, or no longer.
    async fn wish(&self, params: WishParams) -> Result<Option<Wishes>, StoreError>;

    /// Where a person and a device stand. Each number is true; that they are of one moment is not promised.
    async fn standing(&self, params: StandingParams) -> Result<Standing, StoreError>;
}
