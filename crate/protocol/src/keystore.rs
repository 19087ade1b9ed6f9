//! A person's keys as they travel from device to device: through the server, which can read none of them, or as a file.
//!
//! What is secret in a keystore is sealed under a key that is made of the passphrase. The rest is in clear and cannot be
//! changed unseen: a rotation's name is the hash of what it says, it names the one before it, and it is signed by that one.

use sha2::{Digest, Sha256};

use serde_json::value::RawValue;

use crate::read::{self, Read};
use crate::write::{self, Write};
use crate::{ItemId, Millis};

/// The version of the format that is written here.
pub const KEYSTORE_FORMAT: u32 = 1;
/// So many rotations are kept: entries sealed under older ones are on the server long since.
pub const MAX_ROTATIONS: usize = 100;
/// A keystore's text takes at most so many bytes.
pub const MAX_KEYSTORE_BYTES: usize = 256 * 1024;

/// A public key: an uncompressed point of P-256, 65 bytes, in unpadded base64url.
const PUBLIC_KEY: usize = 87;
/// A signature: r and s of ECDSA over P-256 with SHA-256, 64 bytes, in unpadded base64url.
const SIGNATURE: usize = 86;
/// What is sealed of one rotation takes no more than this.
const MAX_SEALED: usize = 2_048;
/// A device's name takes no more than this.
const MAX_DEVICE: usize = 64;
/// The salt of the passphrase: 16 bytes, in unpadded base64url.
const SALT: usize = 22;

/// How the passphrase becomes the key that seals the others: Argon2id, version 0x13, one lane, 32 bytes.
///
/// Of two the greater counts, on devices and on the server: the one that was changed more often; where two were changed at
/// once, by the fields in their order one of them everywhere.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PassphraseLock {
    /// Counted up by every change of the passphrase.
    pub revision: u32,
    /// 16 random bytes, unpadded base64url.
    pub salt: String,
    /// Memory, in KiB.
    pub memory_kib: u32,
    /// Passes over it.
    pub passes: u32,
}

/// New keys, made on one device for all of a person's.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct Rotation {
    /// 1 for the first, and one more than that of the rotation before.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub sequence: u64,
    /// When, by the clock of the device that made it.
    pub created_at: Millis,
    /// That device's id.
    pub by_device: String,
    /// Work that is entered while the vault is locked is sealed to this one: P-256 for ECDH.
    pub public_key: String,
    /// The next rotation is signed by the private half of this one: P-256 for ECDSA.
    pub signing_key: String,
    /// The id of the rotation before; the first has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<String>,
    /// Over [`Rotation::signed`], by the rotation before; the first is signed by itself.
    pub signature: String,
    /// Its private keys and its data key: AES-256-GCM under the passphrase's key, with the id as associated data.
    pub sealed: String,
}

impl Rotation {
    /// What is signed, and what the id is made of: everything in clear, one a line.
    pub fn signed(&self, vault: &ItemId) -> String {
        let Rotation { sequence, created_at, by_device, public_key, signing_key, previous, .. } = self;
        let previous = previous.as_deref().unwrap_or("-");
        let at = created_at.0;
        format!(
            "fieldsync rotation 1\n{vault}\n{sequence}\n{at}\n{by_device}\n{public_key}\n{signing_key}\n{previous}\n"
        )
    }

    /// Its name: the SHA-256 of what is signed, in hexadecimal.
    pub fn id(&self, vault: &ItemId) -> String {
        sha256(self.signed(vault).as_bytes())
    }
}

/// A person's keys.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Keystore {
    /// [`KEYSTORE_FORMAT`].
    pub format: u32,
    /// Which vault it is of; made with its first rotation.
    pub vault: ItemId,
    /// What the passphrase has to do with it.
    pub lock: PassphraseLock,
    /// By sequence, then by id; the last [`MAX_ROTATIONS`].
    pub rotations: Vec<Rotation>,
}

/// Why a text is no keystore.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeystoreError {
    /// It is not JSON of this shape.
    #[error("this is not a keystore of fieldsync ({0})")]
    Shape(String),
    /// It was changed or cut off on its way.
    #[error("the file is damaged: what it holds does not fit its checksum")]
    Damaged,
    /// A newer version made it.
    #[error("this keystore was made by a newer version (format {0}); update the app")]
    Newer(u32),
    /// A part of it cannot be.
    #[error("this keystore is not well-formed: {0}")]
    Malformed(&'static str),
}

/// The file that a keystore travels in: the checksum tells a damaged one; the signatures tell a forged one.
#[derive(Clone, Debug, Read, Write)]
#[serde(rename_all = "camelCase")]
struct File {
    /// Always `keystore`.
    fieldsync: String,
    /// The SHA-256 of the text of `keystore`, in hexadecimal.
    checksum: String,
    keystore: Box<RawValue>,
}

impl Keystore {
    /// The text of a file with it.
    pub fn to_file(&self) -> Result<String, KeystoreError> {
        let keystore = write::to_raw(self);
        let checksum = sha256(keystore.get().as_bytes());
        Ok(write::to_string(&File { fieldsync: "keystore".to_owned(), checksum, keystore }))
    }

    /// Reads the text of a file. Whether its rotations are genuine is for whoever knows earlier ones to say.
    pub fn from_file(text: &str) -> Result<Keystore, KeystoreError> {
        if text.len() > MAX_KEYSTORE_BYTES {
            return Err(KeystoreError::Malformed("it is too large"));
        }
        let shape = |error: read::Error| KeystoreError::Shape(error.to_string());
        let file: File = read::from_str(text).map_err(shape)?;
        if file.fieldsync != "keystore" {
            return Err(KeystoreError::Shape("it is another file of fieldsync".to_owned()));
        }
        if sha256(file.keystore.get().as_bytes()) != file.checksum {
            return Err(KeystoreError::Damaged);
        }
        let keystore: Keystore = read::from_str(file.keystore.get()).map_err(shape)?;
        keystore.check()?;
        Ok(keystore)
    }

    /// Whether every part can be what it is to be.
    pub fn check(&self) -> Result<(), KeystoreError> {
        if self.format > KEYSTORE_FORMAT {
            return Err(KeystoreError::Newer(self.format));
        }
        let holds = |holds: bool, what| if holds { Ok(()) } else { Err(KeystoreError::Malformed(what)) };
        holds(self.format == KEYSTORE_FORMAT, "its format")?;
        holds(is_sound_lock(&self.lock), "what its passphrase takes")?;
        holds((1..=MAX_ROTATIONS).contains(&self.rotations.len()), "how many rotations it has")?;
        for rotation in &self.rotations {
            let key = |key: &str| is_base64url(key) && key.len() == PUBLIC_KEY;
            holds(key(&rotation.public_key) && key(&rotation.signing_key), "a public key")?;
            holds(is_base64url(&rotation.signature) && rotation.signature.len() == SIGNATURE, "a signature")?;
            holds(is_base64url(&rotation.sealed) && rotation.sealed.len() <= MAX_SEALED, "a sealed key")?;
            // It stands on a line of its own in what is signed.
            let device = &rotation.by_device;
            let visible = device.bytes().all(|byte| byte.is_ascii_graphic());
            holds((1..=MAX_DEVICE).contains(&device.len()) && visible, "a device's id")?;
            let previous = rotation.previous.as_deref();
            holds(previous.is_none_or(is_name), "the name of a rotation")?;
            holds((rotation.sequence == 1) == previous.is_none() && rotation.sequence > 0, "a sequence")?;
        }
        Ok(())
    }
}

/// Whether a passphrase's key can be made so: not what an attacker could have a phone do, or spare themselves.
pub(crate) fn is_sound_lock(lock: &PassphraseLock) -> bool {
    is_base64url(&lock.salt)
        && lock.salt.len() == SALT
        && (8 * 1024..=1024 * 1024).contains(&lock.memory_kib)
        && (1..=64).contains(&lock.passes)
}

/// Which rotation a device has last.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotationMark {
    /// Its sequence, from 1.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub sequence: u64,
    /// Its name: 64 hexadecimal digits.
    pub id: String,
}

impl RotationMark {
    /// Whether there can be such a rotation.
    pub fn is_sound(&self) -> bool {
        (1..=i64::MAX.unsigned_abs()).contains(&self.sequence) && is_name(&self.id)
    }
}

/// The body of `PUT /api/v1/keystore`.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct KeystorePut {
    /// The text of the file; the server can read nothing of what is sealed in it.
    pub keystore: String,
    /// The sequence of its last rotation.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub sequence: u64,
    /// The revision that it was made from, 0 where there was none: where another device was quicker, it is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub after: Option<u64>,
}

/// The answer to `GET /api/v1/keystore` and to `PUT`: what the server carries.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct CarriedKeystore {
    /// The text of the file.
    pub keystore: String,
    /// The sequence of its last rotation.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub sequence: u64,
    /// Counts up with every change, from 1.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub revision: u64,
    /// When it was changed last, by the server's clock.
    pub updated_at: Millis,
    /// The device that did, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by_device: Option<String>,
    /// What stands in clear of its rotations, for who only wants to know how devices stand to one another. Nobody has
    /// looked at their signatures: who takes the keystore in does.
    #[serde(default)]
    pub rotations: Vec<RotationTold>,
}

/// A rotation, without what is sealed in it.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RotationTold {
    /// Its name.
    pub id: String,
    /// From 1.
    #[cfg_attr(feature = "ts", ts(type = "number"))]
    pub sequence: u64,
    /// When it was made, by the clock of the device that made it.
    pub created_at: Millis,
    /// That device's id.
    pub by_device: String,
    /// Its public key.
    pub public_key: String,
}

impl Keystore {
    /// What is told of its rotations.
    pub fn told(&self) -> Vec<RotationTold> {
        let told = |rotation: &Rotation| RotationTold {
            id: rotation.id(&self.vault),
            sequence: rotation.sequence,
            created_at: rotation.created_at,
            by_device: rotation.by_device.clone(),
            public_key: rotation.public_key.clone(),
        };
        self.rotations.iter().map(told).collect()
    }
}

/// Whether this is a rotation's name.
fn is_name(id: &str) -> bool {
    id.len() == 64 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keystore() -> Keystore {
        let lock = PassphraseLock { revision: 1, salt: "C".repeat(SALT), memory_kib: 19 * 1024, passes: 2 };
        let rotation = Rotation {
            sequence: 1,
            created_at: Millis(1_760_000_000_000),
            by_device: "device-1".to_owned(),
            public_key: "A".repeat(PUBLIC_KEY),
            signing_key: "B".repeat(PUBLIC_KEY),
            previous: None,
            signature: "D".repeat(SIGNATURE),
            sealed: "E".repeat(40),
        };
        Keystore { format: 1, vault: vault(), lock, rotations: vec![rotation] }
    }

    fn vault() -> ItemId {
        ItemId::parse("01900000-0000-7000-8000-000000000001").expect("an id")
    }

    /// The hash was found by Python's hashlib.
    #[test]
    fn a_rotation_goes_by_the_name_that_others_find_for_it() {
        let name = keystore().rotations[0].id(&vault());
        assert_eq!(name, "d5473c0cce9a8a2891780f1da28a6c4ec01df07f0fb08be1f207f08baf32170f");
    }

    #[test]
    fn a_file_of_the_first_format_is_read_for_ever() {
        let file = include_str!("../../../tests/golden/keystore.json");
        assert_eq!(Keystore::from_file(file), Ok(keystore()));
        assert_eq!(keystore().to_file().as_deref(), Ok(file.trim_end()));
        let changed = file.replace("device-1", "device-2");
        assert_eq!(Keystore::from_file(&changed), Err(KeystoreError::Damaged));
        assert_eq!(
            Keystore::from_file(&file[..100]).map_err(|error| error.to_string().len() > 20),
            Err(true)
        );
        let newer = Keystore { format: 2, ..keystore() }.to_file().expect("a file");
        assert_eq!(Keystore::from_file(&newer), Err(KeystoreError::Newer(2)));
    }
}
