//! A scenario from a seed.

use super::{At, Browser, Entry, Make, Plan, Step, Storage, Victim, Weather, What};
use crate::rng::Rng;

const WEATHERS: [Weather; 11] = [
    Weather::Drop,
    Weather::DropAnswer,
    Weather::Duplicate,
    Weather::Delay,
    Weather::Truncate,
    Weather::Portal,
    Weather::Redirect,
    Weather::Gate,
    Weather::ProxyLarge,
    Weather::ProxyBad,
    Weather::ProxyFails,
];
const SPANS: [u64; 6] = [500, 2_000, 5_000, 12_000, 40_000, 120_000];
const JUMPS: [u64; 7] = [900, 5_000, 40_000, 600_000, 7_200_000, 86_400_000, 31_536_000_000];

/// What tends to happen in a scenario; each is drawn for itself, so that many scenarios are calm in most ways.
struct Taste {
    tabs: usize,
    /// Few units make twins.
    units: u64,
    changes: bool,
    weather: bool,
    offline: bool,
    server: bool,
    clock: bool,
    storage: bool,
    kills: bool,
    locks: bool,
    tab_life: bool,
}

/// The scenario of a seed.
pub fn generate(seed: u64) -> Plan {
    let mut rng = Rng::new(seed, 1);
    let large = rng.chance(2);
    let count = if large { 2 } else { *rng.pick(&[1, 1, 1, 2, 2, 3]) };
    let users = if rng.chance(70) { 1 } else { 2 };
    let devices = (0..count)
        .map(|number| Make {
            browser: *rng.pick(&[Browser::Chromium, Browser::Chromium, Browser::Firefox, Browser::Plain]),
            user: number % users,
            latency: *rng.pick(&[20, 150, 150, 900, 3_000]),
            skew: if rng.chance(15) { jump(&mut rng) } else { 0 },
        })
        .collect::<Vec<_>>();
    let length = *rng.pick(&[5_000, 10_000, 20_000, 30_000, 60_000, 60_000, 300_000]);
    let items = match large {
        true => rng.between(100, 300),
        false => *rng.pick(&[1, 2, 3, 5, 8, 12, 20, 30]),
    };
    let taste = Taste {
        tabs: rng.place(3) + 1,
        units: if rng.chance(40) { 3 + items / 2 } else { 100_000 },
        changes: rng.chance(60),
        weather: rng.chance(60),
        offline: rng.chance(35),
        server: rng.chance(30),
        clock: rng.chance(25),
        storage: rng.chance(30),
        kills: rng.chance(55),
        locks: rng.chance(25),
        tab_life: rng.chance(40),
    };
    let mut steps = Vec::new();
    for device in 0..count {
        for tab in 1..=taste.tabs {
            steps.push(Step { at: rng.below(300), device, what: What::Open { tab } });
        }
    }
    for _ in 0..items {
        // Entries come in bursts and at any time.
        let at = if rng.chance(50) { rng.below(length) } else { rng.below(length / 5) };
        let step = Step { at: 300 + at, device: rng.place(count), what: enter(&mut rng, &taste) };
        steps.push(step);
    }
    let most = if large { 60 } else { *rng.pick(&[4, 14, 40]) };
    let doings = rng.below(most);
    for _ in 0..doings {
        let what = user(&mut rng, &taste);
        steps.push(Step { at: 400 + rng.below(length), device: rng.place(count), what });
    }
    let most = if large { 40 } else { *rng.pick(&[3, 10, 10, 30]) };
    let faults = rng.below(most);
    for _ in 0..faults {
        if let Some(what) = fault(&mut rng, &taste) {
            steps.push(Step { at: 200 + rng.below(length), device: rng.place(count), what });
        }
    }
    steps.sort_by_key(|step| step.at);
    // Some are left alone for a while first: sync events come and go, holds end.
    let alone = *rng.pick(&[0, 0, 0, 0, 400_000, 1_500_000]);
    let calm_at = steps.iter().map(end).max().unwrap_or(0).max(length) + 1_000 + alone;
    Plan { seed, devices, steps, calm_at }
}

/// When what begins with this step is over.
fn end(step: &Step) -> At {
    let span = match &step.what {
        What::Hide { span, .. }
        | What::Weather { span, .. }
        | What::Offline { span, .. }
        | What::Lie { span, .. }
        | What::Trouble { span, .. }
        | What::ServerCrash { down: span, .. }
        | What::Storage { span, .. }
        | What::Freeze { span, .. }
        | What::Sleep { span } => *span,
        _ => 0,
    };
    step.at + span
}

fn enter(rng: &mut Rng, taste: &Taste) -> What {
    let entry = match rng.below(20) {
        0 => Entry::Refused,
        1 | 2 if taste.changes => Entry::Assessment,
        _ => Entry::Reading { unit: rng.below(taste.units) as u32, value: rng.below(1_000) as u32 },
    };
    let on = (taste.changes && rng.chance(8)).then(|| pick(rng));
    What::Enter { tab: tab(rng, taste), entry, priority: rng.below(3) as u8, on }
}

fn user(rng: &mut Rng, taste: &Taste) -> What {
    let (tab, pick) = (tab(rng, taste), pick(rng));
    match rng.below(16) {
        0..=3 if taste.changes => What::Change { tab, pick },
        4 if taste.changes => What::Delete { tab, pick },
        5 | 6 => What::Replace { tab, pick },
        7 | 8 => What::Discard { tab, pick },
        9 => What::Retry { tab, pick },
        10 => What::Visible { tab },
        11 | 12 => What::SyncNow { tab },
        13 if taste.tab_life => What::Close { tab },
        14 if taste.tab_life => What::Open { tab },
        15 if taste.tab_life => What::Hide { tab, span: *rng.pick(&SPANS) },
        _ => What::Look { tab, pick },
    }
}

fn fault(rng: &mut Rng, taste: &Taste) -> Option<What> {
    let span = *rng.pick(&SPANS);
    let percent = *rng.pick(&[10, 30, 60, 100]);
    Some(match rng.below(15) {
        0..=2 if taste.weather => What::Weather { weather: *rng.pick(&WEATHERS), percent, span },
        3 if taste.offline => What::Offline { span, noticed: rng.chance(70) },
        4 if taste.offline => What::Lie { online: *rng.pick(&[None, Some(true), Some(false)]), span },
        5 if taste.server => {
            let status = *rng.pick(&[400, 401, 403, 408, 413, 429, 429, 500, 502, 503, 503, 504]);
            let wait = *rng.pick(&[1_000, 5_000, 30_000, 120_000, 4_000_000]);
            let retry_after = (matches!(status, 429 | 503) && rng.chance(70)).then_some(wait);
            What::Trouble { status, own_words: rng.chance(60), retry_after, span }
        }
        6 if taste.server => What::ServerCrash { committed: rng.chance(50), down: span },
        7 if taste.clock => What::Clock { by: jump(rng) },
        8 if taste.storage => {
            let fault = *rng.pick(&[Storage::Fails, Storage::Fails, Storage::Full, Storage::Slow]);
            What::Storage { fault, percent, span }
        }
        9 | 10 if taste.kills => {
            let victim = *rng.pick(&[Victim::Actor, Victim::Actor, Victim::Worker, Victim::Browser]);
            What::Kill { victim, done: rng.chance(50), skip: rng.below(30) as u32 }
        }
        11 if taste.locks => What::LockLost,
        12 if taste.clock => What::Sleep { span },
        13 | 14 if taste.locks => What::Freeze { tab: rng.place(taste.tabs + 1), span },
        _ => return None,
    })
}

fn jump(rng: &mut Rng) -> i64 {
    let by = *rng.pick(&JUMPS) as i64;
    if rng.chance(50) { by } else { -by }
}

fn tab(rng: &mut Rng, taste: &Taste) -> usize {
    rng.place(taste.tabs) + 1
}

fn pick(rng: &mut Rng) -> u32 {
    rng.below(1_000) as u32
}
