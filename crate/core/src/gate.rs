//! Facts → go, or hold with a reason and a time to look again (I8).

use serde::{Deserialize, Serialize};

use crate::time::Millis;
use fieldsync_protocol::Trigger;

/// What the host knows of the world. `None` is unknown, and never a guess (I10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether the browser sees a network; only a hint, which the stability window checks.
    pub online: Option<bool>,
    /// Whether a service worker is there to drain in this page's place.
    pub worker: bool,
}

/// Why nothing is being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Why {
    /// The browser sees no network.
    Offline,
    /// The server was not reached, or not three times in a row.
    Unsteady,
    /// The server failed.
    ServerTrouble,
    /// The server asked to come back later.
    ServerAsked,
    /// The server refuses this device.
    NotAllowed,
    /// What remains is due at a later time.
    NotDue,
    /// The time for one run is over; it goes on at once.
    Slice,
    /// Another tab or the worker is sending.
    Elsewhere,
    /// The device's own storage failed.
    Storage,
}

impl Why {
    /// The reason in the user's words.
    pub fn words(self) -> &'static str {
        match self {
            Why::Offline => "Waiting for a connection",
            Why::Unsteady => "Waiting for a steady connection",
            Why::ServerTrouble => "The server has a problem. Trying again soon",
            Why::ServerAsked => "The server is busy and asked to wait",
            Why::NotAllowed => "The server does not accept this device. Sign in again",
            Why::NotDue => "Waiting for the next try",
            Why::Slice => "Sending goes on in a moment",
            Why::Elsewhere => "Being sent by another window",
            Why::Storage => "This device's storage did not answer. Trying again soon",
        }
    }
}

/// Nothing is sent until then, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Hold {
    /// The reason.
    pub why: Why,
    /// The reason in words.
    pub words: String,
    /// When it is looked at again; something else (the network, a person) may end it sooner.
    pub until: Millis,
}

impl Hold {
    /// A hold for this reason.
    pub fn new(why: Why, until: Millis) -> Hold {
        Hold { why, words: why.words().to_owned(), until }
    }

    /// The time for one run is over; it goes on at once.
    pub(crate) fn slice(now: Millis) -> Hold {
        Hold::new(Why::Slice, now)
    }
}

/// How often a device that sees no network looks again by itself; the browser's `online` event comes sooner.
const LOOK_AGAIN: Millis = Millis::minutes(1);

/// A server's wish to wait is believed this far ahead; a clock that jumped back must not hold the queue for a year.
pub(crate) const LONGEST_WISH: Millis = Millis::minutes(60);

/// Whether something may be sent now. `last` is the hold that the last drain ended with, on whatever page or worker.
pub(crate) fn check(now: Millis, facts: &Facts, last: Option<&Hold>, trigger: Trigger) -> Result<(), Hold> {
    // What the server asked for binds everyone, a person's button too, and comes first: it must not be forgotten over
    // being offline. Every other hold was this device's own caution, and whoever wakes it again has a reason to.
    match last {
        Some(hold)
            if hold.why == Why::ServerAsked && hold.until > now && hold.until - now <= LONGEST_WISH =>
        {
            Err(hold.clone())
        }
        // A browser can be wrong about its network: when a person asks, the pings tell.
        _ if facts.online == Some(false) && trigger == Trigger::Auto => {
            Err(Hold::new(Why::Offline, now + LOOK_AGAIN))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_certain_no_holds() {
        let facts = |online| Facts { online, worker: false };
        assert_eq!(check(Millis(5), &facts(Some(true)), None, Trigger::Auto), Ok(()));
        assert_eq!(check(Millis(5), &facts(None), None, Trigger::Auto), Ok(()), "unknown is not offline");
        let hold = check(Millis(5), &facts(Some(false)), None, Trigger::Auto).unwrap_err();
        assert_eq!((hold.why, hold.until), (Why::Offline, Millis(60_005)));
        assert_eq!(hold.words, "Waiting for a connection");
        assert_eq!(check(Millis(5), &facts(Some(false)), None, Trigger::Manual), Ok(()), "a person may try");
    }

    #[test]
    fn the_servers_wish_binds_until_its_time_and_no_other_hold_does() {
        let asked = Hold::new(Why::ServerAsked, Millis(1_000));
        assert_eq!(check(Millis(999), &Facts::default(), Some(&asked), Trigger::Auto), Err(asked.clone()));
        assert_eq!(check(Millis(1_000), &Facts::default(), Some(&asked), Trigger::Auto), Ok(()));
        let unsteady = Hold::new(Why::Unsteady, Millis(1_000));
        assert_eq!(check(Millis(999), &Facts::default(), Some(&unsteady), Trigger::Auto), Ok(()));
    }

    #[test]
    fn a_clock_that_jumped_back_does_not_hold_for_ever() {
        let asked = Hold::new(Why::ServerAsked, Millis::minutes(600));
        assert_eq!(check(Millis(0), &Facts::default(), Some(&asked), Trigger::Auto), Ok(()));
    }
}
