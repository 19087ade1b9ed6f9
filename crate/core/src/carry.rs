//! Unsent work that goes to another device of its person (N4), under its own ids: whoever sends it first has it taken, and
//! the other gets the same receipts. What of it is taken in is decided here, and written at once.

use fieldsync_protocol::read::Read;
use fieldsync_protocol::write::Write;
use fieldsync_protocol::{Action, EntityId, ItemId, NaturalKey, Sorted};

use crate::call::{Answer, CallCode, CallError, Event};
use crate::enqueue;
use crate::event::{CallId, Effect, StoreError, Token, WriteError};
use crate::lane::{self, Left};
use crate::ledger::{Batch, Expect, Found, Leaving, Query};
use crate::outbox::Desk;
use crate::record::{ItemState, Receipt, Record};
use crate::upload::Upload;

/// Which part of the queue is packed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Read)]
#[serde(default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Pack {
    /// Only items entered before this one: where the part before ended.
    pub before: Option<ItemId>,
}

/// Unsent work, as it is stored: to the letter, so that what is sent elsewhere is the same (I3).
#[derive(Clone, Debug, Default, PartialEq, Read, Write)]
#[serde(default)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Parcel {
    /// Whose it is; nobody's where nobody was signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub person: Option<String>,
    /// The entries, by their places in their lanes (I5).
    #[cfg_attr(feature = "ts", ts(type = "unknown[]"))]
    pub records: Vec<Record>,
    /// Where the next part begins, if there may be one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<ItemId>,
}

/// What became of a parcel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Write)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct TakenIn {
    /// Now in the queue here.
    pub taken: Vec<ItemId>,
    /// So many were here already, in the queue or done.
    pub here: u32,
    /// So many wait for others that are queued here: once these are sent they can be taken in.
    pub left: u32,
}

#[derive(Debug)]
enum Stage {
    /// Looking at who is signed in, and at the rules.
    Person,
    /// Looking at what of it is here.
    Here,
    Writing(TakenIn),
}

#[derive(Debug)]
struct Job {
    call: CallId,
    parcel: Parcel,
    /// Others that are queued here have these keys.
    twins: Vec<NaturalKey>,
    /// The server has others under these: it is for the person to choose, once the server has said so.
    known: Vec<(NaturalKey, EntityId)>,
    tries: usize,
    stage: Stage,
}

/// The parcel that is being taken in: one at a time.
#[derive(Debug, Default)]
pub(crate) struct Carrying {
    job: Option<(Token, Job)>,
}

impl Carrying {
    pub(crate) fn take_in(&mut self, desk: &mut Desk, call: CallId, parcel: Parcel) {
        let whole = |record: &Record| record.sealed.is_none() && record.to_push().is_some();
        let in_order = parcel.records.windows(2).all(|two| match two {
            [one, other] => (one.place(), one.id) < (other.place(), other.id),
            _ => true,
        });
        if self.job.is_some() {
            let words = "Another file is being taken in at this moment. Try again in a minute.";
            return desk.out.answer(call, Err(CallError::new(CallCode::InFlight, words)));
        }
        if !in_order || !parcel.records.iter().all(whole) {
            let words = "What the file holds is damaged. Nothing of it was taken in.";
            return desk.out.answer(call, Err(CallError::new(CallCode::Invalid, words)));
        }
        let tries = parcel.records.len() + 5;
        self.look(
            desk,
            Job { call, parcel, twins: Vec::new(), known: Vec::new(), tries, stage: Stage::Person },
        );
    }

    pub(crate) fn awaits(&self, token: Token) -> bool {
        self.job.as_ref().is_some_and(|(mine, _)| *mine == token)
    }

    fn look(&mut self, desk: &mut Desk, job: Job) {
        let query = match job.stage {
            Stage::Here => {
                let mut of = lane::leaving(job.parcel.records.iter());
                for (_, entity_id) in &job.known {
                    of.push(Leaving { id: *entity_id, entity_id: *entity_id });
                }
                Query::Lanes(of)
            }
            _ => Query::Overview,
        };
        let token = desk.out.push(Effect::Read(query));
        self.job = Some((token, job));
    }

    pub(crate) fn read(&mut self, desk: &mut Desk, outcome: Result<Found, StoreError>) {
        let Some((_, mut job)) = self.job.take() else { return };
        match outcome {
            Ok(Found::Overview(overview)) => {
                desk.preferences = overview.preferences;
                let here = desk.preferences.login.as_ref().map(|login| &login.email);
                // What was entered before anybody had signed in is whoever's comes first.
                if let Some(person) = job.parcel.person.as_ref().filter(|person| Some(*person) != here) {
                    let words = format!("This is the work of {person}. Sign in as {person} to take it in.");
                    return desk.out.answer(job.call, Err(CallError::new(CallCode::OtherAccount, words)));
                }
                job.stage = Stage::Here;
                self.look(desk, job);
            }
            Ok(Found::Rows { records, receipts, .. }) => {
                let (batch, done) = taken_in(desk, &job, &records, &receipts);
                if done.taken.is_empty() {
                    return desk.out.answer(job.call, Ok(Answer::TakeIn(Box::new(done))));
                }
                job.stage = Stage::Writing(done);
                let token = desk.out.push(Effect::Write(Box::new(batch)));
                self.job = Some((token, job));
            }
            _ => {
                let words = "This device's storage did not answer. Please try again.";
                desk.out.answer(job.call, Err(CallError::new(CallCode::Storage, words)));
            }
        }
    }

    /// Whether something is ready that was not before.
    pub(crate) fn written(&mut self, desk: &mut Desk, outcome: Result<(), WriteError>) -> bool {
        let Some((_, mut job)) = self.job.take() else { return false };
        let stage = std::mem::replace(&mut job.stage, Stage::Person);
        job.tries -= 1;
        match (outcome, stage) {
            (Ok(()), Stage::Writing(done)) => {
                desk.out.answer(job.call, Ok(Answer::TakeIn(Box::new(done))));
                desk.out.tell(Event::Changed);
                return true;
            }
            (Err(WriteError::Known(key, theirs)), _) if job.tries > 0 => {
                job.known.push((key, theirs.entity_id));
                self.look(desk, job);
            }
            (Err(WriteError::Twin(key, _)), _) if job.tries > 0 => {
                job.twins.push(key);
                self.look(desk, job);
            }
            // Something of it has changed meanwhile: it is looked at anew.
            (Err(WriteError::Changed | WriteError::Gone), _) if job.tries > 0 => {
                self.look(desk, job);
            }
            (Err(error), _) => desk.out.answer(job.call, Err(enqueue::refusal(error))),
            (Ok(()), _) => {}
        }
        false
    }
}

/// The write that takes in what can be, beside what is here of it, of its lanes and of its keys.
fn taken_in(desk: &Desk, job: &Job, queued: &[Record], receipts: &[Receipt]) -> (Batch, TakenIn) {
    let rules = &desk.preferences.rules;
    let mut batch = Batch { expect: vec![Expect::Preferences(desk.preferences.changes)], ..Batch::default() };
    let mut done = TakenIn::default();
    let parcel: Sorted<ItemId, ()> = job.parcel.records.iter().map(|record| (record.id, ())).collect();
    let here: Sorted<ItemId, ()> = queued.iter().map(|record| (record.id, ())).collect();
    // Lanes and items of which one was left.
    let mut left: Sorted<ItemId, ()> = Sorted::new();
    for record in &job.parcel.records {
        if here.contains_key(&record.id) || receipts.iter().any(|receipt| receipt.id == record.id) {
            done.here += 1;
            continue;
        }
        let lane = || queued.iter().filter(|other| other.entity_id == record.entity_id);
        let stranger = |other: &Record| !parcel.contains_key(&other.id) || other.place() > record.place();
        // What the server has under its key, where the device knows that: its lane is a twin's.
        let known = job.known.iter().find(|(key, _)| record.natural_key.as_ref() == Some(key));
        let is_known = |other: &Record| known.is_some_and(|(_, entity)| other.entity_id == *entity);
        let waits_elsewhere = left.contains_key(&record.entity_id)
            || record.depends_on.is_some_and(|on| left.contains_key(&on))
            || lane().any(stranger)
            || queued.iter().any(is_known)
            || record.natural_key.as_ref().is_some_and(|key| job.twins.contains(key));
        if waits_elsewhere {
            left.insert(record.id, ());
            left.insert(record.entity_id, ());
            done.left += 1;
            continue;
        }
        let ahead = batch.put.iter().any(|other| other.entity_id == record.entity_id);
        let ahead_here = lane().map(|other| (other.place(), other.id)).max().map(|(_, id)| id);
        let on = record.depends_on.filter(|on| here.contains_key(on) || done.taken.contains(on));
        let waits = ahead || ahead_here.is_some() || on.is_some();
        // Tried once more here, whatever became of it there.
        let mut new = Record {
            state: if waits { ItemState::Blocked } else { ItemState::Pending },
            depends_on: on,
            attempts: 0,
            last_attempt: None,
            trouble: None,
            server_item: None,
            upload: record.upload.as_ref().map(Upload::anew),
            ..record.clone()
        };
        if new.action != Action::Create && !ahead && ahead_here.is_none() {
            // The one before it was sent from here.
            let before = receipts.iter().filter(|other| other.entity_id == new.entity_id);
            if let Some(before) = before.filter(|other| other.id < new.id).max_by_key(|other| other.id) {
                let item = Leaving { id: before.id, entity_id: before.entity_id };
                lane::follow(&mut new, &Left { item, version: before.version, whole: None }, rules);
            }
        }
        new.measure();
        new.rate(rules);
        if let Some(ahead) = ahead_here.filter(|_| !ahead) {
            batch.expect.push(Expect::Queued(vec![ahead]));
        } else if !ahead {
            batch.expect.push(Expect::LaneFree(new.entity_id));
        }
        if let Some(on) = on.filter(|on| here.contains_key(on)) {
            batch.expect.push(Expect::Queued(vec![on]));
        }
        if let Some(key) = &new.natural_key {
            let of = known.map_or(new.entity_id, |(_, entity)| *entity);
            batch.expect.push(Expect::NoTwin(key.clone(), of));
            if known.is_some() {
                batch.expect.push(Expect::LaneFree(of));
            }
        }
        done.taken.push(new.id);
        batch.add(new);
    }
    (batch, done)
}
