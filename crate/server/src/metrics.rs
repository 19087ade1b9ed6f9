//! What is counted, for Prometheus: told on a listener of its own, which the world need not reach.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{Method, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use fieldsync_protocol::{ItemResult, PushStatus};
use prometheus_client::encoding::text::encode;
use prometheus_client::encoding::{EncodeLabelSet, EncodeLabelValue};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::{Registry, Unit};

use crate::notice::Notifier;
use crate::problem::ApiError;
use crate::store::Store;

/// Seconds: from what memory answers to the time limit of a request.
const BUCKETS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

const OPEN_METRICS: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answered {
    method: &'static str,
    route: String,
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Asked {
    method: &'static str,
    route: String,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Outcome {
    outcome: Became,
}

#[derive(Clone, Copy, Debug, Hash, PartialEq, Eq, EncodeLabelValue)]
#[expect(non_camel_case_types, reason = "these are the names on the wire")]
enum Became {
    applied,
    replayed,
    conflict,
    rejected,
    retry,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Pool {
    pool: &'static str,
}

/// The figures of this process.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    requests: Family<Answered, Counter>,
    durations: Family<Asked, Histogram, fn() -> Histogram>,
    running: Gauge,
    pushes: Counter,
    items: Family<Outcome, Counter>,
    streams: Gauge,
    busy: Family<Pool, Gauge>,
    idle: Family<Pool, Gauge>,
    most: Family<Pool, Gauge>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let mut registry = Registry::with_prefix("fieldsync");
        let durations = || Histogram::new(BUCKETS);
        let mut metrics = Metrics {
            requests: Family::default(),
            durations: Family::new_with_constructor(durations),
            running: Gauge::default(),
            pushes: Counter::default(),
            items: Family::default(),
            streams: Gauge::default(),
            busy: Family::default(),
            idle: Family::default(),
            most: Family::default(),
            registry: Registry::default(),
        };
        registry.register("http_requests", "Requests that were answered", metrics.requests.clone());
        registry.register_with_unit(
            "http_request_duration",
            "From a request's head to the head of its answer",
            Unit::Seconds,
            metrics.durations.clone(),
        );
        registry.register("http_requests_running", "Requests not answered yet", metrics.running.clone());
        registry.register("pushes", "Pushes that were committed", metrics.pushes.clone());
        registry.register("push_items", "Items of those, by what became of them", metrics.items.clone());
        registry.register("event_streams", "Event streams that are open", metrics.streams.clone());
        registry.register("database_connections_busy", "Connections at work", metrics.busy.clone());
        registry.register("database_connections_idle", "Connections without work", metrics.idle.clone());
        registry.register("database_connections_most", "The most there may be", metrics.most.clone());
        metrics.registry = registry;
        metrics
    }
}

/// A request that is not answered yet; no more, once it is dropped.
pub struct Running(Gauge);

impl Drop for Running {
    fn drop(&mut self) {
        self.0.dec();
    }
}

impl Metrics {
    /// A request has come.
    pub fn begin(&self) -> Running {
        self.running.inc();
        Running(self.running.clone())
    }

    /// A request was answered.
    pub fn answered(&self, method: &Method, route: &str, status: StatusCode, took: Duration) {
        let method = name(method);
        let answered = Answered { method, route: route.to_owned(), status: status.as_u16() };
        self.requests.get_or_create(&answered).inc();
        self.durations.get_or_create(&Asked { method, route: route.to_owned() }).observe(took.as_secs_f64());
    }

    /// A push was committed.
    pub fn pushed(&self, results: &[ItemResult]) {
        self.pushes.inc();
        for result in results {
            let outcome = match result.status {
                PushStatus::Applied => Became::applied,
                PushStatus::Replayed => Became::replayed,
                PushStatus::Conflict => Became::conflict,
                PushStatus::Rejected => Became::rejected,
                PushStatus::Retry => Became::retry,
            };
            self.items.get_or_create(&Outcome { outcome }).inc();
        }
    }

    /// All of it, and how many event streams and connections to the database there are right now.
    fn text(&self, store: &dyn Store, notices: &dyn Notifier) -> Result<String, std::fmt::Error> {
        self.streams.set(i64::try_from(notices.subscriptions()).unwrap_or(i64::MAX));
        for state in store.pools() {
            let pool = Pool { pool: state.name };
            self.busy.get_or_create(&pool).set(state.busy.into());
            self.idle.get_or_create(&pool).set(state.idle.into());
            self.most.get_or_create(&pool).set(state.most.into());
        }
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}

/// A client may make up methods without end; the figures do not grow with them.
fn name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

/// Whose figures there are.
#[derive(Clone)]
pub struct Told {
    /// What was counted.
    pub metrics: Arc<Metrics>,
    /// Whose connections are told.
    pub store: Arc<dyn Store>,
    /// Whose streams are told.
    pub notices: Arc<dyn Notifier>,
}

/// Answers `GET /metrics`, and nothing else.
pub fn router(told: Told) -> Router {
    Router::new().route("/metrics", get(tell)).with_state(told)
}

async fn tell(State(told): State<Told>) -> Result<impl IntoResponse, ApiError> {
    let text = told.metrics.text(&*told.store, &*told.notices).map_err(|_| ApiError::Internal)?;
    Ok(([(header::CONTENT_TYPE, OPEN_METRICS)], text))
}

#[cfg(test)]
mod tests {
    use fieldsync_protocol::{ItemId, Millis};

    use super::*;
    use crate::notice::Hub;
    use crate::store::{Memory, MemoryStore};

    #[test]
    fn what_happened_is_counted_by_its_kind() {
        let metrics = Metrics::default();
        let running = metrics.begin();
        metrics.answered(&Method::POST, "/push", StatusCode::OK, Duration::from_millis(3));
        metrics.answered(&Method::POST, "/push", StatusCode::OK, Duration::from_millis(300));
        metrics.answered(
            &Method::from_bytes(b"BREW").unwrap(),
            "other",
            StatusCode::NOT_FOUND,
            Duration::ZERO,
        );
        let id = ItemId::new(Millis(1), [0; 10]);
        let results = [PushStatus::Applied, PushStatus::Applied, PushStatus::Conflict];
        metrics.pushed(&results.map(|status| ItemResult::new(id, status)));
        let (store, hub) = (MemoryStore::new(Memory::new("test")), Hub::new(9, 9));
        let stream = hub.subscribe("user").unwrap();
        let text = metrics.text(&store, &hub).unwrap();
        for line in [
            r#"fieldsync_http_requests_total{method="POST",route="/push",status="200"} 2"#,
            r#"fieldsync_http_requests_total{method="other",route="other",status="404"} 1"#,
            r#"fieldsync_http_request_duration_seconds_bucket{le="0.005",method="POST",route="/push"} 1"#,
            r#"fieldsync_http_request_duration_seconds_count{method="POST",route="/push"} 2"#,
            "fieldsync_http_requests_running 1",
            "fieldsync_event_streams 1",
            "fieldsync_pushes_total 1",
            r#"fieldsync_push_items_total{outcome="applied"} 2"#,
            r#"fieldsync_push_items_total{outcome="conflict"} 1"#,
            "# EOF",
        ] {
            assert!(text.lines().any(|told| told == line), "{line}\n{text}");
        }
        drop((running, stream));
        let text = metrics.text(&store, &hub).unwrap();
        assert!(text.contains("fieldsync_http_requests_running 0\n"));
        assert!(text.contains("fieldsync_event_streams 0\n"));
    }
}
