//! What a meter's next reading will be like, from those before it, and whether a value is so far from it that a person
//! should look again (C7). Nothing is refused for it: whoever says that it is right is right.

use fieldsync_protocol::read;
use fieldsync_protocol::write::Write;
use fieldsync_protocol::{Period, Reading};

use crate::call::{CallCode, CallError};
use crate::ledger::Known;

/// So many readings of a meter are looked at: a year, and the one before it.
pub(crate) const READINGS: u32 = 13;
/// A month's use is far outside the usual above the largest one this many times, or below the smallest so many times less.
const FAR: f64 = 3.0;

/// What a reading is likely to be.
#[derive(Clone, Copy, Debug, PartialEq, Write)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Expected {
    /// From this value,
    pub from: f64,
    /// to this one: the least and the most that a month has used before, since the last reading.
    pub to: f64,
}

/// The readings of a meter, as the server was known to have them.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    /// Month (counted from the year 0) and value, the newest first.
    readings: Vec<(i64, f64)>,
    /// The newest one that was looked at, as JSON text.
    last: Option<String>,
}

impl History {
    /// Those before this period, of what was found, the newest first. A reading that is damaged is none.
    pub(crate) fn before(period: &Period, found: &[Known]) -> History {
        let until = period.month();
        let mut history = History::default();
        for known in found {
            let Ok(reading) = read::from_str::<Reading>(&known.data) else { continue };
            let (Some(month), value) = (reading.period.month(), reading.value.to_f64()) else { continue };
            if until.is_none_or(|until| month < until) && value.is_finite() {
                history.last.get_or_insert_with(|| known.data.clone());
                history.readings.push((month, value));
            }
        }
        history
    }

    /// Whether it is the newest of them.
    pub(crate) fn is_last(&self, known: &Known) -> bool {
        self.last.as_ref() == Some(&known.data)
    }

    /// The least and the most that a month has used. Where a meter was changed it counts from anew.
    fn usual(&self) -> Option<(f64, f64)> {
        let mut usual: Option<(f64, f64)> = None;
        for pair in self.readings.windows(2) {
            let [(later, value), (earlier, before)] = pair else { continue };
            let used = (value - before) / (later - earlier).max(1) as f64;
            if used >= 0.0 {
                let (least, most) = usual.unwrap_or((used, used));
                usual = Some((least.min(used), most.max(used)));
            }
        }
        usual
    }

    /// What it will be in this period; nothing where fewer than two readings tell.
    pub(crate) fn expected(&self, period: &Period) -> Option<Expected> {
        let (last, value) = self.readings.first()?;
        let months = (period.month()? - last).max(1) as f64;
        let (least, most) = self.usual()?;
        Some(Expected { from: value + least * months, to: value + most * months })
    }

    /// What a person is asked before this reading is saved, if anything.
    pub(crate) fn question(&self, reading: &Reading) -> Option<CallError> {
        let (last, before) = self.readings.first()?;
        let months = (reading.period.month()? - last).max(1) as f64;
        let used = reading.value.to_f64() - before;
        let words = if used < 0.0 {
            "This is lower than the last reading."
        } else {
            let (least, most) = self.usual()?;
            let used = used / months;
            if used > most * FAR {
                "This is far more than the meter usually counts."
            } else if used < least / FAR {
                "This is far less than the meter usually counts."
            } else {
                return None;
            }
        };
        let mut question = CallError::new(CallCode::Unusual, words);
        question.existing = self.last.as_ref().and_then(|last| read::from_str(last).ok());
        Some(question)
    }
}

#[cfg(test)]
mod tests {
    use fieldsync_protocol::ItemType;
    use serde_json::json;

    use super::*;
    use crate::conformance::id;

    fn reading(period: &str, value: f64) -> Reading {
        let reading = json!({"property": "P-1", "unit": "U1", "period": period, "value": value, "readAt": 1});
        read::from_str(&reading.to_string()).unwrap()
    }

    /// The readings of a meter, the newest first.
    fn known(readings: &[(&str, f64)]) -> Vec<Known> {
        readings
            .iter()
            .map(|(period, value)| Known {
                entity_id: id(1),
                r#type: ItemType::Reading,
                natural_key: None,
                version: 1,
                data: fieldsync_protocol::write::to_string(&reading(period, *value)),
                sealed: None,
            })
            .collect()
    }

    fn asked(readings: &[(&str, f64)], period: &str, value: f64) -> Option<String> {
        let reading = reading(period, value);
        let question = History::before(&reading.period, &known(readings)).question(&reading);
        question.map(|question| question.message)
    }

    const YEAR: [(&str, f64); 4] =
        [("2026-10", 1_300.0), ("2026-09", 1_200.0), ("2026-08", 1_150.0), ("2026-06", 1_000.0)];
    const LOWER: &str = "This is lower than the last reading.";
    const MORE: &str = "This is far more than the meter usually counts.";
    const LESS: &str = "This is far less than the meter usually counts.";

    #[test]
    fn a_value_unlike_the_others_is_asked_about() {
        // A month has used 50 to 100 before.
        for (value, question) in [
            (1_299.0, Some(LOWER)),
            (1_310.0, Some(LESS)),
            (1_317.0, None),
            (1_390.0, None),
            (1_600.0, None),
            (1_601.0, Some(MORE)),
        ] {
            assert_eq!(asked(&YEAR, "2026-11", value).as_deref(), question, "{value}");
        }
        assert_eq!(asked(&YEAR, "2027-01", 1_601.0), None, "in three months it may well be so much");
        assert_eq!(asked(&YEAR, "2027-01", 2_201.0).as_deref(), Some(MORE));
    }

    #[test]
    fn what_is_not_known_raises_no_question() {
        assert_eq!(asked(&[], "2026-11", 5.0), None);
        assert_eq!(asked(&[("2026-10", 100.0)], "2026-11", 1e9), None, "no month's use is known");
        assert_eq!(asked(&[("2026-10", 100.0)], "2026-11", 99.0).as_deref(), Some(LOWER));
        assert_eq!(
            asked(&[("2026-11", 900.0), ("2026-12", 950.0)], "2026-11", 5.0),
            None,
            "later ones say nothing"
        );
        let mut damaged = known(&YEAR);
        damaged[0].data = "{".into();
        let history = History::before(&Period("2026-11".into()), &damaged);
        assert!(history.is_last(&damaged[1]), "a damaged reading is none");
    }

    #[test]
    fn where_a_meter_was_changed_it_counts_from_anew() {
        let changed = [("2026-10", 120.0), ("2026-09", 20.0), ("2026-08", 99_000.0), ("2026-07", 98_920.0)];
        let period = Period("2026-11".into());
        let expected = History::before(&period, &known(&changed)).expected(&period);
        assert_eq!(expected, Some(Expected { from: 200.0, to: 220.0 }));
        assert_eq!(asked(&changed, "2026-11", 230.0), None);
    }

    #[test]
    fn a_question_says_what_the_last_one_was() {
        let reading = reading("2026-11", 9_000.0);
        let question = History::before(&reading.period, &known(&YEAR)).question(&reading).unwrap();
        assert_eq!(question.code, CallCode::Unusual);
        assert_eq!(question.existing.unwrap()["value"], json!(1_300.0));
    }
}
