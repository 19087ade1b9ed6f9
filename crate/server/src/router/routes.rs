//! Every route there is, as a list: what a test has to walk is what is served.

use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, MethodRouter, on};

use crate::changes::changes;
use crate::ping::ping;
use crate::push::push;
use crate::state::AppState;
use crate::{account, audit, demo, device, qr};

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
        post("/api/v1/sync/push", push),
        get("/api/v1/sync/changes", changes),
        get("/api/v1/audit", audit::audit),
    ]
}

/// What the demo's app asks for beside it.
pub fn demo_api() -> Vec<Route> {
    vec![get("/api/demo/properties", demo::properties)]
}

/// What is no part of the interface for devices.
pub fn plain() -> Vec<Route> {
    vec![get("/healthz", || async { "ok" })]
}

/// The demo's pages.
pub fn demo_pages() -> Vec<Route> {
    vec![get("/demo/qr", qr::sheet), get("/demo/qr.css", qr::style)]
}
