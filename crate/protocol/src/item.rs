use crate::read::Read;
use crate::write::Write;

/// What kind of record an item carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Read, Write)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ItemType {
    /// A meter reading.
    Reading,
    /// An assessment of a site.
    Assessment,
    /// A response planned for an assessment.
    Response,
    /// A photo or file.
    Media,
}

/// What an item does to its entity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Read, Write)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Action {
    /// Makes the entity.
    Create,
    /// Changes fields of it.
    Update,
    /// Removes it.
    Delete,
}

/// How urgent the person who entered an item said it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Read, Write)]
#[serde(rename_all = "UPPERCASE")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Priority {
    /// Before everything else.
    High,
    /// The usual.
    #[default]
    Normal,
    /// When nothing else waits, or when it has waited long enough.
    Low,
}

impl Priority {
    /// Whether it is the one that need not be said.
    pub(crate) fn is_usual(&self) -> bool {
        *self == Priority::default()
    }
}
