//! When something is done again and again (D2).

use std::fmt;

use serde::{Deserialize, Serialize};

/// A day of the week.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Weekday {
    /// Day 1, as ISO 8601 counts them.
    Monday,
    /// Day 2.
    Tuesday,
    /// Day 3.
    Wednesday,
    /// Day 4.
    Thursday,
    /// Day 5.
    Friday,
    /// Day 6.
    Saturday,
    /// Day 7.
    Sunday,
}

/// A time of day as clocks show it, to the minute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct TimeOfDay {
    minutes: u16,
}

impl TimeOfDay {
    /// Reads `HH:MM`, from 00:00 to 23:59.
    pub fn parse(text: &str) -> Option<TimeOfDay> {
        let digit = |at: usize| text.as_bytes().get(at).filter(|byte| byte.is_ascii_digit());
        let number = |at: usize| Some(u16::from(digit(at)? - b'0') * 10 + u16::from(digit(at + 1)? - b'0'));
        let (hour, minute) = (number(0)?, number(3)?);
        let is_time = text.len() == 5 && text.as_bytes()[2] == b':' && hour < 24 && minute < 60;
        is_time.then_some(TimeOfDay { minutes: hour * 60 + minute })
    }

    /// Since midnight, on a day on which nobody moves the clocks.
    pub fn minutes(self) -> u16 {
        self.minutes
    }
}

impl fmt::Display for TimeOfDay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes / 60, self.minutes % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_minute_of_a_day_is_read_as_it_is_written() {
        for minutes in 0..24 * 60 {
            let time = TimeOfDay { minutes };
            assert_eq!(TimeOfDay::parse(&time.to_string()), Some(time));
        }
        assert_eq!(TimeOfDay::parse("06:30").unwrap().minutes(), 390);
        for odd in ["", "6:30", "24:00", "06:60", "06-30", "06:30:00", " 06:30", "+6:30", "0６:3", "06:3é"]
        {
            assert_eq!(TimeOfDay::parse(odd), None, "{odd}");
        }
    }
}
