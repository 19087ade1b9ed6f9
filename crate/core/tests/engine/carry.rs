//! Unsent work that goes to another device of its person (N4): under its own ids, once.

use crate::scripted::{Host, draft};
use fieldsync_core::protocol::ItemId;
use fieldsync_core::{CallCode, CallError, Cause, Draft, ItemState, Millis, Role, Shelf};
use serde_json::{Value, json};

fn of(value: Value) -> Draft {
    serde_json::from_str(&value.to_string()).expect("a draft")
}

fn assessment(site: &str) -> Draft {
    of(json!({"type": "ASSESSMENT", "data": {"kind": "WASH", "site": site, "population": 40}}))
}

fn renamed(entity: ItemId, site: &str) -> Draft {
    of(json!({"type": "ASSESSMENT", "action": "UPDATE", "entityId": entity, "patch": {"site": site}}))
}

impl Host {
    /// All that is queued, as a page puts it together.
    fn pack(&mut self) -> Value {
        let part = self.ask("pack", json!({})).expect("packed");
        let mut records = part["records"].as_array().expect("a list").clone();
        let place = |record: &Value| record.get("seat").unwrap_or(&record["id"]).to_string();
        records.sort_by_key(|record| (place(record), record["id"].to_string()));
        json!({ "records": records })
    }

    fn take_in(&mut self, parcel: &Value) -> Result<[usize; 3], CallError> {
        let done = self.ask("takeIn", parcel.clone())?;
        let number = |name: &str| done[name].as_u64().expect("a number") as usize;
        Ok([done["taken"].as_array().expect("a list").len(), number("here"), number("left")])
    }

    fn enter(&mut self, draft: Draft) -> ItemId {
        self.now = self.now + Millis(10);
        self.enqueue(draft).expect("saved").id
    }

    /// Another device of the same person, a day on, with the same server.
    fn other(&mut self) -> Host {
        let mut other = Host::new(Role::Worker);
        other.now = self.now + Millis::minutes(24 * 60);
        std::mem::swap(&mut self.server, &mut other.server);
        other
    }
}

#[test]
fn what_was_packed_is_sent_once_by_whichever_device() {
    let mut first = Host::new(Role::Worker);
    let site = first.enter(assessment("A"));
    first.enter(renamed(site, "B"));
    let plan = json!({"assessmentId": site, "kind": "WASH", "plan": "Dig", "status": "PLANNED"});
    first.enter(of(json!({"type": "RESPONSE", "data": plan, "dependsOn": site})));
    first.enqueue_readings(0..3);
    let parcel = first.pack();
    let waits = first.list(Shelf::Queue).len();

    let mut second = first.other();
    assert_eq!(second.take_in(&parcel), Ok([6, 0, 0]));
    assert_eq!(second.take_in(&parcel), Ok([0, 6, 0]), "the second time there is nothing to do");
    assert_eq!(
        second.list(Shelf::Queue).iter().map(|item| item.id).collect::<Vec<_>>(),
        first.list(Shelf::Queue).iter().map(|item| item.id).collect::<Vec<_>>(),
    );
    let settled = second.drain(Cause::Sync);
    assert_eq!((settled.remaining, settled.hold, second.server.holds()), (0, None, 6));
    assert_eq!(second.take_in(&parcel), Ok([0, 6, 0]), "nor once it was sent");

    // The first comes back to a network, and gets the receipts of what the second has sent.
    std::mem::swap(&mut first.server, &mut second.server);
    assert_eq!(waits, 6);
    let settled = first.drain(Cause::Sync);
    assert_eq!((settled.remaining, first.server.holds(), first.server.repeats), (0, 6, 6));
}

#[test]
fn what_is_sent_is_the_same_to_the_letter() {
    let mut first = Host::new(Role::Worker);
    let text = r#"{"type":"ASSESSMENT","data":{"site":"W","kind":"WASH","ours":1.50,"big":12345678901234567890123}}"#;
    first.enter(serde_json::from_str(text).expect("a draft"));
    let parcel = first.pack().to_string();
    let mut second = first.other();
    second.take_in(&serde_json::from_str(&parcel).expect("JSON")).expect("taken in");
    let (mine, theirs) = (first.list(Shelf::Queue), second.list(Shelf::Queue));
    assert_eq!(mine[0].data.get(), theirs[0].data.get());
    assert!(
        theirs[0].data.get().contains("1.50") && theirs[0].data.get().contains("12345678901234567890123")
    );
}

#[test]
fn what_was_set_aside_is_tried_once_more_and_its_lane_keeps_its_order() {
    let mut first = Host::new(Role::Worker);
    let site = first.enter(assessment("A"));
    first.server.bad = Some(site);
    first.drain(Cause::Sync);
    first.enter(renamed(site, "B"));
    assert_eq!(first.states(), [ItemState::Blocked, ItemState::SetAside]);
    let parcel = first.pack();
    let mut second = first.other();
    second.server.bad = None;
    assert_eq!(second.take_in(&parcel), Ok([2, 0, 0]));
    assert_eq!(second.states(), [ItemState::Blocked, ItemState::Pending]);
    second.drain(Cause::Sync);
    assert_eq!(second.server.holds(), 2);
}

#[test]
fn what_other_entries_here_stand_in_the_way_of_waits_with_all_that_builds_on_it() {
    let mut first = Host::new(Role::Worker);
    let site = first.enter(assessment("A"));
    let change = first.enter(renamed(site, "B"));
    let parcel = first.pack();
    let mut second = first.other();
    let only_first = json!({ "records": [parcel["records"][0]] });
    assert_eq!(second.take_in(&only_first), Ok([1, 0, 0]));
    // A change of the same record, made here.
    let own = second.enter(renamed(site, "C"));
    assert_eq!(second.take_in(&parcel), Ok([0, 1, 1]));
    second.drain(Cause::Sync);
    assert_eq!(second.take_in(&parcel), Ok([1, 1, 0]), "once these are sent");
    let queue = second.list(Shelf::Queue);
    assert_eq!((queue[0].id, queue[0].state), (change, ItemState::Pending));
    assert_ne!(own, change);
}

#[test]
fn of_two_readings_of_one_meter_and_month_the_second_waits_until_the_first_is_on_the_server() {
    let mut first = Host::new(Role::Worker);
    let theirs = first.enter(draft(1, 5.0));
    let parcel = first.pack();
    let mut second = first.other();
    second.enter(draft(1, 6.0));
    assert_eq!(second.take_in(&parcel), Ok([0, 0, 1]));
    second.drain(Cause::Sync);
    assert_eq!(second.take_in(&parcel), Ok([1, 0, 0]));
    second.drain(Cause::Sync);
    // The person chooses: neither value is lost.
    let queue = second.list(Shelf::Queue);
    assert_eq!((queue[0].id, queue[0].state), (theirs, ItemState::Conflict));
}

#[test]
fn another_persons_work_and_what_is_damaged_are_refused_whole() {
    let mut first = Host::new(Role::Worker);
    first.enqueue_readings(0..2);
    let mut parcel = first.pack();
    let mut second = first.other();
    let tokens = json!({ "accessToken": "a", "refreshToken": "r", "expiresIn": 900 });
    let code = |host: &mut Host, parcel: &Value| host.take_in(parcel).map_err(|error| error.code);
    parcel["person"] = json!("anna@example.org");
    assert_eq!(code(&mut second, &parcel), Err(CallCode::OtherAccount), "nobody is signed in here");
    let given = json!({ "email": "ben@example.org", "tokens": tokens });
    second.ask("signIn", given).expect("signed in");
    assert_eq!(code(&mut second, &parcel), Err(CallCode::OtherAccount));
    parcel["person"] = json!("ben@example.org");
    for damage in [
        |record: &mut Value| record["body"] = json!("{"),
        |record: &mut Value| record["sealed"] = json!("1.ab.cd"),
        |record: &mut Value| record["id"] = json!("01900000-0000-7000-8000-000000000001"),
    ] {
        let mut damaged = parcel.clone();
        damage(&mut damaged["records"][1]);
        assert_eq!(code(&mut second, &damaged), Err(CallCode::Invalid));
    }
    assert!(second.list(Shelf::Queue).is_empty(), "nothing of any of them");
    assert_eq!(code(&mut second, &parcel), Ok([2, 0, 0]));
}
