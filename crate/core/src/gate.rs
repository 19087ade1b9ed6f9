//! Facts → go, or hold with a reason and a time to look again (I8).

use fieldsync_protocol::read::Read;
use fieldsync_protocol::write::Write;
use fieldsync_protocol::{ConnectionType, Priority, Settings, Trigger};

use crate::preferences::Preferences;
use crate::progress::Session;
use crate::sealed::Vault;
use crate::time::Millis;

/// What the host knows of the world. `None` is unknown, and never a guess (I10).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Whether the browser sees a network; only a hint, which the stability window checks.
    pub online: Option<bool>,
    /// Whether a service worker is there to drain in this page's place.
    pub worker: bool,
    /// What carries the network.
    pub connection: ConnectionType,
    /// Whether the link is a slow one (2G or less).
    pub slow: Option<bool>,
    /// Whether the person asked the browser to save data.
    pub save_data: Option<bool>,
    /// The hour of the day where the device is, 0 to 23.
    pub hour: Option<u8>,
    /// The battery; a worker cannot see it, and is told by its pages.
    pub power: Power,
    /// Whether what is on the device can be read here.
    pub vault: Vault,
}

/// The battery, as far as it is known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Power {
    /// In percent.
    pub battery_level: Option<u8>,
    /// Whether it is being charged.
    pub is_charging: Option<bool>,
}

/// Why nothing is being sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Read, Write)]
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
    /// The server says that this device has been revoked, for good.
    Revoked,
    /// The server asks who it is.
    SignedOut,
    /// What remains is due at a later time.
    NotDue,
    /// The time for one run is over; it goes on at once.
    Slice,
    /// Another tab or the worker is sending.
    Elsewhere,
    /// The device's own storage failed.
    Storage,
    /// A person has paused sync.
    Paused,
    /// What is to be sent is sealed, and its keys are not here (I9).
    Locked,
    /// Background sync is switched off.
    Disabled,
    /// The settings want a charger.
    NotCharging,
    /// The settings want more battery.
    LowBattery,
    /// The link is poor, or to be spared: what is LOW, photos and files wait for a better one.
    PoorLink,
    /// What is LOW, photos and files wait for the hours that the person has set.
    OffPeak,
    /// What remains is of a priority that waits for a person's asking.
    BelowThreshold,
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
            Why::Revoked => "This device was revoked. Nothing can be sent from it any more",
            Why::SignedOut => "Sign in, so that your entries can be sent",
            Why::NotDue => "Waiting for the next try",
            Why::Slice => "Sending goes on in a moment",
            Why::Elsewhere => "Being sent by another window",
            Why::Storage => "This device's storage did not answer. Trying again soon",
            Why::Paused => "Sync is paused",
            Why::Locked => "Unlock the app, so that your entries can be sent",
            Why::Disabled => "Background sync is switched off. Sync now sends it",
            Why::NotCharging => "Waiting for the charger",
            Why::LowBattery => "Waiting for more battery",
            Why::PoorLink => {
                "Photos and less urgent entries wait for a better connection. Sync now sends them"
            }
            Why::OffPeak => "Photos and less urgent entries wait for the off-peak hours. Sync now sends them",
            Why::BelowThreshold => "Less urgent entries wait. Sync now sends them",
        }
    }
}

/// Nothing is sent until then, and why.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
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
}

/// How often a device that sees no network looks again by itself; the browser's `online` event comes sooner.
const LOOK_AGAIN: Millis = Millis::minutes(1);

/// A server's wish to wait is believed this far ahead; a clock that jumped back must not hold the queue for a year.
pub(crate) const LONGEST_WISH: Millis = Millis::minutes(60);

/// What may be sent now: entries of this priority and above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Go {
    pub(crate) lowest: Priority,
    /// Why lower ones wait.
    pub(crate) why: Why,
}

impl Go {
    /// The hold that ends a drain in which only lower ones remain.
    pub(crate) fn rest(self, now: Millis, settings: &Settings) -> Hold {
        Hold::new(self.why, now + interval(settings))
    }
}

/// How often a device looks again by itself.
pub(crate) fn interval(settings: &Settings) -> Millis {
    Millis::minutes(settings.sync_interval_minutes.into())
}

/// What the server asked for, while it is in force.
pub(crate) fn asked(now: Millis, last: Option<&Hold>) -> Option<&Hold> {
    last.filter(|hold| hold.why == Why::ServerAsked && hold.until > now && hold.until - now <= LONGEST_WISH)
}

/// Of two holds the one that lasts longer; but what the server asked for is never forgotten over this device's caution.
pub(crate) fn longer(known: Option<Hold>, new: Hold) -> Hold {
    let Some(known) = known else { return new };
    let until = known.until.max(new.until);
    let asked = [&known, &new].into_iter().any(|hold| hold.why == Why::ServerAsked);
    let hold = if new.until >= known.until { new } else { known };
    if asked { Hold::new(Why::ServerAsked, until) } else { hold }
}

/// Whether something may be sent now. `last` is how the last drain ended, on whatever page or worker.
pub(crate) fn check(
    now: Millis,
    facts: &Facts,
    preferences: &Preferences,
    last: Option<&Session>,
    trigger: Trigger,
) -> Result<Go, Hold> {
    let settings = &preferences.settings;
    let wait = |why| Err(Hold::new(why, now + interval(settings)));
    // What the server asked for binds everyone, a person's button too, and comes first: it must not be forgotten over
    // being offline. Every other hold was this device's own caution, and whoever wakes it again has a reason to.
    if let Some(hold) = asked(now, last.and_then(|session| session.hold.as_ref())) {
        return Err(hold.clone());
    }
    if preferences.paused {
        return wait(Why::Paused); // a person's own word, until they take it back
    }
    if preferences.is_signed_out() {
        return wait(Why::SignedOut);
    }
    if facts.vault == Vault::Locked {
        // A person's button opens nothing. Of a device that is revoked that is told, not that it would help to unlock it.
        let is_revoked =
            last.and_then(|session| session.hold.as_ref()).is_some_and(|hold| hold.why == Why::Revoked);
        return wait(if is_revoked { Why::Revoked } else { Why::Locked });
    }
    if trigger == Trigger::Manual {
        // A person overrides what the device puts off, and a browser can be wrong about its network: the pings tell.
        return Ok(Go { lowest: Priority::Low, why: Why::BelowThreshold });
    }
    if !settings.enabled {
        return wait(Why::Disabled);
    }
    if facts.online == Some(false) {
        return Err(Hold::new(Why::Offline, now + LOOK_AGAIN));
    }
    // Only what is known holds (I10).
    let Power { battery_level, is_charging } = facts.power;
    if settings.sync_only_when_charging && is_charging == Some(false) {
        return wait(Why::NotCharging);
    }
    let low = battery_level.is_some_and(|level| level < settings.minimum_battery_level);
    if low && is_charging != Some(true) {
        return wait(Why::LowBattery);
    }
    // `Priority` is ordered from the most urgent down; a photo or file is never more than LOW by its score (B9).
    let poor = last.is_some_and(|session| session.link.is_worth_waiting_for(now));
    let poor = poor || facts.slow == Some(true);
    if (facts.save_data == Some(true) || poor) && settings.priority_threshold > Priority::Normal {
        return Ok(Go { lowest: Priority::Normal, why: Why::PoorLink });
    }
    if facts.hour.is_some_and(|hour| settings.is_peak(hour)) && settings.priority_threshold > Priority::Normal
    {
        return Ok(Go { lowest: Priority::Normal, why: Why::OffPeak });
    }
    Ok(Go { lowest: settings.priority_threshold, why: Why::BelowThreshold })
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Millis = Millis(1_000_000);

    fn auto(facts: &Facts, settings: Settings) -> Result<Priority, Why> {
        let preferences = Preferences { settings, ..Preferences::default() };
        check(NOW, facts, &preferences, None, Trigger::Auto).map(|go| go.lowest).map_err(|hold| hold.why)
    }

    fn online() -> Facts {
        Facts { online: Some(true), ..Facts::default() }
    }

    fn power(level: Option<u8>, charging: Option<bool>) -> Facts {
        Facts { power: Power { battery_level: level, is_charging: charging }, ..online() }
    }

    #[test]
    fn only_a_certain_no_holds() {
        let facts = |online| Facts { online, ..Facts::default() };
        assert_eq!(auto(&facts(Some(true)), Settings::default()), Ok(Priority::Low));
        assert_eq!(auto(&facts(None), Settings::default()), Ok(Priority::Low), "unknown is not offline");
        assert_eq!(auto(&facts(Some(false)), Settings::default()), Err(Why::Offline));
        let hold = check(NOW, &facts(Some(false)), &Preferences::default(), None, Trigger::Auto).unwrap_err();
        assert_eq!((hold.until, hold.words.as_str()), (NOW + LOOK_AGAIN, "Waiting for a connection"));
        let manual = check(NOW, &facts(Some(false)), &Preferences::default(), None, Trigger::Manual);
        assert!(manual.is_ok(), "a person may try");
    }

    #[test]
    fn each_setting_alone_changes_what_happens() {
        let d = Settings::default;
        assert_eq!(auto(&online(), d()), Ok(Priority::Low));
        assert_eq!(auto(&online(), Settings { enabled: false, ..d() }), Err(Why::Disabled));

        let unplugged = power(Some(80), Some(false));
        assert_eq!(auto(&unplugged, d()), Ok(Priority::Low));
        let charger = Settings { sync_only_when_charging: true, ..d() };
        assert_eq!(auto(&unplugged, charger.clone()), Err(Why::NotCharging));
        assert_eq!(
            auto(&power(None, None), charger.clone()),
            Ok(Priority::Low),
            "unknown holds nothing (I10)"
        );
        assert_eq!(auto(&power(Some(3), Some(true)), charger), Ok(Priority::Low));

        assert_eq!(auto(&power(Some(20), Some(false)), d()), Ok(Priority::Low));
        assert_eq!(auto(&power(Some(19), None), d()), Err(Why::LowBattery));
        assert_eq!(
            auto(&power(Some(19), None), Settings { minimum_battery_level: 10, ..d() }),
            Ok(Priority::Low)
        );
        assert_eq!(auto(&power(Some(1), Some(true)), d()), Ok(Priority::Low));

        let urgent = Settings { priority_threshold: Priority::Normal, ..d() };
        assert_eq!(auto(&online(), urgent), Ok(Priority::Normal));

        let hold = |minutes| {
            let settings = Settings { enabled: false, sync_interval_minutes: minutes, ..d() };
            let preferences = Preferences { settings, ..Preferences::default() };
            check(NOW, &online(), &preferences, None, Trigger::Auto).unwrap_err().until
        };
        assert_eq!((hold(5), hold(7)), (NOW + Millis::minutes(5), NOW + Millis::minutes(7)));
    }

    #[test]
    fn what_is_low_waits_for_a_better_link() {
        for facts in [Facts { save_data: Some(true), ..online() }, Facts { slow: Some(true), ..online() }] {
            assert_eq!(auto(&facts, Settings::default()), Ok(Priority::Normal));
            let urgent = Settings { priority_threshold: Priority::High, ..Settings::default() };
            assert_eq!(auto(&facts, urgent), Ok(Priority::High), "the person wants still less");
            let manual = check(NOW, &facts, &Preferences::default(), None, Trigger::Manual).unwrap();
            assert_eq!(manual.lowest, Priority::Low, "a person sends everything");
        }
    }

    #[test]
    fn what_is_low_waits_for_the_off_peak_hours() {
        let night = Settings { off_peak_from: 22, off_peak_to: 6, ..Settings::default() };
        let at = |hour, settings: &Settings| auto(&Facts { hour, ..online() }, settings.clone());
        assert_eq!(at(Some(12), &night), Ok(Priority::Normal));
        assert_eq!(at(Some(23), &night), Ok(Priority::Low));
        assert_eq!(at(None, &night), Ok(Priority::Low), "unknown holds nothing (I10)");
        assert_eq!(at(Some(12), &Settings::default()), Ok(Priority::Low));
        let facts = Facts { hour: Some(12), ..online() };
        let preferences = Preferences { settings: night, ..Preferences::default() };
        let go = |trigger| check(NOW, &facts, &preferences, None, trigger).unwrap();
        assert_eq!(go(Trigger::Auto).why, Why::OffPeak);
        assert_eq!(go(Trigger::Manual).lowest, Priority::Low, "a person sends everything");
    }

    #[test]
    fn a_link_that_was_measured_poor_counts_as_one_while_that_is_fresh() {
        let mut session = Session::default();
        session.link.answered(NOW, Millis::seconds(2));
        let at = |now| {
            check(now, &online(), &Preferences::default(), Some(&session), Trigger::Auto).unwrap().lowest
        };
        assert_eq!((at(NOW), at(NOW + Millis::minutes(11))), (Priority::Normal, Priority::Low));
    }

    #[test]
    fn a_pause_binds_a_person_too_until_it_is_taken_back() {
        let paused = Preferences { paused: true, ..Preferences::default() };
        for trigger in [Trigger::Auto, Trigger::Manual] {
            assert_eq!(check(NOW, &online(), &paused, None, trigger).unwrap_err().why, Why::Paused);
        }
    }

    #[test]
    fn the_servers_wish_binds_until_its_time_and_no_other_hold_does() {
        let asked = Hold::new(Why::ServerAsked, NOW);
        let at = |now, last: &Hold| {
            let last = Session { hold: Some(last.clone()), ..Session::default() };
            check(now, &online(), &Preferences::default(), Some(&last), Trigger::Manual)
        };
        assert_eq!(at(NOW - Millis(1), &asked), Err(asked.clone()));
        assert!(at(NOW, &asked).is_ok());
        assert!(at(NOW - Millis(1), &Hold::new(Why::Unsteady, NOW)).is_ok());
    }

    #[test]
    fn a_clock_that_jumped_back_does_not_hold_for_ever() {
        let hold = Some(Hold::new(Why::ServerAsked, Millis::minutes(600)));
        let asked = Session { hold, ..Session::default() };
        let far = check(Millis(0), &online(), &Preferences::default(), Some(&asked), Trigger::Auto);
        assert!(far.is_ok());
    }
}
