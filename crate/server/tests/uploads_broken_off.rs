//! Uploads over links that break and servers that end, and two at once.

use std::io::Write;
use std::net::TcpStream;

use tempfile::TempDir;

use crate::support::{Server, until};
use crate::uploads::{MIB, bytes, read, request, sha256};

/// Sends the head of a `PATCH` for all bytes, and only so many of them.
fn half_sent(server: &Server, at: &str, offset: usize, bytes: &[u8], sent: usize) -> TcpStream {
    let offset = offset.to_string();
    let headers = [
        ("tus-resumable", "1.0.0"),
        ("upload-offset", &*offset),
        ("content-type", "application/offset+octet-stream"),
    ];
    let whole = request("PATCH", at, &headers, bytes);
    let mut stream = server.connect().unwrap();
    stream.write_all(&whole[..whole.len() - bytes.len() + sent]).unwrap();
    stream
}

#[test]
fn what_came_before_a_link_broke_counts() {
    let server = Server::start();
    let photo = bytes(3 * MIB);
    let at = server.begin_upload(&photo);
    drop(half_sent(&server, &at, 0, &photo, 2 * MIB + 1_000));
    let reached = until("what came counts", || server.offset(&at).filter(|offset| *offset > 2 * MIB));
    assert_eq!(reached, 2 * MIB + 1_000, "to the byte");
    assert_eq!(server.bring_bytes(&at, reached, &photo[reached..]).status, 204);
    assert_eq!(server.kept(), [sha256(&photo)]);
}

#[test]
fn a_server_that_was_killed_goes_on_after_the_last_part() {
    let directory = TempDir::new().unwrap();
    let database = directory.path().join("fieldsync.db");
    let mut server = Server::start_on(&database, &[]);
    let photo = bytes(3 * MIB);
    let at = server.begin_upload(&photo);
    let half = half_sent(&server, &at, 0, &photo, 2 * MIB + 1_000);
    until("two parts count", || (server.offset(&at) == Some(2 * MIB)).then_some(()));
    server.signal("KILL");
    server.ended();
    drop(half);
    let server = Server::start_on(&database, &[]);
    assert_eq!(server.offset(&at), Some(2 * MIB));
    assert_eq!(server.bring_bytes(&at, 2 * MIB, &photo[2 * MIB..]).status, 204);
    assert_eq!((server.kept(), server.begun()), (vec![sha256(&photo)], vec![]));
}

#[test]
fn of_two_at_once_the_one_that_came_last_writes() {
    let server = Server::start();
    let photo = bytes(2 * MIB);
    let at = server.begin_upload(&photo);
    let mut first = half_sent(&server, &at, 0, &photo, MIB / 2);
    // It may begin before the first does, and then it is the one that is refused.
    let second = server.bring_bytes(&at, 0, &photo);
    first.write_all(&photo[MIB / 2..]).unwrap();
    let first = read(first, "PATCH");
    let mut statuses = [first.status, second.status];
    statuses.sort();
    assert!(matches!(statuses, [204, 409 | 423]), "{statuses:?}");
    assert_eq!(server.offset(&at), Some(photo.len()));
    assert_eq!((server.kept(), server.begun()), (vec![sha256(&photo)], vec![]));
}
