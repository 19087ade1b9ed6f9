//! What goes before what, where files are on their way: all text before them, however many there are.

use crate::scripted::draft;
use crate::uploads::{MB, attach, host, kinds, status};
use fieldsync_core::{Cause, Command, Effect, Input, Millis, Role, StepKind};
use serde_json::json;

#[test]
fn a_file_is_on_the_server_before_its_record_goes_and_text_goes_before_it() {
    let mut host = host();
    let file = attach(&mut host, 1, 2 * MB);
    assert_eq!(file.upload.map(|upload| (upload.sent, upload.size)), Some((0, 2 * MB)));
    host.enqueue_readings(0..1);
    host.ferry = Box::new(|server, step| {
        assert_eq!(server.pushes.len(), 1, "the reading has gone");
        server.upload(step)
    });
    assert_eq!(host.drain(Cause::Sync).remaining, 0);
    assert_eq!(host.server.pushes[1], [file.id]);
    assert_eq!(kinds(&host)[..2], [StepKind::Create, StepKind::Chunk]);
    let chunks: Vec<_> = host.steps[1..].iter().map(|(_, step)| (step.from, step.length)).collect();
    assert_eq!(chunks.iter().map(|(_, length)| length).sum::<u64>(), 2 * MB, "each byte once: {chunks:?}");
}

#[test]
fn up_to_three_go_at_once_and_no_more_than_the_settings_allow() {
    for (at_once, expected) in [(1, 1), (2, 2), (8, 3)] {
        let mut host = host();
        host.ask("setSettings", json!({"maximumConcurrentOperations": at_once})).expect("set");
        (0..5).for_each(|n| drop(attach(&mut host, n, MB)));
        host.wake(Cause::Sync);
        let mut aloft = 0;
        for _ in 0..100 {
            match host.engine.poll_effect() {
                Some((_, Effect::Upload { .. })) => aloft += 1,
                Some((token, effect)) => {
                    let input = host.act(token, effect);
                    input.into_iter().for_each(|input| host.handle(input));
                }
                None if aloft > 0 => break,
                None => {
                    host.now = host.engine.next_wake().expect("something takes off");
                    host.handle(Input::Tick);
                }
            }
        }
        assert_eq!(aloft, expected);
    }
}

#[test]
fn text_that_is_saved_meanwhile_goes_before_the_next_chunk() {
    let mut host = host();
    attach(&mut host, 1, 40 * MB);
    host.wake(Cause::Sync);
    let chunk =
        host.withhold(|effect| matches!(effect, Effect::Upload { step, .. } if step.kind == StepKind::Chunk));
    host.call(Command::Enqueue(draft(9, 1.0)));
    let before = host.steps.len();
    host.handle(chunk);
    host.ferry = Box::new(|server, step| {
        assert_eq!(server.pushes.len(), 1, "the reading went first");
        server.upload(step)
    });
    host.run_for(Millis::minutes(1));
    assert!(host.steps.len() > before);
    assert_eq!(host.server.holds(), 2);
}

/// An upload goes on over a link that the server has answered on a moment ago; what is pushed is pushed over one that was
/// looked at (C1).
#[test]
fn text_that_is_saved_while_an_upload_goes_on_without_pings_waits_for_them() {
    let mut host = host();
    host.enqueue_readings(0..1);
    host.drain(Cause::Sync);
    attach(&mut host, 1, 40 * MB);
    let looked = host.pinged.len();
    host.wake(Cause::Sync);
    let chunk =
        host.withhold(|effect| matches!(effect, Effect::Upload { step, .. } if step.kind == StepKind::Chunk));
    assert_eq!(host.pinged.len(), looked, "the server has answered just now");
    host.call(Command::Enqueue(draft(9, 1.0)));
    host.handle(chunk);
    host.run_for(Millis::minutes(1));
    assert_eq!(host.server.holds(), 3);
    assert!(host.pinged.len() >= looked + 2, "{:?}", host.pinged);
}

/// More files than a drain holds in its memory.
#[test]
fn however_many_files_there_are_text_goes_first() {
    let mut host = host();
    (0..600).for_each(|n| drop(attach(&mut host, n, 10)));
    let mut late = draft(9, 1.0);
    late.priority = fieldsync_core::protocol::Priority::Low;
    host.now = host.now + Millis::minutes(30);
    let text = host.enqueue(late).expect("saved");
    host.ferry = Box::new(move |server, step| {
        assert_eq!(server.pushes.first(), Some(&vec![text.id]));
        server.upload(step)
    });
    assert_eq!(host.drain(Cause::Sync).remaining, 0);
    assert_eq!(host.server.holds(), 601);
}

/// A proxy takes no chunk of more files than a drain holds in its memory, and the server fails on a text after them all. Then
/// the device is away until all of it is due.
#[test]
fn however_many_files_are_tried_again_text_that_is_goes_first() {
    let mut host = host();
    host.ask("setSettings", json!({"maximumConcurrentOperations": 1})).expect("set");
    (0..600).for_each(|n| drop(attach(&mut host, n, 10)));
    host.ferry = Box::new(|_, _| status(415));
    host.drain(Cause::Visible);
    assert_eq!(host.status().totals.retry_at, 600);
    host.now = host.now + Millis::minutes(180);
    let text = host.enqueue(draft(9, 1.0)).expect("saved");
    host.wire = Box::new(|_, _| fieldsync_core::Transfer::Answered {
        status: 500,
        retry_after: None,
        body: String::new(),
    });
    host.wake(Cause::Visible);
    // It is ended once that is written, before it looks for more.
    let mut failed = false;
    loop {
        match host.engine.poll_effect() {
            Some((_, Effect::Read(_))) if failed => break,
            Some((token, effect)) => {
                failed |= matches!(effect, Effect::Push { .. });
                let input = host.act(token, effect);
                input.into_iter().for_each(|input| host.handle(input));
            }
            None => {
                host.now = host.engine.next_wake().expect("it goes on");
                host.handle(Input::Tick);
            }
        }
    }
    host.restart(Role::Worker);
    assert_eq!(host.status().totals.retry_at, 601);
    host.now = host.now + Millis::minutes(30);
    host.wire = Box::new(|server, push| server.push(push));
    host.ferry = Box::new(move |server, step| {
        assert!(server.pushes.iter().any(|push| push.contains(&text.id)), "the reading went first");
        server.upload(step)
    });
    assert_eq!(host.drain(Cause::Visible).remaining, 0);
}
