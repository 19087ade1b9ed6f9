//! Checked when something is sent, and when the server has judged: I2 to I5.

use std::collections::BTreeSet;

use fieldsync_core::Millis;
use fieldsync_core::protocol::{
    Action, Code, EntityId, ItemId, ItemResult, MAX_PUSH_ITEMS, PushItem, PushRequest, PushStatus,
};

use super::{Checked, Invariant, Oracle, must};
use crate::disk::Disk;
use crate::trace::hash_of;

impl Oracle {
    /// A push takes off.
    pub fn sent(&mut self, device: usize, _wall: Millis, request: &PushRequest, disk: &Disk) -> Checked {
        must(!request.items.is_empty() && request.items.len() <= MAX_PUSH_ITEMS, Invariant::Defect, || {
            format!("device {device}: a push of {} items", request.items.len())
        })?;
        if self.calm {
            self.calm_pushes += 1;
            must(self.calm_pushes < 400, Invariant::I8, || "a storm of pushes in calm weather".to_owned())?;
        }
        let mut with = BTreeSet::new();
        for item in &request.items {
            let model = &self.devices[device];
            let id = item.id;
            let (record, done) = disk.durable(id);
            let kept = record.is_some() || done;
            // A clock that was set ends a flight early, and a person may drop what is in it.
            must(kept || model.clock_sets > 0, Invariant::I2, || {
                let gone = if model.dropped.contains(&id) { "was dropped" } else { "is not durable" };
                format!("device {device}: {id} is sent, and {gone}")
            })?;
            let ahead = model.before(id).into_iter().find(|other| !with.contains(other));
            must(ahead.is_none(), Invariant::I5, || {
                format!("device {device}: {id} is sent before {ahead:?} of its lane")
            })?;
            let on = model.records.get(&id).and_then(|row| row.depends_on);
            let on = on.filter(|on| model.records.contains_key(on) && !with.contains(on));
            must(on.is_none(), Invariant::I5, || {
                format!("device {device}: {id} is sent before {on:?}, which it depends on")
            })?;
            with.insert(id);
        }
        Ok(())
    }

    /// The server refused the whole push, in its own words.
    pub fn refused_whole(&mut self, request: &PushRequest) {
        self.refused.extend(request.items.iter().map(|item| item.id));
    }

    /// The server refused a step of an upload, in its own words.
    pub fn refuses_file(&mut self, device: usize, file: EntityId) {
        let model = &self.devices[device];
        self.refused.extend(model.records.iter().filter(|(_, row)| row.entity == file).map(|(id, _)| *id));
    }

    /// The server has judged a push, and committed.
    pub fn judged(
        &mut self,
        device: usize,
        user: usize,
        request: &PushRequest,
        results: &[ItemResult],
        head: u64,
    ) -> Checked {
        let mut effects = false;
        for (item, result) in request.items.iter().zip(results) {
            self.same_content(device, item)?;
            self.once(device, item, result)?;
            match result.status {
                PushStatus::Applied => {
                    effects = true;
                    self.in_order(device, item.id)?;
                    self.applied.insert(item.id, result.version);
                    self.contents.applied(user, item, result.version)?;
                }
                PushStatus::Replayed => {
                    if self.carried.contains(&item.id) && !self.applied.contains_key(&item.id) {
                        self.had.insert(item.id);
                    }
                    self.applied.entry(item.id).or_insert(result.version);
                }
                PushStatus::Rejected => {
                    self.refused.insert(item.id);
                }
                PushStatus::Conflict => {
                    self.conflicts.insert(item.id);
                }
                PushStatus::Retry => {}
            }
        }
        for (item, result) in request.items.iter().zip(results) {
            let took_effect = matches!(result.status, PushStatus::Applied | PushStatus::Replayed);
            match took_effect && result.version == self.contents.version(user, item.entity()) {
                true => self.latest.insert(item.id),
                false => self.latest.remove(&item.id),
            };
        }
        let before = self.heads.insert(user, head).unwrap_or(0);
        must(effects || head == before, Invariant::I4, || {
            format!("user {user}: nothing took effect, and the head went from {before} to {head}")
        })
    }

    /// I3: what is sent again is the same to the letter.
    fn same_content(&mut self, device: usize, item: &PushItem) -> Checked {
        let content = serde_json::to_string(item).map_or(0, |text| hash_of(&text));
        let first = *self.content.entry(item.id).or_insert(content);
        must(first == content || self.differs(item), Invariant::I3, || {
            format!("device {device}: {} is sent again with other content", item.id)
        })
    }

    /// A change that two devices have may be made against two versions, where its person has dropped or corrected what
    /// stood before it on one of them.
    fn differs(&self, item: &PushItem) -> bool {
        item.action != Action::Create && self.carried.contains(&item.id)
    }

    /// I4: what took effect once is answered the same ever after.
    fn once(&self, device: usize, item: &PushItem, result: &ItemResult) -> Checked {
        let id = item.id;
        if result.code == Some(Code::IdReused) && self.differs(item) {
            return Ok(()); // refused, and shown: nothing of it takes effect twice
        }
        must(result.code != Some(Code::IdReused), Invariant::I3, || {
            format!("device {device}: {id} has other content than the server knows")
        })?;
        let Some(version) = self.applied.get(&id) else { return Ok(()) };
        let same = result.status == PushStatus::Replayed && result.version == *version;
        must(same, Invariant::I4, || {
            format!("device {device}: {id} took effect as {version:?}, and is now answered {result:?}")
        })
    }

    /// I5: nothing takes effect while what stands before it in its lane has not.
    fn in_order(&self, device: usize, id: ItemId) -> Checked {
        let ahead = self.devices[device].before(id);
        let ahead = ahead.into_iter().find(|other| !self.applied.contains_key(other));
        must(ahead.is_none(), Invariant::I5, || {
            format!("device {device}: {id} takes effect before {ahead:?} of its lane")
        })
    }
}

/// A push that arrived twice, and was answered "replayed" for every item: whether the server is as it was.
pub fn replayed(same: bool) -> Checked {
    must(same, Invariant::I4, || "a replay has changed the server".to_owned())
}
