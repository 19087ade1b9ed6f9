use std::fmt;

use crate::read::Read;
use crate::text::{MAX_CODE, MAX_NOTE, code, note};
use crate::write::Write;
use crate::{FieldError, Millis, Number};

/// No meter shows this much.
const TOO_LARGE: f64 = 1e12;

/// `data` of a READING.
#[derive(Clone, Debug, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Reading {
    /// The building or site, as its code says.
    pub property: String,
    /// The flat, shop or room within it.
    pub unit: String,
    /// The meter, where a unit has several; absent, it is the unit's only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub meter: Option<String>,
    /// The month it counts for.
    pub period: Period,
    /// What the meter shows, in the meter's own unit.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    #[cfg_attr(feature = "openapi", schema(value_type = f64))]
    pub value: Number,
    /// When the meter was read, by the device's clock.
    pub read_at: Millis,
    /// Who read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reader: Option<String>,
    /// Anything worth saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// A month, written `YYYY-MM`. Any text can be held; [`Reading::validate`] says whether it is a month.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Read, Write)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Period(pub String);

impl Period {
    /// Whether it is a month of the years 1900 to 2999.
    pub fn is_month(&self) -> bool {
        self.month().is_some()
    }

    /// The month, counted from January of the year 0.
    pub fn month(&self) -> Option<i64> {
        let &[a, b, c, d, b'-', e, f] = self.0.as_bytes() else { return None };
        let number = |digits: &[u8]| {
            let whole = digits.iter().all(u8::is_ascii_digit);
            whole.then(|| digits.iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0')))
        };
        let (year, month) = (number(&[a, b, c, d])?, number(&[e, f])?);
        ((1900..3000).contains(&year) && (1..=12).contains(&month)).then_some(year * 12 + month - 1)
    }
}

/// What makes a reading the only one of its kind: property, unit, meter and period. One reading a key, on the device
/// and on the server.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Read, Write)]
#[serde(transparent)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct NaturalKey(String);

impl fmt::Display for NaturalKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl NaturalKey {
    /// How the keys of all readings of one meter begin; in their order, the last period is the last.
    pub fn of_meter(property: &str, unit: &str, meter: Option<&str>) -> String {
        [property.trim(), unit.trim(), meter.unwrap_or_default().trim(), ""].join("\u{1f}")
    }

    /// The same key with another text in the place of its meter, as a device with a vault stores it: equal for equal
    /// meters, and the periods of one still in order.
    pub fn blinded(&self, meter: &str) -> NaturalKey {
        NaturalKey([meter, self.parts().1].join("\u{1f}"))
    }

    /// How the blinded keys of one meter begin.
    pub fn of_hash(hash: &str) -> String {
        [hash, ""].join("\u{1f}")
    }

    /// How the key begins ([`NaturalKey::of_meter`]), and its period.
    pub fn parts(&self) -> (&str, &str) {
        let at = self.0.rfind('\u{1f}').map_or(0, |at| at + 1);
        (self.0.get(..at).unwrap_or_default(), self.0.get(at..).unwrap_or_default())
    }
}

impl Reading {
    /// The reading's natural key. The parts of a valid reading hold no control characters, so the separator (U+001F)
    /// keeps them apart.
    pub fn natural_key(&self) -> NaturalKey {
        let meter = self.meter.as_deref().unwrap_or_default();
        NaturalKey([&self.property, &self.unit, meter, &self.period.0].join("\u{1f}"))
    }

    /// The same reading with white space around its texts cut off, and empty optional texts left out.
    pub fn tidy(mut self) -> Reading {
        for text in [&mut self.property, &mut self.unit, &mut self.period.0] {
            *text = text.trim().to_owned();
        }
        for text in [&mut self.meter, &mut self.reader, &mut self.note] {
            *text = text.take().map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        }
        self
    }

    /// What is wrong with it, field by field; empty when it can be accepted. The device asks before it stores, the
    /// server before it applies.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors = Vec::new();
        errors.extend(code("property", &self.property, MAX_CODE));
        errors.extend(code("unit", &self.unit, MAX_CODE));
        errors.extend(self.meter.as_ref().and_then(|meter| code("meter", meter, MAX_CODE)));
        errors.extend(self.reader.as_ref().and_then(|reader| code("reader", reader, MAX_CODE)));
        if !self.period.is_month() {
            errors.push(FieldError::new("period", "Enter a month as YYYY-MM, such as 2026-11."));
        }
        let value = self.value.to_f64();
        if value >= TOO_LARGE {
            errors.push(FieldError::new("value", "This number is too large for a meter."));
        } else if value.is_nan() || value < 0.0 {
            errors.push(FieldError::new("value", "Enter what the meter shows: a number from 0 up."));
        }
        errors.extend(note("note", self.note.as_deref(), MAX_NOTE));
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(value: f64) -> Number {
        Number::try_from(value).unwrap()
    }

    fn reading() -> Reading {
        Reading {
            property: "P-1".into(),
            unit: "U1".into(),
            meter: None,
            period: Period("2026-11".into()),
            value: number(12.5),
            read_at: Millis(1),
            reader: None,
            note: None,
        }
    }

    fn wrong(change: impl FnOnce(&mut Reading)) -> Vec<String> {
        let mut it = reading();
        change(&mut it);
        it.validate().into_iter().map(|error| error.field).collect()
    }

    #[test]
    fn a_good_reading_has_nothing_wrong() {
        assert!(reading().validate().is_empty());
    }

    #[test]
    fn each_field_is_checked_on_its_own() {
        assert_eq!(wrong(|r| r.property = " ".into()), ["property"]);
        assert_eq!(wrong(|r| r.property = "x".repeat(65)), ["property"]);
        assert_eq!(wrong(|r| r.unit = "a\u{1f}b".into()), ["unit"]);
        assert_eq!(wrong(|r| r.meter = Some(String::new())), ["meter"]);
        assert_eq!(wrong(|r| r.reader = Some("x\u{0}".into())), ["reader"]);
        assert_eq!(wrong(|r| r.value = number(-0.1)), ["value"]);
        assert_eq!(wrong(|r| r.note = Some("n".repeat(2_001))), ["note"]);
        for period in
            ["", "2026", "2026-13", "2026-00", "26-11", "2026/11", "2026-1é", "+026-11", "2026-11-01"]
        {
            assert_eq!(wrong(|r| r.period = Period(period.into())), ["period"], "{period:?}");
        }
    }

    #[test]
    fn codes_that_look_the_same_are_the_same() {
        for unseen in [
            '\u{ad}', '\u{61c}', '\u{200b}', '\u{200d}', '\u{200f}', '\u{2028}', '\u{202e}', '\u{2060}',
            '\u{2066}', '\u{206f}', '\u{feff}',
        ] {
            assert_eq!(wrong(|r| r.property = format!("P-1{unseen}")), ["property"], "{unseen:?}");
            assert_eq!(wrong(|r| r.meter = Some(format!("w{unseen}ater"))), ["meter"], "{unseen:?}");
        }
        let mut it = reading();
        it.unit = "U\u{200b}".into();
        assert_eq!(it.validate()[0].message, "Use letters, digits and signs only.");
        assert!(
            wrong(|r| r.property = "Straße 7/é-日 ‐ №".into()).is_empty(),
            "what can be seen can be used"
        );
        assert!(wrong(|r| r.note = Some("👩\u{200d}🔧".into())).is_empty(), "a note is free");
    }

    #[test]
    fn a_value_is_from_0_up_and_what_a_meter_can_show() {
        let said = |value| {
            let mut it = reading();
            it.value = number(value);
            it.validate().into_iter().map(|error| error.message).collect::<Vec<_>>()
        };
        for value in [0.0, 0.001, 999_999_999_999.0] {
            assert!(said(value).is_empty(), "{value}");
        }
        for value in [1e12, f64::MAX] {
            assert_eq!(said(value), ["This number is too large for a meter."], "{value}");
        }
        for value in [-0.001, f64::MIN] {
            assert_eq!(said(value), ["Enter what the meter shows: a number from 0 up."], "{value}");
        }
    }

    #[test]
    fn tidy_makes_typed_text_acceptable() {
        let mut it = reading();
        it.property = " P-1 ".into();
        it.meter = Some("  ".into());
        it.note = Some(" dog ".into());
        let it = it.tidy();
        assert_eq!((it.property.as_str(), it.meter.as_ref(), it.note.as_deref()), ("P-1", None, Some("dog")));
    }

    #[test]
    fn keys_differ_when_any_part_differs() {
        let key = reading().natural_key();
        for change in [
            |r: &mut Reading| r.property = "P-2".into(),
            |r: &mut Reading| r.unit = "U2".into(),
            |r: &mut Reading| r.meter = Some("m".into()),
            |r: &mut Reading| r.period = Period("2026-12".into()),
        ] {
            let mut other = reading();
            change(&mut other);
            assert_ne!(other.natural_key(), key);
        }
        let mut same = reading();
        same.value = number(99.0);
        assert_eq!(same.natural_key(), key);
    }
}
