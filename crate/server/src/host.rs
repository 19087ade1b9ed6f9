//! Which names a demo server answers to.
//!
//! Whoever owns a domain can have it resolve to 127.0.0.1 (DNS rebinding): their page is then of one origin with this
//! server, and pushes in its visitor's name. The browser still says by which name it came, and names of this machine,
//! like addresses, are in nobody's hands.

use std::net::{Ipv4Addr, Ipv6Addr};

use axum::extract::Request;
use axum::http::{HeaderMap, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use crate::problem::ApiError;

/// Refuses what was sent to another name than one of this machine's own.
pub async fn own_names_only(request: Request, next: Next) -> Response {
    if is_own(request.headers()) { next.run(request).await } else { ApiError::Misdirected.into_response() }
}

/// Whether `Host` is `localhost`, a name under it, or an address, each with or without a port.
fn is_own(headers: &HeaderMap) -> bool {
    let host =
        headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("").to_ascii_lowercase();
    let (is_own, port) = if let Some(rest) = host.strip_prefix('[') {
        let Some((address, port)) = rest.split_once(']') else { return false };
        (address.parse::<Ipv6Addr>().is_ok(), port)
    } else {
        let (name, port) = host.split_at(host.find(':').unwrap_or(host.len()));
        (name == "localhost" || is_below_localhost(name) || name.parse::<Ipv4Addr>().is_ok(), port)
    };
    is_own && (port.is_empty() || port.strip_prefix(':').is_some_and(|port| port.parse::<u16>().is_ok()))
}

fn is_below_localhost(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    name.ends_with(".localhost") && name.chars().all(is_plain)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn is_own_name(host: &'static str) -> bool {
        is_own(&HeaderMap::from_iter([(header::HOST, HeaderValue::from_static(host))]))
    }

    #[test]
    fn names_of_this_machine_and_addresses_are_its_own() {
        for own in [
            "localhost",
            "LocalHost:8080",
            "app.localhost",
            "a.b.localhost:1",
            "127.0.0.1",
            "10.207.0.1:8080",
            "[::1]",
            "[fe80::1]:8080",
        ] {
            assert!(is_own_name(own), "{own}");
        }
        for other in [
            "",
            "evil.example",
            "evil.example:8080",
            "localhost.evil.example",
            "127.0.0.1.evil.example",
            "evillocalhost",
            "user@localhost",
            "localhost@evil.example",
            "localhost/evil.example",
            "[evil.example]",
            "[::1].evil.example",
            "[localhost]",
            "[::1",
            "::1",
            "127.0.0.1:x",
            "localhost:8080:8080",
            "a/b.localhost",
        ] {
            assert!(!is_own_name(other), "{other}");
        }
        assert!(!is_own(&HeaderMap::new()));
    }
}
