//! Files that come at once, in pieces (docs/uploads.md): what each takes of the server's memory, and that all are taken.

use std::thread;
use std::time::{Duration, Instant};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use ureq::Agent;

use super::running::{Device, Running, Where};

/// As much as a device sends with one request.
const CHUNK: usize = 5_000_000;
/// Each in so many.
const CHUNKS: usize = 5;

/// What was seen.
pub struct Uploads {
    /// How many at once.
    pub files: usize,
    /// Of the server's memory at its highest, beside what it had before, for each.
    pub bytes_each: f64,
    pub took: Duration,
}

impl Uploads {
    /// Uploads so many files at once, each another person's.
    pub fn measure(files: usize) -> Uploads {
        let server = Running::start(&Where::File, files, files);
        let before = server.memory();
        let began = Instant::now();
        thread::scope(|scope| {
            for (number, device) in server.devices.iter().enumerate() {
                let server = &server;
                scope.spawn(move || upload(server, device, number as u64));
            }
        });
        let took = began.elapsed();
        let bytes_each = server.highest_memory().saturating_sub(before) as f64 / files as f64;
        Uploads { files, bytes_each, took }
    }
}

/// Ends the bench where anything of it is not as it should be: the server compares the file's hash with what was declared.
fn upload(server: &Running, device: &Device, number: u64) {
    let mut chunk = vec![0x5a; CHUNK];
    chunk[..8].copy_from_slice(&number.to_le_bytes()); // no two files are the same
    let mut hash = Sha256::new();
    (0..CHUNKS).for_each(|_| hash.update(&chunk));
    let hash: String = hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    let agent = Agent::new_with_defaults();
    let base = format!("http://{}", server.address);
    let bearer = format!("Bearer {}", device.token);
    let made = agent
        .post(format!("{base}/api/v1/uploads"))
        .header("authorization", &bearer)
        .header("tus-resumable", "1.0.0")
        .header("upload-length", (CHUNK * CHUNKS).to_string())
        .header("upload-metadata", format!("sha256 {}", STANDARD.encode(&hash)))
        .send_empty()
        .unwrap();
    let location = made.headers()["location"].to_str().unwrap();
    let url = if location.starts_with('/') { format!("{base}{location}") } else { location.to_owned() };
    for part in 0..CHUNKS {
        let answer = agent
            .patch(&url)
            .header("authorization", &bearer)
            .header("tus-resumable", "1.0.0")
            .header("content-type", "application/offset+octet-stream")
            .header("upload-offset", (part * CHUNK).to_string())
            .send(&chunk[..])
            .unwrap();
        assert_eq!(answer.headers()["upload-offset"], ((part + 1) * CHUNK).to_string().as_str());
    }
}
