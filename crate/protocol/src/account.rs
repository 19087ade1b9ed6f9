use std::fmt;

use serde::{Deserialize, Serialize};

use crate::read::Read;
use crate::write::Write;
use crate::{FieldError, Millis, RotationMark, StorageRisk};

/// A password is at least this many characters.
pub const MIN_PASSWORD: usize = 10;
/// A password is at most this many characters.
pub const MAX_PASSWORD: usize = 256;
/// An address is at most this many bytes.
pub const MAX_EMAIL: usize = 254;
/// A device's own id is at most this many characters.
pub const MAX_DEVICE_ID: usize = 64;
/// The name that a person gives a device is at most this many characters.
pub const MAX_DEVICE_NAME: usize = 80;

/// What a person may do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub enum Role {
    /// Keeps records of their own.
    #[default]
    Worker,
    /// Sees the devices of the team as well, never what is on them.
    Supervisor,
}

/// The body of `POST /api/v1/auth/register` and `POST /api/v1/auth/login`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Credentials {
    /// The address of the account, in any case of letters.
    pub email: String,
    /// Its password: [`MIN_PASSWORD`] to [`MAX_PASSWORD`] characters.
    pub password: String,
    /// The device that logs in, as it names itself: it is registered thereby. Without it a device has to be registered
    /// before anything can be synced.
    #[serde(default, alias = "device_id", skip_serializing_if = "Option::is_none")]
    pub device_id: Option<String>,
}

impl Credentials {
    /// The address as accounts are kept by: trimmed, and in lower case.
    pub fn address(&self) -> String {
        self.email.trim().to_lowercase()
    }

    /// What is wrong with them for a new account.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut faults = Vec::new();
        if !is_address(&self.address()) {
            faults.push(FieldError::new("email", "Enter an address such as name@example.org."));
        }
        if !(MIN_PASSWORD..=MAX_PASSWORD).contains(&self.password.chars().count()) {
            let message = format!("Choose a password of {MIN_PASSWORD} to {MAX_PASSWORD} characters.");
            faults.push(FieldError::new("password", message));
        }
        faults
    }
}

/// Neither the password nor its length is shown.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("email", &self.email)
            .field("device_id", &self.device_id)
            .finish_non_exhaustive()
    }
}

/// Whether something may be an address: only its owner knows whether it is one.
fn is_address(text: &str) -> bool {
    let Some((name, host)) = text.rsplit_once('@') else { return false };
    let is_seen = |c: char| !c.is_whitespace() && !c.is_control();
    text.len() <= MAX_EMAIL
        && !name.is_empty()
        && !host.is_empty()
        && !host.starts_with('.')
        && !host.ends_with('.')
        && text.chars().all(is_seen)
        && !name.contains('@')
}

/// The answer to a registration, a login and a refresh.
#[derive(Clone, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Tokens {
    /// Goes with every request, as `Authorization: Bearer …`. It names the user, the role and the device.
    pub access_token: String,
    /// Is handed in once, for the next two tokens.
    pub refresh_token: String,
    /// How long the access token is good, in seconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub expires_in: u64,
}

/// No token is shown.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// The body of `POST /api/v1/auth/refresh` and `POST /api/v1/auth/logout`.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RefreshRequest {
    /// The refresh token given last.
    #[serde(alias = "refresh_token")]
    pub refresh_token: String,
}

/// No token is shown.
impl fmt::Debug for RefreshRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RefreshRequest").finish_non_exhaustive()
    }
}

/// The body of `POST /api/sync/register`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DeviceRegistration {
    /// As the device names itself.
    #[serde(alias = "device_id")]
    pub device_id: String,
    /// What its owner calls it.
    #[serde(default, alias = "device_name", alias = "deviceName", skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl DeviceRegistration {
    /// What is wrong with it.
    pub fn validate(&self) -> Vec<FieldError> {
        let mut faults: Vec<FieldError> = device_id_fault(&self.device_id).into_iter().collect();
        let name = self.name.as_deref().unwrap_or("");
        if name.chars().count() > MAX_DEVICE_NAME || name.chars().any(char::is_control) {
            let message = format!("Use at most {MAX_DEVICE_NAME} letters, digits and signs.");
            faults.push(FieldError::new("name", message));
        }
        faults
    }
}

/// What is wrong with a device's own id.
pub fn device_id_fault(id: &str) -> Option<FieldError> {
    let is_sound = (1..=MAX_DEVICE_ID).contains(&id.chars().count()) && !id.chars().any(char::is_control);
    let message = format!("1 to {MAX_DEVICE_ID} characters, none of them a control character.");
    (!is_sound).then(|| FieldError::new("deviceId", message))
}

/// A device of a person.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Device {
    /// As it named itself.
    pub device_id: String,
    /// What its owner calls it; may be empty.
    pub name: String,
    /// When it was registered first, by the server's clock.
    pub registered_at: Millis,
    /// When it was last heard of, to within a minute.
    pub last_seen_at: Millis,
    /// When it was revoked: it may do nothing since then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revoked_at: Option<Millis>,
    /// Whether it is the one that asks.
    #[serde(default)]
    pub current: bool,
    /// When it last said how it is doing; without it, nothing below is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reported_at: Option<Millis>,
    /// Items that were not on the server then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub pending: Option<u64>,
    /// When the oldest of them was entered, by the device's clock.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub oldest_unsent_at: Option<Millis>,
    /// How sure it is that they stay.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub storage: Option<StorageRisk>,
    /// Bytes that it had stored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub storage_usage: Option<u64>,
    /// Bytes that it could store.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub storage_quota: Option<u64>,
    /// The last rotation of keys that it had.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_rotation: Option<RotationMark>,
}

/// The answer to `POST /api/sync/register`: from here on the login is this device's, and so is its next access token.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RegisteredDevice {
    /// The device.
    pub device: Device,
    /// An access token that names it.
    pub access_token: String,
    /// How long that is good, in seconds.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub expires_in: u64,
}

/// The answer to `GET /api/sync/devices`.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Devices {
    /// The caller's own, revoked ones too.
    pub devices: Vec<Device>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(email: &str, password: &str) -> Vec<String> {
        let given = Credentials { email: email.into(), password: password.into(), device_id: None };
        given.validate().into_iter().map(|fault| fault.field).collect()
    }

    #[test]
    fn an_address_has_two_sides() {
        for email in ["a@b", " Ada@Example.org ", "a+b@sub.example.org", "é@example.org"] {
            assert!(faults(email, "0123456789").is_empty(), "{email}");
        }
        let long = format!("{}@example.org", "a".repeat(MAX_EMAIL));
        for email in ["", "a", "@", "a@", "@b", "a b@c", "a@b@c", "a@.b", "a@b.", "a\u{0}@b", &long] {
            assert_eq!(faults(email, "0123456789"), ["email"], "{email}");
        }
    }

    #[test]
    fn a_password_is_10_to_256_characters() {
        for password in ["é".repeat(MIN_PASSWORD), "é".repeat(MAX_PASSWORD)] {
            assert!(faults("a@b", &password).is_empty());
        }
        for password in ["é".repeat(MIN_PASSWORD - 1), "é".repeat(MAX_PASSWORD + 1)] {
            assert_eq!(faults("a@b", &password), ["password"]);
        }
    }

    #[test]
    fn both_spellings_are_read() {
        for text in [r#"{"deviceId":"d","name":"n"}"#, r#"{"device_id":"d","device_name":"n"}"#] {
            let read: DeviceRegistration = serde_json::from_str(text).unwrap();
            assert_eq!((read.device_id.as_str(), read.name.as_deref()), ("d", Some("n")), "{text}");
        }
        let read: Credentials =
            serde_json::from_str(r#"{"email":"a@b","password":"p","device_id":"d"}"#).unwrap();
        assert_eq!(read.device_id.as_deref(), Some("d"));
    }

    #[test]
    fn a_device_names_itself_in_few_characters() {
        assert_eq!(device_id_fault(&"é".repeat(MAX_DEVICE_ID)), None);
        for id in ["", "a\nb", &"é".repeat(MAX_DEVICE_ID + 1)] {
            assert!(device_id_fault(id).is_some());
        }
        let named = |name: String| DeviceRegistration { device_id: "d".into(), name: Some(name) };
        assert!(named("n".repeat(MAX_DEVICE_NAME)).validate().is_empty());
        assert_eq!(named("n".repeat(MAX_DEVICE_NAME + 1)).validate()[0].field, "name");
    }

    #[test]
    fn no_secret_is_shown() {
        let given = Credentials { email: "a@b".into(), password: "secret".into(), device_id: None };
        let tokens = Tokens { access_token: "secret".into(), refresh_token: "secret".into(), expires_in: 1 };
        let spent = RefreshRequest { refresh_token: "secret".into() };
        assert!(!format!("{given:?} {tokens:?} {spent:?}").contains("secret"));
    }
}
