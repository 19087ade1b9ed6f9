//! What a server asks of its store about schedules: the params and the result of every operation, and the trait.

use async_trait::async_trait;
use fieldsync_protocol::{AuditEvent, Code, Millis, RunOutcome, Schedule, ScheduleDraft, ScheduleRun};

use super::StoreError;
use super::audit::Noted;
use super::fleet::{Wish, WishParams};

/// A schedule that was disabled is kept for so long.
pub(super) const KEEP_DISABLED: Millis = Millis::minutes(90 * 24 * 60);

/// A schedule to be made.
#[derive(Clone, Debug)]
pub struct CreateScheduleParams {
    /// Whose.
    pub user_id: String,
    /// A new name for it.
    pub schedule_id: String,
    /// The device that this is done on.
    pub on_device_id: Option<String>,
    /// What is to be done and when, sound.
    pub draft: ScheduleDraft,
    /// Its first run.
    pub next_run_at: Millis,
    /// The server's clock.
    pub now: Millis,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateScheduleResult {
    /// It is in force. Which runs come after the next one is left to whoever knows the clocks of its place.
    Created(Schedule),
    /// This person has no such device, or no longer.
    NoSuchDevice,
    /// There are [`MAX_SCHEDULES`](fieldsync_protocol::MAX_SCHEDULES) in force already.
    TooMany,
}

/// A schedule that is to run no more.
#[derive(Clone, Debug)]
pub struct DisableScheduleParams {
    /// Whose.
    pub user_id: String,
    /// Which.
    pub schedule_id: String,
    /// The device that this is done on.
    pub on_device_id: Option<String>,
    /// The server's clock.
    pub now: Millis,
}

/// A question for the runs of a schedule.
#[derive(Clone, Debug)]
pub struct ScheduleRunsParams {
    /// Whose.
    pub user_id: String,
    /// Of which.
    pub schedule_id: String,
}

/// A question for the schedules that are due.
#[derive(Clone, Debug)]
pub struct DueParams {
    /// The server's clock.
    pub now: Millis,
    /// The last one of those that were told before.
    pub after: Option<DueSchedule>,
    /// At most so many.
    pub limit: u32,
}

/// A schedule that is due.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DueSchedule {
    /// Whose.
    pub user_id: String,
    /// Which.
    pub schedule_id: String,
    /// Since when: of several runs that were missed, the first.
    pub due_at: Millis,
    /// What is to be done and when; `None` where this server cannot read it.
    pub draft: Option<ScheduleDraft>,
}

/// A run of a schedule that is due.
#[derive(Clone, Debug)]
pub struct RunScheduleParams {
    /// Whose.
    pub user_id: String,
    /// Which.
    pub schedule_id: String,
    /// Since when it was due: where that is no longer so, somebody else has run it.
    pub due_at: Millis,
    /// When it is due again.
    pub next_run_at: Millis,
    /// Nobody knows what it goes by: only that is noted.
    pub has_failed: bool,
    /// The server's clock.
    pub now: Millis,
}

/// What a device was told of its user's changes.
#[derive(Clone, Debug)]
pub struct ToldParams {
    /// Whose.
    pub user_id: String,
    /// Which.
    pub device_id: String,
    /// Everything up to this change.
    pub number: u64,
}

impl CreateScheduleParams {
    pub(super) fn noted(&self) -> Noted {
        Noted {
            subject_id: Some(self.draft.device_id.clone()),
            schedule_id: Some(self.schedule_id.clone()),
            ..Noted::done(AuditEvent::ScheduleCreate, self.on_device_id.clone())
        }
    }
}

impl DisableScheduleParams {
    /// `device_id` is the schedule's.
    pub(super) fn noted(&self, device_id: &str) -> Noted {
        Noted {
            subject_id: Some(device_id.to_owned()),
            schedule_id: Some(self.schedule_id.clone()),
            ..Noted::done(AuditEvent::ScheduleDisable, self.on_device_id.clone())
        }
    }
}

impl RunScheduleParams {
    /// What the schedule asks of its device. It has an audit row of its own.
    pub(super) fn wish(&self, device_id: &str) -> WishParams {
        WishParams {
            user_id: self.user_id.clone(),
            device_id: device_id.to_owned(),
            actor_id: self.user_id.clone(),
            on_device_id: None,
            wish: Wish::Start,
            now: self.now,
        }
    }

    /// The run, where the device was told so of it, if it could be.
    pub(super) fn run(&self, number: u64, changes_detected: u64, is_asked: bool) -> ScheduleRun {
        let outcome = match (self.has_failed, is_asked) {
            (true, _) => RunOutcome::Failed,
            (false, true) => RunOutcome::Asked,
            (false, false) => RunOutcome::Revoked,
        };
        ScheduleRun { number, at: self.now, due_at: self.due_at, changes_detected, outcome }
    }

    pub(super) fn noted(&self, device_id: String, run: &ScheduleRun) -> Noted {
        let (event, device_id) = (AuditEvent::SyncScheduleExecution, Some(device_id));
        let noted = match run.outcome {
            RunOutcome::Asked => Noted::done(event, device_id),
            RunOutcome::Revoked => Noted::refused(event, device_id, Code::DeviceRevoked),
            RunOutcome::Failed => Noted::refused(event, device_id, Code::Internal),
        };
        Noted {
            schedule_id: Some(self.schedule_id.clone()),
            changes_detected: Some(run.changes_detected),
            ..noted
        }
    }
}

/// What a server asks of its store about schedules. Every operation is whole or has not happened, with its audit row.
#[async_trait]
pub trait ScheduleStore: Send + Sync {
    /// Makes a schedule.
    async fn create_schedule(&self, params: CreateScheduleParams)
    -> Result<CreateScheduleResult, StoreError>;

    /// A person's schedules, in the order in which they were made.
    async fn schedules(&self, user_id: &str) -> Result<Vec<Schedule>, StoreError>;

    /// Disables a schedule; `None` where there is no such schedule.
    async fn disable_schedule(&self, params: DisableScheduleParams) -> Result<Option<Schedule>, StoreError>;

    /// The runs of a schedule that are kept, the latest first; `None` where there is no such schedule.
    async fn schedule_runs(&self, params: ScheduleRunsParams)
    -> Result<Option<Vec<ScheduleRun>>, StoreError>;

    /// The schedules that are due, the longest due first.
    async fn due_schedules(&self, params: DueParams) -> Result<Vec<DueSchedule>, StoreError>;

    /// Runs a schedule: counts what has changed for its device, and asks that to sync. Of several who run it at once one
    /// does; `None` where it was another.
    async fn run_schedule(&self, params: RunScheduleParams) -> Result<Option<ScheduleRun>, StoreError>;

    /// Keeps what a device was told, where a schedule of its wants to know.
    async fn told(&self, params: ToldParams) -> Result<(), StoreError>;
}
