//! The fieldsync engine in the browser: one wasm module that runs in the page and in the service worker.
//!
//! [`api`] is all that JavaScript sees. `host` carries out the engine's effects; each of the other modules is the one
//! place that knows its part of the browser.

pub mod api;
mod channel;
mod files;
mod host;
mod json;
pub mod keyring;
mod net;
mod platform;
mod poison;
pub mod store;

/// A third of the code of the standard library's allocator.
#[cfg(target_family = "wasm")]
#[global_allocator]
static MEMORY: talc::wasm::WasmDynamicTalc = talc::wasm::new_wasm_dynamic_allocator();
