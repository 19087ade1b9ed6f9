//! When something that is done daily, weekly or monthly is done next, by the clocks of a place (D2).
//!
//! There are no time zones in here: the host has them, and says how far a place's clocks are ahead ([`Zone`]). Where they
//! are put forward over the time of a run, it is made at the first instant after the gap; where they are put back over it,
//! once, at the first of both. Both are one rule: a run is made as soon as the clocks have come to its time.

use std::iter::successors;

use fieldsync_protocol::{TimeOfDay, Weekday};

use crate::time::Millis;

const DAY: i64 = 24 * 60 * 60;
/// No place's clocks were ever further from UTC, in seconds.
const FURTHEST: i64 = 16 * 60 * 60;
/// From a Monday on, weeks are counted: 1970-01-05, in days since 1970.
const MONDAY: i64 = 4;

/// The clocks of a place.
pub trait Zone {
    /// How far they are ahead of UTC at an instant, in seconds; less than 16 hours either way. The instant is in seconds
    /// since 1970.
    fn offset_at(&self, instant: i64) -> i32;
}

/// On which days it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Days {
    /// On every one.
    Daily,
    /// On this one of a week.
    Weekly(Weekday),
    /// On this one of a month, from 1 up; on the last of a month that has fewer.
    Monthly(u8),
}

/// When it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Recurrence {
    /// On which days,
    pub days: Days,
    /// and when on each of them.
    pub at: TimeOfDay,
}

impl Recurrence {
    /// The first run after an instant.
    pub fn next_run_after(self, zone: &impl Zone, after: Millis) -> Millis {
        let after = i64::try_from(after.0 / 1_000).unwrap_or(i64::MAX);
        // A run whose time the clocks have shown already has been made, so none of a day before is to come.
        let today = (after + offset(zone, after)).div_euclid(DAY);
        let mut runs = (0..).map(|n| first_at(zone, self.time(today, n)));
        let next = runs.find(|run| *run > after).and_then(|run| u64::try_from(run).ok());
        Millis(next.unwrap_or(u64::MAX).saturating_mul(1_000))
    }

    /// The runs after an instant, one after another.
    pub fn runs_after(self, zone: &impl Zone, after: Millis) -> impl Iterator<Item = Millis> {
        successors(Some(self.next_run_after(zone, after)), move |last| Some(self.next_run_after(zone, *last)))
    }

    /// What the clocks show at the `n`-th run of those from the day, week or month on that a day is in. Clocks are
    /// counted in seconds since they showed the beginning of 1970; days, since that one.
    fn time(self, today: i64, n: i64) -> i64 {
        let day = match self.days {
            Days::Daily => today + n,
            Days::Weekly(weekday) => ((today - MONDAY).div_euclid(7) + n) * 7 + MONDAY + weekday as i64,
            Days::Monthly(day) => {
                let month = month_of(today) + n;
                (first_of(month) + i64::from(day.max(1)) - 1).min(first_of(month + 1) - 1)
            }
        };
        day * DAY + i64::from(self.at.minutes()) * 60
    }
}

/// The first instant at which the clocks show this time, or a later one. No place has ever moved its clocks twice within
/// the span that is looked at.
fn first_at(zone: &impl Zone, time: i64) -> i64 {
    let (mut before, mut since) = (time - FURTHEST, time + FURTHEST);
    let (old, new) = (offset(zone, before), offset(zone, since));
    if old == new {
        return time - old;
    }
    while since - before > 1 {
        let between = before + (since - before) / 2;
        if offset(zone, between) == old { before = between } else { since = between }
    }
    // They were moved at `since`.
    let by_old = time - old;
    if by_old < since { by_old } else { since.max(time - new) }
}

fn offset(zone: &impl Zone, instant: i64) -> i64 {
    i64::from(zone.offset_at(instant))
}

/// The month that a day is in, counted from the beginning of the year 0. The arithmetic is Howard Hinnant's
/// (<https://howardhinnant.github.io/date_algorithms.html>): years begin in March, so that the leap day is their last.
fn month_of(day: i64) -> i64 {
    const ERA: i64 = 146_097;
    let day = day + 719_468;
    let (era, day) = (day.div_euclid(ERA), day.rem_euclid(ERA));
    let year = (day - day / 1_460 + day / 36_524 - day / (ERA - 1)) / 365;
    let day = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day + 2) / 153;
    (era * 400 + year) * 12 + month + 2
}

/// The first day of such a month.
fn first_of(month: i64) -> i64 {
    let (year, month) = ((month - 2).div_euclid(12), (month - 2).rem_euclid(12));
    let leaps = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    year * 365 + leaps + (153 * month + 2) / 5 - 719_468
}

#[cfg(test)]
mod tests;
