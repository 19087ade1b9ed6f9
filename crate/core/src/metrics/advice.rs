//! What the figures suggest to a person (B7).

use fieldsync_protocol::{Advice, ConnectionQuality, Millis, Priority, SessionMetrics, Settings};

use super::average;

/// Fewer sessions than this say nothing about the next ones.
const FEW_SESSIONS: usize = 5;
/// Nor do fewer answers about what is refused.
const FEW_ANSWERS: f64 = 20.0;
/// With a lower rate, what the server refuses is worth a look.
const GOOD_SUCCESS_RATE: f64 = 0.8;
/// Percent of the battery that a session may take on average.
const FAIR_BATTERY: f64 = 2.0;
/// Who has not synced for longer than this may not know that work is waiting.
const LONG_GAP: Millis = Millis::minutes(24 * 60);

/// What the sessions, newest first, and the settings suggest: one sentence a topic, and none that the figures do not
/// bear out. Topics: `backgroundOff`, `noAnswer`, `poorLink`, `refusals`, `battery`, `longGaps`.
pub(crate) fn advice(sessions: &[SessionMetrics], settings: &Settings) -> Vec<Advice> {
    let ended = || sessions.iter().filter(|session| session.end_time.is_some());
    let most = |part: usize, whole: usize| whole >= FEW_SESSIONS && part * 2 > whole;

    let unanswered = ended().filter(|one| one.items_processed == 0 && !one.errors.is_empty()).count();
    let told = || ended().filter_map(|session| session.connection_quality);
    let poor = told().filter(|at| matches!(at, ConnectionQuality::Poor | ConnectionQuality::Offline)).count();
    let answered: f64 = sessions.iter().map(|one| one.items_succeeded as f64 + one.items_failed as f64).sum();
    let average = average(sessions);
    let knows_battery = ended().filter(|session| session.battery_used.is_some()).count() >= FEW_SESSIONS;
    let thirsty = average.average_battery_usage.is_some_and(|used| used > FAIR_BATTERY);
    let gap = |pair: &&[SessionMetrics]| {
        pair[0].start_time - pair[1].end_time.unwrap_or(pair[1].start_time) > LONG_GAP
    };
    let gaps = sessions.windows(2).filter(gap).count();

    let all = [
        (
            !settings.enabled,
            "backgroundOff",
            "Background sync is switched off: entries are sent only when you ask for it.",
        ),
        (
            most(unanswered, ended().count()),
            "noAnswer",
            "Most syncs got no answer from the server. Check whether this network lets the app through.",
        ),
        (
            most(poor, told().count()) && settings.priority_threshold == Priority::High,
            "poorLink",
            "Most syncs ended on a poor connection. Sync on Wi-Fi where you can.",
        ),
        (
            most(poor, told().count()) && settings.priority_threshold != Priority::High,
            "poorLink",
            "Most syncs ended on a poor connection. Sync on Wi-Fi where you can, or raise the priority threshold: what \
             is less urgent then waits until you ask for it.",
        ),
        (
            answered >= FEW_ANSWERS && average.success_rate < GOOD_SUCCESS_RATE,
            "refusals",
            "More than one answer in five was a refusal or a conflict. Look at the entries that are set aside.",
        ),
        (
            knows_battery && thirsty && !settings.sync_only_when_charging,
            "battery",
            "Syncs take much of the battery. Raise the minimum battery level, or sync only while charging.",
        ),
        (
            settings.enabled && most(gaps, sessions.len().saturating_sub(1)),
            "longGaps",
            "More than a day passes between most syncs. If entries wait meanwhile, install the app or open it now and \
             then, so that the browser lets it sync.",
        ),
    ];
    let holds = all.into_iter().filter(|(holds, ..)| *holds);
    holds.map(|(_, topic, message)| Advice { topic: topic.to_owned(), message: message.to_owned() }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::tests::{HOUR, session, settled};

    fn topics(sessions: &[SessionMetrics], settings: &Settings) -> Vec<String> {
        advice(sessions, settings).into_iter().map(|one| one.topic).collect()
    }

    #[test]
    fn advice_is_given_only_on_grounds() {
        let settings = Settings::default();
        assert!(topics(&[], &settings).is_empty());
        let good: Vec<_> = (1..=9).rev().map(|hour| settled(hour, 10, 0)).collect();
        assert!(topics(&good, &settings).is_empty());
        assert!(topics(&good[..2], &settings).is_empty());
        let off = Settings { enabled: false, ..settings };
        assert_eq!(topics(&[], &off), ["backgroundOff"]);
    }

    #[test]
    fn every_advice_has_its_grounds() {
        type Change = fn(&mut SessionMetrics);
        let settings = Settings::default();
        let with = |change: Change, every: usize| -> Vec<SessionMetrics> {
            let mut sessions: Vec<_> = (1..=8).rev().map(|hour| settled(hour, 10, 0)).collect();
            sessions.iter_mut().step_by(every).for_each(change);
            sessions
        };
        let rows: [(&str, Change); 5] = [
            ("poorLink", |one| one.connection_quality = Some(ConnectionQuality::Poor)),
            ("battery", |one| one.battery_used = Some(2.5)),
            ("refusals", |one| one.items_failed = 3),
            ("noAnswer", |one| {
                *one = SessionMetrics { errors: vec!["Network timeout".into()], ..session(one.session_id) };
            }),
            ("longGaps", |one| {
                one.start_time = Millis(one.session_id * 30 * HOUR);
                one.end_time = Some(one.start_time + Millis(1));
            }),
        ];
        for (topic, change) in rows {
            assert_eq!(topics(&with(change, 1), &settings), [topic]);
            assert!(topics(&with(change, 1)[..4], &settings).iter().all(|one| one == "refusals"), "{topic}");
        }
        let half = with(|one| one.connection_quality = Some(ConnectionQuality::Good), 1);
        let mut mixed = half.clone();
        mixed.iter_mut().step_by(2).for_each(|one| one.connection_quality = Some(ConnectionQuality::Offline));
        assert!(topics(&mixed, &settings).is_empty(), "half is not most");
        let urgent_only = Settings { priority_threshold: Priority::High, ..settings.clone() };
        let told = advice(&with(rows[0].1, 1), &urgent_only);
        assert_eq!((told.len(), told[0].message.contains("threshold")), (1, false), "it is raised already");
        let charger = Settings { sync_only_when_charging: true, ..settings };
        assert!(topics(&with(rows[1].1, 1), &charger).is_empty());
    }
}
