//! Small pictures of photos, over real HTTP.

use std::io::Cursor;

use image::{ImageFormat, RgbImage};
use serde_json::{Value, json};

use crate::support::{Server, delete, reading, until};
use crate::uploads::sha256;

fn photo(width: u32, height: u32) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    let pixel = |x: u32, y: u32| image::Rgb([x as u8, y as u8, 7]);
    RgbImage::from_fn(width, height, pixel).write_to(&mut bytes, ImageFormat::Png).unwrap();
    bytes.into_inner()
}

/// Uploads bytes and pushes a record of them as a photo.
fn pushed(server: &Server, bytes: &[u8]) -> Value {
    let at = server.begin_upload(bytes);
    assert_eq!(server.bring_bytes(&at, 0, bytes).status, 204);
    let mut item = reading("U1", 1.0);
    item["type"] = json!("MEDIA");
    item["data"] = json!({ "mime": "image/png", "sha256": sha256(bytes), "size": bytes.len() });
    assert_eq!(server.push(std::slice::from_ref(&item))[0]["status"], "applied");
    item
}

#[test]
fn a_photo_has_a_small_picture_soon_and_what_is_no_photo_never() {
    let server = Server::start();
    let path = |bytes: &[u8]| format!("/api/v1/files/{}/thumbnail", sha256(bytes));
    let (good, wrong) = (photo(900, 300), b"<svg onload='alert(1)'/>");
    pushed(&server, wrong);
    let item = pushed(&server, &good);
    let small = until("there is a small picture", || {
        let said = server.exchange("GET", &path(&good), &[], b"");
        (said.status == 200).then_some(said)
    });
    assert_eq!(small.header("content-type"), Some("image/jpeg"));
    assert_eq!(small.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(small.header("cache-control"), Some("no-store"));
    let picture = image::load_from_memory_with_format(&small.body, ImageFormat::Jpeg).unwrap();
    assert_eq!((picture.width(), picture.height()), (320, 107));
    // It came first, so it has been tried.
    let none = server.exchange("GET", &path(wrong), &[], b"");
    assert_eq!((none.status, none.code()), (404, "not_found".into()));
    assert_eq!(server.exchange("GET", "/api/v1/files/x/thumbnail", &[], b"").status, 404);

    assert_eq!(server.push(&[delete(&item, 1)])[0]["status"], "applied");
    assert_eq!(server.exchange("GET", &path(&good), &[], b"").status, 404, "nobody has a record of it");
}
