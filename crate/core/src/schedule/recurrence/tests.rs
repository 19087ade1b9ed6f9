use super::*;

const HOUR: i64 = 3_600;
/// 2026-01-01, in days since 1970: a Thursday.
const NEW_YEAR: i64 = 20_454;

/// Clocks that are moved once.
struct Moved {
    at: i64,
    old: i64,
    new: i64,
}

impl Zone for Moved {
    fn offset_at(&self, instant: i64) -> i32 {
        i32::try_from(if instant < self.at { self.old } else { self.new }).unwrap()
    }
}

/// Clocks that never are.
fn fixed(offset: i64) -> Moved {
    Moved { at: 0, old: offset, new: offset }
}

fn recurrence(days: Days, at: &str) -> Recurrence {
    Recurrence { days, at: TimeOfDay::parse(at).unwrap() }
}

/// The first runs after an instant, in seconds.
fn runs(days: Days, at: &str, zone: &Moved, after: i64, count: usize) -> Vec<i64> {
    let after = Millis(u64::try_from(after).unwrap() * 1_000);
    let runs = recurrence(days, at).runs_after(zone, after).take(count);
    runs.map(|run| i64::try_from(run.0 / 1_000).unwrap()).collect()
}

/// The days of the runs after one, which is counted from 2026-01-01 as they are.
fn days(days: Days, after: i64, count: usize) -> Vec<i64> {
    let runs = runs(days, "00:00", &fixed(0), (NEW_YEAR + after) * DAY, count);
    runs.into_iter().map(|run| run / DAY - NEW_YEAR).collect()
}

#[test]
fn months_are_told_apart_in_every_year() {
    let mut day = first_of(1_600 * 12);
    assert_eq!(first_of(1_970 * 12), 0);
    for month in 1_600 * 12..2_400 * 12 {
        let year = month / 12;
        let is_leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
        let length = match month % 12 {
            1 => 28 + i64::from(is_leap),
            3 | 5 | 8 | 10 => 30,
            _ => 31,
        };
        assert_eq!(first_of(month), day, "{month}");
        assert!((day..day + length).all(|day| month_of(day) == month), "{month}");
        day += length;
    }
}

#[test]
fn daily_is_every_day_and_never_now() {
    assert_eq!(days(Days::Daily, 0, 3), [1, 2, 3]);
    let at =
        |after| runs(Days::Daily, "06:30", &fixed(2 * HOUR), NEW_YEAR * DAY + after, 1)[0] - NEW_YEAR * DAY;
    assert_eq!(at(4 * HOUR + 1_799), 4 * HOUR + 1_800);
    assert_eq!(at(4 * HOUR + 1_800), 28 * HOUR + 1_800);
    assert_eq!(at(-3 * HOUR), 4 * HOUR + 1_800, "there it is tomorrow already");
}

#[test]
fn weekly_is_on_the_day_of_the_week() {
    assert_eq!(days(Days::Weekly(Weekday::Thursday), 0, 3), [7, 14, 21]);
    assert_eq!(days(Days::Weekly(Weekday::Thursday), -1, 2), [0, 7]);
    assert_eq!(days(Days::Weekly(Weekday::Monday), 0, 2), [4, 11]);
    assert_eq!(days(Days::Weekly(Weekday::Sunday), 0, 2), [3, 10]);
}

#[test]
fn monthly_is_on_the_last_day_of_a_month_that_is_too_short() {
    assert_eq!(days(Days::Monthly(31), 0, 5), [30, 58, 89, 119, 150]);
    assert_eq!(days(Days::Monthly(29), 0, 3), [28, 58, 87]);
    assert_eq!(days(Days::Monthly(1), 0, 3), [31, 59, 90]);
    // 2028-02-29.
    assert_eq!(days(Days::Monthly(30), 760, 2), [789, 819]);
}

#[test]
fn a_time_that_is_left_out_is_made_up_for_at_once() {
    // At 02:00 it is 03:00.
    let at = NEW_YEAR * DAY + HOUR;
    let spring = Moved { at, old: HOUR, new: 2 * HOUR };
    let first = |time| runs(Days::Daily, time, &spring, at - HOUR, 2);
    assert_eq!(first("01:59"), [at - 60, at + DAY - HOUR - 60]);
    assert_eq!(first("02:00"), [at, at + DAY - HOUR]);
    assert_eq!(first("02:30"), [at, at + DAY - HOUR + 1_800]);
    assert_eq!(first("03:00"), [at, at + DAY]);
    assert_eq!(first("03:01"), [at + 60, at + DAY + 60]);
}

#[test]
fn a_time_that_comes_twice_is_the_first() {
    // At 03:00 it is 02:00.
    let at = NEW_YEAR * DAY + HOUR;
    let autumn = Moved { at, old: 2 * HOUR, new: HOUR };
    let first = |time, after| runs(Days::Daily, time, &autumn, after, 1)[0];
    assert_eq!(first("02:30", at - HOUR), at - 1_800);
    for after in [at - 1_800, at - 1, at, at + 1_800] {
        assert_eq!(first("02:30", after), at + DAY + 1_800, "{}", after - at);
    }
    assert_eq!(first("02:00", at - HOUR), at + DAY, "it was made at that instant");
    assert_eq!(first("03:00", at - HOUR), at + HOUR);
}

#[test]
fn a_day_that_is_left_out_is_made_up_for_and_one_that_comes_twice_counts_once() {
    let midnight = (NEW_YEAR + 1) * DAY;
    let skipped = Moved { at: midnight, old: 0, new: 15 * HOUR };
    assert_eq!(
        runs(Days::Weekly(Weekday::Friday), "09:00", &skipped, NEW_YEAR * DAY, 2),
        [midnight, midnight + 7 * DAY - 6 * HOUR]
    );
    let repeated = Moved { at: midnight, old: 12 * HOUR, new: -12 * HOUR };
    assert_eq!(
        runs(Days::Daily, "09:00", &repeated, NEW_YEAR * DAY, 3),
        [midnight - 3 * HOUR, midnight + 45 * HOUR, midnight + 69 * HOUR]
    );
}

#[test]
fn the_end_of_time_is_no_fault() {
    let far = recurrence(Days::Monthly(31), "23:59").next_run_after(&fixed(0), Millis(u64::MAX));
    assert!(far > Millis(u64::MAX - 1_000_000), "{far:?}");
}
