//! What pings and pushes have shown of the link to the server (B2): how good it is, what it carries, and how long a look
//! at it must be before it is trusted (C1).

use fieldsync_protocol::read::Read;
use fieldsync_protocol::write::Write;
use fieldsync_protocol::{ConnectionQuality, MAX_PUSH_BYTES, Millis};

/// What was measured longer ago than this is not known any more.
const KEEPS: Millis = Millis::minutes(10);
/// What can wait for a better link than a poor one waits at most so long.
const PATIENCE: Millis = Millis::minutes(30);
/// A round trip under this, in milliseconds, is excellent,
const QUICK: u32 = 300;
/// and one over this is poor.
const SLUGGISH: u32 = 1_500;
/// So many bytes a second are excellent (1 Mbit/s),
const WIDE: u32 = 125_000;
/// and fewer than this poor (50 kbit/s).
const NARROW: u32 = 6_250;
/// Smaller pushes say nothing of what the link carries: most of their time is the round trip.
const TELLING: u64 = 4_096;
/// A push should take about this long: one that breaks off then costs little, and urgent entries get their turn.
const A_PUSH: Millis = Millis::seconds(5);
/// A part of a file less long: what a worker that is ended has sent in vain is this much at most.
const A_CHUNK: Millis = Millis::seconds(2);
/// A link that was there so lately is there.
const WARM: Millis = Millis::seconds(30);
/// A ping that is not answered by then is a miss,
const PING_TIMEOUT: Millis = Millis::seconds(4);
/// on a slow link by then.
const LONGEST_PING: Millis = Millis::seconds(10);
/// So much goes into a push while nothing is known of the link.
const CAUTIOUS: usize = 256 * 1024;
/// However narrow the link is, a push carries this.
const LEAST: usize = 8 * 1024;

/// The link as it was measured last. It is stored with the drain's public state, so that every page knows what the drainer
/// has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
pub struct Link {
    /// From a ping to its answer, in milliseconds, the latest counting most.
    pub round_trip: Option<u32>,
    /// Bytes a second that a push carried, the latest counting most.
    pub speed: Option<u32>,
    /// When the server last answered.
    pub last_connected: Option<Millis>,
    /// When something was last tried.
    pub tried_at: Option<Millis>,
    /// Answers in a row.
    pub answers: u32,
    /// Since when nothing went over it well: a single quick ping on a link that crawls is no better link.
    pub poor_since: Option<Millis>,
    /// How often of late it was there and then not: it doubles what a look costs, and fades with every answer.
    pub flaps: u32,
}

/// How long a look at the link is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Look {
    /// So many pings in a row must be answered,
    pub(crate) pings: u32,
    /// over this time,
    pub(crate) span: Millis,
    /// each within this.
    pub(crate) timeout: Millis,
}

impl Link {
    /// The server itself has answered after this time.
    pub(crate) fn answered(&mut self, now: Millis, round_trip: Millis) {
        let measured = u32::try_from(round_trip.0).unwrap_or(u32::MAX);
        self.round_trip = Some(mixed(self.round_trip.filter(|_| self.is_fresh(now)), measured));
        self.answers = self.answers.saturating_add(1);
        if self.answers.is_multiple_of(10) {
            self.flaps /= 2;
        }
        self.measured(now);
    }

    fn measured(&mut self, now: Millis) {
        (self.last_connected, self.tried_at) = (Some(now), Some(now));
        if self.quality(now) == Some(ConnectionQuality::Poor) {
            self.poor_since = Some(self.poor_since.filter(|since| *since <= now).unwrap_or(now));
        }
    }

    /// Whether it is a poor one that may get better: who has no other link must not wait for one for ever.
    pub(crate) fn is_worth_waiting_for(&self, now: Millis) -> bool {
        self.quality(now) == Some(ConnectionQuality::Poor)
            && self.poor_since.is_some_and(|since| now - since < PATIENCE)
    }

    /// No answer came.
    pub(crate) fn missed(&mut self, now: Millis) {
        if self.answers > 0 {
            self.flaps = (self.flaps + 1).min(8);
        }
        self.answers = 0;
        self.tried_at = Some(now);
    }

    /// A push of so many bytes was answered after this time.
    pub(crate) fn carried(&mut self, now: Millis, bytes: u64, span: Millis) {
        // Not the time that the server took to answer a ping.
        let on_the_way = span.0.saturating_sub(self.round_trip.unwrap_or(0).into()).max(1);
        if bytes >= TELLING {
            let measured = u32::try_from(bytes.saturating_mul(1_000) / on_the_way).unwrap_or(u32::MAX);
            self.speed = Some(mixed(self.speed.filter(|_| self.is_fresh(now)), measured));
        }
        self.answers = self.answers.saturating_add(1);
        self.measured(now);
        if self.quality(now) != Some(ConnectionQuality::Poor) {
            self.poor_since = None;
        }
    }

    /// Whether what was measured still counts; never where somebody has set the clock back.
    fn is_fresh(&self, now: Millis) -> bool {
        self.tried_at.is_some_and(|at| at <= now && now - at <= KEEPS)
    }

    /// How good it is; unknown when nothing was tried of late (I10).
    pub(crate) fn quality(&self, now: Millis) -> Option<ConnectionQuality> {
        if !self.is_fresh(now) {
            return None;
        }
        if self.answers == 0 {
            return Some(ConnectionQuality::Offline);
        }
        let round_trip = self.round_trip?;
        let speed = self.speed.unwrap_or(WIDE);
        Some(if round_trip > SLUGGISH || speed < NARROW {
            ConnectionQuality::Poor
        } else if round_trip < QUICK && speed >= WIDE {
            ConnectionQuality::Excellent
        } else {
            ConnectionQuality::Good
        })
    }

    /// What it carries, in Mbit/s.
    pub(crate) fn network_speed(&self, now: Millis) -> Option<f64> {
        self.speed.filter(|_| self.is_fresh(now)).map(|speed| f64::from(speed) * 8.0 / 1_000_000.0)
    }

    /// How long a look must be: short on a link that has been steady, long on one that flaps.
    pub(crate) fn look(&self, now: Millis) -> Look {
        // On a link that is slow as a rule a late answer is no miss.
        let usual = Millis(u64::from(self.round_trip.unwrap_or(0)) * 4);
        let timeout = usual.clamp(PING_TIMEOUT, LONGEST_PING);
        let (pings, span) = match (self.is_fresh(now), self.flaps) {
            (true, 2..) => (4, Millis(4_500)),
            (true, 0) if self.answers >= 10 => (2, Millis::seconds(1)),
            _ => (3, Millis::seconds(3)),
        };
        Look { pings, span, timeout }
    }

    /// Bytes of a file that should go in one request, so that it takes about a chunk's time.
    pub(crate) fn chunk(&self, now: Millis) -> u64 {
        let speed = self.speed.filter(|_| self.is_fresh(now));
        speed.map_or(CAUTIOUS as u64, |speed| u64::from(speed) * A_CHUNK.0 / 1_000)
    }

    /// Whether the server has answered a moment ago, and nothing was missed since: who goes on with an upload then asks
    /// how far it has come, which is a look at the link by itself.
    pub(crate) fn is_warm(&self, now: Millis) -> bool {
        self.answers > 0 && self.last_connected.is_some_and(|at| at <= now && now - at <= WARM)
    }

    /// Bytes that a push may have on the wire, so that it takes about as long as it should.
    pub(crate) fn cap(&self, now: Millis) -> usize {
        let speed = self.speed.filter(|_| self.is_fresh(now));
        let bytes = speed.map_or(CAUTIOUS, |speed| {
            usize::try_from(u64::from(speed) * A_PUSH.0 / 1_000).unwrap_or(MAX_PUSH_BYTES)
        });
        bytes.clamp(LEAST, MAX_PUSH_BYTES)
    }
}

/// The mean of what was known and what is measured now.
fn mixed(known: Option<u32>, measured: u32) -> u32 {
    known.map_or(measured, |known| known.midpoint(measured))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(50_000_000);

    fn after(answers: u32, round_trip: u64) -> Link {
        let mut link = Link::default();
        (0..answers).for_each(|_| link.answered(NOW, Millis(round_trip)));
        link
    }

    #[test]
    fn quality_is_what_was_measured_and_unknown_when_it_is_old() {
        assert_eq!(Link::default().quality(NOW), None);
        assert_eq!(after(1, 100).quality(NOW), Some(ConnectionQuality::Excellent));
        assert_eq!(after(1, 700).quality(NOW), Some(ConnectionQuality::Good));
        assert_eq!(after(1, 1_600).quality(NOW), Some(ConnectionQuality::Poor));
        let mut slow = after(1, 100);
        slow.carried(NOW, 60_000, Millis::seconds(20));
        assert_eq!(slow.quality(NOW), Some(ConnectionQuality::Poor), "3 kB a second");
        assert!(slow.network_speed(NOW).is_some_and(|speed| (0.02..0.03).contains(&speed)));
        slow.missed(NOW);
        assert_eq!(slow.quality(NOW), Some(ConnectionQuality::Offline));
        for when in [NOW + Millis::minutes(11), NOW - Millis(1)] {
            assert_eq!(
                (slow.quality(when), slow.network_speed(when)),
                (None, None),
                "old, or a clock set back"
            );
        }
    }

    #[test]
    fn who_has_no_better_link_does_not_wait_for_one_for_ever() {
        let mut link = Link::default();
        let mut waits = |minutes| {
            let now = NOW + Millis::minutes(minutes);
            link.answered(now, Millis::seconds(2));
            link.is_worth_waiting_for(now)
        };
        assert_eq!([0, 5, 29, 30, 90].map(&mut waits), [true, true, true, false, false]);
        link.answered(NOW + Millis::minutes(95), Millis(1));
        assert!(link.poor_since.is_some(), "one quick ping");
        link.carried(NOW + Millis::minutes(95), 100_000, Millis(900));
        assert!(link.poor_since.is_none(), "a push went well");
    }

    #[test]
    fn what_a_small_push_took_says_nothing_of_what_the_link_carries() {
        let mut link = after(1, 100);
        link.carried(NOW, 300, Millis::seconds(2));
        assert_eq!(link.speed, None);
        link.carried(NOW, 100_000, Millis(1_100));
        assert_eq!(link.speed, Some(100_000), "without the round trip");
        link.carried(NOW, 100_000, Millis(600));
        assert_eq!(link.speed, Some(150_000), "the latest counts most");
    }

    #[test]
    fn a_look_is_short_on_a_steady_link_and_long_on_one_that_flaps() {
        let look = |link: &Link| link.look(NOW).pings;
        assert_eq!((look(&Link::default()), look(&after(9, 50)), look(&after(10, 50))), (3, 3, 2));
        let mut link = after(10, 50);
        link.missed(NOW);
        assert_eq!(look(&link), 3);
        link.missed(NOW);
        assert_eq!(look(&link), 3, "one outage, however long");
        link.answered(NOW, Millis(50));
        link.missed(NOW);
        assert_eq!(look(&link), 4);
        assert_eq!(link.look(NOW + Millis::minutes(11)).pings, 3, "it may be another link by now");
        assert_eq!(after(3, 1_200).look(NOW).timeout, Millis(4_800), "four times the usual");
        assert_eq!(
            (after(3, 50).look(NOW).timeout, after(1, 9_000).look(NOW).timeout),
            (PING_TIMEOUT, LONGEST_PING)
        );
        (0..30).for_each(|_| link.answered(NOW, Millis(50)));
        assert_eq!(look(&link), 2, "steady again");
    }

    #[test]
    fn a_push_is_as_large_as_the_link_carries_in_its_time() {
        let mut link = after(1, 0);
        assert_eq!(link.cap(NOW), CAUTIOUS);
        link.carried(NOW, 50_000, Millis::seconds(5));
        assert_eq!(link.cap(NOW), 50_000);
        link.speed = Some(1);
        assert_eq!(link.cap(NOW), LEAST);
        link.speed = Some(u32::MAX);
        assert_eq!(link.cap(NOW), MAX_PUSH_BYTES);
    }
}
