//! Files go after everything else that is due, up to three at once, a chunk at a time: between chunks the queue and the
//! gate are looked at anew. What the server has acknowledged of one is written with its record before anything is said of it (I6).

use super::aloft::Ferry;
use super::{Drain, Step, Then, WINDOW};
use crate::commit::{self, ITEM_BACKOFF, Landing};
use crate::event::{Effect, Token};
use crate::gate::{Hold, Why};
use crate::ledger::{Batch, Expect};
use crate::outbox::Desk;
use crate::progress::Fate;
use crate::push::PUSH_TIMEOUT;
use crate::record::{ItemState, Record, Trouble, TroubleKind};
use crate::stability::PingWindow;
use crate::time::Millis;
use crate::upload::{self, StepKind, Turn, Upload, Uploaded};

/// So many files go at once, where the settings allow as many requests.
const AT_ONCE: usize = 3;

impl Drain {
    /// Goes on with these files. Where as many are to be tried again as are read at once, text that is, too, may stand behind
    /// them: they line up behind all text first.
    pub(super) fn go_on_with(&mut self, desk: &mut Desk, files: Vec<Record>) {
        let tried = || files.iter().filter(|record| record.state == ItemState::RetryAt);
        if tried().count() < WINDOW as usize {
            return self.put_out(desk, files);
        }
        let mut batch = Batch::default();
        for record in tried() {
            let upload = record.upload.clone().unwrap_or_default();
            batch.expect.push(Expect::Still(record.id, record.state));
            batch.change(record, standing(record, ItemState::Pending, upload));
        }
        self.write(desk, Step::LiningUp, batch);
    }

    /// The next step of each of the first of these files.
    fn put_out(&mut self, desk: &mut Desk, files: Vec<Record>) {
        if desk.uptime >= self.waiters.until() {
            return self.load(desk); // which ends the slice
        }
        let most = usize::from(desk.preferences.settings.maximum_concurrent_operations).min(AT_ONCE);
        let bytes = self.chunks.most(self.link.chunk(desk.now));
        for record in files.into_iter().take(most.saturating_sub(self.aloft.count())) {
            let step = upload::next(&record, self.sure.contains_key(&record.id), bytes);
            self.flights += 1;
            self.tally.attempted(desk.now);
            self.leading = Some((record.r#type, record.entity_id));
            let bearer = desk.preferences.bearer();
            let effect = Effect::Upload {
                step: Box::new(step.clone()),
                bearer: bearer.clone(),
                timeout: PUSH_TIMEOUT,
            };
            let token = desk.out.push(effect);
            self.aloft.put_out(Ferry { token, number: self.flights, record, step, bearer, at: desk.uptime });
        }
        self.await_landing(desk);
    }

    /// A step has come back. Where another is under way it is looked at after that one.
    pub(crate) fn ferried(&mut self, desk: &mut Desk, token: Token, outcome: Uploaded) {
        self.aloft.put_in(desk.uptime, token, outcome);
        if matches!(self.step, Step::Aloft) {
            self.go_on(desk);
        }
    }

    pub(super) fn put_in(&mut self, desk: &mut Desk, ferry: Ferry, outcome: Uploaded, at: Millis) {
        let Ferry { number, record, step, bearer, at: took_off, .. } = ferry;
        (self.swept, self.rest) = (false, None); // all of it is looked at anew
        self.meter.powered(desk.facts.power.is_charging);
        self.meter.request(step.length, outcome.body.len() as u64);
        let before = record.upload.clone().unwrap_or_default();
        self.sure.remove(&record.id);
        let mut landing = Landing::default();
        let mut then = Then::GoOn;
        match upload::turn(&step, &before, outcome) {
            Turn::On(upload) => {
                if step.kind == StepKind::Chunk {
                    self.link.carried(desk.now, step.length, at - took_off);
                    self.chunks.grow();
                } else {
                    self.link.answered(desk.now, at - took_off);
                }
                self.pass.taken();
                self.troubles = 0;
                self.sure.insert(record.id, ());
                landing.batch = changed(&record, ItemState::Pending, upload);
            }
            Turn::Later(mut upload, words) => {
                self.meter.error(words);
                self.chunks.shrink();
                upload.troubles += 1;
                let wait = ITEM_BACKOFF.after(upload.troubles, &mut desk.jitter);
                landing.batch = changed(&record, ItemState::RetryAt, upload);
                for after in &mut landing.batch.put {
                    after.order = i64::try_from((desk.now + wait).0).unwrap_or(i64::MAX);
                    after.last_attempt = Some(desk.now);
                    after.note(desk.now, Some(words.to_owned()));
                    let message = words.to_owned();
                    after.trouble =
                        Some(Trouble { kind: TroubleKind::Server, code: None, message, fields: Vec::new() });
                }
                landing.fates.push((record.id, Fate::Again));
            }
            Turn::Stopped(trouble) => {
                self.meter.error(&trouble.message);
                landing.batch.expect.push(Expect::Still(record.id, record.state));
                let fate =
                    commit::stop(desk.now, &record, ItemState::SetAside, trouble, None, &mut landing.batch);
                landing.fates.push((record.id, fate));
            }
            Turn::Unauthorized => self.pass.refused(bearer),
            Turn::Unknown => {
                self.link.missed(desk.now);
                self.meter.error("The connection broke off before the server's answer came.");
                (self.steady, self.pings) = (false, PingWindow::default());
                if step.kind == StepKind::Chunk {
                    self.chunks.shrink();
                }
                let until = self.trouble_of(desk, number);
                if self.troubles > 1 {
                    then = Then::Stop(Hold::new(Why::Unsteady, until));
                }
            }
            Turn::Hold { why, at_least } => then = self.refused_for_now(desk, number, why, at_least),
        }
        self.land(desk, landing, then, &[]);
    }
}

/// The write that keeps how a file stands: only while its record is as it was read, by which the totals are reckoned.
fn changed(record: &Record, state: ItemState, upload: Upload) -> Batch {
    let mut batch = Batch { expect: vec![Expect::Still(record.id, record.state)], ..Batch::default() };
    batch.change(record, standing(record, state, upload));
    batch
}

/// The record of a file that stands so.
fn standing(record: &Record, state: ItemState, upload: Upload) -> Record {
    let mut after = Record { state, upload: Some(upload), ..record.clone() };
    if state == ItemState::Pending {
        (after.order, after.trouble) = (after.rank(), None);
    }
    after
}
