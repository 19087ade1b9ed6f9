//! How fast a drain commits, and so how long it will go on (B6).

use fieldsync_protocol::Millis;

/// In milliseconds: what was committed so long ago counts half as much as what is committed now, or less.
const WINDOW: f64 = 30_000.0;

/// The bytes that a drain commits in its uptime, the latest counting most.
///
/// Bytes and time fade alike, and so their quotient is the rate however unevenly commits come; and it takes no
/// exponential, for which the wasm would need a library.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pace {
    began: Millis,
    last: Millis,
    bytes: f64,
    millis: f64,
    commits: f64,
}

impl Pace {
    /// A drain begins.
    pub(crate) fn begin(uptime: Millis) -> Pace {
        Pace { began: uptime, last: uptime, bytes: 0.0, millis: 0.0, commits: 0.0 }
    }

    /// When the drain began.
    pub(crate) fn began(&self) -> Millis {
        self.began
    }

    /// So many bytes were committed. Those of items that were answered but not accepted count too, as they need not be
    /// sent in this drain again.
    pub(crate) fn committed(&mut self, uptime: Millis, bytes: u64) {
        let passed = (uptime - self.last).0 as f64;
        let keeps = WINDOW / (WINDOW + passed);
        self.last = self.last.max(uptime);
        self.bytes = self.bytes * keeps + bytes as f64;
        self.millis = self.millis * keeps + passed;
        self.commits = self.commits * keeps + 1.0;
    }

    /// Seconds until these bytes will be committed, rounded up; `None` before anything was.
    ///
    /// A silence that is longer than usual counts as time in which nothing came: on a link that has died the end moves
    /// away, and does not stand still.
    pub(crate) fn remaining_seconds(&self, uptime: Millis, remaining_bytes: u64) -> Option<u64> {
        if self.bytes <= 0.0 || self.millis <= 0.0 {
            return None;
        }
        let usual = self.millis / self.commits;
        let silence = ((uptime - self.last).0 as f64 - usual).max(0.0);
        let millis = remaining_bytes as f64 * (self.millis + silence) / self.bytes;
        Some((millis / 1_000.0).ceil() as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Jitter;

    #[test]
    fn nothing_is_told_before_anything_was_committed() {
        let mut pace = Pace::begin(Millis(500));
        assert_eq!(pace.remaining_seconds(Millis(9_000), 100), None);
        pace.committed(Millis(1_500), 0);
        assert_eq!(pace.remaining_seconds(Millis(1_500), 100), None, "the rate is 0");
        let mut at_once = Pace::begin(Millis(500));
        at_once.committed(Millis(500), 100);
        assert_eq!(at_once.remaining_seconds(Millis(500), 100), None, "no time has passed: no rate");
    }

    #[test]
    fn a_steady_pace_is_told_exactly() {
        let mut pace = Pace::begin(Millis(7_000));
        for second in 1..=120 {
            pace.committed(Millis(7_000 + second * 1_000), 2_000);
            assert_eq!(pace.remaining_seconds(Millis(7_000 + second * 1_000), 19_999), Some(10));
            assert_eq!(pace.remaining_seconds(Millis(7_000 + second * 1_000), 0), Some(0));
        }
    }

    #[test]
    fn it_follows_a_link_that_changes() {
        let mut pace = Pace::begin(Millis(0));
        for second in 1..=60 {
            pace.committed(Millis(second * 1_000), 1_000);
        }
        for second in 61..=240 {
            pace.committed(Millis(second * 1_000), 10_000);
        }
        let told = pace.remaining_seconds(Millis(240_000), 1_000_000).unwrap();
        assert!((100..=105).contains(&told), "{told}");
    }

    #[test]
    fn in_a_silence_the_end_moves_away() {
        let mut pace = Pace::begin(Millis(0));
        for second in 1..=10 {
            pace.committed(Millis(second * 1_000), 1_000);
        }
        let at = |uptime| pace.remaining_seconds(Millis(uptime), 10_000).unwrap();
        assert_eq!((at(10_000), at(10_900)), (10, 10), "between two commits");
        assert!(at(40_000) > 20 && at(80_000) > at(40_000));
    }

    #[test]
    fn it_is_sane_whatever_comes() {
        let mut dice = Jitter::new(11);
        for _ in 0..200 {
            let mut pace = Pace::begin(Millis(dice.next() % 1_000));
            for _ in 0..50 {
                let uptime = Millis(dice.next() >> (dice.next() % 64));
                pace.committed(uptime, dice.next() >> (dice.next() % 64));
                let (few, many) = (dice.next() % 1_000, u64::MAX);
                let (few, many) = (pace.remaining_seconds(uptime, few), pace.remaining_seconds(uptime, many));
                assert!(few <= many);
            }
        }
    }
}
