//! What is known of every request: an id that goes with each line of the log about it and back to who asked, how long
//! it took, and how it was answered.

use std::sync::Arc;
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;
use tracing::{Instrument, info_span};

use crate::auth::secret::new_id;
use crate::metrics::Metrics;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");
/// Longer ones are nobody's; each stands in many lines.
const MAX_ID: usize = 64;

/// Observes a request. What is asked for by no route, such as a file of the app, counts under one name: the figures do
/// not grow with what clients think of. Neither the path nor the query is logged, which may name a device or a person.
pub async fn observe(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let began = Instant::now();
    let id = id(request.headers());
    let route = request.extensions().get::<MatchedPath>().map_or("other", MatchedPath::as_str).to_owned();
    let method = request.method().clone();
    let span = info_span!("request", id, %method, route);
    let running = metrics.begin();
    let mut response = next.run(request).instrument(span.clone()).await;
    drop(running);

    let (status, took) = (response.status(), began.elapsed());
    metrics.answered(&method, &route, status, took);
    let ms = took.as_secs_f64() * 1_000.0;
    span.in_scope(|| match status.is_server_error() {
        true => tracing::warn!(status = status.as_u16(), ms, "answered"),
        false => tracing::debug!(status = status.as_u16(), ms, "answered"),
    });
    if let Ok(id) = HeaderValue::from_str(&id) {
        response.headers_mut().insert(REQUEST_ID, id);
    }
    response
}

/// The id that a proxy before this server gave it, else a new one.
fn id(headers: &HeaderMap) -> String {
    let is_plain = |id: &str| {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        (1..=MAX_ID).contains(&id.len()) && id.bytes().all(plain)
    };
    let given = headers.get(&REQUEST_ID).and_then(|id| id.to_str().ok()).filter(|id| is_plain(id));
    // Without chance there is no id, and still an answer.
    given.map(str::to_owned).or_else(|| new_id().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_id_is_kept_and_any_other_replaced() {
        let id_of =
            |given: &'static str| id(&HeaderMap::from_iter([(REQUEST_ID, HeaderValue::from_static(given))]));
        assert_eq!(id_of("a-1_b.C"), "a-1_b.C");
        for odd in [
            "",
            "a b",
            "a\tb",
            "<script>",
            "0123456789012345678901234567890123456789012345678901234567890123456789",
        ] {
            let id = id_of(odd);
            assert!(id != odd && id.len() == 32, "{id}");
        }
        assert_ne!(id(&HeaderMap::new()), id(&HeaderMap::new()));
    }
}
