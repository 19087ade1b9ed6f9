//! What a server asks of its store about people, their devices and their logins: the params and the result of every
//! operation, and the trait.

use std::fmt;

use async_trait::async_trait;
use fieldsync_protocol::{Millis, Role};

use super::StoreError;
use super::audit::Noted;

/// A device that was seen is seen again in the tables only after this long: not every request writes.
pub const SEEN_EVERY: Millis = Millis::minutes(1);
/// Somebody who registers one device after another is told to revoke some.
pub const MAX_DEVICES: u32 = 100;

/// The hash of a refresh token, which itself is not kept anywhere.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct TokenHash(pub [u8; 32]);

/// Nothing of it is shown.
impl fmt::Debug for TokenHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TokenHash")
    }
}

/// A person with an account.
#[derive(Clone, PartialEq, Eq)]
pub struct User {
    /// Leads every key of what is theirs.
    pub id: String,
    /// What they log in with, trimmed and in lower case.
    pub email: String,
    /// argon2id, in the PHC string format.
    pub password_hash: String,
    /// What they may do.
    pub role: Role,
    /// Whose devices a supervisor sees.
    pub team: Option<String>,
    /// When the account was made, by the server's clock.
    pub created_at: Millis,
}

/// All but the hash.
impl fmt::Debug for User {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let User { id, email, password_hash: _, role, team, created_at } = self;
        f.debug_struct("User")
            .field("id", id)
            .field("email", email)
            .field("role", role)
            .field("team", team)
            .field("created_at", created_at)
            .finish_non_exhaustive()
    }
}

/// A device of a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Device {
    /// As it named itself.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// When it was registered first, by the server's clock.
    pub registered_at: Millis,
    /// When it was last heard of, to within [`SEEN_EVERY`].
    pub last_seen_at: Millis,
    /// When it was revoked. It stays so.
    pub revoked_at: Option<Millis>,
}

/// An account to be made.
#[derive(Clone, Debug)]
pub struct AddUserParams {
    /// Whose.
    pub user: User,
}

/// What became of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddUserResult {
    /// It was made.
    Added,
    /// There is one of this address.
    EmailTaken,
}

/// A question for a person.
#[derive(Clone, Debug)]
pub enum UserParams {
    /// By the address, trimmed and in lower case.
    Email(String),
    /// By the id.
    Id(String),
}

/// A login that begins.
#[derive(Clone, Debug)]
pub struct BeginLoginParams {
    /// Whose.
    pub user_id: String,
    /// A new name for it.
    pub login_id: String,
    /// On which device, where that is known already.
    pub device_id: Option<String>,
    /// Of its first refresh token.
    pub token: TokenHash,
    /// The server's clock.
    pub now: Millis,
    /// When that token is no longer good.
    pub expires_at: Millis,
}

/// A refresh token that is handed in for the next.
#[derive(Clone, Debug)]
pub struct RotateParams {
    /// Whose.
    pub user_id: String,
    /// Of which login.
    pub login_id: String,
    /// The one that is handed in.
    pub spent: TokenHash,
    /// The one that takes its place.
    pub fresh: TokenHash,
    /// The server's clock.
    pub now: Millis,
    /// When the fresh one is no longer good.
    pub expires_at: Millis,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RotateResult {
    /// The fresh one is good from now on. The one before the good one is taken too: where the answer was lost on the way,
    /// the device knows of no other.
    Rotated {
        /// The device that the login is on.
        device_id: Option<String>,
    },
    /// The device that the login is on has been revoked: it is told so as long as the token is good.
    Revoked {
        /// Which.
        device_id: String,
    },
    /// It was spent before, so that two hold tokens of one login, and one of them has stolen it: the login is ended.
    Reused,
    /// There is no such login, or no longer.
    Unknown,
}

/// A login that ends.
#[derive(Clone, Debug)]
pub struct EndLoginParams {
    /// Whose.
    pub user_id: String,
    /// Which.
    pub login_id: String,
    /// The server's clock.
    pub now: Millis,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndLoginResult {
    /// It has ended.
    Ended {
        /// The device that it was on.
        device_id: Option<String>,
    },
    /// There was none, or no longer.
    Unknown,
}

/// A device to be registered, or to be named anew.
#[derive(Clone, Debug)]
pub struct RegisterDeviceParams {
    /// Whose.
    pub user_id: String,
    /// As it named itself.
    pub device_id: String,
    /// What its owner calls it; `None` leaves the name that it has.
    pub name: Option<String>,
    /// The login that is on it from now on, for good.
    pub login_id: Option<String>,
    /// The server's clock.
    pub now: Millis,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RegisterDeviceResult {
    /// It is registered.
    Registered(Device),
    /// It has been revoked and stays so; nothing was written but that it was tried.
    Revoked,
    /// There are [`MAX_DEVICES`] already.
    TooMany,
    /// The login is on another device, or has ended; nothing was written but that it was tried. A device keeps its id for
    /// life, and another one logs in anew, so that no login has to move. One that could would outlive its device: whoever has
    /// stolen it registers a second one before the first is revoked, or logs out and does so with the access token.
    LoginElsewhere,
}

/// A device that is to do nothing more.
#[derive(Clone, Debug)]
pub struct RevokeDeviceParams {
    /// Whose.
    pub user_id: String,
    /// Which.
    pub device_id: String,
    /// The device that this is done on.
    pub on_device_id: Option<String>,
    /// The server's clock.
    pub now: Millis,
}

/// A device that calls.
#[derive(Clone, Debug)]
pub struct SeeDeviceParams {
    /// Whose.
    pub user_id: String,
    /// Which.
    pub device_id: String,
    /// The server's clock.
    pub now: Millis,
}

/// What is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SeeDeviceResult {
    /// It may go on.
    Registered,
    /// It may do nothing.
    Revoked,
    /// This person has no such device.
    Unknown,
}

/// An account event that changes nothing but the audit.
#[derive(Clone, Debug)]
pub struct NoteParams {
    /// Whose.
    pub user_id: String,
    /// The server's clock.
    pub now: Millis,
    /// What happened.
    pub noted: Noted,
}

/// Two people, and whether one of them may look after the other's devices.
#[derive(Clone, Debug)]
pub struct OverseesParams {
    /// Who may be a supervisor.
    pub supervisor_id: String,
    /// Who may be of that team.
    pub user_id: String,
}

/// What a server asks of its store about people. Every operation is whole or has not happened, with its audit
/// row.
#[async_trait]
pub trait AccountStore: Send + Sync {
    /// Makes an account.
    async fn add_user(&self, params: AddUserParams) -> Result<AddUserResult, StoreError>;

    /// Finds a person.
    async fn user(&self, params: UserParams) -> Result<Option<User>, StoreError>;

    /// Begins a login.
    async fn begin_login(&self, params: BeginLoginParams) -> Result<(), StoreError>;

    /// Takes a refresh token and gives the next.
    async fn rotate(&self, params: RotateParams) -> Result<RotateResult, StoreError>;

    /// Ends a login.
    async fn end_login(&self, params: EndLoginParams) -> Result<EndLoginResult, StoreError>;

    /// Audits what changes nothing else.
    async fn note(&self, params: NoteParams) -> Result<(), StoreError>;

    /// Whether somebody is a supervisor now, and the other of the same team. Nobody is of a team who works alone.
    async fn oversees(&self, params: OverseesParams) -> Result<bool, StoreError>;

    /// Registers a device.
    async fn register_device(&self, params: RegisterDeviceParams)
    -> Result<RegisterDeviceResult, StoreError>;

    /// A person's devices, revoked ones too, by their ids.
    async fn devices(&self, user_id: &str) -> Result<Vec<Device>, StoreError>;

    /// Revokes a device and ends its logins; `None` where there is no such device.
    async fn revoke_device(&self, params: RevokeDeviceParams) -> Result<Option<Device>, StoreError>;

    /// Whether a device may go on, which is thereby seen.
    async fn see_device(&self, params: SeeDeviceParams) -> Result<SeeDeviceResult, StoreError>;
}
