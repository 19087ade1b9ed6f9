//! The server's secret, which signs its access tokens: configured, or made at the first start and kept in a
//! file beside the database that only the server's user can read.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};

use crate::config::ConfigError;
use crate::problem::ApiError;

/// A shorter one could be guessed.
const LEAST: usize = 32;

/// The secret.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Vec<u8>);

/// Nothing of it is shown.
impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret")
    }
}

impl Secret {
    /// A secret of at least 32 bytes of text.
    pub fn parse(text: &str) -> Result<Secret, ConfigError> {
        match text.trim() {
            text if text.len() >= LEAST => Ok(Secret(text.into())),
            _ => Err(ConfigError::ShortSecret),
        }
    }

    /// The one beside a database file. Of several servers that start at once, one makes it.
    pub fn beside(database: &Path) -> Result<Secret, SecretError> {
        let file = file_beside(database);
        let failed = |error| SecretError { file: file.clone(), source: error };
        match make(&file) {
            Err(error) if error.kind() != ErrorKind::AlreadyExists => return Err(failed(error)),
            _ => {}
        }
        let text = fs::read_to_string(&file).map_err(failed)?;
        Secret::parse(&text).map_err(|error| failed(io::Error::other(error)))
    }

    /// One that is good until the server ends.
    pub fn for_now() -> Result<Secret, io::Error> {
        let mut bytes = vec![0; LEAST];
        getrandom::fill(&mut bytes).map_err(io::Error::other)?;
        Ok(Secret(bytes))
    }

    /// Its bytes.
    pub fn bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The secret beside a database can be neither read nor made.
#[derive(Debug, thiserror::Error)]
#[error("the server's secret, {}: {source}", file.display())]
pub struct SecretError {
    file: PathBuf,
    source: io::Error,
}

fn file_beside(database: &Path) -> PathBuf {
    let mut name = database.as_os_str().to_owned();
    name.push(".secret");
    name.into()
}

/// Makes the file whole or not at all: written under a name of its own, and then linked, which fails where it is there.
fn make(file: &Path) -> io::Result<()> {
    if file.try_exists()? {
        return Ok(());
    }
    let mut draft = file.as_os_str().to_owned();
    draft.push(format!(".{}", new_id_or_error()?));
    let draft = PathBuf::from(draft);
    let made = write_private(&draft).and_then(|()| fs::hard_link(&draft, file));
    fs::remove_file(&draft)?;
    made
}

fn write_private(file: &Path) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt;
        options.mode(0o600);
    }
    let mut out = options.open(file)?;
    writeln!(out, "{}{}", new_id_or_error()?, new_id_or_error()?)?;
    out.sync_all()
}

/// 128 bits by chance, in hexadecimal.
pub fn new_id() -> Result<String, ApiError> {
    new_id_or_error().map_err(|error| {
        tracing::error!("the system gives no random numbers: {error}");
        ApiError::Internal
    })
}

fn new_id_or_error() -> io::Result<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).map_err(io::Error::other)?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn it_is_made_once_for_its_owner_alone() {
        let directory = TempDir::new().unwrap();
        let database = directory.path().join("fieldsync.db");
        let made = Secret::beside(&database).unwrap();
        assert_eq!(Secret::beside(&database).unwrap(), made);
        let files: Vec<_> = directory.path().read_dir().unwrap().map(|file| file.unwrap().path()).collect();
        assert_eq!(files, [directory.path().join("fieldsync.db.secret")], "no draft is left");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
        }
        let other = Secret::beside(&directory.path().join("other.db")).unwrap();
        assert_ne!(other, made);
    }

    #[test]
    fn a_short_one_is_refused() {
        assert_eq!(Secret::parse(&"x".repeat(LEAST - 1)), Err(ConfigError::ShortSecret));
        assert_eq!(Secret::parse(&format!("{}\n", "x".repeat(LEAST))).unwrap().bytes(), [b'x'; LEAST]);
        let directory = TempDir::new().unwrap();
        fs::write(directory.path().join("a.db.secret"), "short").unwrap();
        let error = Secret::beside(&directory.path().join("a.db")).unwrap_err();
        assert!(error.to_string().contains("a.db.secret"), "{error}");
        assert!(Secret::beside(&directory.path().join("no/such/a.db")).is_err());
    }

    #[test]
    fn nothing_of_it_is_shown() {
        let secret = Secret::parse("a very secret text of so many bytes").unwrap();
        assert!(!format!("{secret:?}").contains("very"));
    }
}
