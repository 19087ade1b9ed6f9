//! Requests to the server.

use std::cell::RefCell;

use fieldsync_core::protocol::PushRequest;
use fieldsync_core::{Millis, Secret, Transfer, UploadStep, Uploaded};
use fieldsync_protocol::write;
use js_sys::Array;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortController, AbortSignal, Headers, RequestCache, RequestCredentials, RequestInit, RequestRedirect,
    Response,
};

use crate::files::Files;
use crate::{json, platform};

/// The server's API.
pub(crate) struct Net {
    /// Its origin; empty for the one that this page came from.
    server: String,
    /// Aborts what is under way.
    breaker: RefCell<Option<AbortController>>,
}

impl Net {
    pub(crate) fn new(server: String) -> Net {
        Net { server, breaker: RefCell::new(AbortController::new().ok()) }
    }

    /// Ends every request that is under way. Where the browser cannot join signals they end by their time limits.
    pub(crate) fn break_off(&self) {
        if let Some(breaker) = self.breaker.replace(AbortController::new().ok()) {
            breaker.abort();
        }
    }

    /// The body of a 200 answer that came in time, past every cache.
    pub(crate) async fn ping(&self, nonce: &str, timeout: Millis) -> Option<String> {
        match self
            .send(Request { path: format!("/api/ping?nonce={nonce}"), timeout, ..Request::default() })
            .await
        {
            Transfer::Answered { status: 200, body, .. } => Some(body),
            _ => None,
        }
    }

    /// What came of a push, and how many bytes its body took on the wire.
    pub(crate) async fn push(
        &self,
        request: &PushRequest,
        gzip: bool,
        bearer: Option<Secret>,
        timeout: Millis,
    ) -> (Transfer, u64) {
        let body = write::to_string(request);
        let packed = if gzip { platform::gzip(&body).await } else { None };
        let sent = packed.as_ref().map_or(body.len() as u64, |packed| packed.byte_length().into());
        let is_packed = packed.is_some();
        let body = Some(packed.map_or_else(|| body.into(), JsValue::from));
        let path = "/api/v1/sync/push".to_owned();
        (self.send(Request { path, body, is_put: false, is_packed, bearer, timeout }).await, sent)
    }

    /// The whole answer; the timeout covers the body too.
    pub(crate) async fn send(&self, request: Request) -> Transfer {
        match self.fetch(request).await {
            Ok((status, retry_after, body)) => Transfer::Answered { status, retry_after, body },
            Err(error) if platform::name(&error) == "TimeoutError" => Transfer::TimedOut,
            Err(_) => Transfer::Broken,
        }
    }

    /// What came of a step of an upload, which the shell takes.
    pub(crate) async fn upload(
        &self,
        files: &Files,
        step: &UploadStep,
        bearer: Option<Secret>,
        timeout: Millis,
    ) -> Uploaded {
        files.take(step, &self.server, bearer, &self.limit(timeout)).await
    }

    async fn fetch(&self, request: Request) -> Result<(u16, Option<Millis>, String), JsValue> {
        let url = format!("{}{}", self.server, request.path);
        let init = request.init(&self.limit(request.timeout));
        let response: Response = JsFuture::from(platform::scope().fetch(&url, &init)).await?.unchecked_into();
        let retry_after = response.headers().get("retry-after").ok().flatten().and_then(|text| span(&text));
        let body = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
        Ok((response.status(), retry_after, body))
    }

    /// Aborts when the time is over, or when what is under way is broken off.
    fn limit(&self, timeout: Millis) -> AbortSignal {
        let timeout = AbortSignal::timeout_with_u32(u32::try_from(timeout.0).unwrap_or(u32::MAX));
        // Chromium has `any` since 116, Firefox since 124, Safari since 17.4.
        match &*self.breaker.borrow() {
            Some(breaker) if platform::joins_signals() => {
                AbortSignal::any(&Array::of2(&timeout, &breaker.signal()))
            }
            _ => timeout,
        }
    }
}

/// What the server is asked.
#[derive(Default)]
pub(crate) struct Request {
    path: String,
    /// With one it is a POST, of JSON, unless it is a PUT.
    body: Option<JsValue>,
    is_put: bool,
    is_packed: bool,
    bearer: Option<Secret>,
    timeout: Millis,
}

impl Request {
    /// What has changed on the server since a cursor.
    pub(crate) fn pull(cursor: Option<&str>, bearer: Option<Secret>, timeout: Millis) -> Request {
        let path = match cursor {
            Some(cursor) => format!("/api/v1/sync/changes?cursor={}", js_sys::encode_uri_component(cursor)),
            None => "/api/v1/sync/changes".to_owned(),
        };
        Request { path, bearer, timeout, ..Request::default() }
    }

    /// What is at a path of the server's, or what comes of a body that is sent there.
    pub(crate) fn ask(
        method: &str,
        path: &str,
        body: Option<String>,
        bearer: Option<Secret>,
        timeout: Millis,
    ) -> Request {
        let (path, body, is_put) = (path.to_owned(), body.map(JsValue::from), method == "PUT");
        Request { path, body, is_put, bearer, timeout, ..Request::default() }
    }

    /// The tokens that follow a refresh token.
    pub(crate) fn renew(refresh_token: Secret, timeout: Millis) -> Request {
        let body = platform::object(&[("refreshToken", refresh_token.0.into())]);
        Request::ask("POST", "/api/v1/auth/refresh", json::text(&body), None, timeout)
    }

    fn init(&self, limit: &AbortSignal) -> RequestInit {
        let init = RequestInit::new();
        init.set_cache(RequestCache::NoStore);
        init.set_credentials(RequestCredentials::Omit);
        // A redirect is a portal's doing: our server has none.
        init.set_redirect(RequestRedirect::Error);
        init.set_signal(Some(limit));
        if let Ok(headers) = Headers::new() {
            // A token that is no header's text is as good as none.
            let set = |name, value: &str| drop(headers.set(name, value));
            if let Some(body) = &self.body {
                init.set_method(if self.is_put { "PUT" } else { "POST" });
                init.set_body(body);
                set("content-type", "application/json");
            }
            if self.is_packed {
                set("content-encoding", "gzip");
            }
            if let Some(Secret(token)) = &self.bearer {
                set("authorization", &format!("Bearer {token}"));
            }
            init.set_headers(&headers);
        }
        init
    }
}

/// `Retry-After` in its two forms: seconds, or a date.
fn span(text: &str) -> Option<Millis> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(Millis::seconds(seconds.into()));
    }
    let date = js_sys::Date::parse(text);
    (date > 0.0).then(|| Millis(date as u64) - platform::now())
}
