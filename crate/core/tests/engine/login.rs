//! Who is signed in, and what happens when the server knows the token no more (B11).

use crate::scripted::{Host, changes, refuse};
use fieldsync_core::{Account, CallCode, Cause, Effect, Millis, Role, Secret, Transfer, Why};
use serde_json::{Value, json};

fn tokens(access: &str, refresh: &str) -> Value {
    json!({ "accessToken": access, "refreshToken": refresh, "expiresIn": 900 })
}

fn answered(status: u16, body: &Value) -> Transfer {
    Transfer::Answered { status, retry_after: None, body: body.to_string() }
}

/// The server's own word that the login has ended.
fn ended() -> Transfer {
    answered(
        401,
        &json!({ "type": "about:blank", "status": 401, "code": "unauthorized", "title": "", "detail": "Sign in." }),
    )
}

fn sign_in(host: &mut Host, email: &str, access: &str) {
    let given = json!({ "email": email, "tokens": tokens(access, "r1") });
    let account = host.ask("signIn", given).expect("signed in");
    let expected = json!({ "deviceId": "device-1", "email": email, "signedIn": true, "accessToken": access });
    assert_eq!(account, expected, "the page's own questions go with the token too");
}

/// The server takes pushes with this token only.
fn takes_only(host: &mut Host, good: &'static str) {
    host.only = Some(good.to_owned());
}

#[test]
fn the_token_goes_with_every_push_and_without_one_there_is_none() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    host.drain(Cause::Sync);
    sign_in(&mut host, "anna@example.org", "a1");
    host.enqueue_readings(1..2);
    host.drain(Cause::Sync);
    assert_eq!(host.bearers, [None, Some("a1".to_owned())]);
}

#[test]
fn a_token_that_has_expired_is_renewed_once_within_the_drain_and_nothing_is_lost() {
    let mut host = Host::new(Role::Worker);
    sign_in(&mut host, "anna@example.org", "a1");
    host.enqueue_readings(0..120); // several pushes are on their way at once
    takes_only(&mut host, "a2");
    host.renewals.push_back(answered(200, &tokens("a2", "r2")));
    let settled = host.drain(Cause::Sync);
    assert_eq!((settled.remaining, settled.hold, host.server.holds()), (0, None, 120));
    assert_eq!(host.renewed, ["r1"], "however many pushes came back");
    takes_only(&mut host, "a3");
    host.renewals.push_back(answered(200, &tokens("a3", "r3")));
    host.enqueue_readings(200..201);
    host.drain(Cause::Sync);
    assert_eq!(host.renewed, ["r1", "r2"], "the next is had for the one given last");
}

#[test]
fn a_refused_pull_renews_too() {
    let mut host = Host::new(Role::Worker);
    host.changes.push_back(refuse(401));
    host.changes.push_back(changes(&[], "9", false));
    host.renewals.push_back(answered(200, &tokens("a2", "r2")));
    sign_in(&mut host, "anna@example.org", "a1");
    host.drain(Cause::Manual);
    assert_eq!(host.pulled, [None, None, Some("9".to_owned())]);
    assert_eq!(host.renewed, ["r1"]);
}

#[test]
fn where_the_login_has_ended_a_person_is_asked_and_nothing_is_sent_until_then() {
    let mut host = Host::new(Role::Worker);
    sign_in(&mut host, "anna@example.org", "a1");
    host.enqueue_readings(0..2);
    takes_only(&mut host, "a9");
    host.renewals.push_back(ended());
    let settled = host.drain(Cause::Sync);
    assert_eq!((settled.hold.unwrap().why, settled.remaining), (Why::SignedOut, 2));
    let pushes = host.bearers.len();
    assert_eq!(host.drain(Cause::Manual).hold.unwrap().why, Why::SignedOut);
    assert_eq!((host.bearers.len(), host.pinged.len()), (pushes, 3), "the network is not asked");
    assert_eq!(host.ask("account", json!({})).unwrap()["signedIn"], json!(false));
    sign_in(&mut host, "anna@example.org", "a9");
    host.drain(Cause::Saved);
    assert_eq!(host.server.holds(), 2);
}

#[test]
fn a_portals_401_ends_no_login_and_a_token_that_is_refused_anew_is_not_renewed_for_ever() {
    let mut host = Host::new(Role::Worker);
    sign_in(&mut host, "anna@example.org", "a1");
    host.enqueue_readings(0..1);
    takes_only(&mut host, "never");
    host.renewals.push_back(refuse(401));
    assert_eq!(host.drain(Cause::Sync).hold.unwrap().why, Why::Unsteady);
    host.renewals.extend((0..9).map(|n| answered(200, &tokens(&format!("b{n}"), "r"))));
    let renewed = host.renewed.len();
    host.now = host.now + Millis::minutes(10);
    assert_eq!(host.drain(Cause::Saved).hold.unwrap().why, Why::SignedOut);
    assert_eq!(host.renewed.len(), renewed + 1);
    assert_eq!(host.server.holds(), 0);
}

#[test]
fn without_a_login_a_server_that_asks_for_one_is_told_to_the_person() {
    let mut host = Host::new(Role::Worker);
    host.enqueue_readings(0..1);
    takes_only(&mut host, "a1");
    assert_eq!(host.drain(Cause::Saved).hold.unwrap().why, Why::SignedOut);
    assert!(host.renewed.is_empty());
}

#[test]
fn who_signs_in_while_a_token_is_renewed_is_not_signed_out_by_it() {
    let mut host = Host::new(Role::Worker);
    sign_in(&mut host, "anna@example.org", "a1");
    host.enqueue_readings(0..1);
    takes_only(&mut host, "a5");
    host.wake(Cause::Sync);
    let ended_late = host.withhold(|effect| matches!(effect, Effect::Renew { .. }));
    host.ask_elsewhere("signIn", json!({ "email": "anna@example.org", "tokens": tokens("a5", "r5") }));
    host.handle(ended_late); // a 401 that ends the login of before
    host.run_for(Millis::seconds(30));
    assert_eq!(host.server.holds(), 1);
    assert_eq!(host.ask("account", json!({})).unwrap()["signedIn"], json!(true));
}

#[test]
fn entries_go_in_the_name_of_who_made_them_and_of_nobody_else() {
    let mut host = Host::new(Role::Page);
    sign_in(&mut host, "anna@example.org", "a1");
    host.facts.online = Some(false);
    host.enqueue_readings(0..2);
    let out = host.ask("signOut", json!({})).unwrap();
    assert_eq!(out, json!({ "refreshToken": "r1" }), "for the server to end the login");
    let other = json!({ "email": "Ben@example.org ", "tokens": tokens("b1", "b") });
    let refused = host.ask("signIn", other.clone()).unwrap_err();
    assert_eq!(refused.code, CallCode::OtherAccount);
    assert!(refused.message.contains("2 entries of anna@example.org"), "{}", refused.message);
    assert_eq!(host.ask("account", json!({})).unwrap()["signedIn"], json!(false), "nothing has changed");

    // Once hers are on the server he begins with an empty device.
    sign_in(&mut host, "anna@example.org", "a2");
    host.facts.online = Some(true);
    host.drain(Cause::Online);
    assert_eq!(host.ask("list", json!({ "shelf": "done" })).unwrap()["items"].as_array().unwrap().len(), 2);
    host.ask("signIn", other).unwrap();
    assert_eq!(host.ask("list", json!({ "shelf": "done" })).unwrap()["items"], json!([]));
    assert_eq!(host.ask("account", json!({})).unwrap()["email"], json!("ben@example.org"));
}

#[test]
fn no_token_is_shown_where_things_are_printed() {
    let mut host = Host::new(Role::Worker);
    sign_in(&mut host, "anna@example.org", "hush-a");
    let account = Account {
        device_id: "d".into(),
        email: None,
        signed_in: true,
        access_token: Some(Secret("hush-a".into())),
    };
    let shown = format!("{:?} {:?} {account:?}", host.store, host.engine);
    assert!(!shown.contains("hush-a") && !shown.contains("r1\""));
}
