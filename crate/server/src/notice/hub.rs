//! Notices within this process. A subscription holds nothing but whether there was one since it last looked, so a
//! thousand notices take no more room than one, and nobody who passes a notice on waits for anybody.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use thiserror::Error;
use tokio::sync::watch::{self, Receiver, Sender};

use super::Notifier;

/// There are as many subscriptions as there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("there are too many event streams")]
pub struct Full;

/// Who listens in this process. Clones are one.
#[derive(Clone)]
pub struct Hub(Arc<Shared>);

struct Shared {
    most: usize,
    most_of_a_person: usize,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Of every person with a subscription.
    people: BTreeMap<String, Sender<()>>,
    subscriptions: usize,
    is_closed: bool,
}

impl Hub {
    /// With room for so many subscriptions, and for so many of one person.
    pub fn new(most: usize, most_of_a_person: usize) -> Hub {
        Hub(Arc::new(Shared { most, most_of_a_person, state: Mutex::default() }))
    }

    /// Tells everyone: nobody knows whose notices were lost.
    pub fn moved_all(&self) {
        self.0.lock().people.values().for_each(|person| person.send_modify(|()| ()));
    }
}

impl Shared {
    /// Nothing that is done under the lock panics half-way.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Notifier for Hub {
    fn moved(&self, user_id: &str) {
        if let Some(person) = self.0.lock().people.get(user_id) {
            person.send_modify(|()| ());
        }
    }

    fn subscribe(&self, user_id: &str) -> Result<Subscription, Full> {
        let mut state = self.0.lock();
        if state.is_closed || state.subscriptions >= self.0.most {
            return Err(Full);
        }
        let person = state.people.entry(user_id.to_owned()).or_insert_with(|| watch::channel(()).0);
        if person.receiver_count() >= self.0.most_of_a_person {
            return Err(Full);
        }
        let notices = person.subscribe();
        state.subscriptions += 1;
        Ok(Subscription { hub: Arc::clone(&self.0), user_id: user_id.to_owned(), notices })
    }

    fn subscriptions(&self) -> usize {
        self.0.lock().subscriptions
    }

    fn close(&self) {
        let mut state = self.0.lock();
        state.is_closed = true;
        state.people.clear();
    }
}

/// Somebody who listens. Dropped, it is as if it had never been.
pub struct Subscription {
    hub: Arc<Shared>,
    user_id: String,
    notices: Receiver<()>,
}

impl Subscription {
    /// Waits for a notice since the last one that was waited for; false where there will be none any more.
    pub async fn moved(&mut self) -> bool {
        self.notices.changed().await.is_ok()
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        let mut state = self.hub.lock();
        state.subscriptions -= 1;
        // This one's own receiver is still counted.
        if state.people.get(&self.user_id).is_some_and(|person| person.receiver_count() <= 1) {
            state.people.remove(&self.user_id);
        }
    }
}

#[cfg(test)]
mod tests {
    use tokio_test_support::{is_ready, is_waiting};

    use super::*;

    /// Whether a wait is over, without waiting.
    mod tokio_test_support {
        use std::future::Future;
        use std::pin::pin;
        use std::task::{Context, Poll, Waker};

        pub fn is_ready(wait: impl Future<Output = bool>) -> bool {
            pin!(wait).poll(&mut Context::from_waker(Waker::noop())) == Poll::Ready(true)
        }

        pub fn is_waiting(wait: impl Future<Output = bool>) -> bool {
            pin!(wait).poll(&mut Context::from_waker(Waker::noop())).is_pending()
        }
    }

    #[test]
    fn notices_run_together_and_reach_their_person_alone() {
        let hub = Hub::new(9, 9);
        let (mut a, mut again, mut b) =
            (hub.subscribe("a").unwrap(), hub.subscribe("a").unwrap(), hub.subscribe("b").unwrap());
        for _ in 0..1_000 {
            hub.moved("a");
        }
        hub.moved("nobody");
        assert!(is_ready(a.moved()) && is_ready(again.moved()));
        assert!(is_waiting(a.moved()) && is_waiting(b.moved()), "one for all of them");
        hub.moved_all();
        assert!(is_ready(a.moved()) && is_ready(b.moved()));
    }

    #[test]
    fn a_notice_before_the_first_look_is_heard() {
        let hub = Hub::new(9, 9);
        let mut late = hub.subscribe("a").unwrap();
        hub.moved("a");
        assert!(is_ready(late.moved()));
    }

    #[test]
    fn there_are_only_so_many_and_what_is_dropped_leaves_nothing() {
        let hub = Hub::new(2, 2);
        let held = [hub.subscribe("a").unwrap(), hub.subscribe("b").unwrap()];
        assert_eq!(hub.subscribe("c").err(), Some(Full));
        drop(held);
        assert!(hub.0.lock().people.is_empty());
        assert!(hub.subscribe("c").is_ok());
        let hub = Hub::new(1_000, 5);
        let held: Vec<_> = (0..5).map(|_| hub.subscribe("a").unwrap()).collect();
        assert_eq!(hub.subscribe("a").err(), Some(Full));
        assert!(hub.subscribe("b").is_ok(), "one person does not shut out another");
        drop(held);
    }

    #[tokio::test]
    async fn closed_it_ends_what_waits_and_takes_nobody() {
        let hub = Hub::new(9, 9);
        let mut a = hub.subscribe("a").unwrap();
        hub.close();
        assert!(!a.moved().await);
        assert_eq!(hub.subscribe("a").err(), Some(Full));
    }
}
