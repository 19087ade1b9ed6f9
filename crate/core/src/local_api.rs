//! The HTTP interface that the device answers itself (B8), online or not: which call a request is, and how an answer
//! looks. What the calls do is the engine's.

use fieldsync_protocol::{Code, Connectivity, FieldError, Problem, Settings, Sorted, merge_patch};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// A request to the device, as the service worker met it.
#[derive(Clone, Debug, Deserialize)]
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
#[derive(Clone, Debug, Serialize)]
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

/// `GET …/sync/connectivity-test`: what a few pings came to, and what is known of the link after them.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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
    /// The body as it came, for [`merge`]: the settings that it changes are in the store.
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

/// The settings with those changed that the body of a PUT gives: the others stay, and what is unknown is ignored.
pub(crate) fn merge(current: &Settings, body: &str) -> Result<Settings, HttpReply> {
    let failed = |_| problem(500, Code::Internal, "The settings cannot be read.");
    let before = serde_json::to_string(current).map_err(failed)?;
    let known: Sorted<String, &RawValue> = serde_json::from_str(&before).map_err(failed)?;
    let words = "Send a JSON object of the settings that change.";
    let given: Sorted<String, &RawValue> =
        serde_json::from_str(body).map_err(|_| problem(400, Code::BadRequest, words))?;
    let mut faults = Vec::new();
    for (name, value) in given.iter() {
        let Some(old) = known.get(name) else { continue };
        let sort = sort(old.get());
        if sort != self::sort(value.get()) {
            let words = format!("{name}: this setting is {sort}.");
            return Err(problem(400, Code::BadRequest, &words));
        }
        // Tried by itself, with the defaults around it: so it is known which one is at fault, and a stored one that
        // was within the bounds of its day holds up no other.
        match serde_json::from_str::<Settings>(&format!("{{\"{name}\":{value}}}")) {
            Ok(tried) => faults.extend(tried.validate()),
            Err(_) => faults.push(FieldError::new(name, "This value is not one that this setting can have.")),
        }
    }
    if !faults.is_empty() {
        return Err(refusal(422, Code::Invalid, "Some of the settings need a correction.", faults));
    }
    serde_json::from_str(&merge_patch::apply(&before, body)).map_err(failed)
}

/// The sort of a JSON value, by how it begins.
fn sort(json: &str) -> &'static str {
    match json.as_bytes() {
        [b'"', ..] => "a text",
        [b't' | b'f', ..] => "true or false",
        [b'-' | b'0'..=b'9', ..] => "a number",
        _ => "something else",
    }
}

/// An answer that is no error.
pub(crate) fn reply(status: u16, body: &impl Serialize) -> HttpReply {
    // Nothing here has keys that are no texts: the one thing that fails.
    let body = serde_json::value::to_raw_value(body).unwrap_or_else(|_| RawValue::NULL.to_owned());
    HttpReply { status, body, problem: false, allow: None }
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

    fn refused(body: &str) -> Problem {
        document(&merge(&Settings::default(), body).unwrap_err())
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
    fn a_put_changes_what_it_gives_and_nothing_else() {
        let current = Settings { receipt_days: 7, minimum_battery_level: 50, ..Settings::default() };
        let body =
            r#" {"minimumBatteryLevel":35,"priorityThreshold":"HIGH","enabled":false,"colour":{"a":null}} "#;
        let after = merge(&current, body).unwrap();
        let expected = Settings {
            minimum_battery_level: 35,
            priority_threshold: fieldsync_protocol::Priority::High,
            enabled: false,
            ..current.clone()
        };
        assert_eq!(after, expected);
        assert_eq!(merge(&current, "{}").unwrap(), current);
        let all = serde_json::to_string(&expected).unwrap();
        assert_eq!(merge(&Settings::default(), &all).unwrap(), expected, "what was read can be written");
        let odd = Settings { metrics_days: 0, ..current };
        assert_eq!(
            merge(&odd, r#"{"receiptDays":9}"#).unwrap().receipt_days,
            9,
            "an old fault is not this one's"
        );
    }

    #[test]
    fn a_put_of_the_wrong_shape_is_a_bad_request() {
        for body in ["", "{", "[]", "null", "5", "{\"enabled\":true}x", "<html>"] {
            assert_eq!((refused(body).status, refused(body).code), (400, Code::BadRequest), "{body}");
        }
        for (body, words) in [
            (r#"{"enabled":null}"#, "enabled: this setting is true or false."),
            (r#"{"enabled":"yes"}"#, "enabled: this setting is true or false."),
            (r#"{"receiptDays":"9"}"#, "receiptDays: this setting is a number."),
            (r#"{"conflictPolicy":["ask"]}"#, "conflictPolicy: this setting is a text."),
        ] {
            let problem = refused(body);
            assert_eq!((problem.status, problem.detail.as_str()), (400, words));
        }
    }

    #[test]
    fn a_put_of_values_out_of_bounds_names_each_of_them() {
        let body = r#"{"minimumBatteryLevel":300,"receiptDays":0,"metricsDays":-1,"maxRetryAttempts":2.5,
            "syncIntervalMinutes":1441,"priorityThreshold":"URGENT","maximumConcurrentOperations":4}"#;
        let problem = refused(body);
        assert_eq!((problem.status, problem.code), (422, Code::Invalid));
        let fields: Vec<_> = problem.fields.iter().map(|fault| fault.field.as_str()).collect();
        let expected = [
            "maxRetryAttempts",
            "metricsDays",
            "minimumBatteryLevel",
            "priorityThreshold",
            "receiptDays",
            "syncIntervalMinutes",
        ];
        assert_eq!(fields, expected);
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
