//! Who may do what: every route, by every kind of caller, against the table in `tests/authorization.txt`. A route that
//! is missing there, or stands there and is not served, fails.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use axum::body::Body;
use axum::http::header;
use fieldsync_protocol::{KeystorePut, Millis, Role};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
#[path = "../../tests/a_keystore.rs"]
mod a_keystore;

use crate::auth::secret::Secret;
use crate::auth::token::{ACCESS_LIFE, Claims};
use crate::auth::{Auth, password};
use crate::bandwidth::pace::Paces;
use crate::clock::now;
use crate::examine::examine;
use crate::files::Files;
use crate::forms::Forms;
use crate::notice::Hub;
use crate::rate::Rates;
use crate::store::account::{AddUserParams, RegisterDeviceParams, RevokeDeviceParams, User};
use crate::store::keystore::PutKeystoreParams;
use crate::store::schedule::CreateScheduleParams;
use crate::store::task::Thumbnail;
use crate::store::upload::{
    BeginUploadParams, ClaimBlobParams, FinishUploadParams, HoldParams, UploadParams,
};
use crate::store::{
    AccountStore, KeystoreStore, Memory, MemoryStore, PushParams, ScheduleStore, Store, TaskStore,
    UploadStore,
};
use crate::upload::{Places, Uploads};

const TABLE: &str = include_str!("../../tests/authorization.txt");

/// The columns of the table.
const CALLERS: [&str; 6] = ["none", "expired", "other", "worker", "supervisor", "revoked"];
const PASSWORD: &str = "correct horse";

/// A server with a worker and a supervisor of one team and somebody else, each with a device; the worker has another one
/// that is revoked.
async fn server() -> (Router, AppState) {
    static HASH: OnceLock<String> = OnceLock::new();
    let store = MemoryStore::new(Memory::new("test"));
    for (name, role, team) in [
        ("worker", Role::Worker, Some("north")),
        ("supervisor", Role::Supervisor, Some("north")),
        ("other", Role::Worker, None),
    ] {
        let user = User {
            id: name.into(),
            email: format!("{name}@fieldsync.example"),
            password_hash: HASH.get_or_init(|| password::hash(PASSWORD).unwrap()).clone(),
            role,
            team: team.map(Into::into),
            created_at: now(),
        };
        store.add_user(AddUserParams { user }).await.unwrap();
        for device in [format!("{name}-phone"), format!("{name}-revoked")] {
            let params = RegisterDeviceParams {
                user_id: name.into(),
                device_id: device,
                name: None,
                login_id: None,
                now: now(),
            };
            store.register_device(params).await.unwrap();
        }
        let device_id = format!("{name}-revoked");
        let params = RevokeDeviceParams { user_id: name.into(), device_id, on_device_id: None, now: now() };
        store.revoke_device(params).await.unwrap();
    }
    let params = PutKeystoreParams {
        user_id: "worker".into(),
        device_id: None,
        given: KeystorePut { keystore: a_keystore::keystore(1, 'k'), sequence: 1, after: None },
        now: now(),
    };
    store.put_keystore(params).await.unwrap();
    let params = CreateScheduleParams {
        user_id: "worker".into(),
        schedule_id: "workers-schedule".into(),
        on_device_id: None,
        draft: serde_json::from_value(daily("worker-phone")).unwrap(),
        next_run_at: now(),
        now: now(),
    };
    store.create_schedule(params).await.unwrap();
    let params = BeginUploadParams {
        user_id: "worker".into(),
        device_id: None,
        // As the device, so that every path names something of the worker's.
        id: "worker-phone".into(),
        length: 9,
        sha256: "0".repeat(64),
        metadata: String::new(),
        now: now(),
    };
    store.begin_upload(params).await.unwrap();
    file_of_worker(&store).await;
    let files = Files::in_memory();
    files.put_thumbnail(&"f".repeat(64), "x".into()).await.unwrap();
    assert!(store.end_thumbnail(&"f".repeat(64), Thumbnail::Made).await.unwrap());
    let secret = Secret::parse("0123456789abcdef0123456789abcdef").unwrap();
    let state = AppState {
        store: Arc::new(store),
        auth: Auth::new(&secret, false),
        metrics: Arc::default(),
        rates: Rates::unlimited(),
        paces: Paces::default(),
        notices: Arc::new(Hub::new(9, 9)),
        forms: Forms::read(None).unwrap(),
        left: Arc::default(),
        uploads: Uploads { files: Some(files), places: Places::new(9, false) },
    };
    (router(state.clone(), None, true), state)
}

fn daily(device_id: &str) -> Value {
    json!({ "deviceId": device_id, "scheduleType": "daily", "timeOfDay": "06:30", "timeZone": "UTC" })
}

/// A record that uses a file, of which there is not a byte.
async fn file_of_worker(store: &MemoryStore) {
    let (which, sha256) = (UploadParams { user_id: "worker".into(), id: "whole".into() }, "f".repeat(64));
    let params = BeginUploadParams {
        user_id: which.user_id.clone(),
        device_id: None,
        id: which.id.clone(),
        length: 0,
        sha256: sha256.clone(),
        metadata: String::new(),
        now: now(),
    };
    store.begin_upload(params).await.unwrap();
    let holder = || "request".to_owned();
    let hold = HoldParams { upload: which.clone(), offset: 0, holder: holder(), now: now() };
    store.hold_upload(hold).await.unwrap();
    let claim = ClaimBlobParams { sha256: sha256.clone(), size: 0, now: now() };
    assert!(store.claim_blob(claim).await.unwrap());
    let finish = FinishUploadParams { upload: which, holder: holder(), now: now() };
    assert!(store.finish_upload(finish).await.unwrap());
    let id = "019a9d9c-0000-7000-8000-000000000001";
    let data = json!({ "mime": "image/jpeg", "sha256": sha256, "size": 0 });
    let item = json!({
        "id": id, "type": "MEDIA", "action": "CREATE", "entityId": id, "createdAt": 5, "data": data,
    });
    let candidates = vec![examine(&serde_json::from_str(&item.to_string()).unwrap())];
    let push = PushParams { user_id: "worker".into(), device_id: "d".into(), now: now(), candidates };
    store.push(push).await.unwrap();
}

fn token(state: &AppState, caller: &str) -> Option<String> {
    let now = now();
    let sign = |user: &str, role, device: &str, at| {
        let claims = Claims::new(user.into(), role, Some(device.into()), None, at);
        Some(state.auth.key.sign(&claims).unwrap())
    };
    match caller {
        "expired" => sign("worker", Role::Worker, "worker-phone", now - ACCESS_LIFE - Millis(1_000)),
        "other" => sign("other", Role::Worker, "other-phone", now),
        "worker" => sign("worker", Role::Worker, "worker-phone", now),
        "supervisor" => sign("supervisor", Role::Supervisor, "supervisor-phone", now),
        "revoked" => sign("worker", Role::Worker, "worker-revoked", now),
        _ => None,
    }
}

/// A request that is sound, so that only who asks decides. What is named in it is the worker's.
fn request(route: &Route, caller: &str, token: Option<String>) -> Request {
    let own_device = if caller == "none" || caller == "expired" || caller == "revoked" {
        "worker-phone".to_owned()
    } else {
        format!("{caller}-phone")
    };
    let path = match route.path {
        "/api/ping" => "/api/ping?nonce=1".into(),
        "/api/v1/audit" => "/api/v1/audit?user=worker".into(),
        path if path.starts_with("/api/v1/sync/background/") || path == "/api/v1/sync/connectivity-test" => {
            format!("{path}?user=worker&device=worker-phone")
        }
        path if path.starts_with("/api/sync/schedule/") => path.replace("{id}", "workers-schedule"),
        path => path.replace("{id}", "worker-phone").replace("{sha256}", &"f".repeat(64)),
    };
    let body: Value = match route.path {
        "/api/v1/auth/register" => json!({ "email": "new@fieldsync.example", "password": PASSWORD }),
        "/api/v1/auth/login" => json!({ "email": "worker@fieldsync.example", "password": PASSWORD }),
        "/api/v1/auth/refresh" | "/api/v1/auth/logout" => json!({ "refreshToken": "worker.no-login.x" }),
        "/api/sync/register" => json!({ "deviceId": own_device }),
        "/api/sync/schedule/create" | "/api/sync/schedule/preview" => daily(&own_device),
        "/api/v1/sync/heartbeat" => json!({ "deviceId": own_device, "pending": 0 }),
        "/api/v1/keystore" => json!({ "keystore": a_keystore::keystore(2, 'k'), "sequence": 2 }),
        "/api/v1/sync/push" => json!({ "deviceId": own_device, "items": [] }),
        _ => json!({}),
    };
    let mut request = Request::builder()
        .method(&route.method)
        .uri(&path)
        .header(header::HOST, "localhost")
        .header(header::CONTENT_TYPE, "application/json");
    if route.path.starts_with(upload::PATH) {
        let hash = "MDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMDAwMA==";
        request = Request::builder()
            .method(&route.method)
            .uri(&path)
            .header(header::HOST, "localhost")
            .header(header::CONTENT_TYPE, "application/offset+octet-stream")
            .header("tus-resumable", "1.0.0")
            .header("upload-length", "9")
            .header("upload-metadata", format!("sha256 {hash}"))
            .header("upload-offset", "0")
            .header("x-http-method-override", "HEAD");
    }
    if route.path.starts_with("/api/v1/files") {
        // So it needs not be read.
        request = request.header(header::IF_NONE_MATCH, "*");
    }
    if let Some(token) = token {
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(Body::from(body.to_string())).unwrap()
}

/// The table: the statuses of every route, by caller.
fn table() -> BTreeMap<String, Vec<u16>> {
    let lines = TABLE.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
    let row = |line: &str| {
        let words: Vec<&str> = line.split_whitespace().collect();
        let statuses = words[2..].iter().map(|status| status.parse().unwrap()).collect();
        (format!("{} {}", words[0], words[1]), statuses)
    };
    lines.map(row).collect()
}

#[tokio::test]
async fn every_route_answers_every_caller_as_the_table_says() {
    let mut found = BTreeMap::new();
    for route in every() {
        let mut statuses = Vec::new();
        for caller in CALLERS {
            let (router, state) = server().await;
            let answer = router.oneshot(request(&route, caller, token(&state, caller))).await.unwrap();
            statuses.push(answer.status().as_u16());
        }
        found.insert(format!("{} {}", route.method, route.path), statuses);
    }
    let lines = |rows: &BTreeMap<String, Vec<u16>>| {
        let line = |(route, statuses): (&String, &Vec<u16>)| format!("{route} {statuses:?}");
        rows.iter().map(line).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(lines(&found), lines(&table()), "left: what is served; right: tests/authorization.txt");
}
