//! The warnings of a report, in plain words.

use fieldsync_protocol::Millis;

use super::evidence::{Member, Own, Space};
use super::report::{HealthWarning, Severity, WarningCode, WarningFact};
use super::{CLOCK_SKEW, KEY_DAYS, Keys, STALE_DAYS, Standing, UNSYNCED_DAYS, days};

/// Of the room that there may be so much is taken: little is left, next to nothing is left. In percent.
const TAKEN: [u64; 2] = [90, 97];

/// Warnings by severity, each list in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Warnings([Vec<HealthWarning>; 3]);

impl Warnings {
    /// All of them, the worst first.
    pub(super) fn in_order(self) -> Vec<HealthWarning> {
        let Warnings([mut all, warnings, infos]) = self;
        all.reserve_exact(warnings.len() + infos.len());
        all.extend(warnings);
        all.extend(infos);
        all
    }

    /// What is wrong with this device.
    pub(super) fn own(&mut self, now: Millis, own: Own<'_>, keys: &Keys<'_>) {
        use Severity::{Critical, Info, Warning};
        let mut add =
            |severity, code, number: Option<u64>, message: &'static str, recommendation: &'static str| {
                self.add(severity, None, WarningFact { code, number }, message, recommendation);
            };
        if own.evicted.is_some() {
            let words = "The browser removed what was stored on this device.";
            add(
                Critical,
                WarningCode::Evicted,
                own.evicted,
                words,
                "Install the app and let it keep its storage.",
            );
        }
        if let Some(attempt) = own.downgrade {
            let words = "An older keystore was offered, and refused.";
            let advice = "Export the keystore here and import it on the other device.";
            add(Critical, WarningCode::Downgrade, Some(attempt.theirs), words, advice);
        }
        if keys.missing_here > 0 {
            let words = "This device lacks keys that another device made.";
            let missing = Some(keys.missing_here);
            add(Critical, WarningCode::MissingRotations, missing, words, "Import the keystore.");
        }
        if own.other_passphrase {
            let words = "The passphrase was changed on another device.";
            add(Warning, WarningCode::OtherPassphrase, None, words, "Import the keystore.");
        }
        let Space { persisted, usage, quota } = own.space;
        if let (Some(usage), Some(quota @ 1..)) = (usage, quota) {
            let taken = usage.saturating_mul(100) / quota;
            if taken >= TAKEN[0] {
                let severity = if taken >= TAKEN[1] { Critical } else { Warning };
                let words = "This device is nearly out of room.";
                add(severity, WarningCode::StorageFull, Some(taken), words, "Free some room on the device.");
            }
        }
        if let Some(waited) = own.oldest_unsent_at.map(|at| days(now, at)).filter(|d| *d >= UNSYNCED_DAYS) {
            let words = "Work on this device is not on the server yet.";
            add(Warning, WarningCode::Unsynced, Some(waited), words, "Go online and press “Sync now”.");
        }
        if let Some(aged) = keys.head.map(|head| days(now, head.created_at)).filter(|d| *d >= KEY_DAYS) {
            add(Warning, WarningCode::OldKey, Some(aged), "The keys are old.", "Make new keys.");
        }
        if let Some(skew) = own.clock_skew.map(i64::unsigned_abs).filter(|skew| *skew > CLOCK_SKEW.0) {
            let words = "The clock of this device is wrong.";
            let advice = "Let the device set its clock by itself.";
            add(Warning, WarningCode::ClockSkew, Some(skew / 60_000), words, advice);
        }
        if persisted == Some(false) {
            // What waits here could be lost with it.
            let severity = if own.oldest_unsent_at.is_some() { Warning } else { Info };
            let words = "The browser may remove what is stored here.";
            add(
                severity,
                WarningCode::NotPersistent,
                None,
                words,
                "Install the app and let it keep its storage.",
            );
        }
    }

    /// A device was revoked, and knows the keys that are in use.
    pub(super) fn revoked(&mut self, member: &Member) {
        let fact = WarningFact { code: WarningCode::RevokedSince, number: None };
        let words = "This device was revoked, and knows the keys that are in use.";
        self.add(Severity::Critical, Some(member), fact, words, "Make new keys.");
    }

    /// What is wrong with another trusted device.
    pub(super) fn other(&mut self, now: Millis, member: &Member, standing: Standing, unseen: u64) {
        let mut add = |severity, code, number, message: &'static str, recommendation: &'static str| {
            let fact = WarningFact { code, number: Some(number) };
            self.add(severity, Some(member), fact, message, recommendation);
        };
        match standing {
            Standing::Same => {}
            Standing::Behind(missing) => {
                let words = "This device lacks keys.";
                let advice = "Open fieldsync on it and import the keystore.";
                add(Severity::Warning, WarningCode::MissingRotations, missing, words, advice);
            }
            Standing::Ahead(more) => {
                let words = "This device made keys that the others do not have.";
                let advice = "Open fieldsync on it while it is online.";
                add(Severity::Info, WarningCode::UnsharedRotations, more, words, advice);
            }
        }
        let severity = match STALE_DAYS.map(|days| unseen >= days) {
            [_, _, true] => Some(Severity::Critical),
            [_, true, _] => Some(Severity::Warning),
            [true, ..] => Some(Severity::Info),
            _ => None,
        };
        if let Some(severity) = severity {
            let words = "This device was not heard of for some time.";
            add(
                severity,
                WarningCode::StaleDevice,
                unseen,
                words,
                "Open fieldsync on it, or revoke it if it is lost.",
            );
        }
        let waits = member.oldest_unsent_at.filter(|_| member.pending != Some(0));
        if let Some(waited) = waits.map(|at| days(now, at)).filter(|d| *d >= UNSYNCED_DAYS) {
            let words = "Work on this device is not on the server yet.";
            add(
                Severity::Warning,
                WarningCode::Unsynced,
                waited,
                words,
                "Bring it online and open fieldsync.",
            );
        }
    }

    fn add(
        &mut self,
        severity: Severity,
        about: Option<&Member>,
        fact: WarningFact,
        message: &'static str,
        recommendation: &'static str,
    ) {
        self.0[severity as usize].push(HealthWarning {
            severity,
            message,
            device_id: about.map(|member| member.id.clone()),
            device_name: about.and_then(|member| member.name.clone()),
            recommendation,
            metadata: Some(fact),
        });
    }
}

impl Member {
    /// How a person knows it.
    pub(super) fn called(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or(&self.id)
    }
}
