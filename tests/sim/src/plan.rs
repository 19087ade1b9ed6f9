//! The scenario as data: everything that comes from outside, made up front from the seed, so that a failing one can be
//! printed, cut into pieces and replayed.

mod kind;
mod make;

use std::fmt;

pub use self::kind::Kind;
pub use self::make::generate;

/// Milliseconds of virtual time since the run began.
pub type At = u64;

/// Everything that is going to happen from outside.
#[derive(Clone, Debug)]
pub struct Plan {
    /// What everything else is drawn from.
    pub seed: u64,
    /// The devices, with what they can do.
    pub devices: Vec<Make>,
    /// What happens, by its time.
    pub steps: Vec<Step>,
    /// When all faults are over, and users only wait.
    pub calm_at: At,
}

/// A device.
#[derive(Clone, Copy, Debug)]
pub struct Make {
    /// Which browser it has.
    pub browser: Browser,
    /// Whose it is: several devices can be one person's.
    pub user: usize,
    /// How long a request takes one way, at most.
    pub latency: u64,
    /// How far its clock is off at the start.
    pub skew: i64,
}

/// What browsers differ in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Browser {
    /// Service worker and Background Sync.
    Chromium,
    /// Service worker, no Background Sync; the worker is ended after a minute whatever it does.
    Firefox,
    /// No service worker in control: pages drain.
    Plain,
}

/// One thing that happens.
#[derive(Clone, Debug)]
pub struct Step {
    /// When.
    pub at: At,
    /// On which device (of the server's troubles: none of them).
    pub device: usize,
    /// What.
    pub what: What,
}

/// What can happen from outside. `tab` is 1 to 3; `pick` chooses among what this person knows, by remainder.
#[derive(Clone, Debug)]
pub enum What {
    /// A person enters something new.
    Enter {
        /// Where.
        tab: usize,
        /// What.
        entry: Entry,
        /// 0 to 2: high, normal, low.
        priority: u8,
        /// Depends on one entered before.
        on: Option<u32>,
    },
    /// A person changes one that they entered before.
    Change {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
    },
    /// A person deletes the record of one that they entered before.
    Delete {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
    },
    /// A person enters another value in place of a queued one.
    Replace {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
    },
    /// A person drops a queued one.
    Discard {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
    },
    /// A person sends one again.
    Retry {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
    },
    /// A person looks at the status, the list and one item.
    Look {
        /// Where.
        tab: usize,
        /// Which.
        pick: u32,
    },
    /// A person presses "sync now".
    SyncNow {
        /// Where.
        tab: usize,
    },
    /// A tab is looked at again.
    Visible {
        /// Where.
        tab: usize,
    },
    /// A tab is opened, if it is not open.
    Open {
        /// Which.
        tab: usize,
    },
    /// A tab is closed.
    Close {
        /// Which.
        tab: usize,
    },
    /// A tab is in the background: its timers go off up to a minute late.
    Hide {
        /// Which.
        tab: usize,
        /// For so long.
        span: u64,
    },
    /// The network treats requests so, this often in a hundred.
    Weather {
        /// How.
        weather: Weather,
        /// So often.
        percent: u8,
        /// For so long.
        span: u64,
    },
    /// There is no network.
    Offline {
        /// For so long.
        span: u64,
        /// Whether the browser notices.
        noticed: bool,
    },
    /// The browser says this of its network, whatever is true.
    Lie {
        /// `None`: nothing.
        online: Option<bool>,
        /// For so long.
        span: u64,
    },
    /// The server answers every push with this.
    Trouble {
        /// The HTTP status.
        status: u16,
        /// In its own words (a problem document), or a proxy's.
        own_words: bool,
        /// `Retry-After`.
        retry_after: Option<u64>,
        /// For so long.
        span: u64,
    },
    /// The server dies at the next push and comes back.
    ServerCrash {
        /// After the commit, before the answer; else before the commit.
        committed: bool,
        /// How long it is down.
        down: u64,
    },
    /// Somebody sets the device's clock.
    Clock {
        /// So far.
        by: i64,
    },
    /// The device's storage misbehaves, this often in a hundred.
    Storage {
        /// How.
        fault: Storage,
        /// So often.
        percent: u8,
        /// For so long.
        span: u64,
    },
    /// Something dies at an effect's boundary.
    Kill {
        /// What.
        victim: Victim,
        /// After the effect was carried out, before its outcome is told; else before it is carried out.
        done: bool,
        /// So many effects of this device from now.
        skip: u32,
    },
    /// The drainer's lock is taken from whoever holds it.
    LockLost,
    /// One page or the worker (0) is stopped for a while: what it was about to do comes late.
    Freeze {
        /// Which.
        tab: usize,
        /// For so long.
        span: u64,
    },
    /// The device sleeps: nothing of it runs.
    Sleep {
        /// For so long.
        span: u64,
    },
}

/// What a person enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// A meter reading of this unit: the unit is what natural keys clash by.
    Reading {
        /// The unit.
        unit: u32,
        /// The value.
        value: u32,
    },
    /// An assessment.
    Assessment,
    /// A file that the device takes and this server refuses.
    Refused,
}

/// What a network does to a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Weather {
    /// It never arrives.
    Drop,
    /// It arrives, its answer does not.
    DropAnswer,
    /// It arrives twice.
    Duplicate,
    /// It takes long, up to a minute.
    Delay,
    /// The answer breaks off.
    Truncate,
    /// A captive portal answers 200 with a page of its own.
    Portal,
    /// A captive portal answers 302.
    Redirect,
    /// A captive portal answers 511.
    Gate,
    /// A proxy answers 413 to what is larger than a kilobyte.
    ProxyLarge,
    /// A proxy answers 400.
    ProxyBad,
    /// A gateway answers 502.
    ProxyFails,
}

/// What storage does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    /// Reads and writes fail.
    Fails,
    /// There is no room for writes.
    Full,
    /// It takes up to five seconds.
    Slow,
}

/// What dies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Victim {
    /// The page or worker whose effect it is.
    Actor,
    /// The worker.
    Worker,
    /// The whole browser, as by SIGKILL: what was not durable may be lost.
    Browser,
}

impl Plan {
    /// The same with these steps alone.
    pub fn only(&self, places: &[usize]) -> Plan {
        let steps = places.iter().filter_map(|place| self.steps.get(*place)).cloned().collect();
        Plan { steps, ..self.clone() }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, make) in self.devices.iter().enumerate() {
            writeln!(f, "  device {number}: {make:?}")?;
        }
        for step in &self.steps {
            writeln!(f, "  {:>8} ms  device {}  {:?}", step.at, step.device, step.what)?;
        }
        writeln!(f, "  {:>8} ms  calm: all faults are over", self.calm_at)
    }
}
