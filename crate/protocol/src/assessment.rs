use serde::Serialize;
use serde_json::value::RawValue;

use crate::read::Read;
use crate::text::{MAX_NOTE, code, note};
use crate::{EntityId, FieldError};

/// The name of a site is at most this many characters.
const MAX_SITE: usize = 200;
/// A plan is at most this many characters.
const MAX_PLAN: usize = 10_000;
/// More people than live on earth are a slip of the finger.
const MOST_PEOPLE: u64 = 10_000_000_000;

/// What an assessment is about, and what a response answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Read)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum AssessmentKind {
    /// Disease, wounded, medical supply.
    Health,
    /// Water, sanitation, hygiene.
    Wash,
    /// Houses and camps.
    Shelter,
    /// Food and nutrition.
    Food,
    /// Danger from people or things.
    Security,
    /// Who is there.
    Population,
}

/// `data` of an ASSESSMENT. Further fields are kept as they are.
#[derive(Clone, Debug, Serialize, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Assessment {
    /// What it is about.
    pub kind: AssessmentKind,
    /// The site, as people call it.
    pub site: String,
    /// How many people it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub population: Option<u64>,
    /// Where: latitude and longitude in degrees (WGS 84).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gps: Option<[f64; 2]>,
    /// The answers to the form's questions, by the questions' names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "Record<string, unknown>"))]
    #[cfg_attr(feature = "openapi", schema(value_type = Option<Object>))]
    pub answers: Option<Box<RawValue>>,
    /// Anything worth saying.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

impl Assessment {
    /// What is wrong with it, field by field; empty when it can be accepted.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors: Vec<FieldError> = code("site", &self.site, MAX_SITE).into_iter().collect();
        if self.population.is_some_and(|people| people > MOST_PEOPLE) {
            errors.push(FieldError::new("population", "This is more people than there are."));
        }
        let beyond = |[latitude, longitude]: [f64; 2]| latitude.abs() > 90.0 || longitude.abs() > 180.0;
        if self.gps.is_some_and(beyond) {
            let words = "Enter a latitude from -90 to 90 and a longitude from -180 to 180.";
            errors.push(FieldError::new("gps", words));
        }
        if self.answers.as_ref().is_some_and(|answers| !answers.get().starts_with('{')) {
            errors.push(FieldError::new("answers", "The answers are an object, by question."));
        }
        errors.extend(note("note", self.note.as_deref(), MAX_NOTE));
        errors
    }
}

/// Where a planned response stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Read)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ResponseStatus {
    /// Thought of.
    Planned,
    /// Under way.
    Active,
    /// Done.
    Done,
    /// Given up.
    Cancelled,
}

/// `data` of a RESPONSE: what is to be done about an assessment. Further fields are kept as they are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Response {
    /// The entity of the assessment that it answers.
    pub assessment_id: EntityId,
    /// What it is about.
    pub kind: AssessmentKind,
    /// What is to be done.
    pub plan: String,
    /// Where it stands.
    pub status: ResponseStatus,
}

impl Response {
    /// What is wrong with it, field by field; empty when it can be accepted.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut errors: Vec<FieldError> = note("plan", Some(&self.plan), MAX_PLAN).into_iter().collect();
        if self.plan.trim().is_empty() {
            errors.push(FieldError::new("plan", "Say what is to be done."));
        }
        errors
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(json: &str) -> Vec<String> {
        let assessment: Assessment = serde_json::from_str(json).unwrap();
        assessment.validate().into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn a_good_assessment_passes_and_every_bad_field_is_named() {
        let good = r#"{"kind":"WASH","site":"Well 3","population":40,"gps":[5.2,13.3],"answers":{"q":true}}"#;
        assert!(faults(good).is_empty());
        let bad = r#"{"kind":"WASH","site":" ","population":10000000001,"gps":[91,0],"answers":[1]}"#;
        assert_eq!(faults(bad), ["site", "population", "gps", "answers"]);
        assert!(serde_json::from_str::<Assessment>(r#"{"kind":"WEATHER","site":"x"}"#).is_err());
    }

    #[test]
    fn a_response_needs_a_plan() {
        let id = crate::ItemId::new(crate::Millis(1), [0; 10]);
        let json = format!(r#"{{"assessmentId":"{id}","kind":"HEALTH","plan":" ","status":"PLANNED"}}"#);
        let response: Response = serde_json::from_str(&json).unwrap();
        assert_eq!(response.validate()[0].field, "plan");
    }
}
