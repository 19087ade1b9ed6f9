//! The demo's properties, with their units and meters; and the meter that a demo's server takes only later.

use axum::Json;
use fieldsync_protocol::{ItemResult, Millis, Problem, PushItem, PushStatus};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::openapi::Refused;

/// The demo's properties.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Properties {
    /// All of them.
    #[schema(value_type = Vec<Property>)]
    pub properties: &'static [Property],
}

/// A building.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Property {
    /// The code that a reading names it by.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Its flats and shops.
    #[schema(value_type = Vec<Unit>)]
    pub units: &'static [Unit],
}

/// A flat, shop or room.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Unit {
    /// The code that a reading names it by, within its property.
    pub code: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// Its meters.
    #[schema(value_type = Vec<Meter>)]
    pub meters: &'static [Meter],
}

/// A meter.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Meter {
    /// The code that a reading names it by, within its unit.
    pub code: &'static str,
    /// `water`, `electricity`, `gas` or `heat`.
    pub kind: &'static str,
    /// What it counts in.
    pub unit: &'static str,
}

/// Lists the demo's properties.
#[utoipa::path(get, path = "/api/demo/properties", tag = "demo", operation_id = "demoProperties",
    responses((status = 200, description = "All of them.", body = Properties), (status = 404, description = "This is no demo.", body = Problem, content_type = "application/problem+json"), Refused))]
pub async fn properties() -> Json<Properties> {
    Json(Properties { properties: PROPERTIES })
}

const WATER: Meter = Meter { code: "water", kind: "water", unit: "m³" };
const ELECTRICITY: Meter = Meter { code: "electricity", kind: "electricity", unit: "kWh" };
const GAS: Meter = Meter { code: "gas", kind: "gas", unit: "m³" };
const HEAT: Meter = Meter { code: "heat", kind: "heat", unit: "kWh" };

const fn unit(code: &'static str, name: &'static str, meters: &'static [Meter]) -> Unit {
    Unit { code, name, meters }
}

/// The demo's properties.
pub const PROPERTIES: &[Property] = &[
    Property {
        code: "P-1",
        name: "Linden House",
        units: &[
            unit("U1", "Flat 1, ground floor", &[WATER, ELECTRICITY]),
            unit("U2", "Flat 2, first floor", &[WATER, ELECTRICITY]),
            unit("U3", "Flat 3, second floor", &[WATER, ELECTRICITY]),
            unit("U4", "Laundry", &[WATER]),
        ],
    },
    Property {
        code: "P-2",
        name: "Harbour Street 12",
        units: &[
            unit("U1", "Bakery", &[GAS, ELECTRICITY]),
            unit("U2", "Flat left", &[WATER, HEAT]),
            unit("U3", "Flat right", &[WATER, HEAT]),
        ],
    },
    Property {
        code: "P-3",
        name: "Hillside School",
        units: &[
            unit("U1", "Main building", &[HEAT, ELECTRICITY]),
            unit("U2", "Sports hall", &[HEAT, WATER]),
            unit("U3", "Kitchen", &[GAS, WATER]),
            unit("U4", "Caretaker's flat", &[WATER]),
            unit("U5", "Garden", &[WATER]),
        ],
    },
    Property {
        code: "P-4",
        name: "Old Mill Workshops",
        units: &[
            unit("U1", "Joinery", &[ELECTRICITY]),
            unit("U2", "Pottery", &[GAS, ELECTRICITY]),
            unit("U3", "Bicycle repair", &[ELECTRICITY]),
            unit("U4", "Yard", &[WATER]),
        ],
    },
];

/// A reading of this meter is asked for again, so that a demo can show what becomes of an item then.
const LATER: &str = "later";
/// How long after it was entered it is taken.
const LATER_BY: Millis = Millis::minutes(2);

/// What is answered to an item that the demo's server takes only later; `None` for every other.
pub fn later(item: &PushItem, now: Millis) -> Option<ItemResult> {
    #[derive(Deserialize)]
    struct OfMeter {
        meter: String,
    }
    let OfMeter { meter } = serde_json::from_str(item.data.as_ref()?.get()).ok()?;
    // A device's clock may be wrong, and so be far ahead.
    let wait = (item.entered_at().0 + LATER_BY.0).checked_sub(now.0).filter(|wait| *wait > 0)?;
    (meter == LATER).then(|| ItemResult {
        message: Some("The demo's server takes this meter two minutes later.".into()),
        retry_after_ms: Some(Millis(wait.min(LATER_BY.0))),
        ..ItemResult::new(item.id, PushStatus::Retry)
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::json;

    use super::*;

    #[test]
    fn one_meter_alone_is_taken_later_and_for_a_while_alone() {
        let entered = Millis(1_000_000);
        let asked = |meter: &str, now: Millis| {
            let id = "01930000-0000-7000-8000-000000000001";
            let item: PushItem = serde_json::from_value(json!({
                "id": id, "type": "READING", "action": "CREATE", "entityId": id,
                "createdAt": entered.0, "data": { "property": "P-1", "meter": meter }
            }))
            .unwrap();
            later(&item, now).and_then(|result| result.retry_after_ms)
        };
        assert_eq!(asked("water", entered), None);
        assert_eq!(asked(LATER, entered + Millis::seconds(30)), Some(Millis::seconds(90)));
        assert_eq!(asked(LATER, Millis(1)), Some(LATER_BY), "a clock that is ahead makes it no longer");
        assert_eq!(asked(LATER, entered + LATER_BY), None);
    }

    #[test]
    fn codes_are_distinct_where_they_have_to_be() {
        fn assert_distinct(codes: Vec<&str>) {
            assert_eq!(codes.iter().collect::<BTreeSet<_>>().len(), codes.len(), "{codes:?}");
        }
        assert_distinct(PROPERTIES.iter().map(|property| property.code).collect());
        for property in PROPERTIES {
            assert_distinct(property.units.iter().map(|unit| unit.code).collect());
            for unit in property.units {
                assert_distinct(unit.meters.iter().map(|meter| meter.code).collect());
            }
        }
    }
}
