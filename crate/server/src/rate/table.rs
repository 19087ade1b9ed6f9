//! A table of as many cells as it was made with, whatever keys come: the generic cell rate algorithm, of which a cell
//! keeps one time. A cell whose time is past says nothing that a new one would not, so it is free for another key. Where
//! all that a key could have are taken, it shares the one that is free soonest: then some are refused earlier than they
//! would be, and nobody is allowed more.

use std::array::from_fn;
use std::hash::{BuildHasher, Hash, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Cells that one key can have.
const WAYS: usize = 8;
/// With the ways, 32,768 cells: half a megabyte.
const SETS: usize = 4_096;

/// How often.
#[derive(Clone, Copy, Debug)]
pub struct Rate {
    /// In the long run.
    pub per_second: u32,
    /// At once, by who has been away.
    pub burst: u32,
}

/// Counts by keys.
pub struct RateTable {
    /// Between two, in the long run.
    interval: Duration,
    /// How far ahead of its time a key may be.
    ahead: Duration,
    sets: Box<[Mutex<[Cell; WAYS]>]>,
    /// Seeded by chance, so that nobody can choose whose cells are theirs.
    hasher: RandomState,
}

#[derive(Clone, Copy, Default)]
struct Cell {
    /// The key's hash.
    key: u64,
    /// When all that the key has done is paid for.
    paid: Duration,
}

impl RateTable {
    /// An empty one.
    pub fn new(rate: Rate) -> RateTable {
        let interval = Duration::from_secs(1) / rate.per_second.max(1);
        RateTable {
            interval,
            ahead: interval * rate.burst.max(1),
            sets: (0..SETS).map(|_| Mutex::new(from_fn(|_| Cell::default()))).collect(),
            hasher: RandomState::new(),
        }
    }

    /// Counts one, at a time since some beginning; or how long to wait where there were too many.
    pub fn count(&self, key: &impl Hash, now: Duration) -> Result<(), Duration> {
        let key = self.hasher.hash_one(key);
        // As many as an index has room for; which bits is no matter.
        let mut set = self.sets[key as usize % SETS].lock().unwrap_or_else(PoisonError::into_inner);
        let place = set
            .iter()
            .position(|cell| cell.key == key)
            .or_else(|| set.iter().position(|cell| cell.paid <= now))
            .unwrap_or_else(|| (0..WAYS).min_by_key(|place| set[*place].paid).unwrap_or(0));
        let cell = &mut set[place];
        if cell.paid <= now {
            cell.key = key;
        }
        let paid = cell.paid.max(now) + self.interval;
        match paid.saturating_sub(now + self.ahead) {
            Duration::ZERO => {
                cell.paid = paid;
                Ok(())
            }
            wait => Err(wait),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { per_second: 10, burst: 30 };

    fn at(millis: u64) -> Duration {
        Duration::from_secs(1_000) + Duration::from_millis(millis)
    }

    fn counted(table: &RateTable, key: &str, now: Duration) -> usize {
        (0..1_000).take_while(|_| table.count(&key, now).is_ok()).count()
    }

    #[test]
    fn first_a_burst_and_then_so_many_a_second() {
        let table = RateTable::new(RATE);
        assert_eq!(counted(&table, "a", at(0)), 30);
        assert_eq!(table.count(&"a", at(0)), Err(Duration::from_millis(100)));
        assert_eq!(table.count(&"a", at(60)), Err(Duration::from_millis(40)));
        assert_eq!(counted(&table, "a", at(100)), 1);
        assert_eq!(counted(&table, "a", at(1_100)), 10);
        assert_eq!(counted(&table, "b", at(1_100)), 30, "another's is untouched");
        assert_eq!(counted(&table, "a", at(9_000)), 30, "who has been away has it whole again, and no more");
    }

    #[test]
    fn who_is_refused_waits_no_longer_for_asking() {
        let table = RateTable::new(RATE);
        counted(&table, "a", at(0));
        for _ in 0..1_000 {
            assert!(table.count(&"a", at(50)).is_err());
        }
        assert_eq!(counted(&table, "a", at(100)), 1);
    }

    #[test]
    fn a_flood_of_keys_allows_nobody_more() {
        let table = RateTable::new(RATE);
        assert_eq!(counted(&table, "a", at(0)), 30);
        // Each of them takes a cell where one is free, and keeps it for three seconds.
        for n in 0..100_000_u32 {
            while table.count(&n, at(0)).is_ok() {}
        }
        assert_eq!(counted(&table, "a", at(0)), 0);
        assert!(counted(&table, "a", at(1_000)) <= 10);
        assert_eq!(counted(&table, "b", at(6_000)), 30, "and it passes");
    }
}
