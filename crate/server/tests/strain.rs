//! A server that is leant on: clients that say nothing, half a thing, or do not listen, and a disk that is full. It goes
//! on answering, and says what is wrong.

use std::fs;
use std::io::Write;
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::{Answer, Server, assessment, column, push_body, reading};
use crate::uploads::bytes;

/// How many of each kind of client; the variable is for trying 10,000 by hand.
fn each() -> usize {
    let clients = std::env::var("FIELDSYNC_CLIENTS").ok().and_then(|clients| clients.parse().ok());
    clients.unwrap_or(400_usize).div_ceil(4)
}

#[test]
fn clients_that_say_little_or_do_not_listen_shut_nobody_out() {
    let connections = (each() * 4 + 40).to_string();
    let server = Server::start_on_demo_with(&[("FIELDSYNC_CONNECTIONS", &connections)]);
    let kept: Vec<Value> = (0..40).map(|_| long_assessment(9_000)).collect();
    for items in kept.chunks(4) {
        assert!(server.push(items).iter().all(|result| result["status"] == "applied"));
    }

    let push = push_body(&[reading("U-half", 1.0)]);
    let mut clients = Vec::new();
    for nth in 0..each() {
        // Silent; half a head; half a body; and one that asks for all there is and takes none of it.
        clients.push(server.connect().unwrap());
        clients.push(said(&server, b"POST /api/v1/sync/push HTTP/1.1\r\nhost: local"));
        let head = format!(
            "POST /api/v1/sync/push HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             content-length: {}\r\n\r\n",
            push.len()
        );
        clients.push(said(&server, &[head.as_bytes(), &push[..push.len() / 2]].concat()));
        clients.push(said(&server, b"GET /api/v1/sync/changes HTTP/1.1\r\nhost: localhost\r\n\r\n"));
        // Whoever is quick is served all the while.
        if nth % 50 == 0 {
            assert_eq!(server.push(&[reading(&format!("U{nth}"), 1.0)])[0]["status"], "applied");
        }
    }
    assert_eq!(server.push(&[reading("U-last", 1.0)])[0]["status"], "applied");
    assert_eq!(server.get("/healthz", &[]).status, 200);
    assert_eq!(server.get("/readyz", &[]).status, 200);
    drop(clients);
    let receipts = column(&server.export(), "receipt", "itemId");
    assert_eq!(receipts.len(), kept.len() + each().div_ceil(50) + 1, "nothing of what was half said");
}

/// With an answer of so many letters.
fn long_assessment(letters: usize) -> Value {
    let mut item = assessment("Well 3");
    item["data"]["answers"] = json!({ "damage": "a".repeat(letters) });
    item
}

fn applied(answer: &Answer) -> usize {
    answer.text.matches(r#""status":"applied""#).count()
}

fn said(server: &Server, words: &[u8]) -> TcpStream {
    let mut stream = server.connect().unwrap();
    stream.write_all(words).unwrap();
    stream
}

/// What lies where there is little room.
enum Kept {
    Database,
    Files,
}

/// A disk of its own for the server, of so many megabytes, most of which something else takes up.
struct LittleRoom {
    server: Server,
    ballast: PathBuf,
    _directory: TempDir,
    _elsewhere: TempDir,
}

impl LittleRoom {
    fn start(megabytes: u32, taken: u32, kept: Kept) -> LittleRoom {
        let (directory, elsewhere) = (TempDir::new().unwrap(), TempDir::new().unwrap());
        let at = directory.path();
        let (database, files) = match kept {
            Kept::Database => (at, elsewhere.path()),
            Kept::Files => (elsewhere.path(), at),
        };
        let script = format!(
            "mount -t tmpfs -o size={megabytes}m none '{0}' && head -c {taken}m /dev/zero >'{0}/ballast' && exec \"$@\"",
            at.display(),
        );
        let url = format!("sqlite://{}", database.join("fieldsync.db").display());
        let mut command = Command::new("unshare");
        // The file system is this process's alone, and is gone with it; who is not root becomes root of its own.
        command.args(["--mount", "--map-root-user", "sh", "-c", &script, "sh"]);
        command.arg(env!("CARGO_BIN_EXE_fieldsync-server"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--demo", "--database", &url, "--files"]);
        command.arg(files.join("files"));
        let server = Server::spawn_as(command, &url);
        let seen = Path::new("/proc").join(server.process().to_string()).join("root");
        let ballast = seen.join(at.strip_prefix("/").unwrap()).join("ballast");
        LittleRoom { server, ballast, _directory: directory, _elsewhere: elsewhere }
    }

    fn held(&self) -> usize {
        let (mut held, mut path) = (0, "/api/v1/sync/changes".to_owned());
        loop {
            let answer = self.server.get(&path, &[]);
            assert_eq!(answer.status, 200, "who reads is answered: {}", answer.text);
            let page = answer.json();
            held += page["changes"].as_array().unwrap().len();
            if page["hasMore"] != true {
                return held;
            }
            path = format!("/api/v1/sync/changes?cursor={}", page["cursor"].as_str().unwrap());
        }
    }
}

#[test]
fn on_a_full_disk_it_says_so_keeps_what_it_took_and_goes_on_once_there_is_room() {
    let room = LittleRoom::start(8, 5, Kept::Database);
    let server = &room.server;
    let mut taken = 0;
    let refused = loop {
        let items: Vec<Value> = (0..20).map(|_| long_assessment(2_000)).collect();
        let body = push_body(&items);
        let answer = server.post("application/json", &body);
        if answer.status != 200 {
            let problem = answer.assert_problem(503, "unavailable");
            assert!(problem["detail"].as_str().unwrap().contains("no room left on its disk"), "{problem}");
            assert_eq!(answer.header("retry-after"), "60");
            break body;
        }
        assert_eq!(applied(&answer), items.len(), "{}", answer.text);
        taken += items.len();
        assert!(taken < 10_000, "the disk does not fill up");
    };
    assert_eq!(server.get("/api/ping?nonce=1", &[]).status, 200);
    assert_eq!(room.held(), taken, "what was taken is there, and nothing else");

    fs::remove_file(&room.ballast).unwrap();
    let answer = server.post("application/json", &refused);
    assert_eq!(applied(&answer), 20, "{}", answer.text);
    assert_eq!(room.held(), taken + 20);
}

#[test]
fn where_there_is_no_room_for_a_file_it_says_so_and_goes_on_once_there_is() {
    let room = LittleRoom::start(12, 9, Kept::Files);
    let server = &room.server;
    let photo = bytes(4 << 20);
    let at = server.begin_upload(&photo);
    let mut offset = 0;
    let refused = loop {
        let said = server.bring_bytes(&at, offset, &photo[offset..offset + (1 << 20)]);
        if said.status != 204 {
            break said;
        }
        offset += 1 << 20;
        assert!(offset < photo.len(), "the disk does not fill up");
    };
    assert_eq!((refused.status, refused.code()), (507, "no_room".into()));
    assert_eq!(refused.header("retry-after"), Some("60"));
    let reached = server.tus("HEAD", &at, &[], b"");
    assert_eq!(reached.header("upload-offset"), Some(&*offset.to_string()), "what came before is kept");
    assert_eq!(server.push(&[reading("U1", 1.0)])[0]["status"], "applied", "and readings are taken");

    fs::remove_file(&room.ballast).unwrap();
    assert_eq!(server.bring_bytes(&at, offset, &photo[offset..]).status, 204);
    let whole = server.tus("HEAD", &at, &[], b"");
    assert_eq!(whole.header("upload-offset"), Some(&*photo.len().to_string()));
}
