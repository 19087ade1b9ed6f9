//! Before anything is sent, what the server has learned from others is taken over (C2), so that nothing is judged against
//! what is stale: page by page, each written with the cursor that follows it.

use fieldsync_protocol::read;
use fieldsync_protocol::{Change, ChangesResponse, ItemType, NaturalKey, Reading, Settings, Trigger};

use super::{Drain, Step};
use crate::event::{Effect, Transfer};
use crate::gate::{Hold, LONGEST_WISH, Why};
use crate::ledger::{Batch, Known};
use crate::outbox::Desk;
use crate::progress::Session;
use crate::push;
use crate::stability::PingWindow;
use crate::time::Millis;

/// A page that has not come by then is given up.
const PULL_TIMEOUT: Millis = Millis::seconds(30);
/// Where nothing is to be sent it is enough to ask this often.
const IDLE: Millis = Millis::minutes(60);

/// How far the server's changes are known here.
#[derive(Clone, Debug, Default)]
pub(super) struct Refresh {
    pub(super) cursor: Option<String>,
    /// When there were no more.
    pub(super) at: Option<Millis>,
    /// This drain has asked, or has given it up.
    pub(super) through: bool,
}

/// Whether a device with nothing to send should ask the server what is new.
pub(crate) fn is_due(now: Millis, last: Option<&Session>) -> bool {
    !last.and_then(|session| session.refreshed_at).is_some_and(|at| at <= now && now - at < IDLE)
}

impl Drain {
    /// Whether the server is to be asked what is new, before what is due is sent or although nothing is.
    pub(super) fn wants_refresh(&self, desk: &Desk, idle: bool) -> bool {
        let Settings { sync_interval_minutes, .. } = desk.preferences.settings;
        let least = if idle { IDLE } else { Millis::minutes(sync_interval_minutes.into()) };
        let asked = self.tally.trigger() == Trigger::Manual; // a person who asks wants to see what is new
        let fresh = !asked && self.refresh.at.is_some_and(|at| at <= desk.now && desk.now - at < least);
        !self.refresh.through && !fresh
    }

    pub(super) fn pull(&mut self, desk: &mut Desk) {
        let cursor = self.refresh.cursor.clone();
        let bearer = desk.preferences.bearer();
        self.begin(desk, Step::Pulling, Effect::Pull { cursor, bearer, timeout: PULL_TIMEOUT });
    }

    /// A page of changes, or none.
    pub(crate) fn pulled(&mut self, desk: &mut Desk, transfer: Transfer) {
        let received = if let Transfer::Answered { body, .. } = &transfer { body.len() as u64 } else { 0 };
        self.meter.request(0, received);
        let Transfer::Answered { status, retry_after, body } = transfer else {
            self.link.missed(desk.now);
            if !self.steady {
                return self.pulled_enough(desk); // nothing was to be sent
            }
            (self.steady, self.pings) = (false, PingWindow::default());
            let until = self.trouble(desk);
            return match self.troubles > 1 {
                true => self.hold(desk, Hold::new(Why::Unsteady, until)),
                false => self.load(desk),
            };
        };
        match status {
            200 => {
                self.pass.taken();
                if let Ok(page) = read::from_str::<ChangesResponse>(&body) {
                    return self.learn(desk, page);
                }
            }
            // The cursor is too old, or another server's: everything is taken anew, unless something holds by now (I9).
            410 if self.refresh.cursor.is_some() => {
                self.refresh.cursor = None;
                return self.load(desk);
            }
            401 => {
                self.pass.refused(desk.preferences.bearer());
                return self.load(desk);
            }
            403 if self.steady => {
                return self.hold(desk, Hold::new(push::forbidden(&body), desk.now + super::LATER));
            }
            429 | 503 => {
                let wish = retry_after.map_or(Millis::ZERO, |wish| desk.now + wish.min(LONGEST_WISH));
                let until = self.trouble(desk).max(wish);
                return self.hold(desk, Hold::new(Why::ServerAsked, until));
            }
            _ => {}
        }
        self.pulled_enough(desk);
    }

    /// What is queued does not wait for a server that cannot tell what is new.
    fn pulled_enough(&mut self, desk: &mut Desk) {
        self.refresh.through = true;
        self.go_on(desk);
    }

    fn learn(&mut self, desk: &mut Desk, page: ChangesResponse) {
        let mut batch = Batch { known_anew: self.refresh.cursor.is_none(), ..Batch::default() };
        for change in page.changes {
            match known(&change) {
                Some(known) => batch.known.push(known),
                None => batch.forget.push(change.entity_id),
            }
        }
        self.refresh.cursor = Some(page.cursor);
        if !page.has_more {
            self.refresh.at = Some(desk.now);
            self.refresh.through = true;
        }
        // A snapshot takes the place of what was known also where the server has nothing any more.
        let news = batch.known_anew || !(batch.known.is_empty() && batch.forget.is_empty());
        if !news && !page.has_more {
            return self.go_on(desk); // the cursor is written with the next step
        }
        batch.session = Some(self.session(desk, None));
        self.write(desk, Step::Learning, batch);
    }
}

/// What is kept of a change; nothing of a record that is gone, nor of photos and files, which are large.
fn known(change: &Change) -> Option<Known> {
    let data = change.data.as_ref().filter(|_| !change.deleted && change.r#type != ItemType::Media)?;
    let key = |text| read::from_str::<Reading>(text).ok().map(|reading| reading.natural_key());
    let natural_key: Option<NaturalKey> =
        if change.r#type == ItemType::Reading { key(data.get()) } else { None };
    Some(Known {
        entity_id: change.entity_id,
        r#type: change.r#type,
        natural_key,
        version: change.version,
        data: data.get().to_owned(),
        sealed: None,
    })
}
