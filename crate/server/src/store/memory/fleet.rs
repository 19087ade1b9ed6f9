//! How devices are doing and what is asked of them, in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use fieldsync_protocol::{FleetDevice, Wishes};

use super::accounts::Accounts;
use super::{Memory, MemoryStore};
use crate::store::StoreError;
use crate::store::account::Device;
use crate::store::fleet::{
    DeviceParams, FleetParams, FleetResult, FleetStore, KnownDevice, Report, ReportParams, RosterMember,
    Standing, StandingParams, WishParams,
};

/// What is kept of devices, by person and device.
#[derive(Clone, Debug, Default)]
pub struct Fleet {
    reports: BTreeMap<(String, String), Report>,
    wishes: BTreeMap<(String, String), Wishes>,
}

impl Fleet {
    fn report(&mut self, params: ReportParams) -> Wishes {
        let ReportParams { user_id, now, heartbeat: beat } = params;
        let key = (user_id, beat.device_id);
        let report = Report {
            at: now,
            pending: beat.pending,
            oldest_unsent_at: beat.oldest_unsent_at,
            storage: beat.storage,
            app_version: beat.app_version,
            activity: beat.activity,
            metrics: beat.metrics,
            last_rotation: beat.last_rotation,
            storage_usage: beat.storage_usage,
            storage_quota: beat.storage_quota,
        };
        self.reports.insert(key.clone(), report);
        let Some(wishes) = self.wishes.get_mut(&key) else { return Wishes::default() };
        if let Some(taken) = beat.wishes_taken.filter(|taken| *taken <= wishes.revision) {
            wishes.taken_revision = wishes.taken_revision.max(taken);
        }
        wishes.clone()
    }

    fn known_device(&self, accounts: &Accounts, params: DeviceParams) -> Option<KnownDevice> {
        let device = accounts.device(&params.user_id, &params.device_id)?.clone();
        let key = (params.user_id, params.device_id);
        let wishes = self.wishes.get(&key).cloned().unwrap_or_default();
        Some(KnownDevice { device, report: self.reports.get(&key).cloned(), wishes })
    }

    fn roster(&self, devices: Vec<Device>, user_id: &str) -> Vec<RosterMember> {
        let member = |device: Device| {
            let known = self.reports.get(&(user_id.to_owned(), device.id.clone()));
            let report = known.map(|known| Report { activity: None, metrics: None, ..known.clone() });
            RosterMember { device, report }
        };
        devices.into_iter().map(member).collect()
    }

    fn fleet(&self, accounts: &Accounts, params: &FleetParams) -> FleetResult {
        let after = params.after.clone().unwrap_or_default();
        let of_team = accounts.devices_of_team(&params.supervisor_id);
        let told = of_team.filter(|(key, ..)| **key > after).map(|(key, user, device)| {
            let report = self.reports.get(key);
            let wishes = self.wishes.get(key);
            FleetDevice {
                user_id: user.id.clone(),
                email: user.email.clone(),
                device_id: device.id.clone(),
                name: device.name.clone(),
                last_seen_at: device.last_seen_at,
                revoked_at: device.revoked_at,
                reported_at: report.map(|report| report.at),
                pending: report.map(|report| report.pending),
                oldest_unsent_at: report.and_then(|report| report.oldest_unsent_at),
                storage: report.and_then(|report| report.storage),
                app_version: report.and_then(|report| report.app_version.clone()),
                wishes_waiting: wishes.is_some_and(|wishes| wishes.revision > wishes.taken_revision),
            }
        });
        let mut devices: Vec<FleetDevice> = told.take(params.limit as usize + 1).collect();
        let has_more = devices.len() > params.limit as usize;
        devices.truncate(params.limit as usize);
        FleetResult { devices, has_more }
    }
}

impl Memory {
    fn wish(&mut self, params: &WishParams) -> Option<Wishes> {
        let wishes = self.ask(params)?;
        self.note(&params.user_id, params.now, Some(params.noted()));
        Some(wishes)
    }

    /// The same, audited by the caller.
    pub(super) fn ask(&mut self, params: &WishParams) -> Option<Wishes> {
        let device = self.accounts.device(&params.user_id, &params.device_id)?;
        if device.revoked_at.is_some() {
            return None;
        }
        let key = (params.user_id.clone(), params.device_id.clone());
        let wishes = self.fleet.wishes.entry(key).or_default();
        *wishes = params.added_to(wishes);
        Some(wishes.clone())
    }
}

impl Memory {
    fn standing(&self, params: StandingParams) -> Standing {
        let head = self.users.get(&params.user_id).map(|user| (user.head, user.roster)).unwrap_or_default();
        let known = params.device_id.and_then(|device_id| {
            let params = DeviceParams { user_id: params.user_id, device_id };
            self.fleet.known_device(&self.accounts, params)
        });
        let is_revoked = known.as_ref().is_some_and(|known| known.device.revoked_at.is_some());
        let wishes = known.map(|known| known.wishes).unwrap_or_default();
        Standing::of(&self.instance, head, wishes, is_revoked)
    }
}

#[async_trait]
impl FleetStore for MemoryStore {
    async fn report(&self, params: ReportParams) -> Result<Wishes, StoreError> {
        Ok(self.with(|held| held.fleet.report(params)))
    }

    async fn known_device(&self, params: DeviceParams) -> Result<Option<KnownDevice>, StoreError> {
        Ok(self.with(|held| held.fleet.known_device(&held.accounts, params)))
    }

    async fn roster(&self, user_id: &str) -> Result<Vec<RosterMember>, StoreError> {
        Ok(self.with(|held| held.fleet.roster(held.accounts.devices(user_id), user_id)))
    }

    async fn fleet(&self, params: FleetParams) -> Result<FleetResult, StoreError> {
        Ok(self.with(|held| held.fleet.fleet(&held.accounts, &params)))
    }

    async fn wish(&self, params: WishParams) -> Result<Option<Wishes>, StoreError> {
        Ok(self.with(|held| held.wish(&params)))
    }

    async fn standing(&self, params: StandingParams) -> Result<Standing, StoreError> {
        Ok(self.with(|held| held.standing(params)))
    }
}
