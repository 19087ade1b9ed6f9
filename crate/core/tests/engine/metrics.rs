//! What a drain tells of itself: progress while it runs, figures when it is through, and what is known of the link.

use crate::scripted::{Host, draft};
use fieldsync_core::protocol::{ConnectionQuality, Priority};
use fieldsync_core::{Cause, Draft, Effect, Event, Input, Millis, Role, Shelf, Transfer, Why};
use serde_json::{Value, json};

fn report(host: &mut Host) -> Value {
    host.ask("metrics", json!({})).expect("a report")
}

#[test]
fn a_drain_leaves_its_figures() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..3);
    host.drain(Cause::Manual);
    let figures = report(&mut host);
    let current = &figures["current"];
    assert_eq!((current["itemsProcessed"].clone(), current["itemsSucceeded"].clone()), (json!(3), json!(3)));
    assert_eq!(
        (current["trigger"].clone(), current["requests"].clone()),
        (json!("manual"), json!(5)),
        "3 pings, what is new, 1 push"
    );
    assert!(current["endTime"].is_number() && current["networkUsage"].as_u64() > Some(500));
    let bytes: usize = host.list(Shelf::Done).iter().map(|item| item.data.get().len()).sum();
    assert_eq!(current["totalDataSynced"], json!(bytes));
    assert_eq!(figures["averagePerformance"]["successRate"], json!(1.0));
    host.enqueue_readings(5..6);
    host.drain(Cause::Sync);
    let figures = report(&mut host);
    assert_eq!(
        (figures["current"]["itemsProcessed"].clone(), figures["historical"].as_array().map(Vec::len)),
        (json!(1), Some(1))
    );
}

#[test]
fn what_a_change_saves_is_counted() {
    let mut host = Host::new(Role::Worker);
    let first = host.enqueue(draft(1, 1.0)).expect("saved");
    host.drain(Cause::Sync);
    let change =
        json!({"type": "READING", "action": "UPDATE", "entityId": first.entity_id, "patch": {"value": 2}});
    host.ask("enqueue", change).expect("saved");
    host.drain(Cause::Sync);
    let whole = host.list(Shelf::Done)[0].data.get().len();
    let saved = whole - r#"{"value":2}"#.len();
    assert_eq!(report(&mut host)["current"]["savedByDelta"], json!(saved));
}

#[test]
fn who_wants_no_figures_has_none_and_what_was_kept_can_be_erased() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.drain(Cause::Sync);
    host.ask("eraseMetrics", json!({})).expect("erased");
    assert_eq!(report(&mut host)["current"], Value::Null);
    host.ask("setSettings", json!({"metrics": false})).expect("set");
    host.enqueue_readings(1..2);
    host.drain(Cause::Sync);
    assert_eq!(report(&mut host)["current"], Value::Null);
    assert_eq!(host.server.holds(), 2);
}

#[test]
fn figures_and_receipts_are_kept_for_their_days_and_nothing_unsent_ever_expires() {
    let mut host = Host::new(Role::Worker);
    let change = json!({"metricsDays": 1, "receiptDays": 3, "priorityThreshold": "NORMAL"});
    host.ask("setSettings", change).expect("set");
    host.enqueue(Draft { priority: Priority::Low, ..draft(9, 1.0) }).expect("saved");
    let mut days = |days: u64, unit: u64| {
        host.now = host.now + Millis::minutes(days * 24 * 60);
        host.enqueue_readings(unit..unit + 1);
        host.drain(Cause::PeriodicSync);
        let figures = report(&mut host)["historical"].as_array().map(Vec::len);
        (figures, host.list(Shelf::Done).len(), host.list(Shelf::Queue).len())
    };
    assert_eq!(days(0, 1), (Some(0), 1, 1));
    assert_eq!(days(2, 2), (Some(0), 2, 1), "the figures of two days ago are gone, the receipts not");
    assert_eq!(days(2, 3), (Some(0), 2, 1), "the first receipt is gone; what is not on the server stays");
}

#[test]
fn a_clock_that_is_wrong_makes_nothing_old() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.drain(Cause::Sync);
    let right = host.now;
    let year = Millis::minutes(365 * 24 * 60);
    for wrong in [right + year, right - year] {
        (host.now, host.true_time) = (wrong, Some(right));
        let unit = host.server.holds() as u64 + 10;
        host.enqueue_readings(unit..unit + 1);
        host.drain(Cause::Manual);
    }
    (host.now, host.true_time) = (right + Millis::minutes(3 * 24 * 60), None);
    host.enqueue_readings(90..91);
    host.drain(Cause::Manual);
    assert_eq!(host.list(Shelf::Done).len(), 4, "all four are of these days");
}

#[test]
fn progress_says_what_is_being_sent_and_how_long_it_will_go_on() {
    let mut host = Host::new(Role::Worker);
    host.ask("setSettings", json!({"maximumConcurrentOperations": 1})).expect("set");
    host.enqueue_readings(0..1_500);
    host.wake(Cause::Sync);
    for _ in 0..3 {
        let pushed = host.withhold(|effect| matches!(effect, Effect::Push { .. }));
        let status = host.status();
        assert!(status.is_active);
        host.now = host.now + Millis::seconds(10);
        host.handle(pushed);
    }
    let operations: Vec<_> = host
        .told
        .iter()
        .filter_map(|event| match event {
            Event::Progressed { progress } => progress.current_operation.clone(),
            _ => None,
        })
        .map(|operation| (operation.progress, operation.estimated_time_remaining))
        .collect();
    assert_eq!(operations.first(), Some(&(0, None)), "nothing is told before anything was committed");
    assert!(operations.contains(&(33, Some(26))), "a third in 13 s: {operations:?}");
    assert!(operations.is_sorted_by_key(|(progress, _)| *progress));
    host.run_for(Millis::minutes(1));
    let progress = host.status().current_progress.expect("the last drain");
    assert_eq!((progress.current_operation, progress.completed_items), (None, 1_500));
    assert!(progress.average_sync_duration >= Some(Millis::seconds(30)));
}

#[test]
fn what_went_wrong_is_told_until_a_drain_goes_through_without() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.wire = Box::new(|_, _| Transfer::Broken);
    host.drain(Cause::Visible);
    let status = host.status();
    assert!(status.last_error.is_some_and(|words| words.contains("broke off")));
    host.wire = Box::new(|server, request| server.push(request));
    host.now = host.now + Millis::minutes(30);
    host.drain(Cause::Manual);
    assert_eq!(host.status().last_error, None);
}

#[test]
fn every_page_knows_what_the_drainer_measured() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.drain(Cause::Sync);
    let at = host.now;
    host.restart(Role::Page);
    let seen = host.status().connectivity;
    assert_eq!(seen.connection_quality, Some(ConnectionQuality::Excellent));
    assert!(seen.last_connected <= Some(at) && seen.last_connected.is_some());
    host.facts.online = Some(false);
    assert_eq!(host.status().connectivity.connection_quality, Some(ConnectionQuality::Offline));
}

#[test]
fn what_is_low_waits_for_a_better_link_than_the_one_measured() {
    let mut host = Host::new(Role::Worker);
    let low = host.enqueue(Draft { priority: Priority::Low, ..draft(1, 1.0) }).expect("saved").id;
    host.wake(Cause::PeriodicSync);
    for _ in 0..3 {
        let pinged = host.withhold(|effect| matches!(effect, Effect::Ping { .. }));
        host.now = host.now + Millis(1_800);
        host.handle(pinged);
    }
    host.run_for(Millis::seconds(20));
    assert!(host.server.pushes.is_empty(), "poor by the pings");
    assert_eq!(host.status().hold.map(|hold| hold.why), Some(Why::PoorLink));
    host.drain(Cause::Manual);
    assert_eq!(host.server.pushes, [vec![low]], "a person sends everything");
}

#[test]
fn a_large_push_is_asked_to_be_gzipped_and_what_that_saves_is_counted() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..40);
    host.wake(Cause::Sync);
    let (token, request, gzip) = loop {
        match host.engine.poll_effect() {
            Some((token, Effect::Push { request, gzip, .. })) => break (token, request, gzip),
            Some((token, effect)) => {
                let input = host.act(token, effect);
                input.into_iter().for_each(|input| host.handle(input));
            }
            None => {
                host.now = host.engine.next_wake().expect("a ping");
                host.handle(Input::Tick);
            }
        }
    };
    assert!(gzip);
    let transfer = host.server.push(&request);
    host.handle(Input::Pushed(token, transfer, 700));
    host.run_for(Millis::seconds(30));
    let plain = serde_json::to_string(&request.items).expect("JSON").len() as u64;
    assert_eq!(report(&mut host)["current"]["savedByCompression"], json!(plain - 1 - 700));
}
