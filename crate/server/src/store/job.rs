//! What is done now and then, by one process of all that share a store: who does it, and when it is due again.

use async_trait::async_trait;
use fieldsync_protocol::Millis;

use super::StoreError;

/// How often a job is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rhythm {
    /// When it is due again after it was done.
    pub again: Again,
    /// So long after somebody began it and never said that it was done, that one is taken for dead.
    pub lease: Millis,
}

/// When a job is due again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// So long after it was done.
    After(Millis),
    /// At times of its own.
    Since {
        /// The last of them: what was not done since then is due.
        last: Millis,
        /// The one to come.
        next: Millis,
    },
}

/// What is kept of a job.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Job {
    /// When somebody began it last.
    pub claimed_at: Option<Millis>,
    /// When it was last done.
    pub done_at: Option<Millis>,
}

/// Whether a job is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// Now, by whoever asked: nobody else is told so for the length of the lease.
    Now,
    /// Not before this.
    At(Millis),
}

impl Job {
    /// Whether it is to be done now. Times that have not come yet are of a clock that was wrong, and hold nobody longer
    /// than the rhythm does.
    pub fn due(&self, rhythm: Rhythm, now: Millis) -> Due {
        let held = |since: Option<Millis>, span: Millis| since.map(|since| since.min(now) + span);
        // Who began it holds it until it is done.
        let claim = self.claimed_at.filter(|claimed| self.done_at.is_none_or(|done| done < *claimed));
        let rests = match rhythm.again {
            Again::After(span) => held(self.done_at, span),
            Again::Since { last, next } => self.done_at.filter(|done| *done >= last).map(|_| next),
        };
        let until = rests.max(held(claim, rhythm.lease));
        match until {
            Some(until) if until > now => Due::At(until),
            _ => Due::Now,
        }
    }
}

/// A question for a job.
#[derive(Clone, Debug)]
pub struct ClaimParams {
    /// Which.
    pub name: &'static str,
    /// How often it is done.
    pub rhythm: Rhythm,
    /// The server's clock.
    pub now: Millis,
}

/// A job that was done.
#[derive(Clone, Debug)]
pub struct DoneParams {
    /// Which.
    pub name: &'static str,
    /// The server's clock.
    pub now: Millis,
}

/// What a server asks of its store about jobs. Every operation is whole or has not happened.
#[async_trait]
pub trait JobStore: Send + Sync {
    /// Whether a job is due; if so, it is this process's. Of several that ask at once, one is told so.
    async fn claim(&self, params: ClaimParams) -> Result<Due, StoreError>;

    /// A job is done.
    async fn done(&self, params: DoneParams) -> Result<(), StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    const RHYTHM: Rhythm = Rhythm { again: Again::After(Millis(1_000)), lease: Millis(100) };
    const NOW: Millis = Millis(50_000);

    fn due(claimed_at: Option<u64>, done_at: Option<u64>) -> Due {
        let job = Job { claimed_at: claimed_at.map(Millis), done_at: done_at.map(Millis) };
        job.due(RHYTHM, NOW)
    }

    #[test]
    fn what_was_never_done_is_due() {
        assert_eq!(due(None, None), Due::Now);
    }

    #[test]
    fn what_was_done_is_due_again_after_its_time() {
        assert_eq!(due(Some(49_000), Some(49_001)), Due::At(Millis(50_001)));
        assert_eq!(due(Some(48_990), Some(49_000)), Due::Now, "to the millisecond");
        assert_eq!(due(None, Some(50_000)), Due::At(Millis(51_000)));
    }

    #[test]
    fn what_somebody_has_begun_is_theirs_for_the_lease() {
        assert_eq!(due(Some(49_950), None), Due::At(Millis(50_050)));
        assert_eq!(due(Some(49_950), Some(40_000)), Due::At(Millis(50_050)));
        assert_eq!(due(Some(49_900), Some(40_000)), Due::Now, "they are dead");
        assert_eq!(due(Some(49_950), Some(49_950)), Due::At(Millis(50_950)), "begun and done at once");
    }

    #[test]
    fn a_clock_that_was_wrong_holds_nobody_longer() {
        assert_eq!(due(Some(90_000), None), Due::At(Millis(50_100)));
        assert_eq!(due(None, Some(90_000)), Due::At(Millis(51_000)));
    }

    #[test]
    fn what_has_times_of_its_own_is_due_once_since_each() {
        let again = Again::Since { last: Millis(49_000), next: Millis(59_000) };
        let due = |claimed_at: Option<u64>, done_at: Option<u64>| {
            let job = Job { claimed_at: claimed_at.map(Millis), done_at: done_at.map(Millis) };
            job.due(Rhythm { again, lease: Millis(100) }, NOW)
        };
        assert_eq!(due(None, None), Due::Now);
        assert_eq!(due(Some(48_998), Some(48_999)), Due::Now, "before the last time");
        assert_eq!(due(Some(48_998), Some(49_000)), Due::At(Millis(59_000)));
        assert_eq!(due(None, Some(90_000)), Due::At(Millis(59_000)), "by a clock that was wrong");
        assert_eq!(due(Some(49_950), Some(40_000)), Due::At(Millis(50_050)), "somebody is at it");
    }
}
