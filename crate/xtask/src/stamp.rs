//! Remembering what was done, so that it is not done again: a hash of the inputs, kept under `target/stamps`.

use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::paths;

/// A hash of files and settings. It is only ever compared with one made by the same build of xtask.
#[derive(Default)]
pub struct Inputs(DefaultHasher);

impl Inputs {
    /// Adds a setting.
    pub fn value(mut self, value: impl Hash) -> Self {
        value.hash(&mut self.0);
        self
    }

    /// Adds a file's content, or that of every file below a directory. What is absent counts as absent.
    pub fn path(mut self, path: &Path) -> Result<Self> {
        for file in files(path)? {
            paths::shown(&file).hash(&mut self.0);
            read(&file)?.hash(&mut self.0);
        }
        Ok(self)
    }

    /// The hash, as it is kept.
    pub fn hash(self) -> String {
        format!("{:016x}", self.0.finish())
    }
}

/// Every file below a directory (or the file itself) in a stable order, without `node_modules`.
pub fn files(path: &Path) -> Result<Vec<PathBuf>> {
    if path.is_file() {
        return Ok(vec![path.to_path_buf()]);
    }
    let mut found = Vec::new();
    if path.is_dir() {
        let mut entries = fs::read_dir(path)
            .and_then(Iterator::collect::<Result<Vec<_>, _>>)
            .with_context(|| format!("{} cannot be read", paths::shown(path)))?;
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries.into_iter().filter(|entry| entry.file_name() != "node_modules") {
            found.append(&mut files(&entry.path())?);
        }
    }
    Ok(found)
}

fn place(name: &str) -> PathBuf {
    paths::in_root("target/stamps").join(format!("{name}.json"))
}

/// What was remembered under a name; `None` when there is nothing, or nothing that can be read.
pub fn recall<T: DeserializeOwned>(name: &str) -> Option<T> {
    serde_json::from_slice(&fs::read(place(name)).ok()?).ok()
}

/// Remembers something under a name.
pub fn remember(name: &str, what: &impl Serialize) -> Result<()> {
    write(&place(name), serde_json::to_vec(what)?)
}

/// Reads a file; the error names it.
pub fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("{} cannot be read", paths::shown(path)))
}

/// Writes a file and the directories above it; the error names it.
pub fn write(path: &Path, content: impl AsRef<[u8]>) -> Result<()> {
    path.parent()
        .map_or(Ok(()), fs::create_dir_all)
        .and_then(|()| fs::write(path, content))
        .with_context(|| format!("{} cannot be written", paths::shown(path)))
}
