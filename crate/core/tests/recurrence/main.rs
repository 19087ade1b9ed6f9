//! Recurrence against two slow references, by the clocks of real places: every day of fifty years, and every minute about
//! the moments at which clocks are moved.
#![expect(clippy::unwrap_used, reason = "all of this is tests, its helpers too")]

mod minutes;

use fieldsync_core::Millis;
use fieldsync_core::protocol::{TimeOfDay, Weekday};
use fieldsync_core::schedule::recurrence::{Days, Recurrence, Zone};
use jiff::civil::{Date, DateTime, date};
use jiff::tz::{AmbiguousOffset, TimeZone, TimeZoneDatabase};
use jiff::{Timestamp, ToSpan};

/// Places whose clocks do what others' do not.
const PLACES: [&str; 12] = [
    "Europe/Berlin",
    // By half an hour.
    "Australia/Lord_Howe",
    // Never, at 5 h 45 min.
    "Asia/Kathmandu",
    // Left out 2011-12-30.
    "Pacific/Apia",
    // Left out 1993-08-21.
    "Pacific/Kwajalein",
    // Back for Ramadan, and forth again a month later.
    "Africa/Casablanca",
    // At one minute past midnight, for years.
    "America/St_Johns",
    // By two hours.
    "Antarctica/Troll",
    // At midnight: some days have none.
    "America/Sao_Paulo",
    // Back in spring: a negative summer time.
    "Europe/Dublin",
    // On days that were announced a week before.
    "Asia/Gaza",
    // By minutes and seconds, and at midnight.
    "Asia/Pyongyang",
];

struct Place(TimeZone);

impl Place {
    fn named(name: &str) -> Place {
        Place(TimeZoneDatabase::bundled().get(name).unwrap())
    }

    /// When its clocks are moved, in seconds.
    fn moves(&self, from: Timestamp, to: Timestamp) -> Vec<i64> {
        let moves = self.0.following(from).map(|moved| moved.timestamp());
        moves.take_while(|at| *at < to).map(Timestamp::as_second).collect()
    }
}

impl Zone for Place {
    fn offset_at(&self, instant: i64) -> i32 {
        self.0.to_offset(Timestamp::from_second(instant).unwrap()).seconds()
    }
}

fn at(days: Days, time: &str) -> Recurrence {
    Recurrence { days, at: TimeOfDay::parse(time).unwrap() }
}

/// Whether a run is on this day.
fn is_on(days: Days, day: Date) -> bool {
    match days {
        Days::Daily => true,
        Days::Weekly(weekday) => day.weekday().to_monday_zero_offset() == weekday as i8,
        Days::Monthly(of_month) => {
            let last = day.days_in_month();
            day.day() == i8::try_from(of_month).unwrap().min(last)
        }
    }
}

fn instant(date: Date) -> Timestamp {
    TimeZone::UTC.to_timestamp(date.at(0, 0, 0, 0)).unwrap()
}

/// When the clocks of a place come to a time, by what a library of time zones makes of it.
fn comes(place: &Place, time: DateTime) -> i64 {
    let by = |offset: jiff::tz::Offset| offset.to_timestamp(time).unwrap().as_second();
    match place.0.to_ambiguous_timestamp(time).offset() {
        AmbiguousOffset::Unambiguous { offset } => by(offset),
        AmbiguousOffset::Fold { before, .. } => by(before),
        // By the clocks after the gap it is before it: the move is the next one from there.
        AmbiguousOffset::Gap { after, .. } => {
            let before = Timestamp::from_second(by(after)).unwrap();
            place.0.following(before).next().unwrap().timestamp().as_second()
        }
    }
}

#[test]
fn every_run_of_fifty_years_is_as_the_days_of_the_calendar_have_it() {
    let (from, to) = (date(1990, 1, 1), date(2040, 1, 1));
    for name in PLACES {
        let place = Place::named(name);
        for recurrence in [
            at(Days::Daily, "00:00"),
            at(Days::Daily, "02:30"),
            at(Days::Weekly(Weekday::Sunday), "02:00"),
            at(Days::Weekly(Weekday::Friday), "23:59"),
            at(Days::Monthly(31), "01:30"),
            at(Days::Monthly(29), "00:01"),
        ] {
            let (hour, minute) = (recurrence.at.minutes() / 60, recurrence.at.minutes() % 60);
            let time = |day: Date| day.at(hour as i8, minute as i8, 0, 0);
            let calendar = from.series(1.day()).take_while(|day| *day < to);
            let days = calendar.filter(|day| is_on(recurrence.days, *day));
            let mut expected: Vec<i64> = days.map(|day| comes(&place, time(day))).collect();
            expected.dedup();
            // From the second on: nobody knows what was before the first.
            let first = Millis(u64::try_from(expected[0]).unwrap() * 1_000);
            let mut runs = recurrence.runs_after(&place, first);
            for expected in &expected[1..] {
                let run = runs.next().unwrap().0 / 1_000;
                assert_eq!(Ok(run), u64::try_from(*expected), "{name}, {recurrence:?}");
            }
        }
    }
}

#[test]
fn no_place_moves_its_clocks_twice_within_what_is_looked_at_or_is_further_than_that_from_utc() {
    let known = TimeZoneDatabase::bundled();
    let (from, to) = (instant(date(1970, 1, 1)), instant(date(2070, 1, 1)));
    let mut places = 0;
    for name in known.available() {
        let place = Place(known.get(name.as_str()).unwrap());
        let moves = place.moves(from, to);
        assert!(moves.windows(2).all(|pair| pair[1] - pair[0] > 32 * 3_600), "{}", name.as_str());
        for at in moves.iter().flat_map(|at| [*at, *at - 1]) {
            assert!(place.offset_at(at).abs() < 16 * 3_600, "{}", name.as_str());
        }
        places += 1;
    }
    assert!(places > 400, "{places}");
}
