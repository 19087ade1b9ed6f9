//! The ping window: "online" is only a hint (C1). Three pings must come back, over three seconds, each with its own
//! nonce; one miss starts the window anew. On a link that has been steady it is shorter, on one that flaps longer
//! ([`Link::look`]).

use fieldsync_protocol::Pong;
use fieldsync_protocol::read;

use crate::link::Look;
use crate::time::{Jitter, Millis};

/// After this many misses with no hit between them the drain gives way, to try again later.
const MISSES: u32 = 3;

/// What comes after a ping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Next {
    /// The link is steady.
    Steady,
    /// Ping again at this time.
    PingAt(Millis),
    /// The link is not there.
    GiveUp,
}

/// The window of one drain. Its times are uptimes.
#[derive(Clone, Debug, Default)]
pub(crate) struct PingWindow {
    nonce: String,
    sent_at: Millis,
    hits: u32,
    misses: u32,
    /// By the last answer.
    server_time: Option<Millis>,
}

impl PingWindow {
    /// A nonce for the next ping, which is sent now.
    pub(crate) fn ping(&mut self, now: Millis, jitter: &mut Jitter) -> String {
        self.nonce = format!("{:016x}", jitter.next());
        self.sent_at = now;
        self.nonce.clone()
    }

    /// Whether the last ping was answered, by the server itself.
    pub(crate) fn was_answered(&self) -> bool {
        self.hits > 0
    }

    /// Whether this device's clock is known to be about right.
    pub(crate) fn agrees(&self, now: Millis) -> bool {
        self.server_time.is_some() && self.right_time(now).is_none()
    }

    /// The server's time where it told, and this device's clock is more than a day off.
    pub(crate) fn right_time(&self, now: Millis) -> Option<Millis> {
        const APART: Millis = Millis::minutes(24 * 60);
        self.server_time.filter(|server| now.max(*server) - now.min(*server) > APART)
    }

    /// How long the answer to the ping that was sent last took.
    pub(crate) fn round_trip(&self, now: Millis) -> Millis {
        now - self.sent_at
    }

    /// The answer to the ping that was sent last: the body of a 200, or nothing.
    pub(crate) fn answer(&mut self, now: Millis, body: Option<&str>, look: Look) -> Next {
        let gap = Millis(look.span.0 / u64::from(look.pings.max(2) - 1));
        let pong = body.and_then(|body| read::from_str::<Pong>(body).ok());
        let pong = pong.filter(|pong| pong.nonce == self.nonce);
        self.server_time = pong.as_ref().map(|pong| pong.server_time).or(self.server_time);
        if pong.is_none() {
            self.hits = 0;
            self.misses += 1;
            return if self.misses >= MISSES {
                Next::GiveUp
            } else {
                Next::PingAt(self.sent_at + gap).not_before(now)
            };
        }
        self.misses = 0;
        self.hits += 1;
        if self.hits >= look.pings { Next::Steady } else { Next::PingAt(self.sent_at + gap).not_before(now) }
    }
}

impl Next {
    fn not_before(self, now: Millis) -> Next {
        match self {
            Next::PingAt(at) => Next::PingAt(at.max(now)),
            other => other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { pings: 3, span: Millis(3_000), timeout: Millis(4_000) };

    struct Link(PingWindow, Jitter);

    impl Link {
        fn new() -> Link {
            Link(PingWindow::default(), Jitter::new(9))
        }

        fn hit(&mut self, at: u64) -> Next {
            let nonce = self.0.ping(Millis(at), &mut self.1);
            self.0.answer(Millis(at + 10), Some(&format!(r#"{{"nonce":"{nonce}","serverTime":1}}"#)), LOOK)
        }

        fn miss(&mut self, at: u64, body: Option<&str>) -> Next {
            self.0.ping(Millis(at), &mut self.1);
            self.0.answer(Millis(at + 10), body, LOOK)
        }
    }

    #[test]
    fn three_hits_over_three_seconds_are_steady() {
        let mut link = Link::new();
        assert_eq!(link.hit(0), Next::PingAt(Millis(1_500)));
        assert_eq!(link.hit(1_500), Next::PingAt(Millis(3_000)));
        assert_eq!(link.hit(3_000), Next::Steady);
    }

    #[test]
    fn a_miss_starts_anew() {
        let mut link = Link::new();
        link.hit(0);
        link.hit(1_500);
        assert_eq!(link.miss(3_000, None), Next::PingAt(Millis(4_500)));
        link.hit(4_500);
        assert_eq!(link.hit(6_000), Next::PingAt(Millis(7_500)));
        assert_eq!(link.hit(7_500), Next::Steady);
    }

    #[test]
    fn a_portal_or_a_cache_is_a_miss() {
        let mut link = Link::new();
        assert_eq!(link.miss(0, Some("<html>Welcome! Accept our terms</html>")), Next::PingAt(Millis(1_500)));
        assert_eq!(
            link.miss(1_500, Some(r#"{"nonce":"an old one","serverTime":1}"#)),
            Next::PingAt(Millis(3_000))
        );
        assert_eq!(link.miss(3_000, None), Next::GiveUp);
    }

    #[test]
    fn a_slow_answer_does_not_put_the_next_ping_into_the_past() {
        let mut window = PingWindow::default();
        window.ping(Millis(0), &mut Jitter::new(1));
        assert_eq!(window.answer(Millis(4_000), None, LOOK), Next::PingAt(Millis(4_000)));
    }

    #[test]
    fn every_ping_has_its_own_nonce() {
        let (mut window, mut jitter) = (PingWindow::default(), Jitter::new(1));
        assert_ne!(window.ping(Millis(0), &mut jitter), window.ping(Millis(0), &mut jitter));
    }
}
