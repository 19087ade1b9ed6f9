//! What an engine answers to a call, and what that means for whoever asked.

use fieldsync_core::{Answer, CallCode, CallError, CallId, Input, Item};

use crate::oracle::{Invariant, Violation};
use crate::seat::{Doing, Mine};
use crate::trace::{name, short};
use crate::world::{Event, Who, World};

impl World {
    /// A call is answered.
    pub fn answer(&mut self, who: Who, call: CallId, result: Result<Answer, CallError>) {
        let now = self.now;
        self.trace
            .say(now, || format!("{} answers {}: {}", name(who), call.0, short(&format!("{result:?}"))));
        let drains = self.devices[who.device].seats[who.seat].drains;
        let Some(asked) = self.device(who).seats[who.seat].calls.remove(&call.0) else { return };
        self.trace.mix((call.0, result.is_ok()));
        if asked.manual {
            self.oracle.answered(who, drains);
        }
        if let Err(error) = &result
            && error.code == CallCode::Internal
        {
            let words = format!("a call ends with a defect: {error}");
            self.note(Err(Violation::new(Invariant::Defect, words)));
        }
        if asked.creates && matches!(&result, Err(error) if error.code == CallCode::Locked) {
            let words = "new work is refused because the vault is locked";
            self.note(Err(Violation::new(Invariant::I9, words)));
        }
        match (asked.what, result) {
            (Doing::Enter(old), Ok(Answer::Enqueue(item))) => self.saved(who, &item, old),
            (Doing::Resolve(old), Ok(Answer::Enqueue(item))) => {
                self.stats.count("conflicts resolved", 1);
                self.saved(who, &item, Some(old));
            }
            (Doing::Resolve(id), Ok(_)) => {
                self.stats.count("conflicts given up", 1);
                let checked = self.oracle.given_up(who.device, id);
                self.note(checked);
            }
            (Doing::Discard(id, again), Ok(answer)) => {
                self.oracle.discarded(who.device, id);
                if let (Some(tab), Answer::Discard(gone)) = (again, answer) {
                    self.undo(who.device, tab, &gone);
                }
            }
            (Doing::Enter(Some(id)) | Doing::Discard(id, _) | Doing::Resolve(id), Err(error)) => {
                if error.code == CallCode::HasDependents {
                    self.devices[who.device].stuck.insert(id);
                }
                let checked = self.oracle.refused(who.device, id);
                self.note(checked);
            }
            (Doing::Pack(device, tab), Ok(Answer::Pack(parcel))) => {
                self.take_in(who.device, device, tab, *parcel);
            }
            (Doing::TakeIn(ids), Ok(Answer::TakeIn(done))) => {
                let all = done.taken.len() + (done.here + done.left) as usize;
                let counted = all == ids.len() && done.taken.iter().all(|id| ids.contains(id));
                if !counted {
                    let words = format!("a file of {} entries came to {done:?}", ids.len());
                    self.note(Err(Violation::new(Invariant::I6, words)));
                }
                self.stats.count("items carried", done.taken.len() as u64);
                self.stats.count("items carried that were there", done.here.into());
                self.stats.count("items left in the file", done.left.into());
                for id in done.taken {
                    let checked = self.oracle.saved(who.device, id, None, &self.devices[who.device].disk);
                    self.note(checked);
                }
            }
            (Doing::Sync(tag), result) => {
                let through = matches!(&result, Ok(Answer::Wake(s)) if s.remaining == 0 && s.hold.is_none());
                self.fired(who.device, &tag, through);
            }
            (Doing::ForPage(page, token), result) => {
                let outcome = result.and_then(|answer| match answer {
                    Answer::Wake(settled) => Ok(*settled),
                    _ => Err(CallError::new(CallCode::Internal, "another answer")),
                });
                self.after(1, 30, Event::Deliver(page, Box::new(Input::Delegated(token, outcome))));
            }
            (_, Ok(Answer::Status(status))) => {
                let checked = self.oracle.status(who.device, &status);
                self.note(checked);
            }
            _ => {}
        }
    }

    /// A person is told that it is saved.
    fn saved(&mut self, who: Who, item: &Item, old: Option<fieldsync_core::protocol::ItemId>) {
        self.stats.count("items saved", 1);
        let device = &mut self.devices[who.device];
        device.mine.push(Mine { id: item.id, entity: item.entity_id, r#type: item.r#type });
        let checked = self.oracle.saved(who.device, item.id, old, &device.disk);
        self.note(checked);
    }
}
