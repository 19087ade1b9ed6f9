//! Unsent work as it travels from one device of a person to another: a file, sealed under a passphrase that is made for it.

use serde_json::value::RawValue;
use sha2::{Digest, Sha256};

use crate::keystore::is_sound_lock;
use crate::read::{self, Read};
use crate::write::{self, Write};
use crate::{Millis, PassphraseLock};

/// The version of the format that is written here.
pub const WORK_FORMAT: u32 = 1;
/// A file takes at most so many bytes.
pub const MAX_WORK_BYTES: usize = 256 * 1024 * 1024;

/// Sealed work: what was entered and is not on the server.
#[derive(Clone, Debug, PartialEq, Eq, Read, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct SealedWork {
    /// [`WORK_FORMAT`].
    pub format: u32,
    /// When it was made, by the clock of the device that made it.
    pub created_at: Millis,
    /// How many entries are in it.
    pub count: u32,
    /// How the passphrase becomes the key; the revision is always 1.
    pub lock: PassphraseLock,
    /// A 96-bit nonce and what AES-256-GCM makes of the entries, in unpadded base64url; with [`SealedWork::head`] as
    /// associated data.
    pub sealed: String,
}

/// Why a text is no sealed work, in words for the person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WorkError {
    /// It is not JSON of this shape.
    #[error("This is not a file of unsent work.")]
    Shape,
    /// It was changed or cut off on its way.
    #[error("The file is damaged: it was changed or cut off on its way.")]
    Damaged,
    /// A newer version made it.
    #[error("A newer version of the app made this file (format {0}). Update the app here first.")]
    Newer(u32),
}

/// The file that it travels in: the checksum tells a damaged one from a wrong passphrase.
#[derive(Clone, Debug, Read, Write)]
struct File {
    /// Always `work`.
    fieldsync: String,
    /// The SHA-256 of the text of `work`, in hexadecimal.
    checksum: String,
    work: Box<RawValue>,
}

/// What is read of every format.
#[derive(Read)]
struct Any {
    format: u32,
}

impl SealedWork {
    /// What stands in clear, one a line: it cannot be changed without the passphrase.
    pub fn head(&self) -> String {
        let PassphraseLock { salt, memory_kib, passes, .. } = &self.lock;
        let (at, count) = (self.created_at.0, self.count);
        format!("fieldsync work 1\n{at}\n{count}\n{salt}\n{memory_kib}\n{passes}\n")
    }

    /// The text of a file with it.
    pub fn to_file(&self) -> Result<String, WorkError> {
        let work = write::to_raw(self);
        let checksum = sum(work.get());
        Ok(write::to_string(&File { fieldsync: "work".to_owned(), checksum, work }))
    }

    /// Reads the text of a file.
    pub fn from_file(text: &str) -> Result<SealedWork, WorkError> {
        let shape = |_| WorkError::Shape;
        if text.len() > MAX_WORK_BYTES {
            return Err(WorkError::Shape);
        }
        // What is cut off is no JSON any more, but begins as it did.
        let cut = text.trim_start().starts_with(r#"{"fieldsync":"work""#);
        let broken = |_| if cut { WorkError::Damaged } else { WorkError::Shape };
        let file: File = read::from_str(text).map_err(broken)?;
        if file.fieldsync != "work" {
            return Err(WorkError::Shape);
        }
        if sum(file.work.get()) != file.checksum {
            return Err(WorkError::Damaged);
        }
        let Any { format } = read::from_str(file.work.get()).map_err(shape)?;
        if format > WORK_FORMAT {
            return Err(WorkError::Newer(format));
        }
        let work: SealedWork = read::from_str(file.work.get()).map_err(shape)?;
        if is_sound_lock(&work.lock) { Ok(work) } else { Err(WorkError::Shape) }
    }
}

fn sum(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../tests/golden/work.json");

    #[test]
    fn a_file_of_this_version_is_read_and_written_to_the_letter() {
        let work = SealedWork::from_file(FILE).expect("a file");
        assert_eq!((work.format, work.count), (WORK_FORMAT, 2));
        assert_eq!(work.to_file().as_deref(), Ok(FILE.trim_end()));
        let lines: Vec<_> = work.head().lines().map(str::to_owned).collect();
        assert_eq!(lines[0], "fieldsync work 1");
        assert_eq!((lines[2].as_str(), lines[3].as_str()), ("2", work.lock.salt.as_str()));
    }

    #[test]
    fn what_is_damaged_newer_or_something_else_is_told_apart() {
        let of = |text: &str| SealedWork::from_file(text).err();
        assert_eq!(of(&FILE.replace(r#""count":2"#, r#""count":3"#)), Some(WorkError::Damaged));
        assert_eq!(of(&FILE[..FILE.len() / 2]), Some(WorkError::Damaged));
        assert_eq!(of("notes"), Some(WorkError::Shape));
        assert_eq!(of(include_str!("../../../tests/golden/keystore.json")), Some(WorkError::Shape));
        // Whatever else a newer version has changed.
        let work = r#"{"format":2,"new":true}"#;
        let newer = format!(r#"{{"fieldsync":"work","checksum":"{}","work":{work}}}"#, sum(work));
        assert_eq!(of(&newer), Some(WorkError::Newer(2)));
        let mut greedy = SealedWork::from_file(FILE).expect("a file");
        greedy.lock.memory_kib = u32::MAX;
        assert_eq!(of(&greedy.to_file().expect("a text")), Some(WorkError::Shape), "no phone has that");
    }
}
