//! The fieldsync engine in the browser: one wasm module that runs in the page and in the service worker.
//!
//! [`api`] is all that JavaScript sees. `host` carries out the engine's effects; each of the other modules is the one
//! place that knows its part of the browser.

pub mod api;
mod channel;
mod host;
mod json;
mod net;
mod platform;
mod poison;
pub mod store;
