//! The calls that change the queue by a person's hand: enqueue, retry, discard. Each looks at what it is about, then
//! writes under the expectation that nothing of it has changed; where something has, it looks again.

use fieldsync_protocol::{Action, ItemId, Sorted};

use crate::call::{Answer, ById, CallCode, CallError, Draft, Event};
use crate::conflict::{self, Resolve, Theirs};
use crate::enqueue::{self, Checked};
use crate::event::{CallId, Effect, Entropy, StoreError, Token, WriteError};
use crate::lane::{self, Left};
use crate::ledger::{Batch, Expect, Found, Known, Lane, Query, Waiting};
use crate::outbox::Desk;
use crate::record::{ItemState, Record};
use crate::sealed::{self, Vault};
use crate::upload::Upload;
use crate::usual::{self, History};

/// How often a call looks again when something changed between its look and its write.
const TRIES: u32 = 5;
/// The engine's own call, with which it settles a clash by the policy: nobody waits for it.
pub(crate) const OWN: CallId = CallId(u64::MAX);

/// What is to be done.
#[derive(Clone, Debug)]
enum Task {
    Save(Checked, Entropy),
    Retry(ById),
    Resolve(Resolve, Entropy),
    /// By the policy, where it has an answer.
    Settle(ItemId, Entropy),
    Discard(ById),
}

impl Task {
    /// What the person is asked first, beside the meter's other readings.
    fn question(&self, known: &[Known]) -> Option<CallError> {
        let Task::Save(checked, _) = self else { return None };
        let reading = checked.reading()?;
        History::before(&reading.period, known).question(&reading)
    }

    /// The queued item that it is about.
    fn about(&self) -> Option<ItemId> {
        match self {
            Task::Save(checked, _) => checked.replaces(),
            Task::Resolve(resolve, _) => Some(resolve.id),
            Task::Settle(id, _) => Some(*id),
            Task::Retry(by_id) | Task::Discard(by_id) => Some(by_id.id),
        }
    }
}

/// Where a call stands.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there are as many as calls under way: a handful")]
enum Stage {
    /// Looking at the meter's other readings: is this one like them?
    Usual,
    /// Looking at the rules anew, to begin again.
    Again,
    /// Looking at the queued item that it is about.
    Old,
    /// Looking at the lane that the new record joins.
    Lane(Option<Record>),
    /// Looking at who waits for the old one; the new one is ready. With the lane as it was seen.
    Waiting { old: Record, new: Option<Record>, lane: Lane },
    /// Writing; then this is the answer.
    Writing { answer: Box<Answer>, releases: bool },
}

#[derive(Debug)]
struct Job {
    call: CallId,
    task: Task,
    tries: u32,
    stage: Stage,
}

/// The calls under way.
#[derive(Debug, Default)]
pub(crate) struct Saving {
    jobs: Sorted<Token, Job>,
}

/// What a finished write means for those who send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Saved {
    /// Something is ready that was not before.
    Ready,
    /// Nothing new to send.
    Nothing,
}

impl Saving {
    pub(crate) fn enqueue(&mut self, desk: &mut Desk, call: CallId, draft: Draft, entropy: Entropy) {
        match enqueue::check(draft) {
            // Of what is sealed there is nothing to be asked.
            Ok(checked) => match checked.asks().filter(|_| desk.facts.vault != Vault::Locked) {
                Some(meter) => {
                    let task = Task::Save(checked, entropy);
                    let job = Job { call, task, tries: TRIES, stage: Stage::Usual };
                    self.ask(desk, Query::Readings(meter, usual::READINGS), job);
                }
                None => self.begin(desk, call, Task::Save(checked, entropy), TRIES),
            },
            Err(error) => desk.out.answer(call, Err(error)),
        }
    }

    pub(crate) fn retry(&mut self, desk: &mut Desk, call: CallId, by_id: ById) {
        self.begin(desk, call, Task::Retry(by_id), TRIES);
    }

    pub(crate) fn resolve(&mut self, desk: &mut Desk, call: CallId, resolve: Resolve, entropy: Entropy) {
        self.begin(desk, call, Task::Resolve(resolve, entropy), TRIES);
    }

    /// Settles a clash by the policy.
    pub(crate) fn settle(&mut self, desk: &mut Desk, id: ItemId, entropy: Entropy) {
        self.begin(desk, OWN, Task::Settle(id, entropy), TRIES);
    }

    pub(crate) fn discard(&mut self, desk: &mut Desk, call: CallId, by_id: ById) {
        self.begin(desk, call, Task::Discard(by_id), TRIES);
    }

    /// Whose it is.
    pub(crate) fn call(&self, token: Token) -> Option<CallId> {
        self.jobs.get(&token).map(|job| job.call)
    }

    pub(crate) fn awaits(&self, token: Token) -> bool {
        self.jobs.contains_key(&token)
    }

    fn begin(&mut self, desk: &mut Desk, call: CallId, task: Task, tries: u32) {
        let job = |stage| Job { call, task: task.clone(), tries, stage };
        match (task.about(), &task) {
            (Some(id), _) => self.ask(desk, Query::One(id), job(Stage::Old)),
            (None, Task::Save(checked, entropy)) => match checked.lane() {
                Some(query) => self.ask(desk, query, job(Stage::Lane(None))),
                // Most entries begin a lane of their own: one write, and nothing to look at.
                None => {
                    self.save(desk, job(Stage::Lane(None)), checked.clone(), *entropy, None, Lane::default())
                }
            },
            (None, _) => {}
        }
    }

    pub(crate) fn read(&mut self, desk: &mut Desk, token: Token, outcome: Result<Found, StoreError>) {
        let Some(mut job) = self.jobs.remove(&token) else { return };
        let found = match outcome {
            Ok(found) => found,
            Err(error) => {
                let words = format!("This device's storage did not answer ({error}).");
                return desk.out.answer(job.call, Err(CallError::new(CallCode::Storage, words)));
            }
        };
        if sealed::is_sealed(&found) && !matches!(job.stage, Stage::Usual) {
            return desk.out.answer(job.call, Err(sealed::locked()));
        }
        match (std::mem::replace(&mut job.stage, Stage::Old), found) {
            (Stage::Usual, Found::Known(known)) => match job.task.question(&known) {
                Some(question) => desk.out.answer(job.call, Err(question)),
                None => self.begin(desk, job.call, job.task, job.tries),
            },
            (Stage::Again, Found::Overview(overview)) => {
                desk.preferences = overview.preferences;
                // By the policy of before nothing is settled any more: the person may want to be asked from now on.
                if let Task::Resolve(Resolve { id, .. }, entropy) = job.task
                    && job.call == OWN
                {
                    job.task = Task::Settle(id, entropy);
                }
                self.begin(desk, job.call, job.task, job.tries);
            }
            (Stage::Old, Found::Rows { mut records, .. }) => self.found(desk, job, records.pop()),
            (Stage::Lane(old), Found::Lane(lane)) => match (job.task.clone(), old) {
                (Task::Save(checked, entropy), old) => self.save(desk, job, checked, entropy, old, lane),
                (Task::Resolve(resolve, entropy), Some(old)) => {
                    let new = Theirs::of(&old).and_then(|theirs| {
                        conflict::resolved(desk.now, &resolve, &old, &theirs, &lane, entropy)
                    });
                    match new {
                        Ok(new) => {
                            let query = Query::Waiting(lane::leaving(std::iter::once(&old)));
                            job.stage = Stage::Waiting { old, new, lane };
                            self.ask(desk, query, job);
                        }
                        Err(error) => desk.out.answer(job.call, Err(error)),
                    }
                }
                (Task::Retry(_), Some(old)) => self.again(desk, job, &old, &lane),
                (Task::Discard(_), Some(old)) => {
                    let query = Query::Waiting(lane::leaving(std::iter::once(&old)));
                    job.stage = Stage::Waiting { old, new: None, lane };
                    self.ask(desk, query, job);
                }
                (_, _) => {}
            },
            (Stage::Waiting { old, new, lane }, Found::Waiting(waiting)) => {
                self.write(desk, job, &old, new, &lane, &waiting)
            }
            (_, _) => {
                let error = CallError::new(CallCode::Internal, "An answer of another kind.");
                desk.out.answer(job.call, Err(error));
            }
        }
    }

    /// The item that the call is about.
    fn found(&mut self, desk: &mut Desk, mut job: Job, old: Option<Record>) {
        let about = job.task.about();
        let (Some(old), Some(id)) = (old, about) else {
            let gone = about.map_or_else(
                || CallError::new(CallCode::Internal, "Nothing is meant."),
                CallError::not_found,
            );
            return desk.out.answer(job.call, Err(gone));
        };
        if let Task::Settle(id, entropy) = job.task {
            let Some(choice) = conflict::by_policy(desk.preferences.settings.conflict_policy, &old) else {
                let asked = CallError::new(CallCode::Unchanged, "The person is to be asked.");
                return desk.out.answer(job.call, Err(asked.about(id)));
            };
            job.task = Task::Resolve(Resolve { id, choice, data: None }, entropy);
        }
        match &job.task {
            Task::Settle(..) => {}
            Task::Save(checked, _) => {
                let query = checked.lane_of(old.entity_id);
                job.stage = Stage::Lane(Some(old));
                self.ask(desk, query, job);
            }
            Task::Resolve(..) => match Theirs::of(&old) {
                Ok(theirs) => {
                    job.stage = Stage::Lane(Some(old));
                    self.ask(desk, Query::Lane { entity: theirs.entity_id, depends_on: None }, job);
                }
                Err(error) => desk.out.answer(job.call, Err(error)),
            },
            Task::Discard(_) => {
                let query = Query::Lane { entity: old.entity_id, depends_on: None };
                job.stage = Stage::Lane(Some(old));
                self.ask(desk, query, job);
            }
            Task::Retry(_) if matches!(old.state, ItemState::SetAside | ItemState::RetryAt) => {
                let query = Query::Lane { entity: old.entity_id, depends_on: None };
                job.stage = Stage::Lane(Some(old));
                self.ask(desk, query, job);
            }
            Task::Retry(_) => {
                let words = match old.state {
                    ItemState::Conflict => "The server has something else: choose between the two first.",
                    ItemState::Blocked => "This entry waits for an earlier one, and goes by itself after it.",
                    _ => "This entry waits to be sent already.",
                };
                desk.out.answer(job.call, Err(CallError::new(CallCode::Unchanged, words).about(id)));
            }
        }
    }

    /// It goes again, in its turn: one that was set aside without being sent may stand behind another.
    fn again(&mut self, desk: &mut Desk, mut job: Job, old: &Record, lane: &Lane) {
        let ahead = lane.queued.iter().rfind(|other| other.place() < old.place());
        let state = if ahead.is_some() { ItemState::Blocked } else { ItemState::Pending };
        let mut new = Record { state, order: old.rank(), attempts: 0, ..old.clone() };
        new.note(desk.now, None);
        // A file that was not here is looked for once more.
        new.upload = new.upload.map(Upload::looked_for);
        let mut batch = Batch {
            expect: vec![Expect::Still(old.id, old.state), Expect::NotFlying(old.id, desk.now)],
            ..Batch::default()
        };
        batch.expect.extend(ahead.map(|ahead| Expect::Queued(vec![ahead.id])));
        batch.change(old, new.clone());
        job.stage = Stage::Writing {
            answer: Box::new(Answer::Retry(Box::new(new.to_item(&Default::default())))),
            releases: true,
        };
        self.put(desk, batch, job);
    }

    fn save(
        &mut self,
        desk: &mut Desk,
        mut job: Job,
        checked: Checked,
        entropy: Entropy,
        old: Option<Record>,
        lane: Lane,
    ) {
        let stamped = match &old {
            Some(old) => {
                enqueue::revise(desk.now, checked, old, lane.clone(), entropy).map(|record| (record, lane))
            }
            None => enqueue::stamp(desk.now, checked, &lane, entropy).map(|record| (record, lane)),
        };
        match (stamped, old) {
            (Err(error), _) => desk.out.answer(job.call, Err(error)),
            (Ok((record, lane)), Some(old)) => {
                let query = Query::Waiting(lane::leaving(std::iter::once(&old)));
                job.stage = Stage::Waiting { old, new: Some(record), lane };
                self.ask(desk, query, job);
            }
            (Ok((record, lane)), None) => {
                let record = rated(desk, record);
                let batch = enqueue::batch(&record, &lane);
                let batch = under_these_rules(desk, batch);
                job.stage = Stage::Writing {
                    answer: Box::new(Answer::Enqueue(Box::new(record.to_item(&Default::default())))),
                    releases: !batch.put.is_empty(),
                };
                self.put(desk, batch, job);
            }
        }
    }

    /// The old one leaves: for a new one in its place, or for good by the user's own explicit discard (I1).
    fn write(
        &mut self,
        desk: &mut Desk,
        mut job: Job,
        old: &Record,
        new: Option<Record>,
        lane: &Lane,
        waiting: &Waiting,
    ) {
        let stranded = |new: &Record| {
            let left = |waiter: &Record| new.action != Action::Create && waiter.entity_id == old.entity_id;
            // In the lane that it would join, behind one that waits for it, neither would ever go.
            let behind =
                |waiter: &Record| waiter.depends_on == Some(old.id) && waiter.entity_id == new.entity_id;
            new.entity_id != old.entity_id
                && waiting.waiters.iter().any(|waiter| left(&waiter.record) || behind(&waiter.record))
        };
        if new.as_ref().is_some_and(stranded) {
            let words = "Other entries change this one. Discard those first.";
            return desk
                .out
                .answer(job.call, Err(CallError::new(CallCode::HasDependents, words).about(old.id)));
        }
        if let (Task::Resolve(..), None) = (&job.task, &new) {
            let batch = conflict::yielded(desk.now, old, waiting, &desk.preferences.rules);
            let batch = under_these_rules(desk, batch);
            let item = old.to_item(&Default::default());
            job.stage = Stage::Writing { answer: Box::new(Answer::Resolve(Box::new(item))), releases: false };
            return self.put(desk, batch, job);
        }
        if let Some(new) = new {
            let elsewhere = matches!(job.task, Task::Resolve(..)) && new.entity_id != old.entity_id;
            let joins = if elsewhere { enqueue::joins(&new, lane) } else { None };
            let mut batch = enqueue::instead(desk.now, rated(desk, new), old, waiting);
            batch.expect.extend(joins);
            let batch = under_these_rules(desk, batch);
            let Some(new) = batch.put.last() else { return };
            job.stage = Stage::Writing {
                answer: Box::new(Answer::Enqueue(Box::new(new.to_item(&Default::default())))),
                releases: !batch.put.is_empty(),
            };
            return self.put(desk, batch, job);
        }
        if waiting.waiters.iter().any(|waiter| lane::builds_on(&waiter.record, old)) {
            let words = "Other entries build on this one. Discard those first.";
            return desk
                .out
                .answer(job.call, Err(CallError::new(CallCode::HasDependents, words).about(old.id)));
        }
        let mut batch = Batch {
            expect: vec![
                Expect::Still(old.id, old.state),
                Expect::NotFlying(old.id, desk.now),
                Expect::Lanes(waiting.totals.lane_changes),
            ],
            ..Batch::default()
        };
        batch.remove(old);
        let [item] = lane::leaving(std::iter::once(old))[..] else { return };
        // What it was made against is what the next one is.
        let known = lane.known.as_ref().filter(|known| Some(known.version) == old.base_version);
        let left = Left { item, version: old.base_version, whole: known.map(|known| known.data.clone()) };
        lane::release(&[left], &waiting.waiters, &desk.preferences.rules, &mut batch);
        let batch = under_these_rules(desk, batch);
        job.stage = Stage::Writing {
            answer: Box::new(Answer::Discard(Box::new(old.to_item(&Default::default())))),
            releases: !batch.put.is_empty(),
        };
        self.put(desk, batch, job);
    }

    /// A write is done, or refused.
    pub(crate) fn written(
        &mut self,
        desk: &mut Desk,
        token: Token,
        outcome: Result<(), WriteError>,
    ) -> Saved {
        let Some(Job { call, task, tries, stage }) = self.jobs.remove(&token) else { return Saved::Nothing };
        match (outcome, stage) {
            (Ok(()), Stage::Writing { answer, releases }) => {
                // A discard that releases nothing makes nothing ready.
                let ready = !matches!(task, Task::Discard(_)) || releases;
                desk.out.answer(call, Ok(*answer));
                desk.out.tell(Event::Changed);
                if ready { Saved::Ready } else { Saved::Nothing }
            }
            // Something of it changed between the look and the write: look again.
            (Err(WriteError::Changed | WriteError::Gone), _) if tries > 1 => {
                let job = Job { call, task, tries: tries - 1, stage: Stage::Again };
                self.ask(desk, Query::Overview, job);
                Saved::Nothing
            }
            (Err(WriteError::Flying), _) if matches!(task, Task::Discard(_) | Task::Retry(_)) => {
                let words = "This entry is being sent at this moment. Try again in a minute.";
                desk.out.answer(call, Err(CallError::new(CallCode::InFlight, words)));
                Saved::Nothing
            }
            (Err(error), _) => {
                desk.out.answer(call, Err(enqueue::refusal(error)));
                Saved::Nothing
            }
            (Ok(()), _) => Saved::Nothing,
        }
    }

    fn ask(&mut self, desk: &mut Desk, query: Query, job: Job) {
        let token = desk.out.push(Effect::Read(query));
        self.jobs.insert(token, job);
    }

    fn put(&mut self, desk: &mut Desk, batch: Batch, job: Job) {
        let token = desk.out.push(Effect::Write(Box::new(batch)));
        self.jobs.insert(token, job);
    }
}

/// A new record with its points by the rules as they were seen last.
fn rated(desk: &Desk, mut record: Record) -> Record {
    record.rate(&desk.preferences.rules);
    record
}

/// Refused where another window has changed them since.
fn under_these_rules(desk: &Desk, mut batch: Batch) -> Batch {
    batch.expect.push(Expect::Preferences(desk.preferences.changes));
    batch
}
