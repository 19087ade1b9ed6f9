//! Requests to the server.

use fieldsync_core::protocol::{PushRequest, RefreshRequest};
use fieldsync_core::{Millis, Secret, Transfer};
use fieldsync_protocol::write;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    AbortSignal, Headers, RequestCache, RequestCredentials, RequestInit, RequestRedirect, Response,
};

use crate::platform;

/// The server's API.
pub(crate) struct Net {
    /// Its origin; empty for the one that this page came from.
    pub(crate) server: String,
}

impl Net {
    /// The body of a 200 answer that came in time, past every cache.
    pub(crate) async fn ping(&self, nonce: &str, timeout: Millis) -> Option<String> {
        let init = request("GET", timeout);
        let (status, _, body) = self.fetch(&format!("/api/ping?nonce={nonce}"), &init).await.ok()?;
        (status == 200).then_some(body)
    }

    /// What came of a push, and how many bytes its body took on the wire.
    pub(crate) async fn push(
        &self,
        request_body: &PushRequest,
        gzip: bool,
        bearer: Option<Secret>,
        timeout: Millis,
    ) -> (Transfer, u64) {
        let Ok(body) = write::to_string(request_body) else { return (Transfer::Broken, 0) };
        let plain = body.len() as u64;
        let packed = if gzip { platform::gzip(&body).await } else { None };
        let sent = packed.as_ref().map_or(plain, |packed| packed.byte_length().into());
        let init = request("POST", timeout);
        let encoding = packed.as_ref().map(|_| ("content-encoding", "gzip".to_owned()));
        set(&init, &[json(), encoding, authorization(bearer)]);
        init.set_body(&packed.map_or_else(|| body.into(), JsValue::from));
        (answered(self.fetch("/api/v1/sync/push", &init).await), sent)
    }

    /// What has changed on the server since a cursor.
    pub(crate) async fn pull(
        &self,
        cursor: Option<&str>,
        bearer: Option<Secret>,
        timeout: Millis,
    ) -> Transfer {
        let path = match cursor {
            Some(cursor) => format!("/api/v1/sync/changes?cursor={}", js_sys::encode_uri_component(cursor)),
            None => "/api/v1/sync/changes".to_owned(),
        };
        let init = request("GET", timeout);
        set(&init, &[authorization(bearer)]);
        answered(self.fetch(&path, &init).await)
    }

    /// The tokens that follow a refresh token.
    pub(crate) async fn renew(&self, refresh_token: &Secret, timeout: Millis) -> Transfer {
        let Ok(body) = serde_json::to_string(&RefreshRequest { refresh_token: refresh_token.0.clone() })
        else {
            return Transfer::Broken;
        };
        let init = request("POST", timeout);
        set(&init, &[json()]);
        init.set_body(&body.into());
        answered(self.fetch("/api/v1/auth/refresh", &init).await)
    }

    /// The whole answer; the timeout covers the body too.
    async fn fetch(&self, path: &str, init: &RequestInit) -> Result<(u16, Option<Millis>, String), JsValue> {
        let url = format!("{}{path}", self.server);
        let response: Response = JsFuture::from(platform::scope().fetch(&url, init)).await?.unchecked_into();
        let retry_after = response.headers().get("retry-after").ok().flatten().and_then(|text| span(&text));
        let body = JsFuture::from(response.text()?).await?.as_string().unwrap_or_default();
        Ok((response.status(), retry_after, body))
    }
}

fn answered(outcome: Result<(u16, Option<Millis>, String), JsValue>) -> Transfer {
    match outcome {
        Ok((status, retry_after, body)) => Transfer::Answered { status, retry_after, body },
        Err(error) if platform::name(&error) == "TimeoutError" => Transfer::TimedOut,
        Err(_) => Transfer::Broken,
    }
}

fn request(method: &str, timeout: Millis) -> RequestInit {
    let init = RequestInit::new();
    init.set_method(method);
    init.set_cache(RequestCache::NoStore);
    init.set_credentials(RequestCredentials::Omit);
    // A redirect is a portal's doing: our server has none.
    init.set_redirect(RequestRedirect::Error);
    init.set_signal(Some(&AbortSignal::timeout_with_u32(u32::try_from(timeout.0).unwrap_or(u32::MAX))));
    init
}

/// A header's name and value.
type Header = (&'static str, String);

fn json() -> Option<Header> {
    Some(("content-type", "application/json".to_owned()))
}

fn authorization(bearer: Option<Secret>) -> Option<Header> {
    bearer.map(|Secret(token)| ("authorization", format!("Bearer {token}")))
}

/// Those of the headers that there are.
fn set(init: &RequestInit, headers: &[Option<Header>]) {
    let Ok(set) = Headers::new() else { return };
    for (name, value) in headers.iter().flatten() {
        let _ = set.set(name, value); // a token that is no header's text is as good as none
    }
    init.set_headers(&set);
}

/// `Retry-After` in its two forms: seconds, or a date.
fn span(text: &str) -> Option<Millis> {
    if let Ok(seconds) = text.trim().parse::<u32>() {
        return Some(Millis::seconds(seconds.into()));
    }
    let date = js_sys::Date::parse(text);
    (date > 0.0).then(|| Millis(date as u64) - platform::now())
}
