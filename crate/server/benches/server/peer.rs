//! express-pouchdb, which stands behind PouchDB as our server stands behind a device.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;
use ureq::Agent;

/// A running express-pouchdb. Dropped, it is ended.
pub struct Peer {
    child: Child,
    /// Where its `_bulk_docs` are.
    pub url: String,
    _directory: TempDir,
}

impl Peer {
    /// Starts it from the directory that it is installed in, on a LevelDB of its own, which is flushed to the disk before
    /// an answer or whenever the system likes, as it is without more words.
    pub fn start(installed: &Path, flushed: bool) -> Peer {
        let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let installed = installed.canonicalize().unwrap();
        let mut child = Command::new("node")
            .arg(installed.join("express-pouchdb.mjs"))
            .arg(directory.path())
            .args(flushed.then_some("flushed"))
            .current_dir(&installed)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let url = format!("{}/field", line.trim());
        Agent::new_with_defaults().put(&url).send_empty().unwrap();
        Peer { child, url: format!("{url}/_bulk_docs"), _directory: directory }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
