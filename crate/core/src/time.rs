//! Spans, jitter and the table of wakes.

pub use fieldsync_protocol::Millis;

/// A small deterministic generator (SplitMix64) for jitter and nonces; never for ids or keys.
///
/// The host seeds it once with real entropy; the same seed gives the same run.
#[derive(Clone, Debug)]
pub(crate) struct Jitter(u64);

impl Jitter {
    pub(crate) fn new(seed: u64) -> Jitter {
        Jitter(seed)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// `span` give or take a quarter of it, so that a thousand devices do not come back in the same second.
    pub(crate) fn around(&mut self, span: Millis) -> Millis {
        let quarter = span.0 / 4;
        Millis(span.0 - quarter + self.next() % (2 * quarter + 1))
    }
}

/// Exponential growth from `first` to `most`, doubling with every failure after the first.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) first: Millis,
    pub(crate) most: Millis,
}

impl Backoff {
    /// How long to wait after the `failures`-th failure in a row (from 1 up), with jitter.
    pub(crate) fn after(self, failures: u32, jitter: &mut Jitter) -> Millis {
        let doublings = failures.saturating_sub(1).min(20);
        let span = self.first.0.saturating_mul(1 << doublings).min(self.most.0);
        jitter.around(Millis(span))
    }
}

/// What the engine can be waiting for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Timer {
    /// The drain goes on: the next ping, the lock, the end of a rest.
    Drain,
    /// A drain that was held is to be tried again.
    Retry,
    /// A check of sync health is due.
    Check,
}

impl Timer {
    const COUNT: usize = 3;
}

/// When each timer goes off, in uptime. One host timer serves them all: the earliest.
#[derive(Clone, Debug, Default)]
pub(crate) struct Timers([Option<Millis>; Timer::COUNT]);

impl Timers {
    pub(crate) fn set(&mut self, timer: Timer, at: Millis) {
        self.0[timer as usize] = Some(at);
    }

    /// Unless it goes off sooner.
    pub(crate) fn set_no_later(&mut self, timer: Timer, at: Millis) {
        let slot = &mut self.0[timer as usize];
        *slot = Some(slot.map_or(at, |known| known.min(at)));
    }

    pub(crate) fn stop(&mut self, timer: Timer) {
        self.0[timer as usize] = None;
    }

    pub(crate) fn next(&self) -> Option<Millis> {
        self.0.iter().flatten().min().copied()
    }

    /// Takes one timer that has gone off by `now`.
    pub(crate) fn take_due(&mut self, now: Millis) -> Option<Timer> {
        [Timer::Drain, Timer::Retry, Timer::Check]
            .into_iter()
            .find(|timer| self.0[*timer as usize].take_if(|at| *at <= now).is_some())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backoff_doubles_to_its_limit_and_jitters_by_a_quarter() {
        let backoff = Backoff { first: Millis::seconds(4), most: Millis::minutes(1) };
        let mut jitter = Jitter::new(1);
        for (failures, span) in [(1, 4_000), (2, 8_000), (3, 16_000), (5, 60_000), (4_000_000_000, 60_000)] {
            for _ in 0..100 {
                let wait = backoff.after(failures, &mut jitter).0;
                assert!((span * 3 / 4..=span * 5 / 4).contains(&wait), "{failures}: {wait}");
            }
        }
    }

    #[test]
    fn the_earliest_timer_is_the_next_wake() {
        let mut timers = Timers::default();
        timers.set(Timer::Retry, Millis(50));
        timers.set(Timer::Drain, Millis(20));
        assert_eq!(timers.next(), Some(Millis(20)));
        assert_eq!(timers.take_due(Millis(19)), None);
        assert_eq!(timers.take_due(Millis(60)), Some(Timer::Drain));
        assert_eq!(timers.take_due(Millis(60)), Some(Timer::Retry));
        assert_eq!(timers.take_due(Millis(60)), None);
        timers.set(Timer::Drain, Millis(70));
        timers.stop(Timer::Drain);
        assert_eq!(timers.next(), None);
    }

    #[test]
    fn the_same_seed_gives_the_same_run() {
        let run = |seed| {
            let mut j = Jitter::new(seed);
            (0..5).map(|_| j.next()).collect::<Vec<_>>()
        };
        assert_eq!(run(7), run(7));
        assert_ne!(run(7), run(8));
    }
}
