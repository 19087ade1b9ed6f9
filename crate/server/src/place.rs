//! The clocks of a place, by the tables of the system that the server runs on, or by those that it has itself.

use fieldsync_core::schedule::recurrence::{Days, Recurrence, Zone};
use fieldsync_protocol::{Millis, ScheduleDraft, ScheduleType, TimeOfDay};
use jiff::Timestamp;
use jiff::tz::TimeZone;

/// Files among a system's tables that are another place on every system.
const NO_NAMES: [&str; 2] = ["localtime", "posixrules"];

/// A place whose clocks are known.
#[derive(Clone, Debug)]
pub struct Place(TimeZone);

impl Place {
    /// The place of an IANA name, in any case of letters.
    pub fn named(name: &str) -> Option<Place> {
        let is_name = !NO_NAMES.iter().any(|none| none.eq_ignore_ascii_case(name));
        TimeZone::get(name).ok().filter(|zone| is_name && !zone.is_unknown()).map(Place)
    }

    /// The last time, up to an instant, that its clocks came to a time of day, and the first after it.
    pub fn around(&self, time: &str, instant: Millis) -> (Millis, Millis) {
        // Longer than any day, with any that a place may have left out.
        const BEFORE: Millis = Millis::minutes(3 * 24 * 60);
        let Some(at) = TimeOfDay::parse(time) else { return (Millis::ZERO, Millis(u64::MAX)) };
        let mut last = Millis::ZERO;
        for run in (Recurrence { days: Days::Daily, at }).runs_after(self, instant - BEFORE) {
            if run > instant {
                return (last, run);
            }
            last = run;
        }
        (last, Millis(u64::MAX))
    }

    /// Its name, in the letters of the tables.
    pub fn name(&self) -> Option<&str> {
        self.0.iana_name()
    }
}

impl Zone for Place {
    fn offset_at(&self, instant: i64) -> i32 {
        let end = if instant < 0 { Timestamp::MIN } else { Timestamp::MAX };
        self.0.to_offset(Timestamp::from_second(instant).unwrap_or(end)).seconds()
    }
}

/// A schedule as it runs: when, by which clocks.
#[derive(Clone, Debug)]
pub struct Plan {
    recurrence: Recurrence,
    place: Place,
}

impl Plan {
    /// What a draft comes to; `None` where this server does not know what it goes by.
    pub fn of(draft: &ScheduleDraft) -> Option<Plan> {
        let days = match draft.schedule_type {
            ScheduleType::Daily => Days::Daily,
            ScheduleType::Weekly => Days::Weekly(draft.day_of_week?),
            ScheduleType::Monthly => Days::Monthly(draft.day_of_month?),
        };
        let recurrence = Recurrence { days, at: TimeOfDay::parse(&draft.time_of_day)? };
        Some(Plan { recurrence, place: Place::named(&draft.time_zone)? })
    }

    /// The first run after an instant.
    pub fn next_run_after(&self, after: Millis) -> Millis {
        self.recurrence.next_run_after(&self.place, after)
    }

    /// The runs after an instant, one after another.
    pub fn runs_after(&self, after: Millis) -> impl Iterator<Item = Millis> {
        self.recurrence.runs_after(&self.place, after)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_known_by_their_names_alone() {
        for (name, known) in [
            ("Europe/Berlin", Some("Europe/Berlin")),
            ("europe/berlin", Some("Europe/Berlin")),
            ("UTC", Some("UTC")),
            ("Mars/Olympus", None),
            ("Etc/Unknown", None),
            ("", None),
            ("../../etc/passwd", None),
            ("right/Europe/Berlin", None),
            ("posixrules", None),
        ] {
            assert_eq!(Place::named(name).as_ref().and_then(Place::name), known, "{name}");
        }
    }

    #[test]
    fn clocks_are_read_at_any_time() {
        let berlin = Place::named("Europe/Berlin").unwrap();
        assert_eq!(berlin.offset_at(1_782_000_000), 7_200);
        assert_eq!(berlin.offset_at(1_795_000_000), 3_600);
        for end in [i64::MIN, i64::MAX] {
            assert!(berlin.offset_at(end).abs() < 16 * 3_600);
        }
    }
}
