//! Every route there is, as a list: what a test has to walk is what is served.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::changes::changes;
use crate::events::events;
use crate::fleet::fleet;
use crate::forms::forms;
use crate::heartbeat::heartbeat;
use crate::keystore::{keystore, put_keystore};
use crate::ping::ping;
use crate::push::push;
use crate::state::AppState;
use crate::{
    account, audit, background, bandwidth, demo, device, docs, download, health, openapi, qr, schedule,
    upload,
};

/// One method of one path.
pub struct Route {
    /// The method.
    #[cfg_attr(not(test), expect(dead_code, reason = "the test that walks the routes reads it"))]
    pub method: Method,
    /// The path, with its parameters in braces.
    pub path: &'static str,
    /// What answers.
    pub answer: MethodRouter<AppState>,
}

fn get<T: 'static>(path: &'static str, handler: impl Handler<T, AppState>) -> Route {
    Route { method: Method::GET, path, answer: on(MethodFilter::GET, handler) }
}

fn post<T: 'static>(path: &'static str, handler: impl Handler<T, AppState>) -> Route {
    Route { method: Method::POST, path, answer: on(MethodFilter::POST, handler) }
}

fn put<T: 'static>(path: &'static str, handler: impl Handler<T, AppState>) -> Route {
    Route { method: Method::PUT, path, answer: on(MethodFilter::PUT, handler) }
}

fn route<T: 'static>(
    method: Method,
    filter: MethodFilter,
    path: &'static str,
    handler: impl Handler<T, AppState>,
) -> Route {
    Route { method, path, answer: on(filter, handler) }
}

/// The interface for devices.
pub fn api() -> Vec<Route> {
    vec![
        get("/api/ping", ping),
        post("/api/v1/auth/register", account::register),
        post("/api/v1/auth/login", account::login),
        post("/api/v1/auth/refresh", account::refresh),
        post("/api/v1/auth/logout", account::logout),
        post("/api/sync/register", device::register),
        get("/api/sync/devices", device::devices),
        post("/api/sync/devices/{id}/revoke", device::revoke),
        post("/api/sync/schedule/create", schedule::create),
        post("/api/sync/schedule/preview", schedule::preview),
        get("/api/sync/schedules", schedule::schedules),
        post("/api/sync/schedule/{id}/disable", schedule::disable),
        get("/api/sync/schedule/{id}/runs", schedule::runs),
        get("/api/sync/bandwidth/limit", bandwidth::limits),
        post("/api/sync/bandwidth/limit", bandwidth::set_limit),
        get("/api/v1/keystore", keystore),
        put("/api/v1/keystore", put_keystore),
        post("/api/v1/sync/push", push),
        get("/api/v1/sync/changes", changes),
        post("/api/v1/sync/heartbeat", heartbeat),
        get("/api/v1/sync/background/status", background::status),
        post("/api/v1/sync/background/start", background::start),
        get("/api/v1/sync/background/settings", background::settings),
        put("/api/v1/sync/background/settings", background::set_settings),
        get("/api/v1/sync/background/metrics", background::metrics),
        post("/api/v1/sync/background/pause", background::pause),
        post("/api/v1/sync/background/resume", background::resume),
        get("/api/v1/sync/connectivity-test", background::connectivity_test),
        get("/api/v1/forms", forms),
        get("/api/v1/events", events),
        get("/api/v1/audit", audit::audit),
        get("/api/v1/fleet", fleet),
    ]
}

/// Files on their way, by tus.
pub fn uploads() -> Vec<Route> {
    let one = "/api/v1/uploads/{id}";
    vec![
        route(Method::OPTIONS, MethodFilter::OPTIONS, upload::PATH, upload::options),
        post(upload::PATH, upload::create),
        route(Method::HEAD, MethodFilter::HEAD, one, upload::head),
        route(Method::PATCH, MethodFilter::PATCH, one, upload::patch),
        route(Method::DELETE, MethodFilter::DELETE, one, upload::end),
        post(one, upload::overridden),
    ]
}

/// Files that have come.
pub fn downloads() -> Vec<Route> {
    vec![
        get("/api/v1/files/{sha256}", download::file),
        get("/api/v1/files/{sha256}/thumbnail", download::thumbnail),
    ]
}

/// What the demo's app asks for beside it.
pub fn demo_api() -> Vec<Route> {
    vec![get("/api/demo/properties", demo::properties)]
}

/// What the interface is.
pub fn docs() -> Vec<Route> {
    vec![
        get("/api/openapi.json", openapi::json),
        get("/api/docs", docs::page),
        get("/api/docs/page.js", docs::script),
        get("/api/docs/page.css", docs::style),
    ]
}

/// What is no part of the interface for devices.
pub fn plain() -> Vec<Route> {
    vec![get("/healthz", health::alive), get("/readyz", health::ready)]
}

/// The demo's pages.
pub fn demo_pages() -> Vec<Route> {
    vec![get("/demo/qr", qr::sheet), get("/demo/qr.css", qr::style)]
}
