//! Schedules: when a device is asked to sync, again and again (D2, D3).

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{FieldError, Millis, device_id_fault};

/// At most so many schedules of one person are in force.
pub const MAX_SCHEDULES: u32 = 50;
/// So many runs of a schedule are kept, the latest.
pub const MAX_SCHEDULE_RUNS: u32 = 100;
/// So many runs to come are told.
pub const TOLD_RUNS: usize = 5;
/// No name of a time zone is longer.
const MAX_TIME_ZONE: usize = 64;

/// How often something is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ScheduleType {
    /// On every day.
    Daily,
    /// On one day of a week.
    Weekly,
    /// On one day of a month; on the last of a month that has fewer.
    Monthly,
}

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

/// What becomes of a clash between an entry of the device's and what the server has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ResolveConflicts {
    /// The one that was entered later.
    KeepNewest,
    /// The device's.
    KeepLocal,
    /// The server's.
    KeepRemote,
    /// The person chooses.
    #[default]
    Ask,
}

/// The body of `POST /api/sync/schedule/create` and `POST /api/sync/schedule/preview`: what a device is to do and when.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleDraft {
    /// Which device, as it names itself.
    #[serde(alias = "device_id")]
    pub device_id: String,
    /// How often.
    #[serde(alias = "schedule_type")]
    pub schedule_type: ScheduleType,
    /// When on such a day, written `HH:MM`. A time that clocks leave out when they are put forward is made up for at
    /// once; one that comes twice counts the first time.
    #[serde(alias = "time_of_day")]
    pub time_of_day: String,
    /// By the clocks of which place, as the IANA names it: `Europe/Berlin`.
    #[serde(alias = "time_zone")]
    pub time_zone: String,
    /// On which day of a week, for a weekly one.
    #[serde(default, alias = "day_of_week", skip_serializing_if = "Option::is_none")]
    pub day_of_week: Option<Weekday>,
    /// On which day of a month, 1 to 31, for a monthly one.
    #[serde(default, alias = "day_of_month", skip_serializing_if = "Option::is_none")]
    pub day_of_month: Option<u8>,
    /// Whether what was deleted is deleted on the other side too.
    #[serde(default, alias = "sync_deletions")]
    pub sync_deletions: bool,
    /// What becomes of a clash.
    #[serde(default, alias = "resolve_conflicts")]
    pub resolve_conflicts: ResolveConflicts,
}

impl ScheduleDraft {
    /// Without the days that it does not go by.
    pub fn tidy(mut self) -> ScheduleDraft {
        self.time_zone = self.time_zone.trim().to_owned();
        self.day_of_week = self.day_of_week.filter(|_| self.schedule_type == ScheduleType::Weekly);
        self.day_of_month = self.day_of_month.filter(|_| self.schedule_type == ScheduleType::Monthly);
        self
    }

    /// What is wrong with it, but for whether there is such a device, and such a place.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = device_id_fault(&self.device_id).into_iter().collect();
        if TimeOfDay::parse(&self.time_of_day).is_none() {
            faults.push(FieldError::new("timeOfDay", "Enter a time as HH:MM, from 00:00 to 23:59."));
        }
        let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"/_+-".contains(&byte);
        let is_zone =
            (1..=MAX_TIME_ZONE).contains(&self.time_zone.len()) && self.time_zone.bytes().all(is_name);
        if !is_zone {
            faults.push(FieldError::new("timeZone", "Enter the name of a time zone, such as Europe/Berlin."));
        }
        if self.schedule_type == ScheduleType::Weekly && self.day_of_week.is_none() {
            faults.push(FieldError::new("dayOfWeek", "Choose a day of the week."));
        }
        if self.schedule_type == ScheduleType::Monthly
            && !self.day_of_month.is_some_and(|day| (1..=31).contains(&day))
        {
            faults.push(FieldError::new("dayOfMonth", "Enter a day from 1 to 31."));
        }
        faults
    }
}

/// A schedule of the caller's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedule {
    /// The server's name for it.
    pub id: String,
    /// What is to be done and when.
    #[serde(flatten)]
    pub draft: ScheduleDraft,
    /// When it was made.
    pub created_at: Millis,
    /// When it was disabled; it stays so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disabled_at: Option<Millis>,
    /// When it runs next; absent where it is disabled. It is looked at every five minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_run_at: Option<Millis>,
    /// When it ran last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_run_at: Option<Millis>,
    /// The next runs, the first first.
    #[serde(default)]
    pub next_runs: Vec<Millis>,
}

/// The answer to `GET /api/sync/schedules`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Schedules {
    /// In the order in which they were made, disabled ones too.
    pub schedules: Vec<Schedule>,
}

/// The answer to `POST /api/sync/schedule/preview`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct SchedulePreview {
    /// The next runs, the first first.
    pub next_runs: Vec<Millis>,
}

/// What became of a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum RunOutcome {
    /// The device was asked to sync.
    Asked,
    /// It could not be asked: it has been revoked, and the schedule is disabled.
    Revoked,
    /// The server does not know what the schedule goes by; it tries again a day later.
    Failed,
}

/// A run of a schedule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleRun {
    /// Its number, from 1.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub number: u64,
    /// When it was, by the server's clock.
    pub at: Millis,
    /// When it was due: of several that were missed, the first.
    pub due_at: Millis,
    /// How many records have changed on the server since what it told the device last.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub changes_detected: u64,
    /// What became of it.
    pub outcome: RunOutcome,
}

/// The answer to `GET /api/sync/schedule/{id}/runs`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ScheduleRuns {
    /// The latest first; no more than the last [`MAX_SCHEDULE_RUNS`].
    pub runs: Vec<ScheduleRun>,
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

    #[test]
    fn a_draft_has_what_its_type_goes_by_and_nothing_else() {
        let draft = |text: &str| {
            let rest = r#""device_id":"phone","time_of_day":"06:30","time_zone":" Europe/Berlin ""#;
            let draft: ScheduleDraft = serde_json::from_str(&format!("{{{rest},{text}}}")).unwrap();
            draft.tidy()
        };
        let faults = |draft: ScheduleDraft| {
            draft.validate().into_iter().map(|fault| fault.field).collect::<Vec<_>>().join(" ")
        };
        let daily = draft(r#""schedule_type":"daily","day_of_week":"friday","dayOfMonth":40"#);
        assert_eq!((daily.day_of_week, daily.day_of_month), (None, None));
        assert_eq!((daily.sync_deletions, daily.resolve_conflicts), (false, ResolveConflicts::Ask));
        assert_eq!(faults(daily.clone()), "");
        assert_eq!(faults(draft(r#""schedule_type":"weekly""#)), "dayOfWeek");
        assert_eq!(faults(draft(r#""schedule_type":"weekly","day_of_week":"sunday""#)), "");
        for (day, fault) in [(0, "dayOfMonth"), (1, ""), (31, ""), (32, "dayOfMonth")] {
            let monthly = draft(&format!(r#""scheduleType":"monthly","dayOfMonth":{day}"#));
            assert_eq!(faults(monthly), fault, "{day}");
        }
        let odd = ScheduleDraft {
            device_id: String::new(),
            time_of_day: "24:00".into(),
            time_zone: "Europe/Ber lin".into(),
            ..daily
        };
        assert_eq!(faults(odd), "deviceId timeOfDay timeZone");
    }
}
