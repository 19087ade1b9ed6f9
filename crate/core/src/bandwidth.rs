//! How many bytes may go now, where a person has said how many a second there may be (D5): a bucket into which so many
//! drop every second, and out of which they are taken.
//!
//! What goes is counted when it goes, so a piece may be larger than what is in the bucket: the next one waits until that
//! is made up for. In any ten seconds no more goes than the limit and one piece.

use std::num::NonZeroU64;

use crate::time::Millis;

/// The bucket holds what drops into it in so long: a link that was idle does not make up for it.
const HELD: Millis = Millis(250);
/// A byte, in the parts that are counted: at one byte a second one of them drops in every millisecond.
const BYTE: u64 = 1_000;

/// A token bucket: one direction of one limit. Times are of a clock that nobody sets.
#[derive(Clone, Debug)]
pub struct Bucket {
    /// Bytes a second.
    rate: NonZeroU64,
    /// What is missing in a full bucket, in thousandths of a byte; more than it holds where a piece went ahead of its time.
    missing: u64,
    /// When that was counted.
    at: Millis,
}

impl Bucket {
    /// A full one, of so many bytes a second.
    pub fn new(rate: NonZeroU64, now: Millis) -> Bucket {
        Bucket { rate, missing: 0, at: now }
    }

    /// How long it is until something may go.
    pub fn wait(&mut self, now: Millis) -> Millis {
        self.fill(now);
        let over = self.missing.saturating_sub(self.held());
        Millis(over.div_ceil(self.rate.get()))
    }

    /// So many bytes go, whether they may or not.
    pub fn take(&mut self, now: Millis, bytes: u64) {
        self.fill(now);
        self.missing = self.missing.saturating_add(bytes.saturating_mul(BYTE));
    }

    /// Another limit from now on. What has gone is not forgotten.
    pub fn set_rate(&mut self, now: Millis, rate: NonZeroU64) {
        self.fill(now);
        self.rate = rate;
    }

    /// How large a piece should be at most: what may go in a twentieth of a second.
    pub fn piece(&self) -> u64 {
        (self.rate.get() / 20).max(1)
    }

    /// What drops into it until it is full.
    fn held(&self) -> u64 {
        self.rate.get().saturating_mul(HELD.0)
    }

    fn fill(&mut self, now: Millis) {
        let dropped = self.rate.get().saturating_mul((now - self.at).0);
        self.missing = self.missing.saturating_sub(dropped);
        self.at = self.at.max(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rate(bytes: u64) -> NonZeroU64 {
        NonZeroU64::new(bytes).unwrap()
    }

    /// Sends pieces of this size as soon as each may go, and gives the times at which they went.
    fn sent(bucket: &mut Bucket, from: Millis, until: Millis, piece: u64) -> Vec<(Millis, u64)> {
        let (mut now, mut sent) = (from, Vec::new());
        loop {
            now = now + bucket.wait(now);
            if now >= until {
                return sent;
            }
            bucket.take(now, piece);
            sent.push((now, piece));
        }
    }

    /// The least and the most that went within any span of so many seconds.
    fn within(sent: &[(Millis, u64)], seconds: u64) -> (u64, u64) {
        let span = Millis::seconds(seconds);
        let last = sent.last().unwrap().0;
        let starts = sent.iter().map(|(at, _)| *at).filter(|at| *at + span <= last);
        let bytes = starts.map(|start| {
            let within = sent.iter().filter(|(at, _)| (start..start + span).contains(at));
            within.map(|(_, bytes)| bytes).sum::<u64>()
        });
        let bytes: Vec<u64> = bytes.collect();
        (*bytes.iter().min().unwrap(), *bytes.iter().max().unwrap())
    }

    #[test]
    fn in_any_ten_seconds_it_is_the_limit_within_a_tenth() {
        for limit in [1, 7, 100, 1_000, 64_000, 1_000_000, 1_000_000_000] {
            let mut bucket = Bucket::new(rate(limit), Millis(5));
            let piece = bucket.piece();
            let sent = sent(&mut bucket, Millis(5), Millis::seconds(40), piece);
            let (least, most) = within(&sent, 10);
            assert!(least * 10 >= limit * 90 && most * 10 <= limit * 110, "{limit}: {least} to {most}");
        }
    }

    #[test]
    fn a_link_that_was_idle_does_not_make_up_for_it() {
        let mut bucket = Bucket::new(rate(10_000), Millis::ZERO);
        let hour = Millis::minutes(60);
        let sent = sent(&mut bucket, hour, hour + Millis::seconds(1), 500);
        let bytes: u64 = sent.iter().map(|(_, bytes)| bytes).sum();
        assert!((10_000..=13_000).contains(&bytes), "{bytes}");
    }

    #[test]
    fn what_went_ahead_of_its_time_is_waited_for() {
        let mut bucket = Bucket::new(rate(1_000), Millis::ZERO);
        bucket.take(Millis::ZERO, 5_250);
        assert_eq!(bucket.wait(Millis::ZERO), Millis::seconds(5));
        assert_eq!(bucket.wait(Millis::seconds(4)), Millis::seconds(1));
        bucket.set_rate(Millis::seconds(4), rate(4_000));
        // 1,250 bytes are missing, of 1,000 that it holds now.
        assert_eq!(bucket.wait(Millis::seconds(4)), Millis(63));
        assert_eq!(bucket.wait(Millis::seconds(5)), Millis::ZERO);
    }

    #[test]
    fn no_number_is_too_large_and_no_clock_too_odd() {
        let mut bucket = Bucket::new(rate(u64::MAX), Millis::seconds(9));
        bucket.take(Millis::ZERO, u64::MAX);
        assert!(bucket.wait(Millis::ZERO) <= Millis::seconds(9));
        assert_eq!(bucket.wait(Millis(u64::MAX)), Millis::ZERO);
        let mut slow = Bucket::new(rate(1), Millis::ZERO);
        slow.take(Millis::ZERO, u64::MAX);
        assert!(slow.wait(Millis::ZERO) > Millis::minutes(60));
    }
}
