//! What an entry, a drain and an idle hour cost, counted: questions, writes, rows, requests and wakes (P6, P13). Times are the
//! bench's.

use std::mem::{Discriminant, discriminant};

use crate::scripted::{Host, draft, ok};
use fieldsync_core::{Batch, Cause, Input, Millis, Query, Role};
use serde_json::json;

/// What a write holds, by rows: of the queue put and taken out, receipts, and what is known of the server.
fn rows(batch: &Batch) -> [usize; 4] {
    [batch.put.len(), batch.remove.len(), batch.receipts.len(), batch.known.len()]
}

fn entry(host: &mut Host, unit: u64) -> (Vec<Discriminant<Query>>, Vec<[usize; 4]>) {
    let (asked, written) = (host.queries.len(), host.batches.len());
    host.enqueue(draft(unit, 1.0)).expect("saved");
    let kinds = host.queries[asked..].iter().map(discriminant).collect();
    (kinds, host.batches[written..].iter().map(rows).collect())
}

#[test]
fn an_entry_is_one_write_of_one_row_with_three_thousand_queued_as_with_none() {
    let mut host = Host::new(Role::Page);
    host.facts.online = Some(false);
    let one_row = (vec![], vec![[1, 0, 0, 0]]);
    assert_eq!(entry(&mut host, 0), one_row, "what it has to ask is asked by the write itself");
    host.enqueue_readings(1..3_000);
    assert_eq!(entry(&mut host, 3_000), one_row);
}

/// What a drain of so many cost: items a push, questions, writes, pings.
fn drain(count: u64) -> (Vec<usize>, usize, usize, usize) {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..count);
    let (asked, written) = (host.queries.len(), host.batches.len());
    let settled = host.drain(Cause::Sync);
    assert_eq!((settled.remaining, host.server.holds() as u64, host.server.repeats), (0, count, 0));
    assert_eq!(host.pulled.len(), 1, "what is new is asked once");
    let received: usize = host.batches[written..].iter().map(|batch| batch.receipts.len()).sum();
    assert_eq!(received as u64, count, "each row is written once when its receipt comes");
    let pushes = host.server.pushes.iter().map(Vec::len).collect();
    (pushes, host.queries.len() - asked, host.batches.len() - written, host.pinged.len())
}

#[test]
fn a_drain_is_a_question_and_two_writes_a_push_of_five_hundred_whatever_is_queued() {
    for (count, pushes) in [(1, 1), (100, 1), (1_000, 2), (3_000, 6)] {
        let (sizes, asked, written, pings) = drain(count);
        let most = |size: &usize| *size <= 500;
        assert!(sizes.len() == pushes && sizes.iter().all(most), "{count}: {sizes:?}");
        assert_eq!(asked, 2 + pushes, "{count}: two, and one with each push");
        assert_eq!(
            written,
            3 + 2 * pushes,
            "{count}: begun, news, ended; with each push that it goes, and what came"
        );
        assert_eq!(pings, 3, "{count}: the link is looked at once");
    }
}

/// So often the engine is woken from now on.
fn wakes(host: &mut Host, span: Millis) -> usize {
    let end = host.now + span;
    let mut wakes = 0;
    while let Some(at) = host.engine.next_wake().filter(|at| *at <= end) {
        host.now = at;
        host.handle(Input::Tick);
        host.pump();
        wakes += 1;
    }
    host.now = end;
    wakes
}

#[test]
fn an_idle_page_wakes_once_for_its_check_in_six_hours_and_an_idle_worker_never() {
    let mut page = Host::new(Role::Page);
    page.told_then.push_back(ok(&json!({ "wishes": {} })));
    page.told_then.push_back(ok(&json!({ "devices": [] })));
    page.ask("scheduler", json!({ "wish": "start" })).expect("answered");
    assert_eq!(wakes(&mut page, Millis::minutes(1)), 1, "the first check, a second after the start");
    let (asked, written) = (page.asked.len(), page.batches.len());
    assert_eq!(wakes(&mut page, Millis::minutes(10)), 0);
    assert_eq!((page.asked.len(), page.pinged.len()), (asked, 0), "and asks nothing");
    assert_eq!(page.batches.len(), written, "and writes nothing");
    assert_eq!(wakes(&mut page, Millis::minutes(6 * 60)), 1, "the next check");

    let mut worker = Host::new(Role::Worker);
    worker.enqueue_readings(0..3);
    worker.drain(Cause::Sync);
    assert_eq!(wakes(&mut worker, Millis::minutes(24 * 60)), 0, "nor any timer: the browser can end it");
}
