//! The kinds of things that happen, for counting and for dropping a whole kind from a scenario.

use super::{Storage, Touch, Victim, Weather, What};

/// A kind, by its name in the report.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Kind(pub &'static str);

impl What {
    /// Its kind.
    pub fn kind(&self) -> Kind {
        Kind(match self {
            What::Enter { .. } => "enter",
            What::Attach { .. } => "file attached",
            What::UploadsGone { files: false } => "uploads revoked",
            What::UploadsGone { files: true } => "files lost by the server",
            What::FileGone { .. } => "file lost by its device",
            What::Change { .. } => "change",
            What::Delete { .. } => "delete",
            What::Replace { .. } => "replace",
            What::Discard { undo: false, .. } => "discard",
            What::Discard { undo: true, .. } => "discard and undo",
            What::Edit { .. } => "edit",
            What::Shared { touch: Touch::Delete, .. } => "shared record deleted",
            What::Shared { .. } => "shared record changed",
            What::Retry { .. } => "retry",
            What::Resolve { .. } => "resolve",
            What::Carry { .. } => "carried to another device",
            What::Set { .. } => "setting",
            What::Rules { .. } => "rules",
            What::Pause { .. } => "pause",
            What::Resume { .. } => "resume",
            What::Update { .. } => "app updated",
            What::Lock { .. } => "vault locked",
            What::Vault { .. } => "vault set up",
            What::MakeKeys { passphrase: false, .. } => "keys made",
            What::MakeKeys { passphrase: true, .. } => "passphrase changed",
            What::TakeKeys { .. } => "keys taken in",
            What::Revoke => "device revoked",
            What::Battery { .. } => "battery",
            What::Link { .. } => "link",
            What::Look { .. } => "look",
            What::SyncNow { .. } => "sync now",
            What::Visible { .. } => "visible",
            What::Open { .. } => "tab opened",
            What::Close { .. } => "tab closed",
            What::Hide { .. } => "tab hidden",
            What::Weather { weather, .. } => weather.name(),
            What::Offline { noticed: true, .. } => "offline",
            What::Offline { noticed: false, .. } => "dead link",
            What::Lie { .. } => "online fact lies",
            What::Trouble { .. } => "server refuses",
            What::TokensExpire => "tokens expire",
            What::LoginEnded => "login ended",
            What::SignOut { .. } => "sign out",
            What::SignIn { .. } => "sign in",
            What::CursorsGone => "cursors gone",
            What::ServerCrash { .. } => "server crash",
            What::Clock { .. } => "clock jump",
            What::Storage { fault: Storage::Fails, .. } => "storage fails",
            What::Storage { fault: Storage::Full, .. } => "storage full",
            What::Storage { fault: Storage::Slow, .. } => "storage slow",
            What::Kill { victim: Victim::Actor, .. } => "page or worker killed",
            What::Kill { victim: Victim::Worker, .. } => "worker killed",
            What::Kill { victim: Victim::Browser, .. } => "browser killed",
            What::LockLost => "lock lost",
            What::Freeze { .. } => "page or worker frozen",
            What::Sleep { .. } => "device sleeps",
        })
    }
}

impl Weather {
    /// Its name in the report.
    pub fn name(self) -> &'static str {
        match self {
            Weather::Drop => "request dropped",
            Weather::DropAnswer => "answer dropped",
            Weather::Duplicate => "request duplicated",
            Weather::Delay => "request delayed",
            Weather::Truncate => "answer truncated",
            Weather::Portal => "portal 200",
            Weather::Redirect => "portal 302",
            Weather::Gate => "portal 511",
            Weather::ProxyLarge => "proxy 413",
            Weather::ProxyBad => "proxy 400",
            Weather::ProxyFails => "gateway 502",
        }
    }
}
