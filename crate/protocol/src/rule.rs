use serde_json::Value;

use crate::read::Read;
use crate::write::Write;

/// How a condition compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Op {
    /// The same.
    Eq,
    /// Not the same; also where the field is absent.
    Ne,
    /// A greater number, or a later text.
    Gt,
    /// Or the same.
    Gte,
    /// A smaller number, or an earlier text.
    Lt,
    /// Or the same.
    Lte,
    /// One of a list.
    In,
    /// A list that has it, or a text that has it in it, letter case aside.
    Contains,
    /// There, and not null (`true`), or not there (`false`).
    Exists,
}

/// One condition of a rule.
#[derive(Clone, Debug, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Condition {
    /// `type`, `action`, or a JSON pointer into the record, such as `/population`.
    pub field: String,
    /// How it is compared.
    pub op: Op,
    /// With what.
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub value: Value,
}

/// A priority rule (B4): while all of its conditions hold of an item, its points count.
#[derive(Clone, Debug, PartialEq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Rule {
    /// A stable name, unique among the rules.
    pub id: String,
    /// What it is called.
    pub name: String,
    /// Whether it counts.
    pub on: bool,
    /// All of them must hold; with none, it holds of every item.
    pub conditions: Vec<Condition>,
    /// Added to the item's score, -100 to 100.
    pub points: i32,
}
