//! The files of this device, which the shell keeps and sends: their bytes never come in here.

use fieldsync_core::{Secret, UploadStep, Uploaded};
use js_sys::Promise;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::AbortSignal;

use crate::host::plain;
use crate::json;

#[wasm_bindgen]
extern "C" {
    /// What keeps files.
    pub type Files;
    /// Takes a step of an upload (`UploadStep`), and answers what came of it (`Uploaded`).
    #[wasm_bindgen(method)]
    fn step(
        this: &Files,
        step: JsValue,
        server: &str,
        bearer: Option<String>,
        signal: &AbortSignal,
    ) -> Promise;
}

impl Files {
    /// What came of a step; no answer, where the shell could not take it.
    pub(crate) async fn take(
        &self,
        step: &UploadStep,
        server: &str,
        bearer: Option<Secret>,
        signal: &AbortSignal,
    ) -> Uploaded {
        let bearer = bearer.map(|Secret(token)| token);
        let outcome = JsFuture::from(self.step(plain(step), server, bearer, signal)).await;
        outcome.ok().and_then(|outcome| json::from_js(&outcome).ok()).unwrap_or_default()
    }
}
