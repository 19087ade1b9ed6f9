//! The report of sync health, beside a slow and obvious one, over evidence of every kind.
#![expect(clippy::unwrap_used, reason = "all of this is tests, its helpers too")]

mod reference;

use fieldsync_core::Millis;
use fieldsync_core::health::{
    Attempt, Evidence, Head, HealthReport, Member, Own, Remedy, Severity, Space, Turn, Urgency, WarningCode,
    report,
};
use fieldsync_core::protocol::write;
use proptest::prelude::*;

pub(crate) const DAY: u64 = 24 * 60 * 60 * 1_000;
/// Long enough ago for everything to have happened.
pub(crate) const NOW: Millis = Millis(1_000 * DAY);

/// What evidence borrows.
#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) roster: Vec<Member>,
    pub(crate) own_turns: Vec<Turn>,
    pub(crate) told: Vec<Turn>,
    pub(crate) other_passphrase: bool,
    pub(crate) last_synced_at: Option<Millis>,
    pub(crate) oldest_unsent_at: Option<Millis>,
    pub(crate) space: Space,
    pub(crate) clock_skew: Option<i64>,
    pub(crate) evicted: Option<u64>,
    pub(crate) downgrade: Option<Attempt>,
}

impl World {
    /// One device that has everything.
    pub(crate) fn calm() -> World {
        let turns = vec![turn(1, 'a', 40), turn(2, 'a', 10)];
        World {
            roster: Vec::new(),
            own_turns: turns.clone(),
            told: turns,
            other_passphrase: false,
            last_synced_at: Some(ago(1)),
            oldest_unsent_at: None,
            space: Space { persisted: Some(true), usage: Some(1), quota: Some(100) },
            clock_skew: Some(0),
            evicted: None,
            downgrade: None,
        }
    }

    pub(crate) fn report(&self) -> HealthReport {
        let own = Own {
            device_id: "own",
            turns: &self.own_turns,
            other_passphrase: self.other_passphrase,
            last_synced_at: self.last_synced_at,
            oldest_unsent_at: self.oldest_unsent_at,
            space: self.space,
            clock_skew: self.clock_skew,
            evicted: self.evicted,
            downgrade: self.downgrade,
        };
        let next_scheduled = Some(NOW + Millis(7));
        report(&Evidence { now: NOW, next_scheduled, roster: &self.roster, told: &self.told, own })
    }

    fn codes(&self) -> Vec<(Severity, WarningCode, Option<u64>)> {
        let fact = |warning: fieldsync_core::health::HealthWarning| {
            let fact = warning.metadata.unwrap();
            (warning.severity, fact.code, fact.number)
        };
        self.report().warnings.into_iter().map(fact).collect()
    }
}

pub(crate) fn ago(days: u64) -> Millis {
    NOW - Millis(days * DAY)
}

pub(crate) fn turn(sequence: u64, branch: char, days: u64) -> Turn {
    Turn {
        id: format!("{branch}{sequence}"),
        sequence,
        created_at: ago(days),
        by_device: "x".to_owned(),
        public_key: format!("key of {branch}{sequence}"),
    }
}

pub(crate) fn member(id: &str, head: Option<(u64, char)>) -> Member {
    Member {
        id: id.to_owned(),
        name: Some(format!("{id}'s name")),
        last_seen_at: NOW,
        head: head.map(|(sequence, branch)| Head { sequence, id: format!("{branch}{sequence}") }),
        pending: Some(0),
        oldest_unsent_at: None,
        revoked_at: None,
    }
}

#[test]
fn a_single_device_with_everything_has_nothing_to_do() {
    let report = World::calm().report();
    assert!(report.is_aligned && !report.needs_sync && report.warnings.is_empty());
    assert_eq!((report.device_count, report.days_since_last_sync), (1, Some(1)));
    assert_eq!(report.alignment.current_keypair_public_key.as_deref(), Some("key of a2"));
    assert_eq!(report.recommendation.action, Remedy::NoActionNeeded);
    assert_eq!(report.next_scheduled, Some(NOW + Millis(7)));
}

#[test]
fn without_any_keys_nothing_is_said_of_them() {
    let world = World { own_turns: vec![], told: vec![], roster: vec![member("b", None)], ..World::calm() };
    let report = world.report();
    assert!(report.is_aligned && report.warnings.is_empty());
    assert_eq!(report.alignment.current_keypair_public_key, None);
}

#[test]
fn each_fault_has_its_warning_at_its_limit_and_not_before() {
    use Severity::{Critical, Info, Warning};
    use WarningCode as Code;
    let with = |change: &dyn Fn(&mut World)| {
        let mut world = World::calm();
        change(&mut world);
        world.codes()
    };
    // Rotations that are missing here; the warning is gone once they are here.
    assert_eq!(
        with(&|w| w.told.push(turn(3, 'a', 1))),
        [(Critical, Code::MissingRotations, Some(1))],
        "another device made one"
    );
    assert_eq!(with(&|w| w.own_turns.push(turn(3, 'a', 1))), [], "made here and not told yet");
    // Other devices.
    assert_eq!(with(&|w| w.roster.push(member("b", Some((2, 'a'))))), []);
    assert_eq!(
        with(&|w| w.roster.push(member("b", Some((1, 'a'))))),
        [(Warning, Code::MissingRotations, Some(1))]
    );
    assert_eq!(with(&|w| w.roster.push(member("b", None))), [(Warning, Code::MissingRotations, Some(2))]);
    assert_eq!(
        with(&|w| w.roster.push(member("b", Some((2, 'b'))))),
        [(Warning, Code::MissingRotations, Some(1))]
    );
    assert_eq!(
        with(&|w| w.roster.push(member("b", Some((4, 'a'))))),
        [(Info, Code::UnsharedRotations, Some(2))]
    );
    let seen =
        |days| with(&|w| w.roster.push(Member { last_seen_at: ago(days), ..member("b", Some((2, 'a'))) }));
    assert_eq!(seen(6), []);
    assert_eq!(seen(7), [(Info, Code::StaleDevice, Some(7))]);
    assert_eq!(seen(30), [(Warning, Code::StaleDevice, Some(30))]);
    assert_eq!(seen(90), [(Critical, Code::StaleDevice, Some(90))]);
    // Keys.
    let aged = |days| with(&|w| w.own_turns.push(turn(3, 'a', days)));
    assert_eq!((aged(89), aged(90)), (vec![], vec![(Warning, Code::OldKey, Some(90))]));
    let revoked = |days| {
        with(&|w| w.roster.push(Member { revoked_at: Some(ago(days)), ..member("b", Some((1, 'a'))) }))
    };
    assert_eq!((revoked(11), revoked(9)), (vec![], vec![(Critical, Code::RevokedSince, None)]));
    assert_eq!(with(&|w| w.other_passphrase = true), [(Warning, Code::OtherPassphrase, None)]);
    assert_eq!(
        with(&|w| w.downgrade = Some(Attempt { mine: 2, theirs: 1 })),
        [(Critical, Code::Downgrade, Some(1))]
    );
    // This device.
    let waited = |at| with(&|w| w.oldest_unsent_at = Some(at));
    assert_eq!(waited(ago(1) + Millis(1)), []);
    assert_eq!(waited(ago(1)), [(Warning, Code::Unsynced, Some(1))]);
    let persisted = |persisted| with(&|w| w.space.persisted = persisted);
    assert_eq!((persisted(None), persisted(Some(false))), (vec![], vec![(Info, Code::NotPersistent, None)]));
    let taken = |usage| with(&|w| w.space.usage = Some(usage));
    assert_eq!((taken(89), taken(90)), (vec![], vec![(Warning, Code::StorageFull, Some(90))]));
    assert_eq!(taken(97), [(Critical, Code::StorageFull, Some(97))]);
    assert_eq!(with(&|w| w.space.quota = Some(0)), []);
    let skew = |skew| with(&|w| w.clock_skew = skew);
    assert_eq!((skew(Some(300_000)), skew(None)), (vec![], vec![]));
    assert_eq!(skew(Some(-300_001)), [(Warning, Code::ClockSkew, Some(5))]);
    assert_eq!(with(&|w| w.evicted = Some(4)), [(Critical, Code::Evicted, Some(4))]);
}

#[test]
fn what_is_to_be_done_is_one_thing() {
    let mut world = World::calm();
    world.roster.push(Member { revoked_at: Some(NOW), ..member("b", None) });
    let advice = world.report().recommendation;
    assert_eq!((advice.action, advice.priority), (Remedy::RotatePassword, Urgency::Critical));
    assert_eq!(advice.details.as_deref(), Some("b's name"));
    world.told.push(turn(3, 'a', 1));
    let advice = world.report().recommendation;
    assert_eq!((advice.action, advice.priority), (Remedy::ImportKeystore, Urgency::Critical));
    world.roster.clear();
    assert_eq!(world.report().recommendation.priority, Urgency::High);
    world.own_turns = world.told.clone();
    assert_eq!(world.report().recommendation.action, Remedy::NoActionNeeded);
}

#[test]
fn a_report_has_the_names_that_it_is_known_by() {
    let mut world = World::calm();
    world.told.push(turn(3, 'a', 1));
    let report = world.report();
    let json = write::to_string(&report);
    let expected = concat!(
        r#"{"needsSync":true,"isAligned":false,"lastSyncedAt":86313600000,"daysSinceLastSync":1,"deviceCount":1,"#,
        r#""alignment":{"aligned":false,"currentKeypairPublicKey":"key of a3","devicesInSync":[],"#,
        r#""devicesOutOfSync":["own"],"missingRotations":1,"staleDays":0},"#,
        r#""warnings":[{"severity":"critical","message":"This device lacks keys that another device made.","#,
        r#""recommendation":"Import the keystore.","metadata":{"code":"missingRotations","number":1}}],"#,
        r#""recommendation":{"action":"import-keystore","reason":"Another device made new keys.","#,
        r#""priority":"high","details":"1"},"lastCheck":86400000000,"nextScheduled":86400000007}"#,
    );
    assert_eq!(json, expected);
}

fn some_turns() -> impl Strategy<Value = Vec<Turn>> {
    let one = (1_u64..6, prop::sample::select(vec!['a', 'b', 'c']), 0_u64..120);
    // The same name is the same rotation: its time hangs on it.
    let made = |(sequence, branch, _)| turn(sequence, branch, 100 - sequence * 7 + branch as u64 % 3);
    prop::collection::vec(one.prop_map(made), 0..8)
}

fn some_member() -> impl Strategy<Value = Member> {
    let head = prop::option::of((1_u64..7, prop::sample::select(vec!['a', 'b', 'd'])));
    let id = prop::sample::select(vec!["own", "b", "c", "d", "e"]);
    (
        id,
        head,
        0_u64..120,
        prop::option::of(0_u64..4),
        prop::option::of(0_u64..120),
        prop::option::of(0_u64..3),
    )
        .prop_map(|(id, head, seen, pending, revoked, waits)| Member {
            last_seen_at: ago(seen),
            pending,
            revoked_at: revoked.map(ago),
            oldest_unsent_at: waits.map(ago),
            ..member(id, head)
        })
}

fn some_world() -> impl Strategy<Value = World> {
    let number = || prop::option::of(0_u64..3);
    let own = (number(), number(), number(), (any::<bool>(), any::<bool>()));
    let facts = (prop::option::of(any::<bool>()), 80_u64..100, prop::option::of(-600_000_i64..600_000));
    (prop::collection::vec(some_member(), 0..6), some_turns(), some_turns(), own, facts).prop_map(
        |(roster, own_turns, told, (synced, waits, evicted, flags), (persisted, usage, clock_skew))| {
            let (refused, other_passphrase) = flags;
            World {
                roster,
                own_turns,
                told,
                other_passphrase,
                last_synced_at: synced.map(ago),
                oldest_unsent_at: waits.map(ago),
                space: Space { persisted, usage: Some(usage), quota: Some(100) },
                clock_skew,
                evicted,
                downgrade: refused.then_some(Attempt { mine: 3, theirs: 1 }),
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_report_is_what_the_slow_one_says(world in some_world()) {
        let report = world.report();
        prop_assert_eq!(reference::told(&report), reference::slowly(&world));
        let worst_first = report.warnings.is_sorted_by_key(|warning| warning.severity);
        prop_assert!(worst_first);
        prop_assert_eq!(report.is_aligned, report.alignment.aligned);
    }

    #[test]
    fn the_order_in_which_devices_and_rotations_are_told_changes_no_verdict(
        world in some_world(), turned in any::<bool>(),
    ) {
        let mut other = world.clone();
        other.roster.reverse();
        other.told.reverse();
        if turned {
            other.own_turns.reverse();
        }
        let (one, two) = (reference::told(&world.report()), reference::told(&other.report()));
        prop_assert_eq!(one, two);
    }

    #[test]
    fn taking_in_what_the_server_has_cures_what_is_missing_here(world in some_world()) {
        let mut cured = world.clone();
        cured.own_turns.extend(world.told.clone());
        cured.other_passphrase = false;
        let report = cured.report();
        prop_assert_eq!(report.alignment.missing_rotations, 0);
        prop_assert!(report.alignment.devices_in_sync.contains(&"own".to_owned()));
        prop_assert!(report.recommendation.action != Remedy::ImportKeystore);
    }
}
