//! What every store does with jobs. Each test is stamped on each of them.

use fieldsync_protocol::Millis;
use fieldsync_server::store::account::{BeginLoginParams, RotateParams, RotateResult, TokenHash};
use fieldsync_server::store::job::{Again, ClaimParams, DoneParams, Due, Rhythm};
use fieldsync_server::store::{PruneParams, PruneResult};

use super::{Fixture, NOW};

on_every_store! {
    a_job_is_one_askers_until_it_is_done_or_its_lease_is_over
    of_many_who_ask_at_once_one_has_the_job
    logins_that_have_ended_go
}

const RHYTHM: Rhythm = Rhythm { again: Again::After(Millis(1_000)), lease: Millis(100) };

impl Fixture {
    async fn claim(&self, name: &'static str, now: Millis) -> Due {
        self.store.claim(ClaimParams { name, rhythm: RHYTHM, now }).await.unwrap()
    }
}

async fn a_job_is_one_askers_until_it_is_done_or_its_lease_is_over(it: Fixture) {
    assert_eq!(it.claim("a", NOW).await, Due::Now);
    assert_eq!(it.claim("a", NOW).await, Due::At(NOW + Millis(100)));
    assert_eq!(it.claim("b", NOW).await, Due::Now, "another job");
    // Nobody has heard of the first again.
    assert_eq!(it.claim("a", NOW + Millis(100)).await, Due::Now);
    it.store.done(DoneParams { name: "a", now: NOW + Millis(150) }).await.unwrap();
    assert_eq!(it.claim("a", NOW + Millis(151)).await, Due::At(NOW + Millis(1_150)));
    assert_eq!(it.claim("a", NOW + Millis(1_150)).await, Due::Now);
}

async fn of_many_who_ask_at_once_one_has_the_job(it: Fixture) {
    let tasks: Vec<_> = (0..12)
        .map(|_| {
            let store = it.store.clone();
            let params = ClaimParams { name: "a", rhythm: RHYTHM, now: NOW };
            tokio::spawn(async move { store.claim(params).await.unwrap() })
        })
        .collect();
    let mut count = 0;
    for task in tasks {
        count += usize::from(task.await.unwrap() == Due::Now);
    }
    assert_eq!(count, 1);
}

async fn logins_that_have_ended_go(it: Fixture) {
    for (login, expires_at) in [("old", NOW), ("live", NOW + Millis(1))] {
        let params = BeginLoginParams {
            user_id: "a".into(),
            login_id: login.into(),
            device_id: None,
            token: TokenHash([1; 32]),
            now: NOW,
            expires_at,
        };
        it.store.begin_login(params).await.unwrap();
    }
    let pruned = it.store.prune(PruneParams { now: NOW, keep_days: 90 }).await.unwrap();
    assert_eq!(pruned, PruneResult { logins: 1, ..PruneResult::default() });
    let params = RotateParams {
        user_id: "a".into(),
        login_id: "live".into(),
        spent: TokenHash([1; 32]),
        fresh: TokenHash([2; 32]),
        now: NOW,
        expires_at: NOW + Millis(9),
    };
    assert!(matches!(it.store.rotate(params).await.unwrap(), RotateResult::Rotated { .. }));
}
