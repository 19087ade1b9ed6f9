//! What every store does with schedules. Each test is stamped on each of them.

use fieldsync_protocol::{
    AuditEvent, Code, MAX_SCHEDULE_RUNS, MAX_SCHEDULES, Millis, Outcome, ResolveConflicts, RunOutcome,
    Schedule, ScheduleDraft, ScheduleRun, ScheduleType, Weekday,
};
use fieldsync_server::store::AuditParams;
use fieldsync_server::store::account::{RegisterDeviceParams, RevokeDeviceParams};
use fieldsync_server::store::fleet::DeviceParams;
use fieldsync_server::store::schedule::{
    CreateScheduleParams, CreateScheduleResult, DisableScheduleParams, DueParams, DueSchedule,
    RunScheduleParams, ScheduleRunsParams, ToldParams,
};

use super::{Fixture, NOW, USER, create, delete};

on_every_store! {
    a_schedule_is_kept_whole_until_it_is_disabled
    nothing_is_scheduled_for_a_device_that_is_not_there
    so_many_schedules_are_in_force_and_no_more
    what_is_due_comes_in_order_and_in_pages
    a_run_asks_the_device_and_is_written_down
    of_many_who_run_a_schedule_at_once_one_does
    a_run_counts_what_the_device_was_not_told
    a_revoked_device_is_asked_nothing_more
    a_run_that_failed_asks_nothing
    the_last_runs_are_kept
}

const MINUTE: Millis = Millis::minutes(1);
const DAY: Millis = Millis::minutes(24 * 60);

fn draft(device: &str) -> ScheduleDraft {
    ScheduleDraft {
        device_id: device.into(),
        schedule_type: ScheduleType::Daily,
        time_of_day: "06:30".into(),
        time_zone: "Europe/Berlin".into(),
        day_of_week: None,
        day_of_month: None,
        sync_deletions: false,
        resolve_conflicts: ResolveConflicts::Ask,
    }
}

fn params(user: &str, id: &str, draft: ScheduleDraft, next_run_at: Millis) -> CreateScheduleParams {
    CreateScheduleParams {
        user_id: user.into(),
        schedule_id: id.into(),
        on_device_id: Some("desk".into()),
        draft,
        next_run_at,
        now: NOW,
    }
}

fn run(id: &str, due_at: Millis) -> RunScheduleParams {
    RunScheduleParams {
        user_id: USER.into(),
        schedule_id: id.into(),
        due_at,
        next_run_at: due_at + DAY,
        has_failed: false,
        now: due_at + MINUTE,
    }
}

impl Fixture {
    async fn phone(&self, user: &str, device: &str) {
        let params = RegisterDeviceParams {
            user_id: user.into(),
            device_id: device.into(),
            name: None,
            login_id: None,
            now: NOW,
        };
        self.store.register_device(params).await.unwrap();
    }

    async fn schedule(&self, params: CreateScheduleParams) -> Schedule {
        match self.store.create_schedule(params).await.unwrap() {
            CreateScheduleResult::Created(schedule) => schedule,
            refused => panic!("{refused:?}"),
        }
    }

    async fn due(&self, now: Millis, after: Option<&DueSchedule>, limit: u32) -> Vec<DueSchedule> {
        let params = DueParams { now, after: after.cloned(), limit };
        self.store.due_schedules(params).await.unwrap()
    }

    async fn run(&self, params: RunScheduleParams) -> Option<ScheduleRun> {
        self.store.run_schedule(params).await.unwrap()
    }

    async fn runs(&self, id: &str) -> Option<Vec<ScheduleRun>> {
        let params = ScheduleRunsParams { user_id: USER.into(), schedule_id: id.into() };
        self.store.schedule_runs(params).await.unwrap()
    }

    async fn told(&self, device: &str, number: u64) {
        let params = ToldParams { user_id: USER.into(), device_id: device.into(), number };
        self.store.told(params).await.unwrap();
    }

    async fn disable(&self, id: &str) -> Option<Schedule> {
        let params = DisableScheduleParams {
            user_id: USER.into(),
            schedule_id: id.into(),
            on_device_id: None,
            now: NOW + MINUTE,
        };
        self.store.disable_schedule(params).await.unwrap()
    }

    /// The revision of the last wish for a drain.
    async fn start_revision(&self, device: &str) -> u64 {
        let params = DeviceParams { user_id: USER.into(), device_id: device.into() };
        self.store.known_device(params).await.unwrap().unwrap().wishes.start_revision
    }

    /// The audit rows of schedules, the latest first.
    async fn schedule_rows(&self) -> Vec<(AuditEvent, Option<String>, Option<u64>, Outcome)> {
        let params = AuditParams { user_id: USER.into(), before: None, limit: 500 };
        let rows = self.store.audit(params).await.unwrap().rows.into_iter();
        let of_schedules = rows.filter(|row| row.schedule_id.is_some());
        of_schedules.map(|row| (row.event, row.device_id, row.changes_detected, row.outcome)).collect()
    }
}

async fn a_schedule_is_kept_whole_until_it_is_disabled(it: Fixture) {
    it.phone(USER, "phone").await;
    let whole = ScheduleDraft {
        schedule_type: ScheduleType::Weekly,
        day_of_week: Some(Weekday::Sunday),
        sync_deletions: true,
        resolve_conflicts: ResolveConflicts::KeepRemote,
        ..draft("phone")
    };
    let monthly =
        ScheduleDraft { schedule_type: ScheduleType::Monthly, day_of_month: Some(31), ..draft("phone") };
    let made = it.schedule(params(USER, "b", whole.clone(), NOW + DAY)).await;
    let expected = Schedule {
        id: "b".into(),
        draft: whole,
        created_at: NOW,
        disabled_at: None,
        next_run_at: Some(NOW + DAY),
        last_run_at: None,
        next_runs: Vec::new(),
    };
    assert_eq!(made, expected);
    let later = CreateScheduleParams { now: NOW + MINUTE, ..params(USER, "a", monthly, NOW + DAY) };
    let second = it.schedule(later).await;
    assert_eq!(it.store.schedules(USER).await.unwrap(), [expected.clone(), second]);
    assert!(it.store.schedules("b@fieldsync.example").await.unwrap().is_empty());

    let disabled = Schedule { disabled_at: Some(NOW + MINUTE), next_run_at: None, ..expected };
    assert_eq!(it.disable("b").await, Some(disabled.clone()));
    assert_eq!(it.disable("b").await, Some(disabled), "it stays so, and that is no event");
    assert_eq!(it.disable("c").await, None);
    let rows = it.schedule_rows().await;
    let events: Vec<_> = rows.iter().map(|(event, on, ..)| (*event, on.as_deref())).collect();
    use AuditEvent::{ScheduleCreate, ScheduleDisable};
    assert_eq!(
        events,
        [(ScheduleDisable, None), (ScheduleCreate, Some("desk")), (ScheduleCreate, Some("desk"))]
    );
    assert_eq!(it.runs("b").await, Some(Vec::new()));
    assert_eq!(it.runs("c").await, None);
    // Long afterwards nothing is left of it.
    let long_after = CreateScheduleParams {
        now: NOW + Millis::minutes(91 * 24 * 60),
        ..params(USER, "c", draft("phone"), NOW + DAY)
    };
    it.schedule(long_after).await;
    assert_eq!(it.runs("b").await, None);
    assert_eq!(it.store.schedules(USER).await.unwrap().len(), 2);
}

async fn nothing_is_scheduled_for_a_device_that_is_not_there(it: Fixture) {
    it.phone(USER, "phone").await;
    it.phone("b@fieldsync.example", "tablet").await;
    let refused = it.store.create_schedule(params(USER, "a", draft("tablet"), NOW)).await.unwrap();
    assert_eq!(refused, CreateScheduleResult::NoSuchDevice);
    it.revoke_now(USER, "phone").await;
    let refused = it.store.create_schedule(params(USER, "a", draft("phone"), NOW)).await.unwrap();
    assert_eq!(refused, CreateScheduleResult::NoSuchDevice);
    assert!(it.store.schedules(USER).await.unwrap().is_empty());
    assert!(it.schedule_rows().await.is_empty());
}

impl Fixture {
    async fn revoke_now(&self, user: &str, device: &str) {
        let params = RevokeDeviceParams {
            user_id: user.into(),
            device_id: device.into(),
            on_device_id: None,
            now: NOW,
        };
        self.store.revoke_device(params).await.unwrap();
    }
}

async fn so_many_schedules_are_in_force_and_no_more(it: Fixture) {
    it.phone(USER, "phone").await;
    for n in 0..MAX_SCHEDULES {
        it.schedule(params(USER, &format!("s{n}"), draft("phone"), NOW)).await;
    }
    let one_more = || params(USER, "more", draft("phone"), NOW);
    assert_eq!(it.store.create_schedule(one_more()).await.unwrap(), CreateScheduleResult::TooMany);
    it.disable("s0").await;
    it.schedule(one_more()).await;
}

async fn what_is_due_comes_in_order_and_in_pages(it: Fixture) {
    for user in ["a", "b"] {
        it.phone(user, "phone").await;
    }
    for (user, id, minutes) in
        [("b", "first", 0), ("a", "second", 5), ("b", "third", 5), ("a", "zero", 5), ("a", "later", 6)]
    {
        it.schedule(params(user, id, draft("phone"), NOW + Millis::minutes(minutes))).await;
    }
    let now = NOW + Millis::minutes(5);
    let ids = |due: &[DueSchedule]| due.iter().map(|due| due.schedule_id.clone()).collect::<Vec<_>>();
    let all = it.due(now, None, 9).await;
    assert_eq!(ids(&all), ["first", "second", "zero", "third"]);
    assert_eq!((all[0].due_at, all[0].draft.as_ref()), (NOW, Some(&draft("phone"))));
    let page = it.due(now, None, 2).await;
    assert_eq!(ids(&page), ["first", "second"]);
    assert_eq!(ids(&it.due(now, page.last(), 9).await), ["zero", "third"]);
    assert!(it.due(now, all.last(), 9).await.is_empty());
    assert!(it.due(NOW - Millis(1), None, 9).await.is_empty());
}

async fn a_run_asks_the_device_and_is_written_down(it: Fixture) {
    it.phone(USER, "phone").await;
    it.schedule(params(USER, "a", draft("phone"), NOW)).await;
    let expected = ScheduleRun {
        number: 1,
        at: NOW + MINUTE,
        due_at: NOW,
        changes_detected: 0,
        outcome: RunOutcome::Asked,
    };
    assert_eq!(it.run(run("a", NOW)).await, Some(expected.clone()));
    assert_eq!(it.run(run("a", NOW)).await, None, "it was run");
    assert_eq!(it.run(run("b", NOW)).await, None, "there is none");
    let kept = &it.store.schedules(USER).await.unwrap()[0];
    assert_eq!((kept.next_run_at, kept.last_run_at), (Some(NOW + DAY), Some(NOW + MINUTE)));
    assert_eq!(it.runs("a").await, Some(vec![expected.clone()]));
    assert_eq!(it.start_revision("phone").await, 1);
    let phone = Some("phone".to_owned());
    let row = (AuditEvent::SyncScheduleExecution, phone, Some(0), Outcome::Done);
    assert_eq!(it.schedule_rows().await[0], row);
    let second = it.run(run("a", NOW + DAY)).await.unwrap();
    assert_eq!(second.number, 2);
    assert_eq!(it.runs("a").await, Some(vec![second, expected]));
    it.disable("a").await;
    assert_eq!(it.run(run("a", NOW + DAY + DAY)).await, None, "it is disabled");
}

async fn of_many_who_run_a_schedule_at_once_one_does(it: Fixture) {
    it.phone(USER, "phone").await;
    for id in ["a", "b", "c"] {
        it.schedule(params(USER, id, draft("phone"), NOW)).await;
    }
    let tasks: Vec<_> = (0..12)
        .map(|n| {
            let (store, params) = (it.store.clone(), run(["a", "b", "c"][n % 3], NOW));
            tokio::spawn(async move { store.run_schedule(params).await.unwrap().is_some() })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += usize::from(task.await.unwrap());
    }
    assert_eq!(count, 3);
    assert_eq!(it.start_revision("phone").await, 3);
    assert_eq!(it.runs("a").await.unwrap().len(), 1);
}

async fn a_run_counts_what_the_device_was_not_told(it: Fixture) {
    it.phone(USER, "phone").await;
    it.push(&[create(1, "a"), create(2, "b"), create(3, "c"), delete(4, 3, 1)]).await;
    it.schedule(params(USER, "a", draft("phone"), NOW)).await;
    let mut due_at = NOW;
    let mut found = async || {
        let run = it.run(run("a", due_at)).await.unwrap();
        due_at = due_at + DAY;
        run.changes_detected
    };
    assert_eq!(found().await, 2, "it was told of none, and need not hear of one that is gone");
    it.told("phone", 1).await;
    it.told("tablet", 9).await;
    assert_eq!(found().await, 2, "one that is there and one that is gone");
    it.told("phone", 4).await;
    it.told("phone", 4).await;
    assert_eq!(found().await, 0);
    it.push(&[create(5, "d")]).await;
    assert_eq!(found().await, 1);
    it.told("phone", 2).await;
    assert_eq!(found().await, 2, "it asked for that once more");
}

async fn a_revoked_device_is_asked_nothing_more(it: Fixture) {
    it.phone(USER, "phone").await;
    it.schedule(params(USER, "a", draft("phone"), NOW)).await;
    it.revoke_now(USER, "phone").await;
    assert_eq!(it.run(run("a", NOW)).await.unwrap().outcome, RunOutcome::Revoked);
    let kept = &it.store.schedules(USER).await.unwrap()[0];
    assert_eq!((kept.next_run_at, kept.disabled_at), (None, Some(NOW + MINUTE)));
    assert!(it.due(NOW + DAY + DAY, None, 9).await.is_empty());
    assert_eq!(it.start_revision("phone").await, 0);
    let params = AuditParams { user_id: USER.into(), before: None, limit: 1 };
    let row = it.store.audit(params).await.unwrap().rows.remove(0);
    assert_eq!((row.outcome, row.code), (Outcome::Refused, Some(Code::DeviceRevoked)));
}

async fn a_run_that_failed_asks_nothing(it: Fixture) {
    it.phone(USER, "phone").await;
    it.push(&[create(1, "a")]).await;
    it.schedule(params(USER, "a", draft("phone"), NOW)).await;
    let failed = it.run(RunScheduleParams { has_failed: true, ..run("a", NOW) }).await.unwrap();
    assert_eq!((failed.outcome, failed.changes_detected), (RunOutcome::Failed, 0));
    assert_eq!(it.start_revision("phone").await, 0);
    assert_eq!(it.schedule_rows().await[0].3, Outcome::Refused);
    assert_eq!(it.run(run("a", NOW + DAY)).await.unwrap().outcome, RunOutcome::Asked, "another time it goes");
}

async fn the_last_runs_are_kept(it: Fixture) {
    it.phone(USER, "phone").await;
    it.schedule(params(USER, "a", draft("phone"), NOW)).await;
    let count = u64::from(MAX_SCHEDULE_RUNS) + 3;
    for n in 0..count {
        it.run(run("a", NOW + Millis(DAY.0 * n))).await.unwrap();
    }
    let numbers: Vec<_> = it.runs("a").await.unwrap().iter().map(|run| run.number).collect();
    assert_eq!(numbers, (4..=count).rev().collect::<Vec<_>>());
}
