//! Files on their way: before their records, after everything else, and from where the server has come to.

use crate::scripted::Host;
use fieldsync_core::{
    Cause, Effect, Event, Input, Item, ItemState, Millis, Role, Shelf, StepKind, TroubleKind, Uploaded,
    Vault, Why,
};
use serde_json::json;

pub const MB: u64 = 1_000_000;

fn hash(n: u64) -> String {
    format!("{n:064x}")
}

/// A file of so many bytes is saved.
pub fn attach(host: &mut Host, n: u64, size: u64) -> Item {
    let data = json!({"mime": "video/mp4", "sha256": hash(n), "size": size});
    let draft = json!({"type": "MEDIA", "data": data}).to_string();
    host.enqueue(serde_json::from_str(&draft).expect("a draft")).expect("saved")
}

pub fn host() -> Host {
    Host::new(Role::Worker)
}

pub fn kinds(host: &Host) -> Vec<StepKind> {
    host.steps.iter().map(|(_, step)| step.kind).collect()
}

fn only(host: &mut Host) -> Item {
    host.list(Shelf::Queue).into_iter().next().expect("it is queued")
}

pub fn status(status: u16) -> Uploaded {
    Uploaded { status: Some(status), ..Uploaded::default() }
}

fn problem(status: u16, code: &str) -> Uploaded {
    let body = json!({"type": "about:blank", "title": "t", "status": status, "detail": "d", "code": code});
    Uploaded { status: Some(status), body: body.to_string(), ..Uploaded::default() }
}

#[test]
fn a_chunk_is_as_large_as_the_link_carries_in_its_time() {
    let mut host = host();
    attach(&mut host, 1, 60 * MB);
    // Each takes as long as a link of 400 kB a second lets it.
    let mut sizes = Vec::new();
    host.wake(Cause::Sync);
    for _ in 0..8 {
        let outcome = host.withhold(|effect| matches!(effect, Effect::Upload { .. }));
        let step = host.steps.last().expect("one").1.clone();
        sizes.push(step.length);
        host.now = host.now + Millis(step.length / 400);
        host.handle(outcome);
    }
    let last = *sizes.last().expect("one");
    assert!((700_000..=900_000).contains(&last), "{sizes:?}");
}

#[test]
fn after_a_kill_the_server_is_asked_how_far_it_has_come() {
    let mut host = host();
    attach(&mut host, 1, 30 * MB);
    host.wake(Cause::Sync);
    // Killed after the server has it and before the device knows.
    for _ in 0..3 {
        host.withhold(|effect| matches!(effect, Effect::Upload { step, .. } if step.kind == StepKind::Chunk));
        host.restart(Role::Worker);
        host.wake(Cause::Sync);
    }
    let from = host.steps.len();
    host.run_for(Millis::minutes(2));
    assert_eq!(host.steps[from].1.kind, StepKind::Offset);
    assert_eq!((host.server.begun, host.server.holds()), (1, 1));
    let sent: u64 = host.steps.iter().map(|(_, step)| step.length).sum();
    assert_eq!(sent, 30 * MB, "what the server has is not sent again");
}

#[test]
fn what_the_server_has_forgotten_begins_anew() {
    for gone in [404, 410, 403] {
        let mut host = host();
        attach(&mut host, 1, 3 * MB);
        let mut left = 1;
        host.ferry = Box::new(move |server, step| {
            if step.kind == StepKind::Chunk && step.from > 0 && left > 0 {
                left -= 1;
                return status(gone);
            }
            server.upload(step)
        });
        assert_eq!(host.drain(Cause::Sync).remaining, 0, "{gone}");
        assert_eq!((host.server.begun, host.server.holds()), (2, 1), "{gone}");
    }
}

/// It expired while the device was away: the first that it hears of it is the answer to its question.
#[test]
fn what_expired_while_the_device_was_away_begins_anew() {
    for gone in [404, 410] {
        let mut host = host();
        attach(&mut host, 1, 3 * MB);
        host.wake(Cause::Sync);
        host.withhold(|effect| matches!(effect, Effect::Upload { step, .. } if step.kind == StepKind::Chunk));
        host.restart(Role::Worker);
        host.now = host.now + Millis::minutes(8 * 24 * 60);
        let mut left = 1;
        host.ferry = Box::new(move |server, step| {
            if step.kind == StepKind::Offset && left > 0 {
                left -= 1;
                return status(gone);
            }
            server.upload(step)
        });
        assert_eq!(host.drain(Cause::Sync).remaining, 0, "{gone}");
        assert_eq!((host.server.begun, host.server.holds()), (2, 1), "{gone}");
        let asked = kinds(&host).iter().position(|kind| *kind == StepKind::Offset).expect("it was asked");
        assert_eq!(kinds(&host)[asked + 1], StepKind::Create, "{gone}");
    }
}

#[test]
fn another_offset_or_a_damaged_chunk_is_asked_about_and_sent_again() {
    for refusal in [409, 423, 460] {
        let mut host = host();
        attach(&mut host, 1, 3 * MB);
        let mut left = 1;
        host.ferry = Box::new(move |server, step| {
            if step.kind == StepKind::Chunk && left > 0 {
                left -= 1;
                return status(refusal);
            }
            server.upload(step)
        });
        assert_eq!(host.drain(Cause::Sync).remaining, 0, "{refusal}");
        assert_eq!(kinds(&host)[..4], [StepKind::Create, StepKind::Chunk, StepKind::Offset, StepKind::Chunk]);
        assert_eq!(host.server.begun, 1, "{refusal}");
    }
}

#[test]
fn a_file_that_the_server_does_not_take_is_set_aside_in_plain_words_and_stops_no_other() {
    let mut host = host();
    let large = attach(&mut host, 1, 9_000 * MB);
    attach(&mut host, 2, MB);
    host.ferry = Box::new(|server, step| match step.size > MB {
        true => problem(413, "too_large"),
        false => server.upload(step),
    });
    assert_eq!(host.drain(Cause::Sync).remaining, 0);
    let aside = only(&mut host);
    assert_eq!((aside.id, aside.state), (large.id, ItemState::SetAside));
    let error = aside.error.expect("why");
    assert_eq!(
        (error.kind, error.message.as_str()),
        (TroubleKind::Validation, "This file is larger than the server takes.")
    );
    assert_eq!(host.server.holds(), 1);
}

#[test]
fn where_a_server_keeps_no_files_a_file_is_set_aside_and_all_else_goes() {
    let mut host = host();
    attach(&mut host, 1, MB);
    host.enqueue_readings(0..1);
    host.ferry = Box::new(|_, _| problem(501, "unsupported"));
    assert_eq!(host.drain(Cause::Sync).remaining, 0);
    assert_eq!((only(&mut host).state, host.server.holds()), (ItemState::SetAside, 1));
}

#[test]
fn a_file_that_is_gone_from_the_device_is_set_aside_unless_the_server_has_it() {
    for (there, left) in [(true, 0), (false, 1)] {
        let mut host = host();
        attach(&mut host, 1, MB);
        if there {
            host.server.files.push(hash(1));
        }
        host.ferry = Box::new(|_, _| Uploaded { gone: true, ..Uploaded::default() });
        assert_eq!(host.drain(Cause::Sync).remaining, 0);
        assert_eq!(
            (host.list(Shelf::Queue).len(), host.steps.len()),
            (left, 1),
            "and it is not looked for again"
        );
        if !there {
            let aside = only(&mut host);
            assert_eq!(aside.state, ItemState::SetAside);
            assert!(aside.error.expect("why").message.starts_with("This file is no longer on this device"));
            // It was brought back, and its person asks for it.
            host.ferry = Box::new(|server, step| server.upload(step));
            host.retry(aside.id).expect("tried again");
            assert_eq!(host.drain(Cause::Manual).remaining, 0);
            assert_eq!(host.server.holds(), 1);
        }
    }
}

#[test]
fn what_the_server_lost_after_it_was_whole_is_uploaded_again_and_not_at_full_speed() {
    let mut host = host();
    attach(&mut host, 1, MB);
    host.wire = Box::new(|server, push| {
        if server.pushes.len() < 3 {
            server.files.clear();
        }
        server.push(push)
    });
    host.drain(Cause::Sync);
    host.run_for(Millis::minutes(10));
    host.drain(Cause::Visible);
    assert_eq!((host.server.holds(), host.server.begun), (1, 4));
    let begun: Vec<_> =
        host.steps.iter().filter(|(_, step)| step.kind == StepKind::Create).map(|(at, _)| *at).collect();
    assert!(begun.windows(2).all(|pair| pair[1] - pair[0] >= Millis::seconds(3)), "{begun:?}");
}

#[test]
fn a_token_that_ran_out_is_renewed_and_a_busy_server_is_left_alone() {
    let mut host = host();
    let tokens = json!({"accessToken": "old", "refreshToken": "r1", "expiresIn": 900});
    host.ask("signIn", json!({"userId": "u", "email": "a@b.c", "role": "worker", "tokens": tokens}))
        .expect("signed in");
    host.only = Some("new".to_owned());
    let body = json!({"accessToken": "new", "refreshToken": "r2", "expiresIn": 900}).to_string();
    let renewed = fieldsync_core::Transfer::Answered { status: 200, retry_after: None, body };
    host.renewals.push_back(renewed);
    attach(&mut host, 1, MB);
    assert_eq!(host.drain(Cause::Sync).remaining, 0);
    assert_eq!(host.renewed, ["r1"]);

    for (answer, why) in [
        (429, Why::ServerAsked),
        (503, Why::ServerAsked),
        (507, Why::ServerTrouble),
        (500, Why::ServerTrouble),
    ] {
        let mut host = self::host();
        attach(&mut host, 1, MB);
        host.ferry =
            Box::new(move |_, _| Uploaded { retry_after: Some(Millis::minutes(9)), ..status(answer) });
        let settled = host.drain(Cause::Visible);
        assert_eq!((settled.remaining, settled.hold.map(|hold| hold.why)), (1, Some(why)), "{answer}");
        assert_eq!(host.steps.len(), 1, "{answer}");
    }
}

#[test]
fn a_pause_and_a_locked_vault_hold_the_next_chunk() {
    for pause in [true, false] {
        let mut host = host();
        attach(&mut host, 1, 40 * MB);
        host.wake(Cause::Visible);
        let chunk = host
            .withhold(|effect| matches!(effect, Effect::Upload { step, .. } if step.kind == StepKind::Chunk));
        let steps = host.steps.len();
        if pause {
            host.ask_elsewhere("pause", json!({}));
            host.handle(Input::Heard(Event::Changed));
        } else {
            host.facts.vault = Vault::Locked;
        }
        host.handle(chunk);
        host.run_for(Millis::seconds(30));
        assert_eq!(host.steps.len(), steps);
        host.facts.vault = Vault::Absent;
        assert!(only(&mut host).upload.is_some_and(|upload| upload.sent > 0), "what had come counts");
    }
}

#[test]
fn a_link_that_breaks_off_is_left_alone_and_the_chunk_after_it_is_smaller() {
    let mut host = host();
    attach(&mut host, 1, 3 * MB);
    let mut left = 2;
    host.ferry = Box::new(move |server, step| {
        if step.kind == StepKind::Chunk && left > 0 {
            left -= 1;
            return Uploaded::default();
        }
        server.upload(step)
    });
    assert_eq!(host.drain(Cause::Sync).remaining, 0);
    let chunks: Vec<_> = host
        .steps
        .iter()
        .filter(|(_, step)| step.kind == StepKind::Chunk)
        .map(|(_, step)| step.length)
        .collect();
    assert!(chunks[1] < chunks[0] && chunks[2] < chunks[1], "{chunks:?}");
    assert_eq!(host.server.begun, 1);
}
