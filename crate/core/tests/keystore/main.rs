//! Merging the histories of keys: over every shape that devices can bring them into, and against whoever forges one.

use std::collections::BTreeSet;

use fieldsync_core::keystore::{Claim, Merged, Refused, claims, head, merge};
use fieldsync_core::protocol::{
    ItemId, KEYSTORE_FORMAT, Keystore, MAX_ROTATIONS, Millis, PassphraseLock, Rotation,
};
use proptest::prelude::*;

/// A stand-in for a key pair: whoever knows the number can sign. Keys are as long as real ones.
fn key(n: u64) -> String {
    format!("K{n:086}")
}

/// A signature that depends on the key and on every letter of the text.
fn signature(key: &str, text: &str) -> String {
    let mix = |seed: u64| {
        key.bytes()
            .chain(text.bytes())
            .fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3))
    };
    format!("{:043}{:043}", mix(0xcbf2_9ce4_8422_2325), mix(7))
}

fn genuine(claim: &Claim) -> bool {
    claim.signature == signature(&claim.key, &claim.text)
}

fn vault() -> ItemId {
    ItemId::new(Millis(1), [1; 10])
}

fn lock(revision: u32) -> PassphraseLock {
    PassphraseLock { revision, salt: format!("{revision:022}"), memory_kib: 19_456, passes: 2 }
}

/// A rotation on top of another, with keys of this number.
fn next(before: Option<&Rotation>, n: u64, at: u64) -> Rotation {
    let mut rotation = Rotation {
        sequence: before.map_or(1, |before| before.sequence + 1),
        created_at: Millis(at),
        by_device: format!("device-{n}"),
        public_key: key(n + 1_000_000),
        signing_key: key(n),
        previous: before.map(|before| before.id(&vault())),
        signature: String::new(),
        sealed: "c2VhbGVk".to_owned(),
    };
    let signer = before.map_or(&rotation.signing_key, |before| &before.signing_key);
    rotation.signature = signature(signer, &rotation.signed(&vault()));
    rotation
}

fn keystore(rotations: &[Rotation]) -> Keystore {
    let mut rotations = rotations.to_vec();
    rotations.sort_by_key(|rotation| (rotation.sequence, rotation.id(&vault())));
    Keystore { format: KEYSTORE_FORMAT, vault: vault(), lock: lock(0), rotations }
}

/// So many, one on top of the other.
fn chain(length: u64) -> Vec<Rotation> {
    (0..length).fold(Vec::new(), |mut chain, n| {
        let rotation = next(chain.last(), n, n * 10);
        chain.push(rotation);
        chain
    })
}

fn ids(keystore: &Keystore) -> BTreeSet<String> {
    keystore.rotations.iter().map(|rotation| rotation.id(&vault())).collect()
}

fn merged(mine: &Keystore, theirs: &Keystore) -> Result<Merged, Refused> {
    merge(mine, theirs, &genuine)
}

#[test]
fn what_another_device_rotated_is_learned() {
    let all = chain(5);
    let (mine, theirs) = (keystore(&all[..3]), keystore(&all));
    let merged = merged(&mine, &theirs).expect("merged");
    assert_eq!((merged.learned, merged.their_lock), (2, false));
    assert_eq!(merged.keystore, theirs);
    assert_eq!(head(&merged.keystore).map(|head| head.sequence), Some(5));
}

#[test]
fn an_older_keystore_is_a_downgrade_and_the_same_one_is_none() {
    let all = chain(5);
    let (mine, older) = (keystore(&all), keystore(&all[..4]));
    assert_eq!(merged(&mine, &older), Err(Refused::Downgrade { mine: 5, theirs: 4 }));
    assert_eq!(merged(&mine, &mine).map(|merged| merged.learned), Ok(0));
}

#[test]
fn both_of_two_rotations_made_at_once_stay_and_every_device_has_the_same_head() {
    let all = chain(3);
    let one = next(all.last(), 77, 50);
    let other = next(all.last(), 78, 49);
    let with = |rotation: &Rotation| keystore(&[all.as_slice(), std::slice::from_ref(rotation)].concat());
    let (here, there) = (merged(&with(&one), &with(&other)), merged(&with(&other), &with(&one)));
    let (here, there) = (here.expect("merged").keystore, there.expect("merged").keystore);
    assert_eq!(here, there);
    assert_eq!((here.rotations.len(), head(&here)), (5, Some(&other)), "the earlier one");
}

#[test]
fn what_is_forged_foreign_or_unrelated_is_refused_and_changes_nothing() {
    let all = chain(4);
    let mine = keystore(&all[..3]);

    let mut unsigned = all.clone();
    unsigned[3].signature = signature(&key(99), &unsigned[3].signed(&vault()));
    assert_eq!(
        merged(&mine, &keystore(&unsigned)),
        Err(Refused::Forged(4)),
        "by a key that nobody had before"
    );

    let mut touched = all.clone();
    touched[3].public_key = key(5);
    assert_eq!(merged(&mine, &keystore(&touched)), Err(Refused::Forged(4)), "a key was put in its place");

    let mut jumping = all[..3].to_vec();
    let mut far = next(all.get(2), 9, 9);
    far.sequence = 40;
    far.signature = signature(&all[2].signing_key, &far.signed(&vault()));
    jumping.push(far);
    assert_eq!(merged(&mine, &keystore(&jumping)), Err(Refused::Forged(40)));

    let stranger = next(None, 55, 5);
    let beside = [all.as_slice(), std::slice::from_ref(&stranger)].concat();
    assert_eq!(merged(&mine, &keystore(&beside)), Err(Refused::Forged(1)), "it hangs together with nothing");
    assert_eq!(merged(&mine, &keystore(&[stranger])), Err(Refused::Unrelated));

    let foreign = Keystore { vault: ItemId::new(Millis(2), [2; 10]), ..keystore(&all) };
    assert_eq!(merged(&mine, &foreign), Err(Refused::Foreign));
    let newer = Keystore { format: 2, ..keystore(&all) };
    assert!(matches!(merged(&mine, &newer), Err(Refused::Malformed(_))));
}

#[test]
fn a_device_that_was_away_for_long_is_caught_up_with_while_something_is_in_common() {
    let all = chain(MAX_ROTATIONS as u64 + 30);
    let (away, ahead) = (keystore(&all[..40]), keystore(&all[30..]));
    let caught_up = merged(&away, &ahead).expect("ten are in common").keystore;
    assert_eq!(caught_up, ahead, "the last hundred");
    assert_eq!(merged(&keystore(&all[..30]), &keystore(&all[31..])), Err(Refused::Unrelated));
    let touching =
        merged(&keystore(&all[..30]), &keystore(&all[30..])).expect("one was signed by one that it has");
    assert_eq!(touching.keystore.rotations.len(), MAX_ROTATIONS);
    assert!(claims(&ahead).iter().all(genuine) && claims(&ahead).len() == MAX_ROTATIONS - 1);
}

#[test]
fn the_passphrase_that_was_changed_last_counts_on_every_device() {
    let all = chain(2);
    let old = keystore(&all);
    let new = Keystore { lock: lock(3), ..keystore(&all[..1]) };
    let (here, there) = (merged(&old, &new).expect("theirs"), merged(&new, &old).expect("mine"));
    assert!(here.their_lock && !there.their_lock);
    assert_eq!(here.keystore, there.keystore);
}

#[test]
fn a_file_comes_back_whole_or_not_at_all() {
    let keystore = keystore(&chain(3));
    let file = keystore.to_file().expect("text");
    assert_eq!(Keystore::from_file(&file), Ok(keystore));
    for at in 0..file.len() {
        let mut damaged = file.clone().into_bytes();
        damaged[at] = if damaged[at] == b'7' { b'8' } else { b'7' };
        let damaged = String::from_utf8(damaged).expect("ascii");
        assert!(Keystore::from_file(&damaged).is_err(), "letter {at}");
        assert!(Keystore::from_file(&file[..at]).is_err(), "cut at {at}");
    }
}

/// A tree of rotations: each grows on an earlier one, as devices make them that have not heard of one another.
fn tree() -> impl Strategy<Value = Vec<Rotation>> {
    prop::collection::vec((any::<prop::sample::Index>(), 0_u64..1_000), 0..30).prop_map(|grown| {
        let mut tree = vec![next(None, 0, 0)];
        for (n, (on, at)) in grown.into_iter().enumerate() {
            let before = tree[on.index(tree.len())].clone();
            tree.push(next(Some(&before), n as u64 + 1, at));
        }
        tree
    })
}

/// What one device knows of it: some of its rotations, and all that they stand on.
fn known(tree: &[Rotation], leaves: &[prop::sample::Index], revision: u32) -> Keystore {
    let mut known = vec![tree[0].clone()];
    for leaf in leaves {
        let mut at = Some(&tree[leaf.index(tree.len())]);
        while let Some(rotation) = at {
            if !known.contains(rotation) {
                known.push(rotation.clone());
            }
            at = tree.iter().find(|before| Some(before.id(&vault())) == rotation.previous);
        }
    }
    Keystore { lock: lock(revision), ..keystore(&known) }
}

/// As a device does it that hears of an older one: it stays as it is.
fn take_in(mine: &Keystore, theirs: &Keystore) -> Keystore {
    match merged(mine, theirs) {
        Ok(merged) => merged.keystore,
        Err(Refused::Downgrade { .. }) => mine.clone(),
        Err(other) => panic!("{other}"),
    }
}

proptest! {
    #[test]
    fn merging_is_the_same_in_whatever_order(
        tree in tree(),
        leaves in prop::array::uniform3(prop::collection::vec(any::<prop::sample::Index>(), 0..4)),
        revisions in prop::array::uniform3(0_u32..3),
    ) {
        let [a, b, c] = [0, 1, 2].map(|n| known(&tree, &leaves[n], revisions[n]));
        let ab = take_in(&a, &b);
        prop_assert_eq!(&ab, &take_in(&b, &a));
        prop_assert_eq!(take_in(&ab, &c), take_in(&a, &take_in(&b, &c)));
        prop_assert_eq!(take_in(&ab, &ab), ab.clone());
        prop_assert_eq!(take_in(&ab, &b), ab.clone());
        let union: BTreeSet<String> = ids(&a).union(&ids(&b)).cloned().collect();
        prop_assert_eq!(ids(&ab), union);
        let last = |keystore: &Keystore| head(keystore).map(|head| head.sequence);
        prop_assert_eq!(last(&ab), last(&a).max(last(&b)), "never shorter than the longest");
    }

    #[test]
    fn a_rotation_that_one_letter_was_changed_of_is_never_taken_in(
        tree in tree(), at in any::<prop::sample::Index>(), field in 0_usize..4,
    ) {
        let mine = keystore(&tree[..1]);
        let mut forged = tree.clone();
        let count = forged.len();
        let touched = &mut forged[at.index(count)];
        match field {
            0 => touched.by_device.push('x'),
            1 => touched.created_at = Millis(touched.created_at.0 + 1),
            2 => touched.public_key = key(4),
            _ => touched.signing_key = key(999),
        }
        prop_assert!(merged(&mine, &keystore(&forged)).is_err());
    }
}
