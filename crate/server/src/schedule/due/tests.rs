use async_trait::async_trait;
use fieldsync_protocol::{AuditEvent, MAX_AUDIT_ROWS, Schedule};
use serde_json::json;
use tokio::time::Instant;

use super::*;
use crate::notice::Hub;
use crate::store::account::RegisterDeviceParams;
use crate::store::schedule::{
    CreateScheduleParams, CreateScheduleResult, DisableScheduleParams, ScheduleRunsParams, ToldParams,
};
use crate::store::{AccountStore, AuditParams, FleetStore, Memory, MemoryStore, StandingParams};

/// 2025-11-20, at midnight.
const START: Millis = Millis(1_763_596_800_000);
const HOUR: Millis = Millis::minutes(60);

/// A store in which some schedules cannot be run.
struct Broken {
    store: MemoryStore,
    ids: &'static [&'static str],
    error: fn(&'static str) -> StoreError,
}

fn failed(why: &'static str) -> StoreError {
    StoreError::Failed(why.into())
}

fn busy(why: &'static str) -> StoreError {
    StoreError::Busy(why.into())
}

#[async_trait]
impl ScheduleStore for Broken {
    async fn create_schedule(
        &self,
        params: CreateScheduleParams,
    ) -> Result<CreateScheduleResult, StoreError> {
        self.store.create_schedule(params).await
    }

    async fn schedules(&self, user_id: &str) -> Result<Vec<Schedule>, StoreError> {
        self.store.schedules(user_id).await
    }

    async fn disable_schedule(&self, params: DisableScheduleParams) -> Result<Option<Schedule>, StoreError> {
        self.store.disable_schedule(params).await
    }

    async fn schedule_runs(
        &self,
        params: ScheduleRunsParams,
    ) -> Result<Option<Vec<ScheduleRun>>, StoreError> {
        self.store.schedule_runs(params).await
    }

    async fn due_schedules(&self, params: DueParams) -> Result<Vec<DueSchedule>, StoreError> {
        self.store.due_schedules(params).await
    }

    async fn run_schedule(&self, params: RunScheduleParams) -> Result<Option<ScheduleRun>, StoreError> {
        if self.ids.contains(&params.schedule_id.as_str()) {
            return Err((self.error)("on purpose"));
        }
        self.store.run_schedule(params).await
    }

    async fn told(&self, params: ToldParams) -> Result<(), StoreError> {
        self.store.told(params).await
    }
}

async fn store() -> MemoryStore {
    let store = MemoryStore::new(Memory::new("ab"));
    phone(&store, "ana").await;
    store
}

async fn phone(store: &MemoryStore, user: &str) {
    let params = RegisterDeviceParams {
        user_id: user.into(),
        device_id: "phone".into(),
        name: None,
        login_id: None,
        now: START,
    };
    store.register_device(params).await.unwrap();
}

/// A daily schedule at a time of day, first due on the day of the start.
async fn daily(store: &MemoryStore, id: &str, hour: u64, zone: &str) {
    daily_of("ana", store, id, hour, zone).await;
}

async fn daily_of(user: &str, store: &MemoryStore, id: &str, hour: u64, zone: &str) {
    let draft = json!({
        "deviceId": "phone", "scheduleType": "daily", "timeOfDay": format!("{hour:02}:00"), "timeZone": zone,
    });
    let params = CreateScheduleParams {
        user_id: user.into(),
        schedule_id: id.into(),
        on_device_id: None,
        draft: serde_json::from_value(draft).unwrap(),
        next_run_at: START + Millis(HOUR.0 * hour),
        now: START,
    };
    let made = store.create_schedule(params).await.unwrap();
    assert!(matches!(made, CreateScheduleResult::Created(_)), "{made:?}");
}

/// The times of the runs, in hours from the start, the first first.
async fn hours(store: &MemoryStore, id: &str) -> Vec<u64> {
    let params = ScheduleRunsParams { user_id: "ana".into(), schedule_id: id.into() };
    let runs = store.schedule_runs(params).await.unwrap().unwrap();
    runs.iter().rev().map(|run| (run.at - START).0 / HOUR.0).collect()
}

async fn start_revision(store: &MemoryStore) -> u64 {
    start_revision_of("ana", store).await
}

async fn start_revision_of(user: &str, store: &MemoryStore) -> u64 {
    let params = StandingParams { user_id: user.into(), device_id: Some("phone".into()) };
    store.standing(params).await.unwrap().start
}

fn hub() -> Arc<Hub> {
    Arc::new(Hub::new(9, 9))
}

/// A server, until it is aborted.
fn server(store: &MemoryStore, clock: impl Fn() -> Millis + Send + Sync + 'static) -> JoinHandle<()> {
    let store = store.clone();
    tokio::spawn(async move { keep(&store, &*hub(), Millis::ZERO, clock, pending()).await })
}

/// A clock that goes with the runtime's.
fn clock() -> impl Fn() -> Millis + Clone + Send + Sync {
    let began = Instant::now();
    move || START + Millis(began.elapsed().as_millis() as u64)
}

#[tokio::test(start_paused = true)]
async fn of_several_servers_one_runs_each_schedule_every_day() {
    let store = store().await;
    daily(&store, "six", 6, "UTC").await;
    daily(&store, "nine", 9, "UTC").await;
    let clock = clock();
    let servers = [0; 3].map(|_| server(&store, clock.clone()));
    sleep(Duration::from_secs(5 * 24 * 3_600)).await;
    servers.iter().for_each(JoinHandle::abort);
    assert_eq!(hours(&store, "six").await, [6, 30, 54, 78, 102]);
    assert_eq!(hours(&store, "nine").await, [9, 33, 57, 81, 105]);
    assert_eq!(start_revision(&store).await, 10);
    let rows = store.audit(AuditParams { user_id: "ana".into(), before: None, limit: MAX_AUDIT_ROWS });
    let rows = rows.await.unwrap().rows.into_iter();
    let executions = rows.filter(|row| row.event == AuditEvent::SyncScheduleExecution);
    assert_eq!(executions.filter(|row| row.schedule_id.as_deref() == Some("six")).count(), 5);
}

#[tokio::test(start_paused = true)]
async fn a_run_is_made_within_five_minutes_of_its_time() {
    let store = store().await;
    daily(&store, "six", 6, "UTC").await;
    let server = server(&store, clock());
    sleep(Duration::from_secs(6 * 3_600 - 1)).await;
    assert!(hours(&store, "six").await.is_empty());
    sleep(Duration::from_secs(5 * 60 + 1)).await;
    assert_eq!(hours(&store, "six").await, [6]);
    server.abort();
}

#[tokio::test(start_paused = true)]
async fn what_was_missed_while_nobody_was_there_runs_once() {
    let store = store().await;
    daily(&store, "six", 6, "UTC").await;
    let clock = clock();
    let first = server(&store, clock.clone());
    sleep(Duration::from_secs(8 * 3_600)).await;
    first.abort();
    // Four days without a server.
    sleep(Duration::from_secs(4 * 24 * 3_600)).await;
    let second = server(&store, clock);
    sleep(Duration::from_secs(24 * 3_600)).await;
    second.abort();
    assert_eq!(hours(&store, "six").await, [6, 104, 126]);
    let params = ScheduleRunsParams { user_id: "ana".into(), schedule_id: "six".into() };
    let missed = store.schedule_runs(params).await.unwrap().unwrap().remove(1);
    assert_eq!(missed.due_at, START + Millis(HOUR.0 * 30), "the first of those that were missed");
}

#[tokio::test]
async fn two_checks_at_once_run_a_schedule_once() {
    let store = store().await;
    let users = ["a", "b", "c", "d", "e", "f"];
    for user in users {
        phone(&store, user).await;
        for n in 0..40 {
            daily_of(user, &store, &format!("s{n}"), n % 3, "UTC").await;
        }
    }
    let (hub, now) = (hub(), START + Millis(HOUR.0 * 2));
    let (one, other) = tokio::join!(check(&store, &*hub, now), check(&store, &*hub, now));
    assert!(one.is_ok() && other.is_ok());
    for user in users {
        assert_eq!(start_revision_of(user, &store).await, 40);
        let schedules = store.schedules(user).await.unwrap();
        assert!(schedules.iter().all(|schedule| schedule.next_run_at > Some(now)));
    }
}

#[tokio::test]
async fn a_schedule_that_fails_does_not_stop_the_rest() {
    let store = store().await;
    for (id, hour, zone) in
        [("broken", 1, "UTC"), ("lost", 2, "Mars/Olympus"), ("broken too", 3, "UTC"), ("sound", 4, "UTC")]
    {
        daily(&store, id, hour, zone).await;
    }
    let (hub, now) = (hub(), START + Millis(HOUR.0 * 5));
    let mut heard = hub.subscribe("ana").unwrap();
    let broken = Broken { store: store.clone(), ids: &["broken", "broken too"], error: failed };
    check(&broken, &*hub, now).await.unwrap();
    assert!(heard.moved().await, "the device is told");
    assert_eq!(hours(&store, "sound").await, [5]);
    assert_eq!(start_revision(&store).await, 1);
    let schedules = store.schedules("ana").await.unwrap();
    let next = |id: &str| schedules.iter().find(|schedule| schedule.id == id).unwrap().next_run_at;
    assert_eq!(next("lost"), Some(now + DAY), "nobody knows when; it is tried again");
    assert_eq!(next("broken"), Some(START + HOUR), "it is still due");
    assert_eq!(next("sound"), Some(START + DAY + Millis(HOUR.0 * 4)));
    // Another time it goes.
    check(&store, &*hub, now + Millis::minutes(5)).await.unwrap();
    assert_eq!((hours(&store, "broken").await, start_revision(&store).await), (vec![5], 3));
}

#[tokio::test]
async fn a_store_that_takes_nothing_is_given_up_for_now_and_one_where_many_fail_is_not() {
    let store = store().await;
    let ids = &["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k"];
    for id in ids {
        daily(&store, id, 1, "UTC").await;
    }
    let looked_at = async |ids, error| {
        let broken = Broken { store: store.clone(), ids, error };
        check(&broken, &*hub(), START + HOUR).await
    };
    assert!(looked_at(&ids[..10], busy).await.is_err());
    assert!(hours(&store, "k").await.is_empty());
    assert!(looked_at(&ids[..10], failed).await.is_ok());
    assert_eq!(hours(&store, "k").await, [1], "however many fail before it");
    assert!(looked_at(&ids[..9], busy).await.is_ok());
    assert_eq!(hours(&store, "j").await, [1]);
}
