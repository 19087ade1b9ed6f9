//! Checks of two tabs of one device, and those that news bring.

use fieldsync_core::schedule::Tempo;
use fieldsync_core::{Config, Effect, Engine, Input, Millis, Role};
use serde_json::json;

use super::{HOUR, PATHS, ok};
use crate::scripted::{Host, refuse};

/// Another tab of the same device: what it stores is here, and what is stored here is there.
struct Tab(Engine);

impl Tab {
    fn new(seed: u64) -> Tab {
        let (device_id, tempo) = ("device-1".to_owned(), Tempo::default());
        Tab(Engine::new(Config { role: Role::Page, device_id, seed, tempo }))
    }

    fn does<R>(&mut self, host: &mut Host, work: impl FnOnce(&mut Host) -> R) -> R {
        std::mem::swap(&mut host.engine, &mut self.0);
        let done = work(host);
        std::mem::swap(&mut host.engine, &mut self.0);
        done
    }
}

/// Until so many checks were made: each takes nine seconds, while the other tab goes on. When they began.
fn checks_of(host: &mut Host, tab: &mut Tab, checks: usize) -> Vec<Millis> {
    let mut began = Vec::new();
    while began.len() < checks {
        let [here, there] = [&host.engine, &tab.0].map(|engine| engine.next_wake().expect("planned"));
        if there < here {
            std::mem::swap(&mut host.engine, &mut tab.0); // whose turn it is
        }
        host.now = host.now.max(here.min(there));
        host.handle(Input::Tick);
        while let Some((token, effect)) = host.engine.poll_effect() {
            if matches!(&effect, Effect::Ask { path, .. } if *path == PATHS[0]) {
                began.push(host.now);
                host.healthy(&[]);
                let (asked, end) = (host.asked.len(), host.now + Millis::seconds(9));
                tab.does(host, |host| host.run_until(end));
                began.extend((host.asked.len() > asked).then_some(end));
            }
            let outcome = host.act(token, effect);
            outcome.into_iter().for_each(|outcome| host.handle(outcome));
        }
    }
    began
}

#[test]
fn of_two_tabs_with_one_plan_one_makes_the_check_and_the_other_learns_of_it() {
    let (mut host, mut tab) = (Host::new(Role::Page), Tab::new(7));
    for _ in 0..2 {
        host.healthy(&[]);
        host.scheduler("start");
        host.run_for(Millis::minutes(10));
        std::mem::swap(&mut host.engine, &mut tab.0);
    }
    // By hand it is made by a worker: neither of the tabs has made the last one, and both go by what is stored.
    host.healthy(&[]);
    let made = Tab(Host::new(Role::Worker).engine).does(&mut host, |host| host.scheduler("check"));
    let planned = |engine: &Engine| engine.next_wake().expect("planned");
    for _ in 0..2 {
        assert_eq!(host.scheduler("look")["lastRun"], made["lastRun"]);
        let late = planned(&host.engine) - (host.now + Millis(6 * HOUR.0));
        assert!(Millis::seconds(45) <= late && late <= Millis::seconds(75), "{late:?}");
        std::mem::swap(&mut host.engine, &mut tab.0);
    }
    let began = checks_of(&mut host, &mut tab, 40);
    assert!(began.windows(2).all(|two| two[1] - two[0] >= Millis(6 * HOUR.0)), "{began:?}");
    let history = host.scheduler("look")["history"].as_array().map(Vec::len);
    assert_eq!(history, Some(43), "and no note is lost");
    // The tab that makes them is closed: the other is there.
    let last = host.scheduler("look")["nextRun"].as_u64().map(Millis).expect("planned");
    tab.does(&mut host, |host| host.scheduler("look"));
    assert!(planned(&tab.0).max(last) - planned(&tab.0).min(last) <= Millis::seconds(75));
}

#[test]
fn two_tabs_that_check_at_once_do_so_once() {
    let (mut host, mut tab) = (Host::new(Role::Page), Tab::new(7));
    // Both are opened, or unlocked, in the same moment: each has begun before the other has ended.
    host.scheduler("start");
    tab.does(&mut host, |host| host.scheduler("start"));
    let asks = |effect: &Effect| matches!(effect, Effect::Ask { .. });
    for _ in 0..2 {
        host.told_then.push_back(ok(&json!({ "wishes": {} })));
    }
    let here = host.withhold(asks);
    let there = tab.does(&mut host, |host| host.withhold(asks));
    for (beat, engine) in [(there, true), (here, false)] {
        host.told_then.extend([ok(&json!({ "devices": [] })), refuse(204)]);
        let end = |host: &mut Host| {
            host.handle(beat);
            host.pump();
        };
        if engine {
            tab.does(&mut host, end)
        } else {
            end(&mut host)
        }
        host.now = host.now + Millis(50);
        // Pages look when they are told of it, by whichever tab.
        host.scheduler("look");
        tab.does(&mut host, |host| host.scheduler("look"));
    }
    assert_eq!(host.checks_told(), 2);
    assert_eq!(host.scheduler("look")["history"].as_array().map(Vec::len), Some(2), "no note is lost");
    let began = checks_of(&mut host, &mut tab, 20);
    assert!(began.windows(2).all(|two| two[1] - two[0] >= Millis(6 * HOUR.0)), "{began:?}");
}

#[test]
fn news_do_not_wait_for_the_minute_and_come_once_a_second_at_most() {
    let mut host = Host::new(Role::Page);
    host.healthy(&[]);
    host.scheduler("start");
    host.run_for(Millis::seconds(5));
    assert_eq!(host.checks_told(), 1);
    for _ in 0..3 {
        host.healthy(&[]);
    }
    for _ in 0..5 {
        host.scheduler("news");
    }
    host.run_for(Millis(900));
    assert_eq!(host.checks_told(), 2, "all of them are one");
    host.scheduler("news");
    host.run_for(Millis::seconds(2));
    assert_eq!(host.checks_told(), 3);
    host.run_for(HOUR);
    assert_eq!(host.checks_told(), 3, "and the next is on time again");
}
