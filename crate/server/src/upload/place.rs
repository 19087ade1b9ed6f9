//! How many uploads are written to at once: of all so many that other requests have their turn, of one person a few.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::problem::ApiError;

/// Of all, at most.
const MOST: usize = 100;
/// Of one person, at most.
const MOST_OF_A_PERSON: usize = 8;
/// Seconds after which one of a person's may have ended.
const SOON: u64 = 2;

/// Those that are taken.
#[derive(Clone, Debug)]
pub struct Places(Arc<Taken>);

#[derive(Debug)]
struct Taken {
    most: usize,
    most_of_a_person: usize,
    by_person: Mutex<BTreeMap<String, usize>>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub struct Place {
    taken: Arc<Taken>,
    user_id: String,
}

impl Places {
    /// On a server of so many connections. Whoever reaches a demo is its one user.
    pub fn new(connections: usize, is_demo: bool) -> Places {
        let most = (connections / 2).clamp(1, MOST);
        let most_of_a_person = if is_demo { most } else { MOST_OF_A_PERSON.min(most) };
        Places(Arc::new(Taken { most, most_of_a_person, by_person: Mutex::default() }))
    }

    /// Takes one, or says when to come back.
    pub fn take(&self, user_id: &str) -> Result<Place, ApiError> {
        let mut by_person = self.0.by_person.lock().unwrap_or_else(PoisonError::into_inner);
        if by_person.values().sum::<usize>() >= self.0.most {
            return Err(ApiError::Unavailable);
        }
        let own = by_person.entry(user_id.to_owned()).or_default();
        if *own >= self.0.most_of_a_person {
            return Err(ApiError::TooManyRequests(SOON));
        }
        *own += 1;
        Ok(Place { taken: Arc::clone(&self.0), user_id: user_id.to_owned() })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut by_person = self.taken.by_person.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(own) = by_person.get_mut(&self.user_id) else { return };
        *own -= 1;
        if *own == 0 {
            by_person.remove(&self.user_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_all_and_of_one_there_are_only_so_many() {
        let places = Places::new(20, false);
        let of_a: Vec<Place> = (0..8).map(|_| places.take("a").unwrap()).collect();
        assert!(matches!(places.take("a"), Err(ApiError::TooManyRequests(2))));
        let of_b = [places.take("b").unwrap(), places.take("b").unwrap()];
        assert!(matches!(places.take("c"), Err(ApiError::Unavailable)));
        drop(of_a);
        assert!(places.take("c").is_ok() && places.take("a").is_ok());
        drop(of_b);
        assert!(places.0.by_person.lock().unwrap().is_empty());
    }

    #[test]
    fn a_small_server_and_a_demo_have_one_too() {
        assert!(Places::new(1, false).take("a").is_ok());
        let demo = Places::new(480, true);
        assert_eq!((0..101).filter_map(|_| demo.take("a").ok().map(std::mem::forget)).count(), 100);
    }
}
