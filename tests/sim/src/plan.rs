//! The scenario as data: everything that comes from outside, made up front from the seed, so that a failing one can be
//! printed, cut into pieces and replayed.

mod fault;
mod kind;
mod make;
mod what;

use std::fmt;

pub use self::fault::{Storage, Victim, Weather};
pub use self::kind::Kind;
pub use self::make::generate;
pub use self::what::{Entry, RuleSet, Setting, Touch, What};

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
    /// Whether the server asks who sends: people sign in, and tokens are renewed.
    pub accounts: bool,
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
    /// Whether its pages see the battery.
    pub shows_battery: bool,
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
