//! The app's files, the demo's pages, and the headers of every answer.

use std::fs;

use tempfile::TempDir;

use crate::support::{Answer, Server};

const PAGE: &[(&str, &str)] = &[("accept", "text/html,application/xhtml+xml")];

/// A server of a small app. The directory has to outlive it.
fn server() -> (TempDir, Server) {
    let www = TempDir::new().unwrap();
    fs::create_dir(www.path().join("assets")).unwrap();
    for (name, content) in [
        ("index.html", "<!doctype html>the app"),
        ("sw.js", "self"),
        ("manifest.webmanifest", "{}"),
        ("icon.svg", "<svg/>"),
        ("assets/app-1234.js", "export {}"),
        ("assets/core-1234.wasm", "\0asm"),
        ("assets/core-1234.wasm.gz", "packed"),
    ] {
        fs::write(www.path().join(name), content).unwrap();
    }
    let server = Server::start_with(&["--www", www.path().to_str().unwrap()]);
    (www, server)
}

#[test]
fn files_have_their_type_and_their_cache_policy() {
    let (_www, server) = server();
    let immutable = "public, max-age=31536000, immutable";
    for (path, content_type, policy) in [
        ("/", "text/html", "no-cache"),
        ("/index.html", "text/html", "no-cache"),
        ("/sw.js", "text/javascript", "no-cache"),
        ("/manifest.webmanifest", "application/manifest+json", "no-cache"),
        ("/icon.svg", "image/svg+xml", "no-cache"),
        ("/assets/app-1234.js", "text/javascript", immutable),
        ("/assets/core-1234.wasm", "application/wasm", immutable),
    ] {
        let answer = server.get(path, &[]);
        assert_eq!((answer.status, answer.header("cache-control")), (200, policy), "{path}");
        assert_eq!(answer.header("content-type"), content_type, "{path}");
    }
    let packed = server.get("/assets/core-1234.wasm", &[("accept-encoding", "gzip")]);
    assert_eq!((packed.header("content-encoding"), &*packed.text), ("gzip", "packed"));
    assert_eq!(packed.header("content-type"), "application/wasm");
}

#[test]
fn a_navigation_to_a_page_of_the_app_gets_the_app() {
    let (_www, server) = server();
    for path in ["/queue", "/settings/network?tab=1"] {
        let answer = server.get(path, PAGE);
        assert_eq!((answer.status, &*answer.text), (200, "<!doctype html>the app"), "{path}");
        assert_eq!(answer.header("cache-control"), "no-cache");
    }
    server.get("/queue", &[("accept", "*/*")]).assert_problem(404, "not_found");
    for path in [
        "/missing.js",
        "/assets",
        "/assets/missing",
        "/api",
        "/api/missing",
        "/%61pi/missing",
        "/demo",
        "/demo/nothing",
        "/.env",
        "/.git/config",
        "/%2egit/config",
        "/queue/.git/HEAD/x",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
    ] {
        server.get(path, PAGE).assert_problem(404, "not_found");
    }
}

#[test]
fn without_the_app_the_server_says_so() {
    let server = Server::start();
    let answer = server.get("/", PAGE);
    assert_eq!(answer.status, 200);
    assert!(answer.text.contains("not installed"));
    assert!(answer.header("content-type").starts_with("text/plain"));
}

#[test]
fn every_answer_has_the_security_headers() {
    let (_www, server) = server();
    let assert_secure = |answer: Answer| {
        assert_eq!(
            answer.header("content-security-policy"),
            "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' data: blob:; \
             font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "no-referrer");
        assert_eq!(answer.header("cross-origin-opener-policy"), "same-origin");
        assert!(answer.header("permissions-policy").starts_with("camera=(self), geolocation=(self), "));
        assert_eq!(answer.header("access-control-allow-origin"), "");
    };
    for path in ["/", "/missing", "/api/ping?nonce=1", "/api/ping", "/api/missing", "/healthz", "/demo/qr"] {
        assert_secure(server.get(path, &[("origin", "http://elsewhere.example")]));
    }
    assert_secure(server.post("text/plain", b""));
}

#[test]
fn the_demo_lists_its_properties_and_prints_their_codes() {
    let server = Server::start();
    let properties = server.get("/api/demo/properties", &[]).json();
    let first = &properties["properties"][0];
    assert_eq!((&first["code"], &first["units"][0]["code"]), (&"P-1".into(), &"U1".into()));
    assert_eq!(first["units"][0]["meters"][0]["unit"], "m³");
    let sheet = server.get("/demo/qr", &[]);
    assert!(sheet.header("content-type").starts_with("text/html"));
    assert!(sheet.text.contains("Linden House") && sheet.text.contains("<svg"));
    let style = server.get("/demo/qr.css", &[]);
    assert!(style.header("content-type").starts_with("text/css"));
    assert!(style.text.contains("break-inside: avoid"));
    assert_eq!(server.get("/healthz", &[]).text, "ok");
}
