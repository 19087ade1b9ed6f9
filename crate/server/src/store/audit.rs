//! What is written of who did what. Items are audited in the transaction of their push, and what is done with accounts
//! and devices in its own: every store asks here what there is to be written, so that all of them write the same.

use fieldsync_protocol::{AuditEvent, AuditRow, Code, Millis, Outcome};

use super::account::{
    AddUserParams, AddUserResult, BeginLoginParams, Device, EndLoginResult, RegisterDeviceParams,
    RegisterDeviceResult, RevokeDeviceParams, RotateParams, RotateResult,
};
use super::operation::PushParams;
use crate::judge::Audited;

/// An account event: all of its audit row but whose it is, its number and its time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Noted {
    /// What was done.
    pub event: AuditEvent,
    /// Who did it, where that was not the user.
    pub actor_id: Option<String>,
    /// The device it was done on.
    pub device_id: Option<String>,
    /// The device it was done to, where that is another.
    pub subject_id: Option<String>,
    /// The schedule that it is about.
    pub schedule_id: Option<String>,
    /// The upload that it is about.
    pub upload_id: Option<String>,
    /// How many changes it found.
    pub changes_detected: Option<u64>,
    /// What became of it.
    pub outcome: Outcome,
    /// Why it was refused.
    pub code: Option<Code>,
}

impl Noted {
    /// It was done, by the user.
    pub fn done(event: AuditEvent, device_id: Option<String>) -> Noted {
        Noted {
            event,
            actor_id: None,
            device_id,
            subject_id: None,
            schedule_id: None,
            upload_id: None,
            changes_detected: None,
            outcome: Outcome::Done,
            code: None,
        }
    }

    /// It was refused to somebody who said to be the user.
    pub fn refused(event: AuditEvent, device_id: Option<String>, code: Code) -> Noted {
        Noted { outcome: Outcome::Refused, code: Some(code), ..Noted::done(event, device_id) }
    }

    /// Whether a device came, went or was named anew, or the keystore was changed.
    pub(super) fn changes_roster(&self) -> bool {
        let is_of_roster = matches!(
            self.event,
            AuditEvent::DeviceRegister | AuditEvent::DeviceRevoke | AuditEvent::KeystorePut
        );
        is_of_roster && self.outcome == Outcome::Done
    }

    pub(super) fn row(self, at: Millis) -> AuditRow {
        let Noted {
            event,
            actor_id,
            device_id,
            subject_id,
            schedule_id,
            upload_id,
            changes_detected,
            outcome,
            code,
        } = self;
        AuditRow {
            number: 0,
            at,
            event,
            actor_id,
            device_id,
            subject_id,
            item_id: None,
            entity_id: None,
            r#type: None,
            action: None,
            schedule_id,
            upload_id,
            changes_detected,
            outcome,
            code,
        }
    }
}

/// The row of an item, but for its number.
pub(super) fn row_of(audited: &Audited, params: &PushParams) -> AuditRow {
    AuditRow {
        number: 0,
        at: params.now,
        event: AuditEvent::Item,
        actor_id: None,
        device_id: Some(params.device_id.clone()),
        subject_id: None,
        item_id: Some(audited.item),
        entity_id: Some(audited.entity),
        r#type: Some(audited.r#type),
        action: Some(audited.action),
        schedule_id: None,
        upload_id: None,
        changes_detected: None,
        outcome: audited.outcome,
        code: audited.code,
    }
}

impl AddUserParams {
    /// Of an address that is taken there is nothing to say to its owner.
    pub(super) fn noted(&self, result: AddUserResult) -> Option<Noted> {
        (result == AddUserResult::Added).then(|| Noted::done(AuditEvent::Register, None))
    }
}

impl BeginLoginParams {
    pub(super) fn noted(&self) -> Noted {
        Noted::done(AuditEvent::Login, self.device_id.clone())
    }
}

impl RotateParams {
    /// Of a login that is not there nobody knows whose it was.
    pub(super) fn noted(&self, result: &RotateResult) -> Option<Noted> {
        match result {
            RotateResult::Rotated { device_id } => Some(Noted::done(AuditEvent::Refresh, device_id.clone())),
            RotateResult::Revoked { device_id } => {
                Some(Noted::refused(AuditEvent::Refresh, Some(device_id.clone()), Code::DeviceRevoked))
            }
            RotateResult::Reused => Some(Noted::refused(AuditEvent::Refresh, None, Code::Unauthorized)),
            RotateResult::Unknown => None,
        }
    }
}

impl EndLoginResult {
    pub(super) fn noted(&self) -> Option<Noted> {
        match self {
            EndLoginResult::Ended { device_id } => Some(Noted::done(AuditEvent::Logout, device_id.clone())),
            EndLoginResult::Unknown => None,
        }
    }
}

impl RegisterDeviceParams {
    /// `known` is the device as it was. One that logs in again as it always did is no event.
    pub(super) fn noted(&self, known: Option<&Device>, result: &RegisterDeviceResult) -> Option<Noted> {
        let device_id = Some(self.device_id.clone());
        match result {
            RegisterDeviceResult::Registered(device) => {
                let is_same = known.is_some_and(|known| known.name == device.name);
                (!is_same).then(|| Noted::done(AuditEvent::DeviceRegister, device_id))
            }
            RegisterDeviceResult::Revoked
            | RegisterDeviceResult::TooMany
            | RegisterDeviceResult::LoginElsewhere => {
                Some(Noted::refused(AuditEvent::DeviceRegister, device_id, Code::Forbidden))
            }
        }
    }
}

impl RevokeDeviceParams {
    /// `known` is the device as it was.
    pub(super) fn noted(&self, known: Option<&Device>) -> Option<Noted> {
        known.filter(|known| known.revoked_at.is_none()).map(|known| Noted {
            subject_id: Some(known.id.clone()),
            ..Noted::done(AuditEvent::DeviceRevoke, self.on_device_id.clone())
        })
    }
}
