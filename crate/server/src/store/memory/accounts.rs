//! People, devices and logins in memory.

use std::collections::BTreeMap;

use async_trait::async_trait;
use fieldsync_protocol::{Millis, Role};

use super::MemoryStore;
use crate::store::StoreError;
use crate::store::account::{
    AccountStore, AddUserParams, AddUserResult, BeginLoginParams, Device, EndLoginParams, EndLoginResult,
    MAX_DEVICES, NoteParams, OverseesParams, RegisterDeviceParams, RegisterDeviceResult, RevokeDeviceParams,
    RotateParams, RotateResult, SEEN_EVERY, SeeDeviceParams, SeeDeviceResult, TokenHash, User, UserParams,
};

/// What is kept of people. The keys lead with the user's id, as in the tables.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    users: BTreeMap<String, User>,
    devices: BTreeMap<(String, String), Device>,
    logins: BTreeMap<(String, String), Login>,
}

#[derive(Clone, Debug)]
struct Login {
    device_id: Option<String>,
    live: TokenHash,
    previous: Option<TokenHash>,
    expires_at: Millis,
}

impl Accounts {
    fn add_user(&mut self, user: User) -> AddUserResult {
        if self.users.contains_key(&user.id) || self.users.values().any(|other| other.email == user.email) {
            return AddUserResult::EmailTaken;
        }
        self.users.insert(user.id.clone(), user);
        AddUserResult::Added
    }

    fn user(&self, params: &UserParams) -> Option<&User> {
        match params {
            UserParams::Id(id) => self.users.get(id),
            UserParams::Email(email) => self.users.values().find(|user| user.email == *email),
        }
    }

    fn begin_login(&mut self, params: BeginLoginParams) {
        let BeginLoginParams { user_id, login_id, device_id, token, now: _, expires_at } = params;
        let login = Login { device_id, live: token, previous: None, expires_at };
        self.logins.insert((user_id, login_id), login);
    }

    /// Removes the logins that have ended, and says how many there were.
    pub fn prune(&mut self, now: Millis) -> u64 {
        let held = self.logins.len();
        self.logins.retain(|_, login| login.expires_at > now);
        (held - self.logins.len()) as u64
    }

    fn rotate(&mut self, params: RotateParams) -> RotateResult {
        let key = (params.user_id, params.login_id);
        let Some(login) = self.logins.get_mut(&key).filter(|login| login.expires_at > params.now) else {
            return RotateResult::Unknown;
        };
        let on = login.device_id.as_ref().and_then(|id| self.devices.get(&(key.0.clone(), id.clone())));
        let is_good = login.live == params.spent || login.previous == Some(params.spent);
        if let Some(device) = on.filter(|device| is_good && device.revoked_at.is_some()) {
            return RotateResult::Revoked { device_id: device.id.clone() };
        }
        if login.live == params.spent {
            login.previous = Some(login.live);
        } else if login.previous != Some(params.spent) {
            self.logins.remove(&key);
            return RotateResult::Reused;
        }
        login.live = params.fresh;
        login.expires_at = params.expires_at;
        RotateResult::Rotated { device_id: login.device_id.clone() }
    }

    /// Whether the login goes on and is on no other device.
    fn may_have_login(&self, params: &RegisterDeviceParams) -> bool {
        let Some(login_id) = &params.login_id else { return true };
        let login = self.logins.get(&(params.user_id.clone(), login_id.clone()));
        login.filter(|login| login.expires_at > params.now).is_some_and(|login| {
            let on = login.device_id.as_ref();
            on.is_none_or(|device_id| *device_id == params.device_id)
        })
    }

    fn register_device(&mut self, params: RegisterDeviceParams) -> RegisterDeviceResult {
        if !self.may_have_login(&params) {
            return RegisterDeviceResult::LoginElsewhere;
        }
        let count = self.devices.keys().filter(|(user, _)| *user == params.user_id).count();
        let key = (params.user_id.clone(), params.device_id.clone());
        if !self.devices.contains_key(&key) && count >= MAX_DEVICES as usize {
            return RegisterDeviceResult::TooMany;
        }
        let device = self.devices.entry(key).or_insert_with(|| Device {
            id: params.device_id.clone(),
            name: String::new(),
            registered_at: params.now,
            last_seen_at: params.now,
            revoked_at: None,
        });
        if device.revoked_at.is_some() {
            return RegisterDeviceResult::Revoked;
        }
        device.last_seen_at = device.last_seen_at.max(params.now);
        if let Some(name) = params.name {
            device.name = name;
        }
        let device = device.clone();
        if let Some(login) =
            params.login_id.and_then(|login_id| self.logins.get_mut(&(params.user_id, login_id)))
        {
            login.device_id = Some(params.device_id);
        }
        RegisterDeviceResult::Registered(device)
    }

    pub fn device(&self, user_id: &str, device_id: &str) -> Option<&Device> {
        self.devices.get(&(user_id.to_owned(), device_id.to_owned()))
    }

    /// The devices of a supervisor's team, by person and device, with their owners.
    pub fn devices_of_team<'a>(
        &'a self,
        supervisor_id: &'a str,
    ) -> impl Iterator<Item = (&'a (String, String), &'a User, &'a Device)> {
        self.devices.iter().filter_map(move |(key, device)| {
            let owner = self.users.get(&key.0)?;
            self.oversees(supervisor_id, &key.0).then_some((key, owner, device))
        })
    }

    fn oversees(&self, supervisor_id: &str, user_id: &str) -> bool {
        let supervisor = self.users.get(supervisor_id).filter(|user| user.role == Role::Supervisor);
        let team = supervisor.and_then(|user| user.team.as_ref());
        team.is_some() && self.users.get(user_id).is_some_and(|user| user.team.as_ref() == team)
    }

    pub fn devices(&self, user_id: &str) -> Vec<Device> {
        let of_user = self.devices.iter().filter(|((user, _), _)| user == user_id);
        of_user.map(|(_, device)| device.clone()).collect()
    }

    fn revoke_device(&mut self, params: &RevokeDeviceParams) -> Option<Device> {
        let RevokeDeviceParams { user_id, device_id, on_device_id: _, now } = params;
        let device = self.devices.get_mut(&(user_id.clone(), device_id.clone()))?;
        device.revoked_at.get_or_insert(*now);
        Some(device.clone())
    }

    fn see_device(&mut self, params: SeeDeviceParams) -> SeeDeviceResult {
        match self.devices.get_mut(&(params.user_id, params.device_id)) {
            None => SeeDeviceResult::Unknown,
            Some(device) if device.revoked_at.is_some() => SeeDeviceResult::Revoked,
            Some(device) => {
                if device.last_seen_at + SEEN_EVERY <= params.now {
                    device.last_seen_at = params.now;
                }
                SeeDeviceResult::Registered
            }
        }
    }
}

#[async_trait]
impl AccountStore for MemoryStore {
    async fn add_user(&self, params: AddUserParams) -> Result<AddUserResult, StoreError> {
        Ok(self.with(|held| {
            let result = held.accounts.add_user(params.user.clone());
            held.note(&params.user.id, params.user.created_at, params.noted(result));
            result
        }))
    }

    async fn user(&self, params: UserParams) -> Result<Option<User>, StoreError> {
        Ok(self.with(|held| held.accounts.user(&params).cloned()))
    }

    async fn begin_login(&self, params: BeginLoginParams) -> Result<(), StoreError> {
        self.with(|held| {
            held.note(&params.user_id, params.now, Some(params.noted()));
            held.accounts.begin_login(params);
        });
        Ok(())
    }

    async fn rotate(&self, params: RotateParams) -> Result<RotateResult, StoreError> {
        Ok(self.with(|held| {
            let result = held.accounts.rotate(params.clone());
            held.note(&params.user_id, params.now, params.noted(&result));
            result
        }))
    }

    async fn end_login(&self, params: EndLoginParams) -> Result<EndLoginResult, StoreError> {
        Ok(self.with(|held| {
            let ended = held.accounts.logins.remove(&(params.user_id.clone(), params.login_id));
            let result = ended.map_or(EndLoginResult::Unknown, |login| EndLoginResult::Ended {
                device_id: login.device_id,
            });
            held.note(&params.user_id, params.now, result.noted());
            result
        }))
    }

    async fn note(&self, params: NoteParams) -> Result<(), StoreError> {
        self.with(|held| held.note(&params.user_id, params.now, Some(params.noted)));
        Ok(())
    }

    async fn oversees(&self, params: OverseesParams) -> Result<bool, StoreError> {
        Ok(self.with(|held| held.accounts.oversees(&params.supervisor_id, &params.user_id)))
    }

    async fn register_device(
        &self,
        params: RegisterDeviceParams,
    ) -> Result<RegisterDeviceResult, StoreError> {
        Ok(self.with(|held| {
            let known = held.accounts.device(&params.user_id, &params.device_id).cloned();
            let result = held.accounts.register_device(params.clone());
            held.note(&params.user_id, params.now, params.noted(known.as_ref(), &result));
            result
        }))
    }

    async fn devices(&self, user_id: &str) -> Result<Vec<Device>, StoreError> {
        Ok(self.with(|held| held.accounts.devices(user_id)))
    }

    async fn revoke_device(&self, params: RevokeDeviceParams) -> Result<Option<Device>, StoreError> {
        Ok(self.with(|held| {
            let known = held.accounts.device(&params.user_id, &params.device_id).cloned();
            let device = held.accounts.revoke_device(&params);
            held.note(&params.user_id, params.now, params.noted(known.as_ref()));
            device
        }))
    }

    async fn see_device(&self, params: SeeDeviceParams) -> Result<SeeDeviceResult, StoreError> {
        Ok(self.with(|held| held.accounts.see_device(params)))
    }
}
