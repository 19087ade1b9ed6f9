use serde::{Deserialize, Serialize};

/// What a person may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Role {
    /// Keeps records of their own.
    #[default]
    Worker,
    /// Sees the devices of the team as well, never what is on them.
    Supervisor,
}
