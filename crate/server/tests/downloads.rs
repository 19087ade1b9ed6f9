//! Files that have come, over real HTTP.

use serde_json::{Value, json};

use crate::support::{Server, delete, reading};
use crate::uploads::{MIB, bytes, sha256};

#[test]
fn a_record_of_an_uploaded_file_is_taken_and_the_file_can_be_had() {
    let server = Server::start();
    let photo = bytes(MIB + 100);
    let hash = sha256(&photo);
    let mut item = reading("U1", 1.0);
    item["type"] = json!("MEDIA");
    item["data"] = json!({ "mime": "image/jpeg", "sha256": hash, "size": photo.len() });
    let pushed = |item: &Value| server.push(std::slice::from_ref(item))[0].clone();
    assert_eq!(pushed(&item)["code"], "file_missing");
    let path = format!("/api/v1/files/{hash}");
    let at = server.begin_upload(&photo);
    assert_eq!(server.bring_bytes(&at, 0, &photo).status, 204);
    assert_eq!(server.exchange("GET", &path, &[], b"").status, 404, "no record uses it");
    assert_eq!(pushed(&item)["status"], "applied", "the same item");
    assert_eq!(pushed(&item)["status"], "replayed");

    let whole = server.exchange("GET", &path, &[("accept-encoding", "gzip")], b"");
    assert_eq!((whole.status, whole.body == photo), (200, true));
    let tag = format!("\"{hash}\"");
    for (name, value) in [
        ("content-type", "image/jpeg"),
        ("content-length", &*photo.len().to_string()),
        ("content-disposition", "attachment"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        ("x-content-type-options", "nosniff"),
        ("accept-ranges", "bytes"),
        ("cache-control", "no-store"),
        ("etag", &*tag),
    ] {
        assert_eq!(whole.header(name), Some(value), "{name}");
    }
    let part = server.exchange("GET", &path, &[("range", "bytes=1048570-1048580")], b"");
    assert_eq!((part.status, &*part.body), (206, &photo[1_048_570..=1_048_580]));
    assert_eq!(part.header("content-range"), Some(&*format!("bytes 1048570-1048580/{}", photo.len())));
    let beyond = server.exchange("GET", &path, &[("range", "bytes=9999999-")], b"");
    assert_eq!((beyond.status, beyond.code()), (416, "bad_request".into()));
    assert_eq!(beyond.header("content-range"), Some(&*format!("bytes */{}", photo.len())));
    assert_eq!(server.exchange("GET", &path, &[("if-none-match", &tag)], b"").status, 304);
    let other = [("range", "bytes=0-1"), ("if-range", "\"other\"")];
    assert_eq!(server.exchange("GET", &path, &other, b"").status, 200);
    assert_eq!(server.exchange("HEAD", &path, &[], b"").status, 200);
    for wrong in ["/api/v1/files/x".to_owned(), format!("/api/v1/files/{}", "0".repeat(64))] {
        assert_eq!(server.exchange("GET", &wrong, &[], b"").code(), "not_found");
    }

    assert_eq!(pushed(&delete(&item, 1))["status"], "applied");
    assert_eq!(server.exchange("GET", &path, &[], b"").status, 404);
}
