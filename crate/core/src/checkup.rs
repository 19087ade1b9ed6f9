//! The checks of sync health: who wishes for one, when it is made, what is kept of it. `schedule` says when, `round` makes it,
//! `health` says what it means.

mod keys;
mod round;
mod view;

pub use keys::Keys;
pub use view::{CheckNote, CheckWish, Checked, SchedulerAsk, SchedulerView};

use fieldsync_protocol::Sorted;

use round::{RENEWED_BY, Round};

use crate::call::{Answer, CallCode, CallError};
use crate::event::{CallId, Effect, StoreError, Token};
use crate::health::Space;
use crate::ledger::{Found, Overview, Query};
use crate::outbox::Desk;
use crate::schedule::{Scheduler, Tempo, Verdict};
use crate::sealed::Vault;
use crate::time::Timer;

/// What the store is looked at for.
#[derive(Debug)]
enum Looking {
    Call(CallId, SchedulerAsk),
    Timer,
}

/// The checks of this page or worker.
#[derive(Debug)]
pub(crate) struct Checkup {
    scheduler: Scheduler,
    looking: Sorted<Token, Looking>,
    round: Option<Round>,
    /// As it was stored last.
    kept: Checked,
    /// As a page told it last.
    space: Space,
    /// Entries that waited in a store that the browser has removed, until a person has taken note.
    lost: Option<u64>,
    /// The last check was not begun, because the browser sees no network.
    missed: bool,
    /// A drain was asked to renew the tokens, once.
    renewing: bool,
    /// As it was seen last.
    vault: Vault,
    /// What reports are to say of whether a sync is needed.
    #[cfg(feature = "test-mode")]
    forced: Option<bool>,
}

impl Checkup {
    pub(crate) fn new(tempo: Tempo) -> Checkup {
        Checkup {
            scheduler: Scheduler::new(tempo),
            looking: Sorted::new(),
            round: None,
            kept: Checked::default(),
            space: Space::default(),
            lost: None,
            missed: false,
            renewing: false,
            vault: Vault::Absent,
            #[cfg(feature = "test-mode")]
            forced: None,
        }
    }

    pub(crate) fn ask(&mut self, desk: &mut Desk, call: CallId, ask: SchedulerAsk) {
        self.look(desk, Looking::Call(call, ask));
    }

    /// A check is due.
    pub(crate) fn tick(&mut self, desk: &mut Desk) {
        self.look(desk, Looking::Timer);
    }

    /// The vault was locked or opened (A4); the network is back: what it was missing for is done now.
    pub(crate) fn looked_at_the_world(&mut self, desk: &mut Desk) {
        if std::mem::replace(&mut self.vault, desk.facts.vault) != desk.facts.vault {
            match desk.facts.vault {
                Vault::Locked => self.scheduler.pause(),
                Vault::Open | Vault::Absent => self.scheduler.resume(desk.now),
            }
            self.arm(desk);
        }
        if self.missed && desk.facts.online != Some(false) {
            self.missed = false;
            self.scheduler.news(desk.now); // for what could not be asked
            self.arm(desk);
        }
    }

    pub(crate) fn awaits(&self, token: Token) -> bool {
        self.looking.contains_key(&token) || self.round.as_ref().is_some_and(|round| round.token == token)
    }

    fn look(&mut self, desk: &mut Desk, looking: Looking) {
        let token = desk.out.push(Effect::Read(Query::Overview));
        self.looking.insert(token, looking);
    }

    /// How things stand in the store.
    pub(crate) fn read(&mut self, desk: &mut Desk, token: Token, outcome: Result<Found, StoreError>) {
        let Some(looking) = self.looking.remove(&token) else {
            let standing = if let Ok(Found::Standing(standing)) = outcome { Some(standing) } else { None };
            return self.stands(desk, standing);
        };
        let Ok(Found::Overview(overview)) = outcome else {
            self.scheduler.hasten(desk.now + RENEWED_BY);
            self.arm(desk);
            if let Looking::Call(call, _) = looking {
                let words = "This device's storage did not answer. Please try again.";
                desk.out.answer(call, Err(CallError::new(CallCode::Storage, words)));
            }
            return;
        };
        // A check has ended elsewhere since. Where one is being made here too, its note is added to that one's.
        if let Some(kept) = overview.checked.clone().filter(|kept| kept.latest() > self.kept.latest()) {
            self.scheduler.learn(&mut desk.jitter, kept.begun, kept.last_run, kept.next_run);
            self.kept = kept;
        }
        match looking {
            Looking::Timer => {
                if self.scheduler.tick(desk.now) {
                    self.begin(desk, None, overview);
                }
                self.arm(desk);
            }
            Looking::Call(call, ask) => self.called(desk, call, ask, overview),
        }
    }

    fn called(&mut self, desk: &mut Desk, call: CallId, ask: SchedulerAsk, overview: Overview) {
        if let Some(space) = ask.space {
            self.space = space;
        }
        #[cfg(feature = "test-mode")]
        {
            self.forced = ask.force.or(self.forced);
        }
        if let Some(mark) = ask.mark {
            self.lost = mark.lost(&desk.device_id);
        }
        match ask.wish {
            CheckWish::Look => {}
            CheckWish::Start => {
                self.scheduler.start(desk.now);
                self.kept.uses.note(desk.now);
            }
            CheckWish::Stop => self.scheduler.stop(),
            CheckWish::News => self.scheduler.news(desk.now),
            #[cfg(feature = "test-mode")]
            CheckWish::Pause => self.scheduler.pause(),
            #[cfg(feature = "test-mode")]
            CheckWish::Resume => self.scheduler.resume(desk.now),
            CheckWish::Check => match self.scheduler.check_now(desk.now) {
                Verdict::Begin => return self.begin(desk, Some(call), overview),
                Verdict::Cached | Verdict::InProgress => {}
            },
        }
        self.arm(desk);
        let view = self.view();
        desk.out.answer(call, Ok(Answer::Scheduler(Box::new(view))));
    }

    fn view(&self) -> SchedulerView {
        self.kept.view(&self.scheduler, self.lost)
    }

    fn arm(&self, desk: &mut Desk) {
        match self.scheduler.next_run() {
            Some(at) => desk.timers.set(Timer::Check, desk.up(at)),
            None => desk.timers.stop(Timer::Check),
        }
    }
}
