//! Which keystores every store takes in the place of the one before: what devices bring by right is taken, and nothing that
//! would take keys or a passphrase back, whether or not it says which one it was made from.

use fieldsync_protocol::{ItemId, Keystore, MAX_ROTATIONS, Millis, PassphraseLock, Rotation};
use fieldsync_server::store::keystore::PutKeystoreResult;

use super::Fixture;
use super::keystores::given;
use crate::a_keystore::{made, rotation};
use PutKeystoreResult::{Behind, Foreign};

on_every_store! {
    one_with_the_same_rotations_or_more_is_taken
    one_that_lacks_a_rotation_is_not
    one_whose_rotations_were_changed_is_not
    one_of_another_vault_is_not
    an_older_passphrase_is_not
    two_histories_are_merged_by_who_was_outrun
    of_more_than_are_kept_the_oldest_go
    no_more_go_than_have_to
    of_one_sequence_the_names_tell_which_is_older
    one_that_cannot_be_read_stays
}

fn last(keystore: &Keystore) -> u64 {
    keystore.rotations.iter().map(|rotation| rotation.sequence).max().unwrap()
}

/// With these rotations, one vault and one passphrase.
fn of(rotations: Vec<Rotation>) -> Keystore {
    Keystore { rotations, ..made(1, 'k') }
}

fn run(sequences: std::ops::RangeInclusive<u64>, mark: char) -> Vec<Rotation> {
    sequences.map(|sequence| rotation(sequence, mark)).collect()
}

fn locked(revision: u32, salt: &str, keystore: Keystore) -> Keystore {
    let lock = PassphraseLock { revision, salt: salt.repeat(22), ..keystore.lock.clone() };
    Keystore { lock, ..keystore }
}

impl Fixture {
    /// Brings one made from this revision of the one before, where that is said.
    async fn put(&self, keystore: &Keystore, after: Option<u64>) -> PutKeystoreResult {
        self.bring(given(&keystore.to_file().unwrap(), last(keystore), after)).await
    }

    async fn takes(&self, keystore: &Keystore) {
        let result = self.put(keystore, None).await;
        assert!(matches!(result, PutKeystoreResult::Kept(_)), "{result:?}");
        assert_eq!(self.carried().await, *keystore);
    }

    /// Refuses it even of a device that has seen what is carried.
    async fn refuses(&self, keystore: &Keystore) {
        let before = self.store.keystore("a").await.unwrap().unwrap();
        for after in [None, Some(before.revision)] {
            assert_eq!(self.put(keystore, after).await, Behind { sequence: before.sequence });
        }
        assert_eq!(self.store.keystore("a").await.unwrap(), Some(before), "as it was");
    }

    async fn carried(&self) -> Keystore {
        Keystore::from_file(&self.store.keystore("a").await.unwrap().unwrap().keystore).unwrap()
    }
}

async fn one_with_the_same_rotations_or_more_is_taken(it: Fixture) {
    it.takes(&made(1, 'k')).await;
    it.takes(&made(2, 'k')).await;
    let mut resealed = made(2, 'k');
    resealed.rotations[0].sealed = "otherwise".into();
    it.takes(&resealed).await;
    it.takes(&locked(1, "t", made(2, 'k'))).await;
    it.takes(&locked(4, "u", made(5, 'k'))).await;
    let mut rotations = run(1..=5, 'k');
    rotations.reverse();
    it.takes(&locked(4, "u", of(rotations))).await;
}

async fn one_that_lacks_a_rotation_is_not(it: Fixture) {
    it.takes(&made(3, 'k')).await;
    it.refuses(&made(2, 'k')).await;
    for rotations in [run(1..=3, 'o'), run(1..=9, 'o'), run(2..=9, 'k')] {
        it.refuses(&of(rotations)).await;
    }
    it.refuses(&locked(9, "t", made(2, 'k'))).await;
}

async fn one_whose_rotations_were_changed_is_not(it: Fixture) {
    it.takes(&made(2, 'k')).await;
    let changes: [fn(&mut Rotation); 7] = [
        |rotation| rotation.created_at = Millis(1),
        |rotation| rotation.by_device = "tablet".into(),
        |rotation| rotation.public_key = "x".repeat(87),
        |rotation| rotation.signing_key = "x".repeat(87),
        |rotation| rotation.previous = Some("1".repeat(64)),
        |rotation| rotation.sequence = 7,
        // It is in clear too, and by it a device knows that the rotation is genuine.
        |rotation| rotation.signature = "x".repeat(86),
    ];
    for change in changes {
        let mut keystore = made(3, 'k');
        change(&mut keystore.rotations[1]);
        it.refuses(&keystore).await;
    }
    it.takes(&made(3, 'k')).await;
}

/// Two devices have each set a vault up before they knew of one another: the first that was brought stays.
async fn one_of_another_vault_is_not(it: Fixture) {
    it.takes(&made(1, 'k')).await;
    let before = it.store.keystore("a").await.unwrap();
    let vault = ItemId::new(Millis(2), [2; 10]);
    for last in [1, 9] {
        let other = locked(9, "t", Keystore { vault, ..made(last, 'k') });
        for after in [None, Some(1)] {
            assert_eq!(it.put(&other, after).await, Foreign);
        }
    }
    assert_eq!(it.store.keystore("a").await.unwrap(), before);
}

async fn an_older_passphrase_is_not(it: Fixture) {
    it.takes(&locked(2, "t", made(2, 'k'))).await;
    it.refuses(&locked(1, "t", made(2, 'k'))).await;
    it.refuses(&locked(1, "z", made(3, 'k'))).await;
    // Changed on two devices at once, one counts on all of them, the same as here.
    it.refuses(&locked(2, "s", made(3, 'k'))).await;
    it.takes(&locked(2, "u", made(2, 'k'))).await;
    let mut cheaper = locked(2, "u", made(3, 'k'));
    cheaper.lock.passes -= 1;
    it.refuses(&cheaper).await;
    it.takes(&locked(3, "a", made(2, 'k'))).await;
}

async fn two_histories_are_merged_by_who_was_outrun(it: Fixture) {
    it.takes(&made(1, 'k')).await;
    let phone = of([run(1..=1, 'k'), run(2..=2, 'p')].concat());
    let tablet = of([run(1..=1, 'k'), run(2..=3, 't')].concat());
    it.takes(&phone).await;
    assert_eq!(it.put(&tablet, Some(1)).await, Behind { sequence: 2 }, "outrun");
    it.refuses(&tablet).await;
    let merged = of([run(1..=1, 'k'), run(2..=2, 'p'), run(2..=3, 't')].concat());
    let carried = it.store.keystore("a").await.unwrap().unwrap();
    assert!(matches!(it.put(&merged, Some(carried.revision)).await, PutKeystoreResult::Kept(_)));
    it.refuses(&phone).await;
}

async fn of_more_than_are_kept_the_oldest_go(it: Fixture) {
    assert_eq!(MAX_ROTATIONS, 100);
    it.takes(&of(run(1..=99, 'k'))).await;
    it.takes(&of(run(1..=100, 'k'))).await;
    it.takes(&of(run(2..=101, 'k'))).await;
    // It had lost one more than the server, and brings others.
    it.takes(&of([run(4..=101, 'k'), run(102..=103, 'k')].concat())).await;
    // After a merge of two of one sequence, as well.
    it.takes(&of([run(6..=103, 'k'), run(104..=104, 'o'), run(104..=104, 'p')].concat())).await;
    // Nothing of what the server has is among the last: it was away for long.
    it.takes(&of(run(301..=400, 'k'))).await;
}

async fn no_more_go_than_have_to(it: Fixture) {
    it.takes(&of(run(1..=100, 'k'))).await;
    it.refuses(&of(run(3..=101, 'k'))).await;
    it.refuses(&of(run(2..=100, 'k'))).await;
    it.refuses(&of(run(51..=130, 'k'))).await;
    it.refuses(&of([run(1..=50, 'k'), run(51..=100, 'o')].concat())).await;
    it.refuses(&of([run(2..=99, 'k'), run(101..=102, 'k')].concat())).await;
    it.takes(&of(run(2..=101, 'k'))).await;
}

/// Of several of one sequence the one with the smaller name is older, as it is where devices merge.
async fn of_one_sequence_the_names_tell_which_is_older(it: Fixture) {
    let mut both = [rotation(2, 'a'), rotation(2, 'b')];
    both.sort_by_key(|rotation| rotation.id(&made(1, 'k').vault));
    let [older, newer] = both.map(|rotation| vec![rotation]);
    it.takes(&of([older.clone(), newer.clone(), run(3..=100, 'k')].concat())).await;
    it.refuses(&of([older, run(3..=101, 'k')].concat())).await;
    it.takes(&of([newer, run(3..=101, 'k')].concat())).await;
}

/// Of one that a newer server has taken nobody here can say what would be lost with it.
async fn one_that_cannot_be_read_stays(it: Fixture) {
    let newer = Keystore { format: 2, ..made(1, 'k') };
    assert!(matches!(it.put(&newer, None).await, PutKeystoreResult::Kept(_)));
    it.refuses(&made(2, 'k')).await;
}
