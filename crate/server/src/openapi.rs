//! The OpenAPI document of what the server answers: made from the wire types and from what stands above each handler.
//! A test walks every route and finds it in here; `docs/openapi.json` is the same, for those who read it without a
//! server, and what the typed client of the app is written from.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::http::header;
use axum::response::IntoResponse;
use fieldsync_protocol::{
    Assessment, HeadMoved, Media, Problem, Reading, Response as Planned, RosterChanged, WishMade,
};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::openapi::{ContentBuilder, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, Modify, OpenApi};

use crate::{
    account, audit, background, bandwidth, changes, demo, device, docs, download, events, fleet, forms,
    health, heartbeat, keystore, ping, push, qr, schedule, upload,
};

/// The name of the access token among the security schemes.
const TOKEN: &str = "token";

const ABOUT: &str = "Takes what devices push, each item exactly once, and tells what has changed.\n\n\
    JSON in UTF-8, camelCase names; the calls under `/api/sync/` read snake_case names too. Times are epoch \
    milliseconds, sizes bytes, ids UUIDs of version 7 that the device makes. Unknown fields are ignored, unknown values \
    of enums refused. Bodies and answers may be gzipped. Every error is a problem document (RFC 9457) with a stable \
    `code`; 429 and 503 come with `Retry-After`, and what they answer may be sent again.";

#[derive(OpenApi)]
#[openapi(
    info(title = "fieldsync", version = "1", description = ABOUT, license(name = "MIT OR Apache-2.0")),
    tags(
        (name = "accounts", description = "Who somebody is, and the tokens that go with every other request."),
        (name = "devices", description = "A person's devices. Nothing is synced but by a registered one."),
        (name = "schedules", description = "When a device is asked to sync by itself, daily, weekly or monthly."),
        (name = "team", description = "How devices are doing, what is asked of them, and who did what: for whoever owns \
            them, and for the supervisor of the team."),
        (name = "sync", description = "What a device has queued goes up; what has changed comes down."),
        (name = "files", description = "Photos and files that do not fit into an item, in pieces, over links that break: tus 1.0."),
        (name = "server", description = "Whether the server is there and well, and this document."),
        (name = "demo", description = "On a server with demo data alone; elsewhere there is nothing here (404).")
    ),
    paths(
        ping::ping, account::register, account::login, account::refresh, account::logout, device::register,
        device::devices, device::revoke, schedule::create, schedule::preview, schedule::schedules,
        schedule::disable, schedule::runs, bandwidth::limits, bandwidth::set_limit, keystore::keystore, keystore::put_keystore, push::push, changes::changes, events::events,
        upload::options, upload::create, upload::head, upload::patch, upload::end, upload::overridden, download::file, download::thumbnail,
        heartbeat::heartbeat, background::status, background::start, background::settings, background::set_settings,
        background::metrics, background::pause, background::resume, background::connectivity_test, audit::audit,
        fleet::fleet, forms::forms, health::alive, health::ready, json,
        docs::page, docs::script, docs::style, demo::properties, qr::sheet, qr::style
    ),
    components(schemas(Problem, Reading, Assessment, Planned, Media, HeadMoved, WishMade, RosterChanged)),
    modifiers(&Tokens)
)]
struct Document;

struct Tokens;

impl Modify for Tokens {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme(TOKEN, SecurityScheme::Http(bearer));
    }
}

/// The document as text, the same at every call and in every build.
pub fn text() -> &'static str {
    static TEXT: LazyLock<String> = LazyLock::new(|| {
        let text = Document::openapi().to_pretty_json().unwrap_or_else(|error| {
            tracing::error!("the OpenAPI document cannot be written: {error}");
            "{}".into()
        });
        // Links within the code's own documentation lead nowhere here.
        text.replace("[`", "`").replace("`]", "`") + "\n"
    });
    &TEXT
}

/// This document.
#[utoipa::path(get, path = "/api/openapi.json", tag = "server", operation_id = "openapi",
    responses((status = 200, description = "The document.", body = Object), Refused))]
pub async fn json() -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text())
}

/// What any call may be answered.
pub struct Refused;

impl IntoResponses for Refused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([
            (
                429,
                "That was too much at once, of this person or from this address; again after `Retry-After` seconds.",
            ),
            (500, "The server failed. Nothing was changed."),
            (
                503,
                "It cannot take this now, or it took too long; it may be sent again after `Retry-After` seconds.",
            ),
        ])
    }
}

/// What a call with a body may be answered.
pub struct BodyRefused;

impl IntoResponses for BodyRefused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([
            (400, "The body is no JSON of this shape; `detail` says where."),
            (413, "The body is too large; `limits` says what is not."),
            (415, "The body's type is not `application/json`, or its encoding not gzip."),
        ])
    }
}

/// What a call about an upload may be answered.
pub struct UploadRefused;

impl IntoResponses for UploadRefused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([
            (
                400,
                "A header of tus is missing or not of its form; `detail` says which. Or the body broke off.",
            ),
            (404, "The caller has no such upload."),
            (409, "Other bytes are next: ask with `HEAD`."),
            (410, "The upload was abandoned for a week, or its file has had a day to be used by a record."),
            (412, "Another version of tus than `Tus-Version`."),
            (413, "More than a file may have, or than was declared."),
            (415, "The body's type is not `application/offset+octet-stream`."),
            (423, "Another request has gone on with the upload."),
            (460, "What came is not what its checksum says."),
            (501, "This server has no directory for files."),
            (
                507,
                "There is no room for files; what came before is kept, and goes on after `Retry-After` seconds.",
            ),
        ])
    }
}

/// What a call that wants to know who is calling may be answered.
pub struct CallerRefused;

impl IntoResponses for CallerRefused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([
            (401, "There is no access token, or it is not good any more."),
            (403, "This caller may not do that; a revoked device may do nothing."),
        ])
    }
}

/// What a call about a device, the caller's or another's, may be answered.
pub struct AboutRefused;

impl IntoResponses for AboutRefused {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        problems([
            (400, "The query is not of this shape, or says no device where the caller is on none."),
            (404, "The caller has no such device, nor has anybody of the caller's team."),
        ])
    }
}

fn problems<const N: usize>(all: [(u16, &str); N]) -> BTreeMap<String, RefOr<Response>> {
    let problem = |(status, description): (u16, &str)| {
        let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build();
        let response = ResponseBuilder::new().description(description);
        (status.to_string(), response.content("application/problem+json", content).build().into())
    };
    all.into_iter().map(problem).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use super::*;
    use crate::router::every_route;

    const COMMITTED: &str = include_str!("../../../docs/openapi.json");

    fn document() -> Value {
        serde_json::from_str(text()).unwrap()
    }

    #[test]
    fn every_route_is_in_the_document_and_nothing_else() {
        let served: BTreeSet<String> =
            every_route().map(|(method, path)| format!("{method} {path}")).collect();
        let document = document();
        let mut described = BTreeSet::new();
        for (path, operations) in document["paths"].as_object().unwrap() {
            described.extend(
                operations
                    .as_object()
                    .unwrap()
                    .keys()
                    .map(|method| format!("{} {path}", method.to_uppercase())),
            );
        }
        assert_eq!(described, served, "left: the document; right: router/routes.rs");
    }

    #[test]
    fn every_reference_leads_somewhere_and_every_operation_has_its_name() {
        fn references(value: &Value, found: &mut BTreeSet<String>) {
            match value {
                Value::Object(members) => members.iter().for_each(|(name, value)| match value {
                    Value::String(to) if name == "$ref" => drop(found.insert(to.clone())),
                    _ => references(value, found),
                }),
                Value::Array(values) => values.iter().for_each(|value| references(value, found)),
                _ => {}
            }
        }
        let document = document();
        let mut found = BTreeSet::new();
        references(&document, &mut found);
        for reference in found {
            let pointer = reference.strip_prefix('#').unwrap();
            assert!(document.pointer(pointer).is_some(), "{reference}");
        }
        let mut names = BTreeSet::new();
        for operation in
            document["paths"].as_object().unwrap().values().flat_map(|path| path.as_object().unwrap())
        {
            let name = operation.1["operationId"].as_str().unwrap();
            assert!(names.insert(name.to_owned()), "{name} stands twice");
            assert!(operation.1["summary"].is_string(), "{name}");
        }
    }

    #[test]
    fn the_committed_document_is_this_one() {
        let line = COMMITTED.lines().zip(text().lines()).position(|(there, now)| there != now);
        assert!(COMMITTED == text(), "docs/openapi.json is out of date at line {line:?}: cargo xtask types");
    }
}
