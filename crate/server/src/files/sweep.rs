//! What a server left half-written when it died, in a directory: such a file has the name of the one that it was to
//! become with `#` and a number after it, and is neither listed nor read.

use std::fs;
use std::io;
use std::path::Path;
use std::time::{Duration, SystemTime};

use super::{FileError, Files};

/// Nothing is written for so long.
const ABANDONED_AFTER: Duration = Duration::from_secs(24 * 60 * 60);

impl Files {
    /// Removes what was left half-written, and says how many files that were.
    pub async fn sweep(&self) -> Result<u64, FileError> {
        let Some(directory) = self.directory.clone() else { return Ok(0) };
        let before = SystemTime::now() - ABANDONED_AFTER;
        let swept = tokio::task::spawn_blocking(move || sweep(&directory, before)).await;
        swept
            .map_err(|error| FileError::Failed(error.into()))?
            .map_err(|error| FileError::Failed(error.into()))
    }
}

fn sweep(directory: &Path, before: SystemTime) -> io::Result<u64> {
    let mut removed = 0;
    for entry in fs::read_dir(directory)? {
        let entry = entry?;
        let Ok(metadata) = entry.metadata() else { continue }; // gone meanwhile
        if metadata.is_dir() {
            removed += sweep(&entry.path(), before)?;
        } else if is_half_written(&entry.file_name().to_string_lossy()) && metadata.modified()? <= before {
            fs::remove_file(entry.path())?;
            removed += 1;
        }
    }
    Ok(removed)
}

fn is_half_written(name: &str) -> bool {
    let number = name.split_once('#').map(|(_, number)| number);
    number.is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    #[test]
    fn what_is_half_written_and_old_goes() {
        let directory = TempDir::new().unwrap();
        fs::create_dir_all(directory.path().join("parts/u")).unwrap();
        for name in ["parts/u/a", "parts/u/b#1", "c#12", "d#", "e#x"] {
            fs::write(directory.path().join(name), "x").unwrap();
        }
        let now = SystemTime::now();
        assert_eq!(
            sweep(directory.path(), now - ABANDONED_AFTER).unwrap(),
            0,
            "somebody may be writing them"
        );
        assert_eq!(sweep(directory.path(), now + ABANDONED_AFTER).unwrap(), 2);
        assert!(["parts/u/a", "d#", "e#x"].iter().all(|name| directory.path().join(name).is_file()));
    }
}
