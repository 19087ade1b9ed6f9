//! Schedules in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use fieldsync_protocol::{MAX_SCHEDULE_RUNS, MAX_SCHEDULES, RunOutcome, Schedule, ScheduleRun};

use super::{Memory, MemoryStore};
use crate::store::StoreError;
use crate::store::schedule::{
    CreateScheduleParams, CreateScheduleResult, DisableScheduleParams, DueParams, DueSchedule, KEEP_DISABLED,
    RunScheduleParams, ScheduleRunsParams, ScheduleStore, ToldParams,
};

/// What is kept of schedules, by person and schedule.
pub type Schedules = BTreeMap<(String, String), Kept>;

/// A schedule and its runs.
#[derive(Clone, Debug)]
pub struct Kept {
    schedule: Schedule,
    /// The latest last.
    runs: Vec<ScheduleRun>,
    told: Option<u64>,
}

impl Kept {
    fn is_of(&self, device_id: &str) -> bool {
        self.schedule.draft.device_id == device_id && self.schedule.disabled_at.is_none()
    }
}

impl Memory {
    fn schedules_of<'a>(&'a self, user_id: &'a str) -> impl Iterator<Item = &'a Kept> {
        self.schedules.iter().filter(move |((user, _), _)| user == user_id).map(|(_, kept)| kept)
    }

    fn create_schedule(&mut self, params: CreateScheduleParams) -> CreateScheduleResult {
        let long_ago = params.now - KEEP_DISABLED;
        self.schedules.retain(|(user, _), kept| {
            *user != params.user_id || kept.schedule.disabled_at.is_none_or(|at| at >= long_ago)
        });
        let device = self.accounts.device(&params.user_id, &params.draft.device_id);
        if device.is_none_or(|device| device.revoked_at.is_some()) {
            return CreateScheduleResult::NoSuchDevice;
        }
        let in_force = self.schedules_of(&params.user_id).filter(|kept| kept.schedule.disabled_at.is_none());
        if in_force.count() >= MAX_SCHEDULES as usize {
            return CreateScheduleResult::TooMany;
        }
        self.note(&params.user_id, params.now, Some(params.noted()));
        let schedule = Schedule {
            id: params.schedule_id.clone(),
            draft: params.draft,
            created_at: params.now,
            disabled_at: None,
            next_run_at: Some(params.next_run_at),
            last_run_at: None,
            next_runs: Vec::new(),
        };
        let kept = Kept { schedule: schedule.clone(), runs: Vec::new(), told: None };
        self.schedules.insert((params.user_id, params.schedule_id), kept);
        CreateScheduleResult::Created(schedule)
    }

    fn disable_schedule(&mut self, params: &DisableScheduleParams) -> Option<Schedule> {
        let key = (params.user_id.clone(), params.schedule_id.clone());
        let schedule = &mut self.schedules.get_mut(&key)?.schedule;
        if schedule.disabled_at.is_some() {
            return Some(schedule.clone());
        }
        (schedule.disabled_at, schedule.next_run_at) = (Some(params.now), None);
        let disabled = schedule.clone();
        self.note(&params.user_id, params.now, Some(params.noted(&disabled.draft.device_id)));
        Some(disabled)
    }

    fn due_schedules(&self, params: &DueParams) -> Vec<DueSchedule> {
        let place = |due: &DueSchedule| (due.due_at, due.user_id.clone(), due.schedule_id.clone());
        let after = params.after.as_ref().map(place);
        let due = self.schedules.iter().filter_map(|((user, id), kept)| {
            let due_at = kept.schedule.next_run_at.filter(|at| *at <= params.now)?;
            let draft = Some(kept.schedule.draft.clone());
            Some(DueSchedule { user_id: user.clone(), schedule_id: id.clone(), due_at, draft })
        });
        let mut due: Vec<_> =
            due.filter(|due| after.as_ref().is_none_or(|after| place(due) > *after)).collect();
        due.sort_by_key(place);
        due.truncate(params.limit as usize);
        due
    }

    fn run_schedule(&mut self, params: &RunScheduleParams) -> Option<ScheduleRun> {
        let key = (params.user_id.clone(), params.schedule_id.clone());
        let kept =
            self.schedules.get(&key).filter(|kept| kept.schedule.next_run_at == Some(params.due_at))?;
        let device_id = kept.schedule.draft.device_id.clone();
        let number = kept.runs.last().map_or(0, |run| run.number) + 1;
        let told = kept.told.unwrap_or_default();
        let (mut changes, mut is_asked) = (0, false);
        if !params.has_failed {
            changes = self.changes_after(&params.user_id, told);
            is_asked = self.ask(&params.wish(&device_id)).is_some();
        }
        let run = params.run(number, changes, is_asked);
        if let Some(Kept { schedule, runs, .. }) = self.schedules.get_mut(&key) {
            (schedule.last_run_at, schedule.next_run_at) = (Some(params.now), Some(params.next_run_at));
            if run.outcome == RunOutcome::Revoked {
                (schedule.disabled_at, schedule.next_run_at) = (Some(params.now), None);
            }
            runs.push(run.clone());
            let old = runs.len().saturating_sub(MAX_SCHEDULE_RUNS as usize);
            runs.drain(..old);
        }
        self.note(&params.user_id, params.now, Some(params.noted(device_id, &run)));
        Some(run)
    }

    /// How many of a person's records have changed. A device that knows of none need not hear of those that are gone.
    fn changes_after(&self, user_id: &str, number: u64) -> u64 {
        let entities = self.users.get(user_id).into_iter().flat_map(|user| user.entities.values());
        let changed =
            entities.filter(|entity| entity.number > number && (entity.record.is_some() || number > 0));
        changed.count() as u64
    }
}

#[async_trait]
impl ScheduleStore for MemoryStore {
    async fn create_schedule(
        &self,
        params: CreateScheduleParams,
    ) -> Result<CreateScheduleResult, StoreError> {
        Ok(self.with(|held| held.create_schedule(params)))
    }

    async fn schedules(&self, user_id: &str) -> Result<Vec<Schedule>, StoreError> {
        Ok(self.with(|held| {
            let mut schedules: Vec<_> =
                held.schedules_of(user_id).map(|kept| kept.schedule.clone()).collect();
            schedules.sort_by_key(|schedule| (schedule.created_at, schedule.id.clone()));
            schedules
        }))
    }

    async fn disable_schedule(&self, params: DisableScheduleParams) -> Result<Option<Schedule>, StoreError> {
        Ok(self.with(|held| held.disable_schedule(&params)))
    }

    async fn schedule_runs(
        &self,
        params: ScheduleRunsParams,
    ) -> Result<Option<Vec<ScheduleRun>>, StoreError> {
        Ok(self.with(|held| {
            let kept = held.schedules.get(&(params.user_id, params.schedule_id))?;
            Some(kept.runs.iter().rev().cloned().collect())
        }))
    }

    async fn due_schedules(&self, params: DueParams) -> Result<Vec<DueSchedule>, StoreError> {
        Ok(self.with(|held| held.due_schedules(&params)))
    }

    async fn run_schedule(&self, params: RunScheduleParams) -> Result<Option<ScheduleRun>, StoreError> {
        Ok(self.with(|held| held.run_schedule(&params)))
    }

    async fn told(&self, params: ToldParams) -> Result<(), StoreError> {
        self.with(|held| {
            let of_user = held.schedules.iter_mut().filter(|((user, _), _)| *user == params.user_id);
            let of_device = of_user.filter(|(_, kept)| kept.is_of(&params.device_id));
            of_device.for_each(|(_, kept)| kept.told = Some(params.number));
        });
        Ok(())
    }
}
