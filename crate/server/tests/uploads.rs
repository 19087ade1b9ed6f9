//! Files on their way, by tus, over real HTTP. `docs/uploads.md` says which of its requirements is shown where.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use fieldsync_protocol::MAX_UPLOAD_BYTES;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tempfile::TempDir;

use crate::support::{Server, command};

pub const PATH: &str = "/api/v1/uploads";
pub const MIB: usize = 1 << 20;

/// Some bytes, no two runs of them alike.
pub fn bytes(length: usize) -> Vec<u8> {
    (0..length as u64).map(|n| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 56) as u8).collect()
}

pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// `Upload-Metadata` for these bytes.
pub fn metadata(bytes: &[u8]) -> String {
    format!("filename w6kuanBn,sha256 {}", STANDARD.encode(sha256(bytes)))
}

/// What was answered.
pub struct Said {
    pub status: u16,
    head: String,
    pub body: Vec<u8>,
}

impl Said {
    pub fn header(&self, name: &str) -> Option<&str> {
        let line = |line: &str| line.split_once(": ").map(|(name, _)| name.to_ascii_lowercase());
        let found = self.head.lines().find(|text| line(text).as_deref() == Some(name))?;
        Some(found.split_once(": ")?.1)
    }

    fn offset(&self) -> Option<usize> {
        self.header("upload-offset")?.parse().ok()
    }

    pub fn code(&self) -> String {
        let problem: Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], self.status);
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// The head of a request, and its body.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if !body.is_empty() || method == "POST" || method == "PATCH" {
        text.push_str(&format!("content-length: {}\r\n", body.len()));
    }
    text.push_str("\r\n");
    [text.as_bytes(), body].concat()
}

pub fn read(stream: TcpStream, method: &str) -> Said {
    let mut stream = BufReader::new(stream);
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        assert!(stream.read_line(&mut head).unwrap() > 0, "cut off after {head:?}");
    }
    let mut body = Vec::new();
    if method != "HEAD" {
        stream.read_to_end(&mut body).unwrap();
    }
    Said { status: head.split(' ').nth(1).unwrap().parse().unwrap(), head, body }
}

impl Server {
    /// Makes a request on a connection of its own.
    pub fn exchange(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Said {
        let mut stream = self.connect().unwrap();
        stream.write_all(&request(method, path, headers, body)).unwrap();
        read(stream, method)
    }

    /// The same, by tus.
    pub fn tus(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Said {
        let said = self.exchange(method, path, &[&[("tus-resumable", "1.0.0")], headers].concat(), body);
        assert_eq!(said.header("tus-resumable"), Some("1.0.0"), "every answer says it");
        said
    }

    /// Begins an upload of these bytes, and says where it is.
    pub fn begin_upload(&self, bytes: &[u8]) -> String {
        let length = bytes.len().to_string();
        let headers = [("upload-length", &*length), ("upload-metadata", &metadata(bytes))];
        let said = self.tus("POST", PATH, &headers, b"");
        assert_eq!(said.status, 201);
        said.header("location").unwrap().to_owned()
    }

    /// Brings bytes from an offset on.
    pub fn bring_bytes(&self, at: &str, offset: usize, bytes: &[u8]) -> Said {
        self.bring_with(at, offset, &[], bytes)
    }

    fn bring_with(&self, at: &str, offset: usize, more: &[(&str, &str)], bytes: &[u8]) -> Said {
        let offset = offset.to_string();
        let headers = [("upload-offset", &*offset), ("content-type", "application/offset+octet-stream")];
        self.tus("PATCH", at, &[&headers, more].concat(), bytes)
    }

    pub fn offset(&self, at: &str) -> Option<usize> {
        self.tus("HEAD", at, &[], b"").offset()
    }

    /// The whole files that it keeps.
    pub fn kept(&self) -> Vec<String> {
        self.names("blobs")
    }

    /// The uploads that it keeps parts of.
    pub fn begun(&self) -> Vec<String> {
        self.names("parts")
    }

    fn names(&self, folder: &str) -> Vec<String> {
        let mut files = self.database.clone().into_os_string();
        files.push(".files");
        let folder = Path::new(&files).join(folder);
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().into_string().unwrap()).collect()
    }
}

#[test]
fn an_upload_comes_in_pieces_and_becomes_a_file() {
    let server = Server::start();
    let photo = bytes(3 * MIB + 17);
    let at = server.begin_upload(&photo);
    assert!(at.starts_with("/api/v1/uploads/"), "{at}");
    let begun = server.tus("HEAD", &at, &[], b"");
    assert_eq!((begun.status, begun.offset()), (200, Some(0)));
    assert_eq!(begun.header("upload-length"), Some(&*photo.len().to_string()));
    assert_eq!(begun.header("upload-metadata"), Some(&*metadata(&photo)));
    assert_eq!(begun.header("cache-control"), Some("no-store"));
    assert!(begun.header("upload-expires").unwrap().ends_with(" GMT"));

    let first = server.bring_bytes(&at, 0, &photo[..5]);
    assert_eq!((first.status, first.offset()), (204, Some(5)));
    assert!(first.header("upload-expires").is_some());
    assert_eq!(server.bring_bytes(&at, 5, &photo[5..2 * MIB]).offset(), Some(2 * MIB));
    assert_eq!(server.kept(), [""; 0], "it is not whole");
    let last = server.bring_bytes(&at, 2 * MIB, &photo[2 * MIB..]);
    assert_eq!((last.status, last.offset()), (204, Some(photo.len())));
    assert_eq!((server.kept(), server.begun()), (vec![sha256(&photo)], vec![]));
    assert_eq!(server.offset(&at), Some(photo.len()));
    // The answer to the last one was lost.
    assert_eq!(server.bring_bytes(&at, photo.len(), b"").status, 204);
    assert_eq!(server.bring_bytes(&at, photo.len(), b"x").status, 413);
}

#[test]
fn the_first_bytes_may_come_with_the_creation_and_the_same_file_is_kept_once() {
    let server = Server::start();
    let photo = bytes(MIB + 1);
    let length = photo.len().to_string();
    let hash = metadata(&photo);
    let headers = [
        ("upload-length", &*length),
        ("upload-metadata", &*hash),
        ("content-type", "application/offset+octet-stream"),
    ];
    for brought in [photo.len(), 7, 0] {
        let said = server.tus("POST", PATH, &headers, &photo[..brought]);
        assert_eq!((said.status, said.offset()), (201, Some(brought)));
        let at = said.header("location").unwrap();
        assert_eq!(server.offset(at), Some(brought));
        assert_eq!(server.bring_bytes(at, brought, &photo[brought..]).status, 204);
        assert_eq!(server.offset(at), Some(photo.len()));
        assert_eq!(server.kept(), [sha256(&photo)]);
    }
    let wrong = server.tus("POST", PATH, &headers, &bytes(MIB + 2));
    assert_eq!((wrong.status, wrong.code()), (413, "too_large".into()));
    let empty = server.begin_upload(b"");
    assert_eq!(server.offset(&empty), Some(0));
    assert_eq!(server.kept().len(), 2, "an empty file is whole at once");
}

#[test]
fn what_is_there_is_said_and_other_versions_are_refused() {
    let server = Server::start();
    let options = server.exchange("OPTIONS", PATH, &[], b"");
    assert_eq!(options.status, 204);
    for (name, value) in [
        ("tus-resumable", "1.0.0"),
        ("tus-version", "1.0.0"),
        ("tus-extension", "creation,creation-with-upload,expiration,checksum,termination"),
        ("tus-max-size", &MAX_UPLOAD_BYTES.to_string()),
        ("tus-checksum-algorithm", "sha1,sha256"),
    ] {
        assert_eq!(options.header(name), Some(value), "{name}");
    }
    let photo = bytes(9);
    let at = server.begin_upload(&photo);
    for version in [None, Some("0.2.2"), Some("2.0.0")] {
        let version: Vec<_> = version.map(|version| ("tus-resumable", version)).into_iter().collect();
        for (method, path) in [("POST", PATH), ("HEAD", &at), ("PATCH", &at), ("DELETE", &at)] {
            let refused = server.exchange(method, path, &version, b"");
            assert_eq!((refused.status, refused.header("tus-version")), (412, Some("1.0.0")), "{method}");
        }
    }
    assert_eq!(server.offset(&at), Some(0));
}

#[test]
fn what_does_not_fit_is_refused_and_changes_nothing() {
    let server = Server::start();
    let photo = bytes(100);
    let at = server.begin_upload(&photo);
    assert_eq!(server.bring_bytes(&at, 0, &photo[..40]).status, 204);
    for offset in [0, 39, 41, 100] {
        let refused = server.bring_bytes(&at, offset, &photo[40..]);
        assert_eq!((refused.status, refused.code()), (409, "upload_offset".into()), "{offset}");
    }
    let refused = server.bring_bytes(&at, 40, &photo[..61]);
    assert_eq!((refused.status, refused.code()), (413, "too_large".into()));
    let headers = [("upload-offset", "40"), ("content-type", "application/octet-stream")];
    let refused = server.tus("PATCH", &at, &headers, &photo[40..]);
    assert_eq!((refused.status, refused.code()), (415, "unsupported_media_type".into()));
    for offset in ["", "-1", "4x"] {
        let headers = [("upload-offset", offset), ("content-type", "application/offset+octet-stream")];
        assert_eq!(server.tus("PATCH", &at, &headers, &photo[40..]).status, 400, "{offset}");
    }
    let missing = [("content-type", "application/offset+octet-stream")];
    assert_eq!(server.tus("PATCH", &at, &missing, &photo[40..]).status, 400);
    let unknown = format!("{PATH}/0123456789abcdef");
    assert_eq!(server.bring_bytes(&unknown, 0, &photo).code(), "not_found");
    assert_eq!(server.tus("HEAD", &unknown, &[], b"").status, 404);
    assert_eq!(server.tus("GET", &at, &[], b"").status, 405);
    assert_eq!(server.offset(&at), Some(40));
    assert_eq!(server.bring_bytes(&at, 40, &photo[40..]).status, 204);
}

#[test]
fn a_creation_says_how_long_and_which_hash() {
    let server = Server::start();
    let good = metadata(b"123456789");
    for (headers, status) in [
        (vec![("upload-metadata", &*good)], 400),
        (vec![("upload-length", "nine"), ("upload-metadata", &*good)], 400),
        (vec![("upload-defer-length", "1"), ("upload-metadata", &*good)], 400),
        (vec![("upload-length", "9")], 400),
        (vec![("upload-length", "9"), ("upload-metadata", "sha256 nonsense")], 400),
        (vec![("upload-length", "536870913"), ("upload-metadata", &*good)], 413),
    ] {
        let refused = server.tus("POST", PATH, &headers, b"");
        assert_eq!(refused.status, status, "{headers:?}");
        assert_eq!(refused.header("location"), None);
    }
    let other = [("upload-length", "9"), ("upload-metadata", &*good), ("content-type", "text/plain")];
    assert_eq!(server.tus("POST", PATH, &other, b"123456789").status, 415);
    let large = server.tus("POST", PATH, &[("upload-length", "536870913")], b"");
    assert_eq!(large.header("tus-max-size"), Some("536870912"));
}

#[test]
fn nothing_counts_that_its_checksum_does_not_say() {
    let server = Server::start();
    let photo = bytes(3 * MIB);
    let at = server.begin_upload(&photo);
    let half = &photo[..2 * MIB + 5];
    let right = format!("sha256 {}", STANDARD.encode(Sha256::digest(half)));
    let wrong = format!("sha256 {}", STANDARD.encode(Sha256::digest(b"x")));
    let refused = server.bring_with(&at, 0, &[("upload-checksum", &wrong)], half);
    assert_eq!((refused.status, refused.code()), (460, "checksum_mismatch".into()));
    assert_eq!((server.offset(&at), server.begun()), (Some(0), vec![]), "nothing is left of it");
    for unknown in ["md5 YQ==", "sha1", "sha256 !"] {
        assert_eq!(server.bring_with(&at, 0, &[("upload-checksum", unknown)], half).status, 400, "{unknown}");
    }
    assert_eq!(server.bring_with(&at, 0, &[("upload-checksum", &right)], half).offset(), Some(half.len()));
    let sha1 = STANDARD.encode(sha1::Sha1::digest(&photo[half.len()..]));
    let checksum = format!("sha1 {sha1}");
    let rest = server.bring_with(&at, half.len(), &[("upload-checksum", &checksum)], &photo[half.len()..]);
    assert_eq!(rest.status, 204);
    assert_eq!(server.kept(), [sha256(&photo)]);
}

#[test]
fn a_file_that_is_not_what_was_declared_is_gone() {
    let server = Server::start();
    let photo = bytes(MIB + 5);
    let at = server.begin_upload(&photo);
    assert_eq!(server.bring_bytes(&at, 0, &photo[..MIB]).status, 204);
    let refused = server.bring_bytes(&at, MIB, b"wrong");
    assert_eq!((refused.status, refused.code()), (460, "checksum_mismatch".into()));
    assert_eq!(server.tus("HEAD", &at, &[], b"").status, 404);
    assert_eq!((server.kept(), server.begun()), (vec![], vec![]));
}

#[test]
fn an_upload_can_be_ended() {
    let server = Server::start();
    let photo = bytes(2 * MIB);
    let at = server.begin_upload(&photo);
    assert_eq!(server.bring_bytes(&at, 0, &photo[..MIB + 9]).status, 204);
    assert_eq!(server.begun().len(), 1);
    assert_eq!(server.tus("DELETE", &at, &[], b"").status, 204);
    assert_eq!(server.begun(), [""; 0]);
    assert_eq!(server.tus("DELETE", &at, &[], b"").status, 404);
    assert_eq!(server.tus("HEAD", &at, &[], b"").status, 404);
    assert_eq!(server.bring_bytes(&at, MIB + 9, &photo[MIB + 9..]).status, 404);
}

#[test]
fn a_client_whose_way_knows_only_post_says_what_it_means() {
    let server = Server::start();
    let photo = bytes(9);
    let at = server.begin_upload(&photo);
    let headers = [
        ("x-http-method-override", "PATCH"),
        ("upload-offset", "0"),
        ("content-type", "application/offset+octet-stream"),
    ];
    assert_eq!(server.tus("POST", &at, &headers, &photo[..4]).offset(), Some(4));
    assert_eq!(server.tus("POST", &at, &[("x-http-method-override", "HEAD")], b"").offset(), Some(4));
    assert_eq!(server.tus("POST", &at, &[("x-http-method-override", "DELETE")], b"").status, 204);
    assert_eq!(server.tus("POST", &at, &[("x-http-method-override", "FOLD")], b"").status, 405);
    assert_eq!(server.tus("POST", &at, &[], b"").status, 405);
}

#[test]
fn nobody_sees_anothers_uploads() {
    let server = Server::start_without_demo();
    let token = |name: &str| {
        let body = json!({
            "email": format!("{name}@fieldsync.example"), "password": "correct horse", "deviceId": "phone",
        });
        let answer = server.send("/api/v1/auth/register", None, &body);
        format!("Bearer {}", answer.json()["accessToken"].as_str().unwrap())
    };
    let (own, other) = (token("own"), token("other"));
    let photo = bytes(9);
    let hash = metadata(&photo);
    let headers = [("authorization", &*own), ("upload-length", "9"), ("upload-metadata", &*hash)];
    let said = server.tus("POST", PATH, &headers, b"");
    let at = said.header("location").unwrap();
    let brings = |token: &str| {
        let headers = [
            ("authorization", token),
            ("upload-offset", "0"),
            ("content-type", "application/offset+octet-stream"),
        ];
        server.tus("PATCH", at, &headers, &photo).status
    };
    for method in ["HEAD", "DELETE"] {
        assert_eq!(server.tus(method, at, &[("authorization", &other)], b"").status, 404);
        assert_eq!(server.tus(method, at, &[], b"").status, 401);
    }
    assert_eq!((brings(&other), brings("Bearer x"), brings(&own)), (404, 401, 204));
    assert_eq!(server.tus("DELETE", at, &[("authorization", &own)], b"").status, 204);
}

#[test]
fn a_directory_that_cannot_be_made_is_named() {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("file");
    fs::write(&file, "x").unwrap();
    let output = command(&["serve", "--demo", "--listen", "127.0.0.1:0", "--database"])
        .arg(format!("sqlite://{}", directory.path().join("a.db").display()))
        .arg("--files")
        .arg(&file)
        .output()
        .unwrap();
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains(&*file.to_string_lossy()));
}
