//! The HTTP interface that the device answers itself (B8), online or not: which call a request is, and how an answer
//! looks. What the calls do is the engine's.

use fieldsync_protocol::read::{self, Read};
use fieldsync_protocol::write::{self, Write};
use fieldsync_protocol::{Code, Connectivity, FieldError, Problem};
use serde_json::value::RawValue;

use crate::call::{Answer, CallCode, CallError, Command, Nothing};
use crate::preferences::SettingsChange;

/// A request to the device, as the service worker met it.
#[derive(Clone, Debug, Read)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct HttpRequest {
    /// In capitals, as `Request.method` has it.
    pub method: String,
    /// Without the origin; a query is ignored.
    pub path: String,
    /// The body as text, where there is one.
    #[serde(default)]
    pub body: Option<String>,
}

/// The device's answer.
#[derive(Clone, Debug, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct HttpReply {
    /// The HTTP status.
    pub status: u16,
    /// The JSON body.
    #[cfg_attr(feature = "ts", ts(type = "unknown"))]
    pub body: Box<RawValue>,
    /// The content type is `application/problem+json`, else `application/json`.
    pub problem: bool,
    /// For 405: the `Allow` header.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(as = "Option<String>"))]
    pub allow: Option<&'static str>,
}

/// What came of a look at the link: what a few pings came to, and what is known of the link after them.
#[derive(Clone, Debug, Default, PartialEq, Write)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(optional_fields))]
pub struct ConnectivityTest {
    /// As in the status, with what the pings have shown.
    pub connectivity: Connectivity,
    /// Whether the server itself answered: not a cache, and not a portal.
    pub reachable: bool,
    /// From a ping to its answer, the mean of those that were answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(as = "Option<f64>"))]
    pub round_trip_ms: Option<u32>,
    /// Pings sent.
    pub pings: u32,
    /// Those that were answered.
    pub answered: u32,
}

/// The calls that a request can be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route {
    Status,
    Start,
    ReadSettings,
    /// The settings that change; the others stay.
    WriteSettings(String),
    Metrics,
    Pause,
    Resume,
    ConnectivityTest,
}

/// Which call a request is, or the answer to one that is none.
pub(crate) fn route(request: &HttpRequest) -> Result<Route, HttpReply> {
    let path = request.path.split(['?', '#']).next().unwrap_or_default();
    let call = path.strip_prefix("/api/v1/sync/").unwrap_or_default();
    let (allow, route) = match (call, request.method.as_str()) {
        ("background/status", _) => ("GET", Route::Status),
        ("background/start", _) => ("POST", Route::Start),
        ("background/settings", "PUT") => {
            ("PUT", Route::WriteSettings(request.body.clone().unwrap_or_default()))
        }
        ("background/settings", "GET") => ("GET", Route::ReadSettings),
        ("background/settings", _) => ("GET, PUT", Route::ReadSettings),
        ("background/metrics", _) => ("GET", Route::Metrics),
        ("background/pause", _) => ("POST", Route::Pause),
        ("background/resume", _) => ("POST", Route::Resume),
        ("connectivity-test", _) => ("GET", Route::ConnectivityTest),
        _ => return Err(problem(404, Code::NotFound, "There is nothing here.")),
    };
    if request.method == allow {
        return Ok(route);
    }
    let words = "This method is not allowed here.";
    Err(HttpReply { allow: Some(allow), ..problem(405, Code::MethodNotAllowed, words) })
}

/// The call that a request comes to. A start is begun, and not waited for: its call is for how things stand.
pub(crate) fn command(route: &Route) -> Result<Command, HttpReply> {
    Ok(match route {
        Route::Status | Route::Start => Command::Status(Nothing {}),
        Route::ReadSettings => Command::Settings(Nothing {}),
        Route::WriteSettings(body) => {
            let words = "Send a JSON object of the settings that change.";
            let change = read::from_str(body).map_err(|_| problem(400, Code::BadRequest, words))?;
            Command::SetSettings(SettingsChange(change))
        }
        Route::Metrics => Command::Metrics(Nothing {}),
        Route::Pause => Command::Pause(Nothing {}),
        Route::Resume => Command::Resume(Nothing {}),
        Route::ConnectivityTest => Command::TestConnection(Nothing {}),
    })
}

/// The answer to a request, from the answer to its call.
pub(crate) fn answered(route: &Route, outcome: Result<Answer, CallError>) -> HttpReply {
    match outcome {
        Ok(answer) => reply(if *route == Route::Start { 202 } else { 200 }, &answer),
        Err(error) => {
            let (status, code) = match error.code {
                CallCode::BadRequest => (400, Code::BadRequest),
                CallCode::Invalid => (422, Code::Invalid),
                CallCode::Storage | CallCode::StorageFull => (503, Code::Unavailable),
                _ => (500, Code::Internal),
            };
            refusal(status, code, &error.message, error.fields)
        }
    }
}

/// An answer that is no error.
pub(crate) fn reply(status: u16, body: &dyn Write) -> HttpReply {
    HttpReply { status, body: write::to_raw(body), problem: false, allow: None }
}

/// An error answer: a problem document, as the server's are.
pub(crate) fn problem(status: u16, code: Code, detail: &str) -> HttpReply {
    refusal(status, code, detail, Vec::new())
}

fn refusal(status: u16, code: Code, detail: &str, fields: Vec<FieldError>) -> HttpReply {
    // "not_found" → "Not found"
    let mut title = code.as_str().replace('_', " ");
    if let Some(first) = title.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let r#type = "about:blank".to_owned();
    let problem = Problem { r#type, title, status, detail: detail.to_owned(), code, limits: None, fields };
    HttpReply { problem: true, ..reply(status, &problem) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(method: &str, path: &str) -> Result<Route, HttpReply> {
        let body = (method == "PUT").then(|| "{}".to_owned());
        route(&HttpRequest { method: method.to_owned(), path: path.to_owned(), body })
    }

    fn document(reply: &HttpReply) -> Problem {
        assert!(reply.problem);
        let problem: Problem = serde_json::from_str(reply.body.get()).unwrap();
        assert_eq!((problem.status, problem.r#type.as_str()), (reply.status, "about:blank"));
        problem
    }

    #[test]
    fn every_call_of_b8_has_its_method_and_path() {
        let calls = [
            ("GET", "/api/v1/sync/background/status", Route::Status),
            ("POST", "/api/v1/sync/background/start", Route::Start),
            ("GET", "/api/v1/sync/background/settings", Route::ReadSettings),
            ("PUT", "/api/v1/sync/background/settings", Route::WriteSettings("{}".to_owned())),
            ("GET", "/api/v1/sync/background/metrics", Route::Metrics),
            ("POST", "/api/v1/sync/background/pause", Route::Pause),
            ("POST", "/api/v1/sync/background/resume", Route::Resume),
            ("GET", "/api/v1/sync/connectivity-test", Route::ConnectivityTest),
        ];
        for (method, path, expected) in &calls {
            assert_eq!(ask(method, path).unwrap(), *expected);
            assert_eq!(ask(method, &format!("{path}?device=1#x")).unwrap(), *expected);
            let reply = ask("DELETE", path).unwrap_err();
            assert_eq!((reply.status, document(&reply).code), (405, Code::MethodNotAllowed));
            let allowed: Vec<_> =
                calls.iter().filter(|call| call.1 == *path).map(|(method, ..)| *method).collect();
            assert_eq!(reply.allow.unwrap(), allowed.join(", "));
        }
    }

    #[test]
    fn elsewhere_there_is_nothing() {
        for path in [
            "",
            "/",
            "/api/v1/sync/background/status/",
            "/api/v1/sync/",
            "background/status",
            "/API/v1/sync/background/status",
            "/api/v1/sync/background/status%20",
        ] {
            let reply = ask("GET", path).unwrap_err();
            let problem = document(&reply);
            assert_eq!((problem.status, problem.code, reply.allow), (404, Code::NotFound, None), "{path}");
            assert_eq!(problem.title, "Not found");
        }
    }

    #[test]
    fn an_answer_is_its_json() {
        let request: HttpRequest = serde_json::from_str(r#"{"method":"GET","path":"/"}"#).unwrap();
        assert_eq!(request.body, None);
        let test = ConnectivityTest { reachable: true, pings: 3, answered: 3, ..ConnectivityTest::default() };
        let answer = reply(200, &ConnectivityTest { round_trip_ms: Some(41), ..test });
        let json = serde_json::to_string(&answer).unwrap();
        assert!(json.starts_with(r#"{"status":200,"body":{"connectivity":{"isOnline":null,"#), "{json}");
        assert!(
            json.ends_with(r#""reachable":true,"roundTripMs":41,"pings":3,"answered":3},"problem":false}"#)
        );
    }
}
