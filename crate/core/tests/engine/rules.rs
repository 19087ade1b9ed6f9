//! Priority rules (B4): they score what is entered, and what is queued when they change.

use crate::scripted::{Host, draft};
use fieldsync_core::protocol::{ItemId, Priority};
use fieldsync_core::{CallCode, Cause, Draft, Effect, Facts, Millis, Query, Role, Shelf, Why};
use serde_json::{Value, json};

/// One rule about readings above 100.
fn high_values(points: i32) -> Value {
    json!({"rules": [{"id": "high", "name": "High values", "on": true, "points": points,
        "conditions": [{"field": "/value", "op": "gt", "value": 100}]}]})
}

fn online() -> Facts {
    Facts { online: Some(true), ..Facts::default() }
}

/// The order in which everything was sent.
fn sent(host: &Host) -> Vec<ItemId> {
    host.server.pushes.iter().flatten().copied().collect()
}

#[test]
fn the_rules_of_b4_are_there_and_count_at_entry() {
    let mut host = Host::new(Role::Worker);
    let rules = host.ask("rules", json!({})).expect("rules");
    assert_eq!(rules["rules"][0]["name"], "Health Emergency Priority");
    let assessment = |kind: &str, population: u64| {
        json!({"type": "ASSESSMENT", "data": {"kind": kind, "site": "Camp 4", "population": population,
            "answers": {}}})
    };
    let mut saved = |draft: Value| {
        let item = host.ask("enqueue", draft).expect("saved");
        (item["score"].as_i64().expect("a score"), item["urgency"].as_str().expect("a class").to_owned())
    };
    assert_eq!(saved(assessment("FOOD", 10)), (50, "NORMAL".to_owned()));
    assert_eq!(saved(assessment("HEALTH", 10)), (75, "HIGH".to_owned()));
    assert_eq!(saved(assessment("HEALTH", 5_000)), (95, "HIGH".to_owned()));
}

#[test]
fn a_changed_rule_scores_the_whole_queue_anew_before_anything_is_sent() {
    let mut host = Host::new(Role::Worker);
    host.facts = online();
    let early = host.enqueue(draft(1_999, 500.0)).expect("saved").id;
    host.enqueue_readings(0..1_100);
    let late = host.enqueue(draft(2_000, 500.0)).expect("saved").id;
    host.ask("setRules", high_values(40)).expect("kept");
    host.drain(Cause::Sync);
    assert_eq!(sent(&host)[..2], [early, late], "what the rule raises goes first");
    assert_eq!(sent(&host).len(), 1_102);
}

#[test]
fn the_threshold_looks_at_what_the_rules_make_of_an_item() {
    let mut host = Host::new(Role::Worker);
    host.facts = Facts { save_data: Some(true), ..online() };
    let low = |unit, value| Draft { priority: Priority::Low, ..draft(unit, value) };
    let plain = host.enqueue(low(1, 1.0)).expect("saved").id;
    let raised = host.enqueue(low(2, 500.0)).expect("saved").id;
    host.ask("setRules", high_values(25)).expect("kept");
    let settled = host.drain(Cause::PeriodicSync);
    assert_eq!(sent(&host), [raised]);
    assert_eq!(settled.hold.map(|hold| hold.why), Some(Why::PoorLink));
    host.ask("setRules", json!({"rules": []})).expect("kept");
    let third = host.enqueue(draft(3, 500.0)).expect("saved");
    assert_eq!((third.score, third.urgency), (50, Priority::Normal), "there is no such rule any more");
    host.facts.save_data = None;
    host.drain(Cause::Sync);
    assert_eq!(sent(&host), [raised, third.id, plain]);
}

#[test]
fn what_is_sent_stays_to_the_letter_whatever_the_rules_make_of_it() {
    let mut host = Host::new(Role::Worker);
    host.facts = online();
    host.enqueue(draft(1, 500.0)).expect("saved");
    host.ask("setRules", high_values(50)).expect("kept");
    host.wire = Box::new(|server, request| {
        assert_eq!(request.items[0].priority, Priority::Normal, "an id has one content (I3)");
        server.push(request)
    });
    host.drain(Cause::Sync);
    assert_eq!(host.server.holds(), 1);
}

#[test]
fn a_rule_changed_in_another_window_meanwhile_counts_for_what_is_entered() {
    let mut host = Host::new(Role::Page);
    host.enqueue(draft(1, 1.0)).expect("saved");
    host.ask_elsewhere("setRules", high_values(30));
    let item = host.enqueue(draft(2, 500.0)).expect("saved at the second try");
    assert_eq!((item.score, item.urgency), (80, Priority::High));
}

#[test]
fn a_rule_that_changes_while_the_queue_is_scored_wins() {
    let mut host = Host::new(Role::Worker);
    host.facts = online();
    host.enqueue(draft(1, 1.0)).expect("saved");
    let raised = host.enqueue(draft(2, 500.0)).expect("saved").id;
    host.ask_elsewhere("setRules", high_values(-50));
    host.wake(Cause::Sync);
    // The scores by the first rules are about to be written.
    let read = host.withhold(|effect| matches!(effect, Effect::Read(Query::Page { .. })));
    host.ask_elsewhere("setRules", high_values(60));
    host.handle(read);
    host.run_for(Millis::minutes(1));
    assert_eq!(sent(&host)[0], raised);
}

#[test]
fn rules_are_tried_against_a_page_of_the_queue_and_nothing_is_kept() {
    let mut host = Host::new(Role::Page);
    for unit in 0..3 {
        host.enqueue(draft(unit, 100.0 * unit as f64)).expect("saved");
    }
    let mut trial = high_values(30);
    trial["page"] = json!({"limit": 2});
    let listing = host.ask("tryRules", trial).expect("tried");
    let scores: Vec<_> =
        listing["items"].as_array().expect("items").iter().map(|item| item["score"].clone()).collect();
    assert_eq!(scores, [80, 50], "of the newest two");
    assert!(listing["next"].is_string());
    assert!(host.list(Shelf::Queue).iter().all(|item| item.score == 50));
}

#[test]
fn what_is_no_rule_is_refused_field_by_field() {
    let mut host = Host::new(Role::Page);
    let mut wrong = high_values(500);
    wrong["rules"][0]["name"] = json!(" ");
    for call in ["setRules", "tryRules"] {
        let error = host.ask(call, wrong.clone()).expect_err("refused");
        assert_eq!(error.code, CallCode::Invalid);
        let fields: Vec<_> = error.fields.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(fields, ["rules/0/name", "rules/0/points"]);
    }
    assert_eq!(host.ask("rules", json!({})).expect("rules")["rules"].as_array().map(Vec::len), Some(2));
}
