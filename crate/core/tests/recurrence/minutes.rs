//! Recurrence against whoever looks at a clock every minute: a run is made whenever it shows a time, or has gone past it,
//! that it had never shown before.

use fieldsync_core::Millis;
use fieldsync_core::protocol::{TimeOfDay, Weekday};
use fieldsync_core::schedule::recurrence::{Days, Recurrence, Zone};
use jiff::SignedDuration;
use jiff::civil::{DateTime, date};
use proptest::prelude::*;

use super::{PLACES, Place, instant, is_on};

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// What a clock shows that shows nothing but seconds since 1970.
fn shown(seconds: i64) -> DateTime {
    date(1970, 1, 1).at(0, 0, 0, 0).checked_add(SignedDuration::from_secs(seconds)).unwrap()
}

/// The runs of these days after an instant, minute by minute.
fn watched(place: &Place, recurrence: Recurrence, after: i64, until: i64) -> Vec<u64> {
    let of_day = i64::from(recurrence.at.minutes()) * MINUTE;
    let mut runs = Vec::new();
    // Nobody's clocks are put back further than two days.
    let mut latest =
        (after - 2 * DAY..=after).step_by(60).map(|at| at + i64::from(place.offset_at(at))).max().unwrap();
    for at in (after + MINUTE..until).step_by(60) {
        let shows = at + i64::from(place.offset_at(at));
        if shows <= latest {
            continue;
        }
        // The days whose time lies between what was shown at the latest and what is shown now.
        let days = (latest - of_day).div_euclid(DAY) + 1..=(shows - of_day).div_euclid(DAY);
        if days.into_iter().any(|day| is_on(recurrence.days, shown(day * DAY).date())) {
            runs.push(u64::try_from(at).unwrap());
        }
        latest = shows;
    }
    runs
}

fn days() -> impl Strategy<Value = Days> {
    let weekday = prop::sample::select(vec![
        Weekday::Monday,
        Weekday::Tuesday,
        Weekday::Wednesday,
        Weekday::Thursday,
        Weekday::Friday,
        Weekday::Saturday,
        Weekday::Sunday,
    ]);
    prop_oneof![Just(Days::Daily), weekday.prop_map(Days::Weekly), (1_u8..=31).prop_map(Days::Monthly)]
}

/// A time of day, often one at which clocks are moved.
fn time() -> impl Strategy<Value = TimeOfDay> {
    let hour = prop_oneof![0_u8..4, 0_u8..24];
    (hour, 0_u8..60).prop_map(|(hour, minute)| TimeOfDay::parse(&format!("{hour:02}:{minute:02}")).unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn runs_are_where_somebody_who_watches_a_clock_sees_them(
        name in prop::sample::select(PLACES.to_vec()),
        days in days(),
        time in time(),
        which in any::<prop::sample::Index>(),
        before in 0_i64..4 * 24 * 60,
    ) {
        let place = Place::named(name);
        let (from, to) = (instant(date(1990, 1, 1)), instant(date(2040, 1, 1)));
        let moves = place.moves(from, to);
        // Where clocks are never moved, any day is as good as another.
        let moved = if moves.is_empty() { from.as_second() } else { moves[which.index(moves.len())] };
        let after = moved.div_euclid(MINUTE) * MINUTE - before * MINUTE;
        let until = after + 40 * DAY;
        let recurrence = Recurrence { days, at: time };
        let runs = recurrence.runs_after(&place, Millis(u64::try_from(after).unwrap() * 1_000));
        let runs: Vec<u64> = runs.map(|run| run.0 / 1_000).take_while(|run| *run < until as u64).collect();
        prop_assert_eq!(runs, watched(&place, recurrence, after, until), "{} from {}", name, after);
    }
}
