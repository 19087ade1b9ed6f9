use crate::read::Read;
use crate::write::Write;
use crate::{FieldError, Priority};

/// What becomes of a clash between an entry and what the server has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum ConflictPolicy {
    /// The person chooses, with both sides before them.
    #[default]
    Ask,
    /// The one that was entered later.
    KeepNewest,
    /// This device's.
    KeepMine,
    /// The server's.
    KeepTheirs,
}

/// How background sync behaves on a device (B3). Every one of them takes effect without a reload.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase", default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Settings {
    /// Whether anything is sent without a person's asking.
    pub enabled: bool,
    /// Wait for the charger; where the device does not say, this holds nothing.
    pub sync_only_when_charging: bool,
    /// Wait below this charge, in percent, unless it is charging.
    pub minimum_battery_level: u8,
    /// At most so many pushes on their way at once, 1 to 8.
    pub maximum_concurrent_operations: u8,
    /// How often the device looks by itself, in minutes, 1 to 1,440.
    pub sync_interval_minutes: u16,
    /// After so many answers that did not settle an item it is set aside for the person, 1 to 100.
    pub max_retry_attempts: u16,
    /// The lowest priority that is sent without a person's asking.
    pub priority_threshold: Priority,
    /// The hour of the day, 0 to 23, from which on what is LOW, photos and files are sent too;
    pub off_peak_from: u8,
    /// and the hour from which on they wait. Where both are the same they wait for no hour.
    pub off_peak_to: u8,
    /// What becomes of a clash.
    pub conflict_policy: ConflictPolicy,
    /// Whether the device keeps figures of its drains.
    pub metrics: bool,
    /// How long it keeps them, in days, 1 to 3,650.
    pub metrics_days: u16,
    /// How long it keeps receipts of what was accepted, in days, 1 to 3,650.
    pub receipt_days: u16,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            enabled: true,
            sync_only_when_charging: false,
            minimum_battery_level: 20,
            maximum_concurrent_operations: 3,
            sync_interval_minutes: 5,
            max_retry_attempts: 5,
            priority_threshold: Priority::Low,
            off_peak_from: 0,
            off_peak_to: 0,
            conflict_policy: ConflictPolicy::Ask,
            metrics: true,
            metrics_days: 30,
            receipt_days: 90,
        }
    }
}

impl Settings {
    /// Whether what can wait for the off-peak hours has to, at this hour of the day.
    pub fn is_peak(&self, hour: u8) -> bool {
        let (from, to) = (self.off_peak_from, self.off_peak_to);
        let is_within = if from < to { (from..to).contains(&hour) } else { hour >= from || hour < to };
        from != to && !is_within
    }

    /// What is wrong with them, field by field.
    pub fn validate(&self) -> Vec<FieldError> {
        let within = |field: &str, value: u16, least: u16, most: u16| {
            let words = format!("Enter a number from {least} to {most}.");
            (!(least..=most).contains(&value)).then(|| FieldError::new(field, words))
        };
        [
            within("minimumBatteryLevel", self.minimum_battery_level.into(), 0, 100),
            within("maximumConcurrentOperations", self.maximum_concurrent_operations.into(), 1, 8),
            within("syncIntervalMinutes", self.sync_interval_minutes, 1, 1_440),
            within("maxRetryAttempts", self.max_retry_attempts, 1, 100),
            within("offPeakFrom", self.off_peak_from.into(), 0, 23),
            within("offPeakTo", self.off_peak_to.into(), 0, 23),
            within("metricsDays", self.metrics_days, 1, 3_650),
            within("receiptDays", self.receipt_days, 1, 3_650),
        ]
        .into_iter()
        .flatten()
        .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_peak_hours_may_span_midnight_and_equal_ones_are_none() {
        let peak = |from, to| {
            let settings = Settings { off_peak_from: from, off_peak_to: to, ..Settings::default() };
            (0..24).filter(|hour| settings.is_peak(*hour)).collect::<Vec<_>>()
        };
        assert_eq!(peak(22, 6), (6..22).collect::<Vec<_>>());
        assert_eq!(peak(1, 3), (0..24).filter(|hour| !matches!(hour, 1 | 2)).collect::<Vec<_>>());
        assert!(peak(7, 7).is_empty());
    }

    #[test]
    fn what_is_left_out_is_the_default_and_nonsense_is_named() {
        assert_eq!(serde_json::from_str::<Settings>("{}").unwrap(), Settings::default());
        assert!(Settings::default().validate().is_empty());
        let odd = r#"{"minimumBatteryLevel":101,"maximumConcurrentOperations":0,"receiptDays":0}"#;
        let faults = serde_json::from_str::<Settings>(odd).unwrap().validate();
        let names: Vec<_> = faults.iter().map(|fault| fault.field.as_str()).collect();
        assert_eq!(names, ["minimumBatteryLevel", "maximumConcurrentOperations", "receiptDays"]);
    }
}
