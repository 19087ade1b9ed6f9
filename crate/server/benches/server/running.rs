//! A server under load, and the people who push to it.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;
use ureq::Agent;

/// What it keeps its data in.
pub enum Where {
    /// A new SQLite file.
    File,
    /// The database of a URL.
    Url(String),
}

/// A device that is signed in.
#[derive(Clone)]
pub struct Device {
    pub id: String,
    pub token: String,
}

/// A running server. Dropped, it is ended.
pub struct Running {
    child: Child,
    /// `ADDRESS:PORT`.
    pub address: String,
    /// Each another person's.
    pub devices: Vec<Device>,
    _directory: TempDir,
}

impl Running {
    /// Starts one without limits of rate, for so many people, and so many event streams beside them.
    pub fn start(r#where: &Where, people: usize, streams: usize) -> Running {
        // Under the build directory: the system's temporary one may be in memory, where nothing is durable.
        let directory = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let database = match r#where {
            Where::File => format!("sqlite://{}", directory.path().join("fieldsync.db").display()),
            Where::Url(url) => url.clone(),
        };
        let mut child = Command::new(env!("CARGO_BIN_EXE_fieldsync-server"))
            .env_clear()
            .args(["serve", "--listen", "127.0.0.1:0", "--database", &database])
            .env("FIELDSYNC_SECRET", "a secret that only this bench knows, and forgets")
            .env("FIELDSYNC_USER_RATE", "0")
            .env("FIELDSYNC_ADDRESS_RATE", "0")
            .env("FIELDSYNC_CONNECTIONS", (480 + streams * 6 / 5).to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address =
            line.trim().strip_prefix("fieldsync is at http://").expect("the address line").to_owned();
        let mut server = Running { child, address, devices: Vec::new(), _directory: directory };
        server.devices = (0..people).map(|person| server.register(person)).collect();
        server
    }

    fn register(&self, person: usize) -> Device {
        let id = format!("bench-{person}");
        let body = json!({
            "email": format!("bench-{person}@fieldsync.example"), "password": "correct horse", "deviceId": id,
        });
        let agent = Agent::new_with_defaults();
        let mut answer =
            agent.post(format!("http://{}/api/v1/auth/register", self.address)).send_json(body).unwrap();
        let answer: Value = answer.body_mut().read_json().unwrap();
        Device { id, token: answer["accessToken"].as_str().unwrap().to_owned() }
    }

    /// The memory that it has in use, in bytes.
    pub fn memory(&self) -> u64 {
        self.status("VmRSS:")
    }

    /// The most that it ever had.
    pub fn highest_memory(&self) -> u64 {
        self.status("VmHWM:")
    }

    fn status(&self, name: &str) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
