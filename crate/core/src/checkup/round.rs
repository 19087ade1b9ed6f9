//! One check, from its first question to what is kept of it: this device says how it is doing, asks for the roster and for
//! the keystore that the server carries, brings its own where that has more, and stores what it all comes to.

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::{self, Write};
use fieldsync_protocol::{Millis, RotationMark};

use super::Checkup;
use super::keys::{self, Carried};
use crate::call::{Answer, Event};
use crate::event::{CallId, Effect, Token, Transfer, WriteError};
use crate::gate::{self, Hold, Power, Why};
use crate::health::{self, Evidence, HealthReport, Member, Own, Space, Turn};
use crate::ledger::{Batch, Overview, Query, Standing};
use crate::login::Secret;
use crate::outbox::Desk;
use crate::push;
use crate::schedule::{Circumstances, Outcome, SchedulerState};
use crate::sealed::Vault;

/// An answer that has not come by then is given up.
const ASK_TIMEOUT: Millis = Millis::seconds(10);
/// After a drain was asked to renew the tokens.
pub(super) const RENEWED_BY: Millis = Millis::minutes(1);

/// What a heartbeat says.
#[derive(Write)]
#[serde(rename_all = "camelCase")]
struct Beat {
    device_id: String,
    pending: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    oldest_unsent_at: Option<Millis>,
    #[serde(skip_serializing_if = "Option::is_none")]
    last_rotation: Option<RotationMark>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_usage: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    storage_quota: Option<u64>,
}

/// What is read of the answer to it.
#[derive(Default, Read)]
#[serde(default)]
struct Beaten {
    now: Option<Millis>,
}

/// What is read of the answer for the roster.
#[derive(Read)]
struct Roster {
    devices: Vec<Member>,
}

#[derive(Debug)]
enum Step {
    Standing,
    Beat,
    Roster,
    Keystore,
    Bring,
    Keep,
}

/// The check that runs.
#[derive(Debug)]
pub(super) struct Round {
    pub(super) token: Token,
    step: Step,
    /// Who waits for its end.
    calls: Vec<CallId>,
    overview: Overview,
    standing: Standing,
    /// How far the clock goes before the server's, in milliseconds.
    clock_skew: Option<i64>,
    roster: Vec<Member>,
    carried: Option<Carried>,
    /// Another device was quicker in bringing its keystore, once.
    outrun: bool,
    /// The server has said that this device is revoked.
    revoked: bool,
}

impl Checkup {
    /// That it has begun is not stored: it would cost every check a write, and of two that begin in the same moment both have
    /// looked before either writes. Of those that know one plan one comes first instead ([`Scheduler::learn`]). Two tabs that
    /// are unlocked at once make two checks all the same, and the next time one.
    ///
    /// [`Scheduler::learn`]: crate::schedule::Scheduler::learn
    pub(super) fn begin(&mut self, desk: &mut Desk, call: Option<CallId>, overview: Overview) {
        desk.remember(overview.session.as_ref());
        let token = desk.out.push(Effect::Read(Query::Standing));
        self.round = Some(Round {
            token,
            step: Step::Standing,
            calls: call.into_iter().collect(),
            overview,
            standing: Standing::default(),
            clock_skew: None,
            roster: Vec::new(),
            carried: None,
            outrun: false,
            revoked: false,
        });
    }

    /// How this device stands is known, or cannot be.
    pub(super) fn stands(&mut self, desk: &mut Desk, standing: Option<Standing>) {
        let Some(round) = &mut self.round else { return };
        round.standing = standing.unwrap_or_default();
        // Nobody's keys are brought to somebody else's account.
        let person = round.overview.preferences.login.as_ref().map(|login| &login.email);
        round.standing.keys = round.standing.keys.take().filter(|keys| {
            keys.owner.as_ref().is_none_or(|owner| person.is_none_or(|person| owner == person))
        });
        let Space { usage: storage_usage, quota: storage_quota, .. } = self.space;
        let turns = round.standing.keys.as_ref().map(|keys| keys.turns.as_slice()).unwrap_or_default();
        let beat = Beat {
            device_id: desk.device_id.clone(),
            pending: round.overview.totals.queued(),
            oldest_unsent_at: round.standing.oldest.map(|id| id.made_at()),
            last_rotation: head(turns),
            storage_usage,
            storage_quota,
        };
        self.missed = desk.facts.online == Some(false);
        // Locked since it was decided on it is not begun (A4): there is one once the vault is open.
        if self.missed || self.vault == Vault::Locked {
            self.fail(desk, false);
        } else {
            self.request(desk, Step::Beat, Some(write::to_string(&beat)));
        }
    }

    fn request(&mut self, desk: &mut Desk, step: Step, body: Option<String>) {
        let Some(round) = &mut self.round else { return };
        let (method, path) = match step {
            Step::Beat => ("POST", "/api/v1/sync/heartbeat"),
            Step::Roster => ("GET", "/api/sync/devices"),
            Step::Bring => ("PUT", "/api/v1/keystore"),
            Step::Standing | Step::Keystore | Step::Keep => ("GET", "/api/v1/keystore"),
        };
        let bearer = round.overview.preferences.bearer();
        round.step = step;
        round.token = desk.out.push(Effect::Ask { method, path, body, bearer, timeout: ASK_TIMEOUT });
    }

    /// The server's answer; and the token that it knows no more, which a drain is to renew.
    pub(crate) fn asked(&mut self, desk: &mut Desk, transfer: Transfer) -> Option<Secret> {
        let round = self.round.as_mut()?;
        let (status, body) = match transfer {
            Transfer::Answered { status, body, .. } => (status, body),
            Transfer::Broken | Transfer::TimedOut => (0, String::new()),
        };
        match (&round.step, status) {
            (Step::Beat, 200) => {
                let now = read::from_str::<Beaten>(&body).unwrap_or_default().now;
                round.clock_skew = now.map(|now| desk.now.0 as i64 - now.0 as i64);
                self.request(desk, Step::Roster, None);
            }
            (Step::Roster, 200) => match read::from_str::<Roster>(&body) {
                Ok(roster) => {
                    round.roster = roster.devices;
                    self.request(desk, Step::Keystore, None);
                }
                Err(_) => self.fail(desk, true),
            },
            (Step::Keystore, 204) => self.carried(desk, None),
            (Step::Keystore, 200) => match read::from_str::<Carried>(&body) {
                Ok(carried) => self.carried(desk, Some(carried)),
                Err(_) => self.fail(desk, true),
            },
            (Step::Bring, 200) => match read::from_str::<Carried>(&body) {
                Ok(carried) => {
                    round.carried = Some(carried);
                    self.conclude(desk, false);
                }
                Err(_) => self.fail(desk, true),
            },
            // Another device was quicker: what it brought is looked at first.
            (Step::Bring, 409) if !round.outrun => {
                round.outrun = true;
                self.request(desk, Step::Keystore, None);
            }
            (_, 401) if !self.renewing && round.overview.preferences.refresh_token().is_some() => {
                self.renewing = true;
                let refused = round.overview.preferences.bearer();
                self.fail(desk, false);
                return refused;
            }
            (_, 403) if push::forbidden(&body) == Why::Revoked => {
                desk.revoke();
                // Said wherever it is said why nothing is sent, by whichever page or worker.
                let session = round.overview.session.get_or_insert_default();
                (session.revoked, round.revoked) = (true, true);
                // But the server's wish to wait is written over by another wish of it, and by nothing else.
                if gate::asked(desk.now, session.hold.as_ref()).is_none() {
                    session.hold = Some(Hold::new(Why::Revoked, desk.now + RENEWED_BY));
                }
                self.fail(desk, true);
            }
            _ => self.fail(desk, true),
        }
        None
    }

    /// What the server carries is known.
    fn carried(&mut self, desk: &mut Desk, carried: Option<Carried>) {
        let Some(round) = &mut self.round else { return };
        let stands = keys::compare(round.standing.keys.as_ref(), carried.as_ref());
        round.carried = carried;
        match stands {
            keys::Standing::Ahead(put) => self.request(desk, Step::Bring, Some(write::to_string(&put))),
            keys::Standing::Same => self.conclude(desk, false),
            keys::Standing::Behind { other_passphrase } => self.conclude(desk, other_passphrase),
        }
    }

    /// All is known.
    fn conclude(&mut self, desk: &mut Desk, other_passphrase: bool) {
        let Some(round) = &mut self.round else { return };
        let (members, standing) = (std::mem::take(&mut round.roster), std::mem::take(&mut round.standing));
        let keys = standing.keys.as_ref();
        let turns = keys.map(|keys| keys.turns.as_slice()).unwrap_or_default();
        let mut told: Vec<Turn> = round.carried.take().unwrap_or_default().rotations;
        let from = keys::kept_from(turns);
        told.retain(|turn| turn.sequence >= from);
        let rotated_at = told.iter().map(|turn| turn.created_at).max();
        let settings = &round.overview.preferences.settings;
        let Power { battery_level, is_charging } = desk.facts.power;
        let low = battery_level.is_some_and(|level| level < settings.minimum_battery_level);
        let low_battery = low && is_charging != Some(true);
        let interval = Circumstances { rotated_at, uses: self.kept.uses, low_battery }.interval(desk.now);
        self.renewing = false;
        self.scheduler.ended(desk.now, Outcome::Done, interval);
        // One who has not started plans for those who have.
        let next = match self.scheduler.state() {
            SchedulerState::Paused | SchedulerState::Stopped => None,
            SchedulerState::Idle | SchedulerState::Running => {
                Some(self.scheduler.next_run().unwrap_or(desk.now + self.scheduler.span(interval)))
            }
        };
        let session = round.overview.session.as_ref();
        let own = Own {
            device_id: &desk.device_id,
            turns,
            other_passphrase,
            last_synced_at: session.and_then(|session| session.refreshed_at.max(session.progress.ended_at)),
            oldest_unsent_at: standing.oldest.map(|id| id.made_at()),
            space: self.space,
            clock_skew: round.clock_skew,
            evicted: self.lost,
            downgrade: keys.and_then(|keys| keys.refused),
        };
        let evidence = Evidence { now: desk.now, next_scheduled: next, roster: &members, told: &told, own };
        let report: HealthReport = health::report(&evidence);
        #[cfg(feature = "test-mode")]
        let report = HealthReport { needs_sync: self.forced.unwrap_or(report.needs_sync), ..report };
        self.kept.note(desk.now, Some(report.needs_sync));
        self.kept.report = Some(write::to_string(&report));
        self.kept.failed = false;
        self.kept.last_run = self.scheduler.last_run();
        self.kept.next_run = next;
        self.keep(desk);
    }

    /// There is no report; the last one stands (A5). `told` where a person is to see that.
    pub(super) fn fail(&mut self, desk: &mut Desk, told: bool) {
        let circumstances = Circumstances { uses: self.kept.uses, ..Circumstances::default() };
        let interval = if self.renewing && !told { RENEWED_BY } else { circumstances.interval(desk.now) };
        self.scheduler.ended(desk.now, Outcome::Failed, interval);
        self.kept.failed |= told;
        if told {
            self.kept.note(desk.now, None);
        }
        self.kept.next_run = self.scheduler.next_run();
        self.keep(desk);
    }

    fn keep(&mut self, desk: &mut Desk) {
        self.kept.begun = self.scheduler.begun();
        self.kept.counts = self.scheduler.counts();
        // A worker starts none of its own, and leaves what is stored of the pages'.
        if self.scheduler.state() != SchedulerState::Idle {
            self.kept.state = self.scheduler.state();
        }
        let revoked = self.round.as_mut().filter(|round| round.revoked);
        let session = revoked.and_then(|round| round.overview.session.take());
        let batch = Batch { checked: Some(self.kept.clone()), session, ..Batch::default() };
        let token = desk.out.push(Effect::Write(Box::new(batch)));
        if let Some(round) = &mut self.round {
            (round.token, round.step) = (token, Step::Keep);
        }
        self.arm(desk);
    }

    /// What the check came to is stored, or could not be: it is told only then (I6).
    pub(crate) fn written(&mut self, desk: &mut Desk, outcome: &Result<(), WriteError>) {
        let Some(round) = self.round.take() else { return };
        if outcome.is_ok() {
            desk.out.tell(Event::Checked);
        }
        for call in round.calls {
            let view = self.view();
            desk.out.answer(call, Ok(Answer::Scheduler(Box::new(view))));
        }
    }
}

/// The rotation that counts, as a device names it; see [`crate::keystore::head`].
fn head(turns: &[Turn]) -> Option<RotationMark> {
    let order = |turn: &&Turn| (std::cmp::Reverse(turn.sequence), turn.created_at, turn.id.clone());
    turns.iter().min_by_key(order).map(|turn| RotationMark { sequence: turn.sequence, id: turn.id.clone() })
}
