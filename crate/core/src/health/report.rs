//! The report, by the names of A7.

use fieldsync_protocol::Millis;
use fieldsync_protocol::write::Write;

use super::{KEY_DAYS, Member};

/// Whether the person's devices are in step, and what to do where they are not.
#[derive(Clone, Debug, PartialEq, Eq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct HealthReport {
    /// This device lacks rotations, or work has waited here for more than a day.
    pub needs_sync: bool,
    /// All trusted devices have the same last rotation.
    pub is_aligned: bool,
    /// When this device was last in step with the server.
    pub last_synced_at: Option<Millis>,
    /// Whole days since then.
    #[cfg_attr(feature = "ts", ts(type = "number | null"))]
    pub days_since_last_sync: Option<u64>,
    /// Trusted devices, this one among them.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub device_count: u64,
    /// Who is in step.
    pub alignment: Alignment,
    /// The worst first; of alike ones this device's first.
    pub warnings: Vec<HealthWarning>,
    /// The one thing to do.
    pub recommendation: Recommendation,
    /// When this was looked at.
    pub last_check: Millis,
    /// When it is looked at again; `null` while nothing is planned.
    pub next_scheduled: Option<Millis>,
}

/// Who is in step.
#[derive(Clone, Debug, Default, PartialEq, Eq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Alignment {
    /// All trusted devices have the same last rotation.
    pub aligned: bool,
    /// The public key of the last rotation that is known; `null` where there are no keys yet.
    pub current_keypair_public_key: Option<String>,
    /// Devices that have it.
    pub devices_in_sync: Vec<String>,
    /// Devices that have another.
    pub devices_out_of_sync: Vec<String>,
    /// Rotations that this device lacks.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub missing_rotations: u64,
    /// Days since the trusted device was heard of that has been silent longest.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub stale_days: u64,
}

/// How bad it is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Severity {
    /// Something is lost or at risk.
    Critical,
    /// Something is to be done.
    Warning,
    /// Worth knowing.
    Info,
}

/// What a warning is about: its stable name, by which it is said in other languages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum WarningCode {
    /// A device lacks rotations; how many.
    MissingRotations,
    /// The passphrase was changed on another device.
    OtherPassphrase,
    /// A device has rotations that the others have not heard of; how many.
    UnsharedRotations,
    /// A device was not heard of; for how many days.
    StaleDevice,
    /// The keys are old; how many days.
    OldKey,
    /// A device was revoked since the last rotation.
    RevokedSince,
    /// An older keystore was refused; the last rotation that it had.
    Downgrade,
    /// Work waits; for how many days.
    Unsynced,
    /// The browser may remove what is stored.
    NotPersistent,
    /// There is hardly any room; how much is taken, in percent.
    StorageFull,
    /// The clock is wrong; by how many minutes.
    ClockSkew,
    /// The browser has removed what was stored.
    Evicted,
}

/// What a warning is about, in a form that can be said in any language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct WarningFact {
    /// What it is about.
    pub code: WarningCode,
    /// The number in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub number: Option<u64>,
}

/// Something that is not as it should be.
#[derive(Clone, Debug, PartialEq, Eq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct HealthWarning {
    /// How bad it is.
    pub severity: Severity,
    /// What is wrong, in plain words.
    pub message: &'static str,
    /// The device that it is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
    /// As a person calls it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub device_name: Option<String>,
    /// What to do, in plain words.
    pub recommendation: &'static str,
    /// The same as a fact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub metadata: Option<WarningFact>,
}

/// The one thing to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Write)]
#[serde(rename_all = "kebab-case")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Remedy {
    /// Nothing.
    NoActionNeeded,
    /// Take the keystore of another device in.
    ImportKeystore,
    /// Make new keys.
    RotatePassword,
}

/// How soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Urgency {
    /// Any time.
    Low,
    /// In the next days.
    Medium,
    /// Today.
    High,
    /// Now.
    Critical,
}

/// What to do, and why.
#[derive(Clone, Debug, PartialEq, Eq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Recommendation {
    /// What.
    pub action: Remedy,
    /// Why, in plain words.
    pub reason: &'static str,
    /// How soon.
    pub priority: Urgency,
    /// Which device it is about, or how much.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub details: Option<String>,
}

impl Recommendation {
    /// Keys that are missing come before keys that are to be made: new ones would not go on from the last.
    pub(super) fn from(
        missing: u64,
        other_passphrase: bool,
        revoked: Option<&Member>,
        key_days: Option<u64>,
    ) -> Recommendation {
        let (action, priority, reason, details) = if missing > 0 {
            let priority = if revoked.is_some() { Urgency::Critical } else { Urgency::High };
            (Remedy::ImportKeystore, priority, "Another device made new keys.", Some(format!("{missing}")))
        } else if other_passphrase {
            let reason = "The passphrase was changed on another device.";
            (Remedy::ImportKeystore, Urgency::Medium, reason, None)
        } else if let Some(member) = revoked {
            let details = Some(member.called().to_owned());
            (Remedy::RotatePassword, Urgency::Critical, "A device was revoked that knows the keys.", details)
        } else if let Some(days) = key_days.filter(|days| *days >= KEY_DAYS) {
            (Remedy::RotatePassword, Urgency::Medium, "The keys are old.", Some(format!("{days}")))
        } else {
            (Remedy::NoActionNeeded, Urgency::Low, "Nothing is to be done.", None)
        };
        Recommendation { action, reason, priority, details }
    }
}
