use super::*;

const START: Millis = Millis(1_000 * 86_400_000);
const SIX: Millis = Millis::minutes(6 * 60);

fn started() -> Scheduler {
    let mut scheduler = Scheduler::new(Tempo::default());
    scheduler.start(START);
    scheduler
}

/// One whose first check is done: it ended two seconds after the start.
fn checked() -> (Scheduler, Millis) {
    let mut scheduler = started();
    assert!(scheduler.tick(START + Millis::seconds(1)));
    let now = START + Millis::seconds(2);
    scheduler.ended(now, Outcome::Done, SIX);
    (scheduler, now)
}

/// Sleeps to every wake until then; how many wakes there were, and how many checks.
fn sleep(scheduler: &mut Scheduler, until: Millis, outcome: Outcome) -> (u32, u32) {
    let (mut wakes, mut checks) = (0, 0);
    while let Some(at) = scheduler.next_run().filter(|at| *at <= until) {
        wakes += 1;
        if scheduler.tick(at) {
            checks += 1;
            scheduler.ended(at + Millis(20), outcome, SIX);
        }
    }
    (wakes, checks)
}

#[test]
fn the_first_check_comes_a_second_after_the_start_and_the_next_after_six_hours() {
    let mut scheduler = Scheduler::new(Tempo::default());
    assert_eq!((scheduler.state(), scheduler.next_run()), (SchedulerState::Idle, None));
    assert!(!scheduler.tick(START) && !scheduler.is_running());
    scheduler.start(START);
    assert_eq!(scheduler.next_run(), Some(START + Millis::seconds(1)));
    assert!(scheduler.is_running() && !scheduler.tick(START + Millis(999)));
    assert!(scheduler.tick(START + Millis::seconds(1)));
    assert_eq!((scheduler.next_run(), scheduler.last_run()), (None, None), "armed only when it has ended");
    assert!(!scheduler.tick(START + Millis::seconds(2)), "one at a time");
    scheduler.ended(START + Millis::seconds(3), Outcome::Done, SIX);
    assert_eq!(scheduler.last_run(), Some(START + Millis::seconds(3)));
    assert_eq!(scheduler.next_run(), Some(START + Millis::seconds(3) + SIX));
}

#[test]
fn a_week_costs_exactly_its_checks_and_no_other_wake() {
    let week = START + Millis(7 * DAY.0);
    let mut scheduler = started();
    assert_eq!(sleep(&mut scheduler, week, Outcome::Done), (28, 28));
    let counts = CheckCounts { done: 28, failed: 0, limited: 0, took_ms: 28 * 20 };
    assert_eq!(scheduler.counts(), counts);
    scheduler.stop();
    assert_eq!(sleep(&mut scheduler, week + DAY, Outcome::Done), (0, 0));
}

#[test]
fn a_start_of_one_that_runs_or_is_paused_changes_nothing() {
    let (mut scheduler, now) = checked();
    let next = scheduler.next_run();
    scheduler.start(now + Millis(1));
    assert_eq!(scheduler.next_run(), next);
    scheduler.pause();
    scheduler.start(now + Millis(1));
    assert_eq!((scheduler.state(), scheduler.next_run()), (SchedulerState::Paused, None));
    scheduler.stop();
    scheduler.start(now + Millis(1));
    assert_eq!((scheduler.state(), scheduler.next_run()), (SchedulerState::Paused, None), "still locked");
    scheduler.resume(now + Millis(1));
    scheduler.stop();
    scheduler.start(now + Millis::minutes(2));
    assert_eq!(scheduler.next_run(), Some(now + Millis::minutes(2) + Millis::seconds(1)));
}

#[test]
fn within_a_minute_the_last_report_stands() {
    let (mut scheduler, now) = checked();
    let before = (scheduler.last_run(), scheduler.next_run());
    for _ in 0..100 {
        assert_eq!(scheduler.check_now(now + Millis::seconds(58)), Verdict::Cached);
    }
    assert_eq!((scheduler.last_run(), scheduler.next_run()), before, "and nothing changes");
    assert_eq!((scheduler.counts().limited, scheduler.counts().done), (100, 1));
    let minute = START + Millis::seconds(61);
    assert_eq!(scheduler.check_now(minute), Verdict::Begin);
    assert_eq!(scheduler.check_now(minute), Verdict::InProgress);
    assert_eq!(scheduler.check_now(minute + Millis::minutes(2)), Verdict::InProgress);
    scheduler.ended(minute + Millis::minutes(2), Outcome::Done, SIX);
    assert_eq!(scheduler.next_run(), Some(minute + Millis::minutes(2) + SIX), "it goes by the last one");
}

#[test]
fn a_minute_of_wishes_is_one_check_however_many_there_are() {
    let mut scheduler = Scheduler::new(Tempo::default());
    let mut begun = 0;
    for second in 0..600 {
        let now = START + Millis::seconds(second);
        if scheduler.check_now(now) == Verdict::Begin {
            begun += 1;
            scheduler.ended(now + Millis(5), Outcome::Done, SIX);
        }
    }
    assert_eq!((begun, scheduler.counts().limited), (10, 590));
    assert_eq!(
        (scheduler.state(), scheduler.next_run()),
        (SchedulerState::Idle, None),
        "it was never started"
    );
}

#[test]
fn a_locked_vault_pauses_and_an_unlocked_one_is_checked_at_once() {
    let (mut scheduler, now) = checked();
    scheduler.pause();
    assert_eq!((scheduler.state(), scheduler.next_run()), (SchedulerState::Paused, None));
    assert!(scheduler.last_run().is_some(), "what was known is known still");
    assert!(!scheduler.tick(now + DAY));
    assert_eq!(scheduler.check_now(now + DAY), Verdict::Cached);
    scheduler.resume(now + DAY);
    assert_eq!(scheduler.next_run(), Some(now + DAY));
    assert!(scheduler.tick(now + DAY));
}

#[test]
fn a_locked_vault_binds_those_too_that_make_none_by_themselves() {
    let mut stopped = started();
    stopped.stop();
    for (mut scheduler, locked) in [
        (Scheduler::new(Tempo::default()), SchedulerState::Paused),
        (stopped, SchedulerState::Stopped), // by a person's own word
    ] {
        let state = scheduler.state();
        scheduler.pause();
        assert_eq!((scheduler.check_now(START), scheduler.state()), (Verdict::Cached, locked));
        assert_eq!(scheduler.counts().limited, 1);
        scheduler.resume(START);
        assert_eq!((scheduler.state(), scheduler.next_run()), (state, None), "it plans none now either");
        assert_eq!(scheduler.check_now(START), Verdict::Begin);
    }
}

#[test]
fn an_unlock_within_the_minute_is_checked_when_it_is_over() {
    let (mut scheduler, now) = checked();
    scheduler.pause();
    scheduler.resume(now + Millis::seconds(5));
    assert!(!scheduler.tick(now + Millis::seconds(5)));
    assert_eq!(scheduler.next_run(), Some(START + Millis::seconds(61)));
    assert!(scheduler.tick(START + Millis::seconds(61)));
}

#[test]
fn a_lock_during_a_check_lets_it_end_and_pauses_then() {
    for outcome in [Outcome::Done, Outcome::Failed] {
        let mut scheduler = started();
        assert!(scheduler.tick(START + Millis::seconds(1)));
        scheduler.pause();
        assert!(scheduler.is_checking());
        scheduler.ended(START + Millis::seconds(2), outcome, SIX);
        assert_eq!((scheduler.state(), scheduler.next_run()), (SchedulerState::Paused, None));
        assert_eq!(scheduler.last_run().is_some(), outcome == Outcome::Done, "whole, or not at all");
    }
    let mut scheduler = started();
    assert!(scheduler.tick(START + Millis::seconds(1)));
    scheduler.pause();
    scheduler.resume(START + Millis::seconds(2));
    scheduler.ended(START + Millis::seconds(3), Outcome::Done, SIX);
    assert!(scheduler.is_running() && scheduler.next_run().is_some(), "unlocked again before it ended");
}

#[test]
fn a_check_that_fails_changes_nothing_and_the_next_comes_on_time() {
    let (mut scheduler, now) = checked();
    let week = now + Millis(7 * DAY.0);
    assert_eq!(sleep(&mut scheduler, week, Outcome::Failed), (27, 27));
    assert_eq!((scheduler.state(), scheduler.last_run()), (SchedulerState::Running, Some(now)));
    assert_eq!((scheduler.counts().done, scheduler.counts().failed), (1, 27));
}

#[test]
fn a_check_for_news_that_fails_is_made_once_more_a_minute_later() {
    let (mut scheduler, now) = checked();
    let minute = Millis::minutes(1);
    scheduler.news(now + minute);
    assert!(scheduler.tick(now + minute));
    let failed = now + minute + Millis::seconds(1);
    scheduler.ended(failed, Outcome::Failed, SIX);
    assert_eq!(scheduler.next_run(), Some(failed + minute));
    assert!(scheduler.tick(failed + minute));
    scheduler.ended(failed + minute, Outcome::Failed, SIX);
    assert_eq!(
        scheduler.next_run(),
        Some(failed + minute + SIX),
        "the device is without a network: no wake for it"
    );
}

#[test]
fn a_stop_during_a_check_plans_nothing_after_it() {
    let mut scheduler = started();
    assert!(scheduler.tick(START + Millis::seconds(1)));
    scheduler.stop();
    scheduler.ended(START + Millis::seconds(2), Outcome::Done, SIX);
    assert_eq!((scheduler.state(), scheduler.next_run()), (SchedulerState::Stopped, None));
    let before = scheduler.clone();
    scheduler.ended(START + Millis::seconds(3), Outcome::Done, SIX);
    assert_eq!(scheduler.counts(), before.counts(), "it ends once");
}

#[test]
fn what_another_page_did_is_not_done_again() {
    let mut scheduler = started();
    let mut jitter = Jitter::new(1);
    let (begun, ended) = (START + Millis(500), START + Millis(900));
    scheduler.learn(&mut jitter, Some(begun), Some(ended), Some(ended + LONGEST));
    assert!(!scheduler.tick(START + Millis::seconds(1)));
    let late = scheduler.next_run().unwrap() - (ended + LONGEST);
    assert!(
        Millis::seconds(45) <= late && late <= Millis::seconds(75),
        "whoever made it comes first: {late:?}"
    );
    assert_eq!(scheduler.last_run(), Some(ended));
    assert_eq!(scheduler.check_now(START + Millis::seconds(2)), Verdict::Cached);
    scheduler.learn(&mut jitter, Some(begun - Millis(1)), Some(ended + Millis(1)), None);
    assert_eq!((scheduler.begun(), scheduler.last_run()), (Some(begun), Some(ended + Millis(1))));
}

#[test]
fn a_clock_that_was_set_stops_nothing() {
    let (mut scheduler, _) = checked();
    let years_back = START - Millis(365 * DAY.0);
    assert!(scheduler.tick(years_back), "planned later than any interval lasts");
    scheduler.ended(years_back, Outcome::Done, SIX);
    assert_eq!(scheduler.next_run(), Some(years_back + SIX));
    let mut scheduler = started();
    scheduler.begun = Some(START + DAY);
    assert_eq!(scheduler.check_now(START), Verdict::Begin);
}

#[test]
fn the_interval_goes_by_rotations_by_habit_and_by_the_battery() {
    let hours = |circumstances: Circumstances| circumstances.interval(START).0 / HOUR.0;
    let used = |days: &[u64]| {
        let mut uses = Uses::default();
        days.iter().for_each(|ago| uses.note(START - Millis(ago * DAY.0)));
        Circumstances { uses, ..Circumstances::default() }
    };
    let daily: Vec<u64> = (0..20).rev().collect();
    let weekly = used(&[21, 14, 7, 0]);
    assert_eq!(hours(Circumstances::default()), 6);
    assert_eq!(hours(used(&[3, 2, 1, 0])), 6, "not known yet");
    assert_eq!((hours(used(&daily)), hours(weekly)), (12, 24));
    assert_eq!(hours(used(&[20, 19, 18, 17, 16, 15, 14])), 24, "it was a daily one once");
    assert_eq!(hours(used(&[40])), 24);
    let rotated = |ago: Millis| Circumstances { rotated_at: Some(START - ago), ..weekly };
    assert_eq!((hours(rotated(DAY - Millis(1))), hours(rotated(DAY))), (1, 24));
    assert_eq!(hours(Circumstances { low_battery: true, ..weekly }), 48);
    assert_eq!(Circumstances { low_battery: true, ..weekly }.interval(START), LONGEST);
}

#[test]
fn test_mode_checks_every_second_and_nobody_else_does() {
    let mut scheduler = Scheduler::new(Tempo::named("test").unwrap());
    scheduler.start(START);
    assert_eq!(sleep(&mut scheduler, START + Millis::seconds(11), Outcome::Done), (10, 10));
    assert_eq!(Tempo::named("normal"), Ok(Tempo::default()));
    assert_eq!(Tempo::named("fast"), Err(NoSuchTempo));
}

#[test]
fn one_that_has_not_started_plans_by_the_tempo_too() {
    let hours = Millis::minutes(6 * 60);
    let span = |tempo: &str| Scheduler::new(Tempo::named(tempo).unwrap()).span(hours);
    assert_eq!((span("normal"), span("test")), (hours, Millis::seconds(1)));
}
