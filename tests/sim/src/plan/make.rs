//! A scenario from a seed.

use fieldsync_core::Choice;
use fieldsync_core::protocol::{ConflictPolicy, Priority};

use super::{At, Browser, Entry, Make, Plan, RuleSet, Setting, Step, Storage, Touch, Victim, Weather, What};
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
    /// People with several devices change on one what another has made.
    shared: bool,
    /// Settings, rules and pauses.
    wishes: bool,
    /// The battery and the link.
    power: bool,
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
            shows_battery: rng.chance(70),
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
        shared: rng.chance(40),
        wishes: rng.chance(40),
        power: rng.chance(30),
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
        let (at, device) = (400 + rng.below(length), rng.place(count));
        let what = match rng.below(3) {
            0 if taste.wishes => wish(&mut rng, &taste),
            1 if taste.power => power(&mut rng),
            _ => user(&mut rng, &taste),
        };
        // What holds the queue is often taken back after a while.
        if let Some(back) = taken_back(&what).filter(|_| rng.chance(70)) {
            steps.push(Step { at: at + rng.pick(&SPANS), device, what: back });
        }
        steps.push(Step { at, device, what });
    }
    let most = if large { 40 } else { *rng.pick(&[3, 10, 10, 30]) };
    let faults = rng.below(most);
    for _ in 0..faults {
        if let Some(what) = fault(&mut rng, &taste) {
            steps.push(Step { at: 200 + rng.below(length), device: rng.place(count), what });
        }
    }
    let accounts = rng.chance(40);
    if accounts {
        logins(&mut rng, &taste, count, length, &mut steps);
    }
    vaults(seed, count, length, &mut steps);
    keys(seed, count, length, &taste, &mut steps);
    files(seed, count, length, &mut steps);
    uploads(seed, count, length, &taste, &mut steps);
    steps.sort_by_key(|step| step.at);
    // Some are left alone for a while first: sync events come and go, holds end.
    let alone = *rng.pick(&[0, 0, 0, 0, 400_000, 1_500_000]);
    let calm_at = steps.iter().map(end).max().unwrap_or(0).max(length) + 1_000 + alone;
    Plan { seed, devices, steps, calm_at, accounts }
}

/// When vaults are locked. Drawn apart, so that the rest of a seed's scenario is as it was without them.
fn vaults(seed: u64, count: usize, length: u64, steps: &mut Vec<Step>) {
    let mut rng = Rng::new(seed, 3);
    if !rng.chance(30) {
        return;
    }
    for _ in 0..rng.between(1, 5) {
        let (at, device) = (rng.below(length), rng.place(count));
        steps.push(Step { at, device, what: What::Lock { span: *rng.pick(&SPANS) } });
    }
}

/// What becomes of keys, and of devices that are revoked. Drawn apart, too.
fn keys(seed: u64, count: usize, length: u64, taste: &Taste, steps: &mut Vec<Step>) {
    let mut rng = Rng::new(seed, 4);
    if !rng.chance(25) {
        return;
    }
    for device in 0..count {
        steps.push(Step { at: 295, device, what: What::Vault { tab: tab(&mut rng, taste) } });
    }
    for _ in 0..rng.between(1, 8) {
        let (at, device) = (400 + rng.below(length), rng.place(count));
        let tab = tab(&mut rng, taste);
        let what = match rng.below(8) {
            0..=2 => What::MakeKeys { tab, passphrase: false },
            3 => What::MakeKeys { tab, passphrase: true },
            4..=6 => What::TakeKeys { tab },
            _ => What::Revoke,
        };
        steps.push(Step { at, device, what });
    }
}

/// When work is carried to another device; drawn apart too.
fn files(seed: u64, count: usize, length: u64, steps: &mut Vec<Step>) {
    let mut rng = Rng::new(seed, 5);
    if count < 2 || !rng.chance(40) {
        return;
    }
    for _ in 0..rng.between(1, 4) {
        let (at, device) = (rng.below(length), rng.place(count));
        let what = What::Carry { tab: 1, pick: pick(&mut rng) };
        // The same file once more, perhaps.
        if rng.chance(30) {
            steps.push(Step { at: at + rng.pick(&SPANS), device, what: what.clone() });
        }
        steps.push(Step { at, device, what });
    }
}

/// Files that people attach, and what becomes of them; drawn apart too.
fn uploads(seed: u64, count: usize, length: u64, taste: &Taste, steps: &mut Vec<Step>) {
    let mut rng = Rng::new(seed, 6);
    if !rng.chance(35) {
        return;
    }
    for _ in 0..rng.between(1, 6) {
        let (at, device) = (300 + rng.below(length), rng.place(count));
        let file = (rng.below(1_000_000), *rng.pick(&[1, 40_000, 300_000, 1_000_000, 3_000_000, 12_000_000]));
        let on = rng.chance(50).then(|| pick(&mut rng));
        steps.push(Step { at, device, what: What::Attach { tab: tab(&mut rng, taste), file, on } });
    }
    for _ in 0..rng.below(5) {
        let (at, device) = (300 + rng.below(length + 30_000), rng.place(count));
        let what = match rng.below(5) {
            0 | 1 => What::UploadsGone { files: false },
            2 | 3 => What::UploadsGone { files: true },
            _ => What::FileGone { pick: pick(&mut rng) },
        };
        steps.push(Step { at, device, what });
    }
}

/// What becomes of logins and tokens. Who is signed out signs in again after a while, or once all faults are over.
fn logins(rng: &mut Rng, taste: &Taste, count: usize, length: u64, steps: &mut Vec<Step>) {
    for device in 0..count {
        steps.push(Step { at: 290, device, what: What::SignIn { tab: 1 } });
    }
    for _ in 0..rng.below(5) {
        let (at, device) = (400 + rng.below(length), rng.place(count));
        let what = match rng.below(6) {
            0..=3 => What::TokensExpire,
            4 => What::LoginEnded,
            _ => What::SignOut { tab: tab(rng, taste) },
        };
        steps.push(Step { at, device, what });
        let back = What::SignIn { tab: tab(rng, taste) };
        steps.push(Step { at: at + rng.pick(&SPANS), device, what: back });
    }
}

/// When what begins with this step is over.
fn end(step: &Step) -> At {
    let span = match &step.what {
        What::Hide { span, .. }
        | What::Weather { span, .. }
        | What::Offline { span, .. }
        | What::Lock { span }
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
        1 | 2 if taste.changes => {
            Entry::Assessment { health: rng.chance(40), population: *rng.pick(&[0, 40, 2_000]) }
        }
        3 if taste.changes => Entry::Response { pick: pick(rng) },
        _ => Entry::Reading { unit: rng.below(taste.units) as u32, value: rng.below(1_000) as u32 },
    };
    let on = (taste.changes && rng.chance(8)).then(|| pick(rng));
    What::Enter { tab: tab(rng, taste), entry, priority: rng.below(3) as u8, on }
}

fn user(rng: &mut Rng, taste: &Taste) -> What {
    let (tab, pick) = (tab(rng, taste), pick(rng));
    match rng.below(22) {
        0..=3 if taste.changes => {
            What::Change { tab, pick, on: rng.chance(20).then(|| rng.below(1_000) as u32) }
        }
        4 if taste.changes => What::Delete { tab, pick },
        5 | 6 => What::Replace { tab, pick },
        7 | 8 => What::Discard { tab, pick, undo: rng.chance(30) },
        9 => What::Retry { tab, pick },
        10 => What::Visible { tab },
        11 | 12 => What::SyncNow { tab },
        13 if taste.tab_life => What::Close { tab },
        14 if taste.tab_life => What::Open { tab },
        15 if taste.tab_life => What::Hide { tab, span: *rng.pick(&SPANS) },
        16 if taste.changes => {
            let unit = rng.chance(20).then(|| rng.below(taste.units) as u32);
            What::Edit { tab, pick, unit }
        }
        17..=19 if taste.shared => {
            let touch = *rng.pick(&[Touch::Patch, Touch::Patch, Touch::Whole, Touch::Whole, Touch::Delete]);
            What::Shared { tab, pick, stale: rng.chance(30), touch }
        }
        20 | 21 => {
            What::Resolve { tab, pick, choice: *rng.pick(&[Choice::Mine, Choice::Theirs, Choice::Merged]) }
        }
        _ => What::Look { tab, pick },
    }
}

/// What a person wants of sync from now on.
fn wish(rng: &mut Rng, taste: &Taste) -> What {
    let tab = tab(rng, taste);
    let setting = match rng.below(20) {
        0..=2 => return What::Pause { tab },
        3 => return What::Resume { tab },
        4 | 5 => {
            let all = [RuleSet::None, RuleSet::Readings, RuleSet::LargeValues, RuleSet::ChangesLater];
            return What::Rules { tab, rules: *rng.pick(&all) };
        }
        6 => return What::Update { after: rng.below(30_000) },
        7 | 8 => Setting::Enabled(rng.chance(40)),
        9 => Setting::OnlyCharging(rng.chance(60)),
        10 => Setting::Battery(*rng.pick(&[0, 20, 50, 100])),
        11 => Setting::AtOnce(*rng.pick(&[1, 1, 2, 8])),
        12 => Setting::Interval(*rng.pick(&[1, 5, 30, 1_440])),
        13 => Setting::Attempts(*rng.pick(&[1, 2, 5, 100])),
        14 | 15 => Setting::Threshold(*rng.pick(&[Priority::High, Priority::Normal, Priority::Low])),
        16..=18 => {
            let all = [
                ConflictPolicy::KeepNewest,
                ConflictPolicy::KeepMine,
                ConflictPolicy::KeepTheirs,
                ConflictPolicy::Ask,
            ];
            Setting::Policy(*rng.pick(&all))
        }
        _ => *rng.pick(&[Setting::Metrics(false), Setting::MetricsDays(1), Setting::ReceiptDays(1)]),
    };
    What::Set { tab, setting }
}

fn power(rng: &mut Rng) -> What {
    match rng.below(5) {
        0..=2 => What::Battery { level: rng.below(101) as u8, charging: rng.chance(30) },
        _ => What::Link { slow: rng.chance(40), save_data: rng.chance(40) },
    }
}

/// The end of what holds the queue.
fn taken_back(what: &What) -> Option<What> {
    Some(match *what {
        What::Pause { tab } => What::Resume { tab },
        What::Set { tab, setting: Setting::Enabled(false) } => {
            What::Set { tab, setting: Setting::Enabled(true) }
        }
        What::Set { tab, setting: Setting::OnlyCharging(true) } => {
            What::Set { tab, setting: Setting::OnlyCharging(false) }
        }
        What::Set { tab, setting: Setting::Threshold(Priority::High | Priority::Normal) } => {
            What::Set { tab, setting: Setting::Threshold(Priority::Low) }
        }
        What::Battery { charging: false, level } => What::Battery { charging: true, level },
        What::Link { slow, save_data } if slow || save_data => What::Link { slow: false, save_data: false },
        _ => return None,
    })
}

fn fault(rng: &mut Rng, taste: &Taste) -> Option<What> {
    let span = *rng.pick(&SPANS);
    let percent = *rng.pick(&[10, 30, 60, 100]);
    Some(match rng.below(16) {
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
        15 if taste.server || taste.shared => What::CursorsGone,
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
