//! The store in memory: for tests, and for a simulator, which drives the very logic of a server with it.

mod accounts;
mod bandwidth;
mod fleet;
mod job;
mod keystore;
mod schedule;
mod upload;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use fieldsync_protocol::{
    AuditRow, CarriedKeystore, DeviceBandwidthLimit, EntityId, ItemId, MAX_AUDIT_ROWS, Millis, NaturalKey,
};

use self::accounts::Accounts;
use self::fleet::Fleet;
use self::schedule::Schedules;
use self::upload::Files;
use super::audit::{self, Noted};
use super::job::Job;
use super::operation::{
    AuditParams, AuditResult, ChangesParams, ChangesResult, ExportResult, ExportedEntity, ExportedReceipt,
    PruneParams, PruneResult, PushParams, PushResult,
};
use super::page::{begin, page};
use super::{PoolState, Store, StoreError};
use crate::cursor::Cursor;
use crate::judge::{Entity, Found, Needs, Receipt, Verdict, files_at_stake, judge, keys_at_stake};

/// What a server holds, as plain data: no clock, no randomness, no threads. Every operation is whole at once. A clone is
/// what is on the disk at that moment: put it back, and the server has crashed and come up again.
#[derive(Clone, Debug)]
pub struct Memory {
    instance: String,
    users: BTreeMap<String, User>,
    accounts: Accounts,
    fleet: Fleet,
    jobs: BTreeMap<&'static str, Job>,
    keystores: BTreeMap<String, CarriedKeystore>,
    schedules: Schedules,
    /// By person and device; of no device, what holds for all.
    bandwidth: BTreeMap<(String, String), DeviceBandwidthLimit>,
    files: Files,
}

#[derive(Clone, Debug, Default)]
struct User {
    head: u64,
    /// The last change that made a tombstone which is gone.
    pruned: u64,
    /// Counts the changes of the devices.
    roster: u64,
    entities: BTreeMap<EntityId, Entity>,
    by_change: BTreeMap<u64, EntityId>,
    by_key: BTreeMap<NaturalKey, EntityId>,
    receipts: BTreeMap<ItemId, Kept>,
    audit: Vec<AuditRow>,
}

#[derive(Clone, Debug)]
struct Kept {
    receipt: Receipt,
    at: Millis,
    device: String,
}

impl Memory {
    /// An empty one. `instance` marks its cursors: letters and digits.
    pub fn new(instance: &str) -> Memory {
        Memory {
            instance: instance.to_owned(),
            users: BTreeMap::new(),
            accounts: Accounts::default(),
            fleet: Fleet::default(),
            jobs: BTreeMap::new(),
            keystores: BTreeMap::new(),
            schedules: Schedules::new(),
            bandwidth: BTreeMap::new(),
            files: Files::default(),
        }
    }

    /// Judges and keeps a push.
    pub fn push(&mut self, params: &PushParams) -> PushResult {
        let empty = User::default();
        let user = self.users.get(&params.user_id).unwrap_or(&empty);
        let mut found = user.find(params);
        found.files = self.files.of(&params.user_id, &files_at_stake(&params.candidates, &found.entities));
        let verdict = judge(&params.candidates, &found, params.now);
        self.files.keep(&params.user_id, params.now, &verdict.uses);
        if !verdict.audit.is_empty() {
            self.users.entry(params.user_id.clone()).or_default().keep(params, &verdict);
        }
        let cursor = Cursor::at(&self.instance, verdict.head);
        PushResult { results: verdict.results, head: verdict.head, cursor }
    }

    /// What has changed since a cursor, or a snapshot.
    pub fn changes(&self, params: &ChangesParams) -> ChangesResult {
        let empty = User::default();
        let user = self.users.get(&params.user_id).unwrap_or(&empty);
        let Some(cursor) = begin(params.cursor.as_deref(), &self.instance, user.head, user.pruned) else {
            return ChangesResult::Expired;
        };
        let rows = user
            .by_change
            .range((Excluded(cursor.after), Unbounded))
            .filter_map(|(_, id)| user.entities.get(id))
            .filter(|entity| entity.record.is_some() || entity.number > cursor.whole_at)
            .take(params.limit as usize + 1)
            .cloned()
            .collect();
        page(cursor, user.head, rows, params.limit)
    }

    /// An entity or tombstone.
    pub fn entity(&self, user_id: &str, id: EntityId) -> Option<&Entity> {
        self.users.get(user_id)?.entities.get(&id)
    }

    /// The receipt of an item.
    pub fn receipt(&self, user_id: &str, id: ItemId) -> Option<&Receipt> {
        self.users.get(user_id)?.receipts.get(&id).map(|kept| &kept.receipt)
    }

    /// A page of a user's audit rows, the latest first.
    pub fn audit(&self, params: &AuditParams) -> AuditResult {
        let rows = self.users.get(&params.user_id).map_or(&[][..], |user| &user.audit);
        let limit = params.limit.min(MAX_AUDIT_ROWS) as usize;
        let mut rows: Vec<AuditRow> = rows
            .iter()
            .rev()
            .filter(|row| params.before.is_none_or(|before| row.number < before))
            .take(limit + 1)
            .cloned()
            .collect();
        let has_more = rows.len() > limit;
        rows.truncate(limit);
        AuditResult { rows, has_more }
    }

    /// Keeps an audit row of an account event.
    fn note(&mut self, user_id: &str, at: Millis, noted: Option<Noted>) {
        if let Some(noted) = noted {
            let user = self.users.entry(user_id.to_owned()).or_default();
            user.roster += u64::from(noted.changes_roster());
            user.audit(noted.row(at));
        }
    }

    /// Removes the receipts and tombstones of long ago.
    pub fn prune(&mut self, params: &PruneParams) -> PruneResult {
        let before = params.before();
        let mut result = PruneResult { logins: self.accounts.prune(params.now), ..PruneResult::default() };
        for user in self.users.values_mut() {
            let held = (user.receipts.len(), user.entities.len());
            user.receipts.retain(|_, kept| kept.at >= before);
            let pruned = &mut user.pruned;
            user.entities.retain(|_, entity| {
                let is_kept = entity.record.is_some() || entity.updated_at >= before;
                if !is_kept {
                    *pruned = (*pruned).max(entity.number);
                }
                is_kept
            });
            user.by_change.retain(|_, id| user.entities.contains_key(id));
            result.receipts += (held.0 - user.receipts.len()) as u64;
            result.tombstones += (held.1 - user.entities.len()) as u64;
        }
        result
    }

    /// Everything that is held.
    pub fn export(&self) -> ExportResult {
        let entities = self.users.iter().flat_map(|(name, user)| {
            user.entities.values().map(|entity| ExportedEntity::of(name.clone(), entity))
        });
        let receipts = self.users.iter().flat_map(|(name, user)| {
            user.receipts.iter().map(|(id, kept)| {
                ExportedReceipt::of(name.clone(), *id, kept.receipt.version, kept.at, kept.device.clone())
            })
        });
        ExportResult { entities: entities.collect(), receipts: receipts.collect() }
    }
}

impl User {
    fn find(&self, params: &PushParams) -> Found {
        fn those<K: Ord + Clone, V>(wanted: &BTreeSet<K>, get: impl Fn(&K) -> Option<V>) -> BTreeMap<K, V> {
            wanted.iter().filter_map(|key| Some((key.clone(), get(key)?))).collect()
        }
        let needs = Needs::of(&params.candidates);
        let receipts = those(&needs.items, |id| self.receipts.get(id).map(|kept| kept.receipt));
        let entities = those(&needs.entities, |id| self.entities.get(id).cloned());
        let keys = keys_at_stake(&params.candidates, &receipts, &entities);
        let holders = those(&keys, |key| self.entities.get(self.by_key.get(key)?).cloned());
        Found { head: self.head, receipts, entities, holders, files: BTreeMap::new() }
    }

    fn keep(&mut self, params: &PushParams, verdict: &Verdict) {
        self.head = verdict.head;
        for old in verdict.entities.keys().filter_map(|id| self.entities.get(id)) {
            self.by_change.remove(&old.number);
            if let Some(key) = &old.key {
                self.by_key.remove(key);
            }
        }
        for (id, entity) in &verdict.entities {
            self.by_change.insert(entity.number, *id);
            if let Some(key) = &entity.key {
                self.by_key.insert(key.clone(), *id);
            }
            self.entities.insert(*id, entity.clone());
        }
        for (id, receipt) in &verdict.receipts {
            let kept = Kept { receipt: *receipt, at: params.now, device: params.device_id.clone() };
            self.receipts.insert(*id, kept);
        }
        for audited in &verdict.audit {
            self.audit(audit::row_of(audited, params));
        }
    }

    /// Keeps an audit row under the next number.
    fn audit(&mut self, row: AuditRow) {
        let number = self.audit.last().map_or(0, |last| last.number) + 1;
        self.audit.push(AuditRow { number, ..row });
    }
}

/// [`Memory`] behind the trait, shared by its clones.
#[derive(Clone, Debug)]
pub struct MemoryStore(Arc<Mutex<Memory>>);

impl MemoryStore {
    /// A store of what is held.
    pub fn new(held: Memory) -> MemoryStore {
        MemoryStore(Arc::new(Mutex::new(held)))
    }

    /// Works on what is held. No operation can leave it half-done: none of them panics between two writes.
    pub fn with<T>(&self, work: impl FnOnce(&mut Memory) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn push(&self, params: PushParams) -> Result<PushResult, StoreError> {
        Ok(self.with(|held| held.push(&params)))
    }

    async fn changes(&self, params: ChangesParams) -> Result<ChangesResult, StoreError> {
        Ok(self.with(|held| held.changes(&params)))
    }

    async fn audit(&self, params: AuditParams) -> Result<AuditResult, StoreError> {
        Ok(self.with(|held| held.audit(&params)))
    }

    async fn prune(&self, params: PruneParams) -> Result<PruneResult, StoreError> {
        Ok(self.with(|held| held.prune(&params)))
    }

    async fn export(&self) -> Result<ExportResult, StoreError> {
        Ok(self.with(|held| held.export()))
    }

    async fn ready(&self) -> Result<(), StoreError> {
        Ok(())
    }

    fn pools(&self) -> Vec<PoolState> {
        Vec::new()
    }

    async fn close(&self) {}
}
