//! The figures of drains (B7, N5): what one counts, and what the last ones come to.

use fieldsync_protocol::{
    AveragePerformance, ConnectionQuality, MetricsReport, Millis, SessionMetrics, Settings, Trigger,
};

use crate::gate::Power;
use advice::advice;

mod advice;
pub(crate) mod pace;

/// Of what went wrong in a drain, the last so many are kept.
const MOST_ERRORS: usize = 20;
/// Characters of one of them.
const LONGEST_ERROR: usize = 200;

/// The counts of the drain that runs. Items are counted once they are committed (I6), bytes when they have crossed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Meter {
    session: SessionMetrics,
    /// In percent, when it began.
    battery: Option<u8>,
    /// It began without the charger, and was not seen at it since.
    discharging: bool,
}

impl Meter {
    pub(crate) fn begin(session_id: u64, trigger: Trigger, now: Millis, power: Power) -> Meter {
        let session = SessionMetrics { session_id, trigger, start_time: now, ..SessionMetrics::default() };
        Meter { session, battery: power.battery_level, discharging: power.is_charging == Some(false) }
    }

    /// A person asked for what was running by itself: it is theirs now.
    pub(crate) fn taken_over(&mut self) {
        self.session.trigger = Trigger::Manual;
    }

    /// What is heard of the charger in between.
    pub(crate) fn powered(&mut self, charging: Option<bool>) {
        self.discharging &= charging != Some(true);
    }

    /// A request was made, of whatever kind, with bodies of so many bytes on the wire.
    pub(crate) fn request(&mut self, sent: u64, received: u64) {
        self.session.requests += 1;
        self.session.network_usage += sent + received;
    }

    /// The body of a push before it was compressed, and as it was sent. The request itself is counted as any other.
    pub(crate) fn pushed(&mut self, plain: u64, sent: u64) {
        self.session.saved_by_compression += plain.saturating_sub(sent);
    }

    /// Only the changed fields of a record were sent: so many bytes less than the whole.
    pub(crate) fn delta_saved(&mut self, bytes: u64) {
        self.session.saved_by_delta += bytes;
    }

    /// Answers were committed; `data_bytes` are those of the accepted items' records.
    pub(crate) fn settled(&mut self, succeeded: u64, failed: u64, data_bytes: u64) {
        let session = &mut self.session;
        session.items_succeeded += succeeded;
        session.items_failed += failed;
        session.items_processed += succeeded + failed;
        session.total_data_synced += data_bytes;
    }

    /// Something went wrong, in plain words; the same again says nothing new.
    pub(crate) fn error(&mut self, words: &str) {
        let words: String = words.chars().take(LONGEST_ERROR).collect();
        let errors = &mut self.session.errors;
        if errors.last() == Some(&words) {
            return;
        }
        if errors.len() == MOST_ERRORS {
            errors.remove(0);
        }
        errors.push(words);
    }

    /// It is over. What it took of the battery is told only where that is certain: known at both ends, no charger seen,
    /// and no more at the end than at the beginning.
    pub(crate) fn end(&mut self, now: Millis, power: Power, quality: Option<ConnectionQuality>) {
        self.discharging &= power.is_charging == Some(false);
        let used = || self.battery?.checked_sub(power.battery_level?);
        self.session.battery_used = if self.discharging { used().map(f64::from) } else { None };
        self.session.end_time = Some(now);
        self.session.connection_quality = quality;
    }

    /// What went wrong last.
    pub(crate) fn last_error(&self) -> Option<String> {
        self.session.errors.last().cloned()
    }

    /// The figures as they are now.
    pub(crate) fn session(&self) -> SessionMetrics {
        self.session.clone()
    }
}

/// No drain takes a day: what seems to was measured while somebody set the clock.
const LONGEST_SESSION: Millis = Millis::minutes(24 * 60);

/// How long a session took; unknown while it runs, and where the clock was set in between.
fn duration(session: &SessionMetrics) -> Option<Millis> {
    let end = session.end_time?;
    (end > session.start_time && end - session.start_time <= LONGEST_SESSION)
        .then(|| end - session.start_time)
}

/// The mean of these, as numbers; `None` of none, so that nothing is ever divided by zero.
fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
    (count > 0.0).then(|| sum / count)
}

/// What the sessions come to. Without sessions, or without an answer in any, everything is 0, and the battery unknown.
///
/// - items a minute: all accepted items by all minutes, of the sessions whose length is known: a long session weighs
///   more than a short one.
/// - success rate: all accepted by all answered, so that a large session weighs more; an item that failed and was
///   accepted later was answered twice.
/// - battery and network: the mean of the sessions; the battery's of those that know it.
pub(crate) fn average(sessions: &[SessionMetrics]) -> AveragePerformance {
    let (mut items, mut minutes, mut succeeded, mut answered) = (0.0, 0.0, 0.0, 0.0);
    for session in sessions {
        succeeded += session.items_succeeded as f64;
        answered += session.items_succeeded as f64 + session.items_failed as f64;
        if let Some(span) = duration(session) {
            items += session.items_succeeded as f64;
            minutes += span.0 as f64 / 60_000.0;
        }
    }
    let per = |part: f64, whole: f64| if whole > 0.0 { part / whole } else { 0.0 };
    let battery = sessions.iter().filter_map(|session| session.battery_used);
    AveragePerformance {
        items_per_minute: per(items, minutes),
        success_rate: per(succeeded, answered),
        average_battery_usage: mean(battery.filter(|used| used.is_finite())),
        average_network_usage: mean(sessions.iter().map(|one| one.network_usage as f64)).unwrap_or_default(),
    }
}

/// The answer to who asks for the figures: of the drain that runs, or else of the last one, and of those before it.
/// `historical` is newest first, and may have the current one in it.
pub(crate) fn report(
    current: Option<SessionMetrics>,
    historical: Vec<SessionMetrics>,
    settings: &Settings,
) -> MetricsReport {
    let mut sessions = historical;
    if let Some(current) = current {
        sessions.retain(|session| session.session_id != current.session_id);
        sessions.insert(0, current);
    }
    let (average_performance, advice) = (average(&sessions), advice(&sessions, settings));
    let current = (!sessions.is_empty()).then(|| sessions.remove(0));
    MetricsReport { current, historical: sessions, average_performance, advice }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) const HOUR: u64 = 3_600_000;

    /// A session of one minute that began at this hour.
    pub(crate) fn session(hour: u64) -> SessionMetrics {
        SessionMetrics {
            session_id: hour,
            start_time: Millis(hour * HOUR),
            end_time: Some(Millis(hour * HOUR + 60_000)),
            ..SessionMetrics::default()
        }
    }

    pub(crate) fn settled(hour: u64, succeeded: u64, failed: u64) -> SessionMetrics {
        SessionMetrics {
            items_processed: succeeded + failed,
            items_succeeded: succeeded,
            items_failed: failed,
            ..session(hour)
        }
    }

    fn power((battery_level, is_charging): (Option<u8>, Option<bool>)) -> Power {
        Power { battery_level, is_charging }
    }

    #[test]
    fn a_meter_counts_what_it_is_told() {
        let mut meter = Meter::begin(7, Trigger::Auto, Millis(1_000), power((Some(80), Some(false))));
        meter.request(0, 40);
        meter.request(300, 200);
        meter.pushed(1_000, 300);
        meter.pushed(100, 120);
        meter.delta_saved(50);
        meter.settled(3, 1, 900);
        meter.taken_over();
        assert_eq!(meter.session().end_time, None);
        meter.end(Millis(4_000), power((Some(78), Some(false))), Some(ConnectionQuality::Good));
        let expected = SessionMetrics {
            session_id: 7,
            trigger: Trigger::Manual,
            start_time: Millis(1_000),
            end_time: Some(Millis(4_000)),
            items_processed: 4,
            items_succeeded: 3,
            items_failed: 1,
            total_data_synced: 900,
            network_usage: 540,
            saved_by_compression: 700,
            saved_by_delta: 50,
            requests: 2,
            battery_used: Some(2.0),
            connection_quality: Some(ConnectionQuality::Good),
            errors: Vec::new(),
        };
        assert_eq!(meter.session(), expected);
    }

    #[test]
    fn the_battery_is_told_only_where_it_is_certain() {
        let used = |begin, between: Option<bool>, end| {
            let mut meter = Meter::begin(1, Trigger::Auto, Millis(1), power(begin));
            meter.powered(between);
            meter.end(Millis(2), power(end), None);
            meter.session().battery_used
        };
        let (off, on) = (Some(false), Some(true));
        assert_eq!(used((Some(80), off), None, (Some(80), off)), Some(0.0));
        assert_eq!(used((Some(80), off), off, (Some(75), off)), Some(5.0));
        assert_eq!(used((Some(80), off), on, (Some(75), off)), None, "charged in between");
        assert_eq!(used((Some(80), on), off, (Some(75), off)), None, "charged at first");
        assert_eq!(used((Some(80), off), off, (Some(75), on)), None, "charged at last");
        assert_eq!(used((Some(80), None), off, (Some(75), off)), None, "unknown is not off");
        assert_eq!(used((None, off), off, (Some(75), off)), None);
        assert_eq!(used((Some(80), off), off, (None, off)), None);
        assert_eq!(used((Some(80), off), off, (Some(81), off)), None, "never negative");
    }

    #[test]
    fn errors_are_the_last_ones_short_and_not_repeated() {
        let mut meter = Meter::default();
        for n in 0..30 {
            let words = format!("Error {n}");
            meter.error(&words);
            meter.error(&words);
        }
        let errors = meter.session().errors;
        assert_eq!((errors.len(), errors[0].as_str(), errors[19].as_str()), (20, "Error 10", "Error 29"));
        meter.error(&"é".repeat(500));
        meter.error(&"é".repeat(300));
        let errors = meter.session().errors;
        assert_eq!((errors[19].chars().count(), errors[18].as_str()), (200, "Error 29"));
    }

    #[test]
    fn averages_are_weighed_and_never_nan() {
        assert_eq!(average(&[]), AveragePerformance::default());
        assert_eq!(average(&[session(1)]).success_rate, 0.0);
        let running = SessionMetrics { end_time: None, network_usage: 30, ..settled(5, 4, 0) };
        let long = SessionMetrics {
            end_time: Some(Millis(4 * HOUR + 180_000)),
            battery_used: Some(3.0),
            network_usage: 60,
            ..settled(4, 30, 6)
        };
        let short = SessionMetrics { battery_used: Some(1.0), ..settled(3, 10, 0) };
        let set_back = SessionMetrics { end_time: Some(Millis(1)), ..settled(2, 500, 0) };
        let set_forth = SessionMetrics { end_time: Some(Millis(99 * HOUR)), ..settled(1, 0, 0) };
        let got = average(&[running, long, short, set_forth]);
        assert_eq!(got.items_per_minute, 10.0, "40 items in 4 minutes");
        assert_eq!(got.success_rate, 44.0 / 50.0);
        assert_eq!(got.average_battery_usage, Some(2.0));
        assert_eq!(got.average_network_usage, 22.5);
        assert_eq!(average(&[set_back]).items_per_minute, 0.0, "nobody knows in what time");
        let broken = SessionMetrics {
            items_succeeded: u64::MAX,
            items_failed: u64::MAX,
            network_usage: u64::MAX,
            battery_used: Some(f64::INFINITY),
            ..session(1)
        };
        let got = average(&[broken.clone(), broken]);
        assert!(got.items_per_minute.is_finite() && got.average_network_usage.is_finite());
        assert_eq!((got.success_rate, got.average_battery_usage), (0.5, None));
    }

    #[test]
    fn a_report_has_the_current_session_once_and_first() {
        let settings = Settings::default();
        let empty = report(None, Vec::new(), &settings);
        assert_eq!(empty, MetricsReport::default());
        let ids = |report: &MetricsReport| -> Vec<u64> {
            report.current.iter().chain(&report.historical).map(|session| session.session_id).collect()
        };
        let last = report(None, vec![settled(3, 6, 0), session(2)], &settings);
        assert_eq!((ids(&last), last.historical.len()), (vec![3, 2], 1));
        assert_eq!(last.average_performance.items_per_minute, 3.0, "over all of them");
        let running = SessionMetrics { end_time: None, ..session(3) };
        let now = report(Some(running), vec![session(3), session(2)], &settings);
        assert_eq!(ids(&now), [3, 2]);
        assert_eq!(now.current.and_then(|session| session.end_time), None);
    }
}
