//! Limits as they are on the wire: the whole router behind connections in memory, on a clock that nobody waits for.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use fieldsync_protocol::{ItemId, Millis, SetBandwidthLimit};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use serde_json::json;
use sha2::{Digest, Sha256};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::{Instant, sleep, sleep_until};

use super::pace::Paces;
use crate::auth::secret::Secret;
use crate::auth::{Auth, DEMO_USER};
use crate::clock::now;
use crate::content_hash::ContentHash;
use crate::examine::examine;
use crate::files::Files;
use crate::forms::Forms;
use crate::notice::Hub;
use crate::rate::Rates;
use crate::router::router;
use crate::state::AppState;
use crate::store::bandwidth::SetBandwidthParams;
use crate::store::upload::{
    BeginUploadParams, ClaimBlobParams, FinishUploadParams, HoldParams, UploadParams,
};
use crate::store::{BandwidthStore, Memory, MemoryStore, PushParams, UploadStore};
use crate::upload::{Places, Uploads};

const KB: u64 = 1_000;
/// Larger than what any of the tests lets through.
const LARGE: usize = 40_000_000;

struct World {
    store: MemoryStore,
    router: Router,
    files: Files,
}

impl World {
    fn new() -> World {
        let store = MemoryStore::new(Memory::new("test"));
        let secret = Secret::parse("0123456789abcdef0123456789abcdef").unwrap();
        let files = Files::in_memory();
        let state = AppState {
            store: Arc::new(store.clone()),
            auth: Auth::new(&secret, true),
            metrics: Arc::default(),
            rates: Rates::unlimited(),
            paces: Paces::default(),
            notices: Arc::new(Hub::new(9, 9)),
            forms: Forms::read(None).unwrap(),
            left: Arc::default(),
            uploads: Uploads { files: Some(files.clone()), places: Places::new(480, true) },
        };
        World { store, router: router(state, None, true), files }
    }

    /// Sets a limit as another server would: in the store.
    async fn limit(&self, up: Option<u64>, down: Option<u64>) {
        let given = SetBandwidthLimit { device_id: None, upload_speed_limit: up, download_speed_limit: down };
        let params =
            SetBandwidthParams { user_id: DEMO_USER.into(), on_device_id: None, given, now: Millis(1) };
        self.store.set_bandwidth(params).await.unwrap();
    }

    /// Says a request on a connection of its own.
    async fn say(&self, head: &str) -> DuplexStream {
        let (mut client, server) = duplex(16 << 10);
        let service = TowerToHyperService::new(self.router.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(server), service));
        client.write_all(head.as_bytes()).await.unwrap();
        client
    }

    /// A large file that a record uses; its hash.
    async fn large_file(&self) -> String {
        let bytes = vec![7; LARGE];
        let sha256 = ContentHash(Sha256::digest(&bytes).into()).to_string();
        self.files.put_part("u", "p", bytes.into()).await.unwrap();
        assert!(self.files.assemble("u", &["p".into()], &sha256).await.unwrap());
        let upload = UploadParams { user_id: DEMO_USER.into(), id: "u".into() };
        self.begin("u", &sha256).await;
        let claim = ClaimBlobParams { sha256: sha256.clone(), size: LARGE as u64, now: now() };
        assert!(self.store.claim_blob(claim).await.unwrap());
        let hold = HoldParams { upload: upload.clone(), offset: 0, holder: "h".into(), now: now() };
        self.store.hold_upload(hold).await.unwrap();
        let finish = FinishUploadParams { upload, holder: "h".into(), now: now() };
        assert!(self.store.finish_upload(finish).await.unwrap());
        let id = ItemId::new(Millis(1), [9; 10]);
        let item = json!({
            "id": id, "type": "MEDIA", "action": "CREATE", "entityId": id, "createdAt": 5,
            "data": { "mime": "text/plain", "sha256": sha256, "size": LARGE },
        });
        let candidates = vec![examine(&serde_json::from_str(&item.to_string()).unwrap())];
        let params = PushParams { user_id: DEMO_USER.into(), device_id: "d".into(), now: now(), candidates };
        self.store.with(|held| held.push(&params));
        sha256
    }

    async fn begin(&self, id: &str, sha256: &str) {
        let params = BeginUploadParams {
            user_id: DEMO_USER.into(),
            device_id: None,
            id: id.into(),
            length: LARGE as u64,
            sha256: sha256.into(),
            metadata: String::new(),
            now: now(),
        };
        self.store.begin_upload(params).await.unwrap();
    }

    /// So many downloads at once, and when which bytes of them came.
    async fn download(&self, parallel: usize) -> Wire {
        let path = format!("/api/v1/files/{}", self.large_file().await);
        let wire = Wire::new();
        for _ in 0..parallel {
            let mut client = self.say(&format!("GET {path} HTTP/1.1\r\nhost: localhost\r\n\r\n")).await;
            let wire = wire.clone();
            tokio::spawn(async move {
                let mut buffer = vec![0; 64 << 10];
                while let Ok(bytes @ 1..) = client.read(&mut buffer).await {
                    wire.seen(bytes);
                }
            });
        }
        wire
    }

    /// So many uploads at once, and when which bytes of them went.
    async fn upload(&self, parallel: usize) -> Wire {
        let wire = Wire::new();
        for nth in 0..parallel {
            let id = format!("upload-{nth}");
            self.begin(&id, &"0".repeat(64)).await;
            let head = format!(
                "PATCH /api/v1/uploads/{id} HTTP/1.1\r\nhost: localhost\r\ntus-resumable: 1.0.0\r\nupload-offset: 0\r\n\
                 content-type: application/offset+octet-stream\r\ncontent-length: {LARGE}\r\n\r\n"
            );
            let mut client = self.say(&head).await;
            let wire = wire.clone();
            tokio::spawn(async move {
                let bytes = vec![7; 4 << 10];
                while client.write_all(&bytes).await.is_ok() {
                    wire.seen(bytes.len());
                }
            });
        }
        wire
    }
}

/// When so many bytes went over connections.
#[derive(Clone)]
struct Wire(Arc<Mutex<Vec<(Instant, usize)>>>);

impl Wire {
    fn new() -> Wire {
        Wire(Arc::default())
    }

    fn seen(&self, bytes: usize) {
        self.0.lock().unwrap().push((Instant::now(), bytes));
    }

    fn between(&self, from: Instant, until: Instant) -> u64 {
        let seen = self.0.lock().unwrap();
        seen.iter().filter(|(at, _)| (from..until).contains(at)).map(|(_, bytes)| *bytes as u64).sum()
    }

    /// Asserts that in any ten of these seconds the limit was kept to a tenth.
    async fn assert_limit(&self, limit: u64, from: Instant, seconds: u64) {
        sleep_until(from + Duration::from_secs(seconds)).await;
        for second in 0..=seconds - 10 {
            let from = from + Duration::from_secs(second);
            let bytes = self.between(from, from + Duration::from_secs(10));
            let expected = limit * 10;
            let is_kept = bytes * 10 >= expected * 9 && bytes * 10 <= expected * 11;
            assert!(is_kept, "after {second} s {bytes} instead of {expected}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn downloads_share_the_limit_however_many_they_are() {
    for limit in [20 * KB, 400 * KB] {
        for parallel in [1, 3, 10] {
            let world = World::new();
            world.limit(None, Some(limit)).await;
            let began = Instant::now();
            let wire = world.download(parallel).await;
            wire.assert_limit(limit, began, 20).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn uploads_share_the_limit_however_many_they_are() {
    for limit in [400 * KB, 1_000 * KB] {
        for parallel in [1, 3, 10] {
            let world = World::new();
            world.limit(Some(limit), None).await;
            let wire = world.upload(parallel).await;
            // What a connection holds is sent at once, and is taken at the limit: that shows where the limit is low.
            let most = 10_u64 * (512 << 10);
            let settled = Instant::now() + Duration::from_secs(most / limit + 1);
            wire.assert_limit(limit, settled, 20).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_limit_that_is_set_elsewhere_holds_within_seconds_and_goes_as_soon() {
    let world = World::new();
    world.limit(None, Some(400 * KB)).await;
    let began = Instant::now();
    let wire = world.download(3).await;
    wire.assert_limit(400 * KB, began, 10).await;
    world.limit(None, Some(20 * KB)).await;
    sleep(Duration::from_secs(3)).await;
    wire.assert_limit(20 * KB, Instant::now(), 12).await;
    world.limit(None, None).await;
    let freed = Instant::now();
    sleep(Duration::from_secs(3)).await;
    assert!(
        wire.between(freed, Instant::now()) > 3 * LARGE as u64 / 2,
        "without a limit it is there at once"
    );
}

#[tokio::test(start_paused = true)]
async fn what_is_no_file_counts_and_is_held_for_some_seconds_at_most() {
    let world = World::new();
    world.limit(Some(10 * KB), None).await;
    let push = async |length: u64| {
        let began = Instant::now();
        let head = format!(
            "POST /api/v1/sync/push HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n\
             connection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        let mut client = world.say(&head).await;
        client.write_all(&vec![b' '; length as usize]).await.unwrap();
        let mut answer = String::new();
        client.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with("HTTP/1.1 400"), "{answer}");
        began.elapsed().as_secs_f64()
    };
    let small = push(50 * KB).await;
    assert!((4.5..5.5).contains(&small), "{small}");
    let large = push(1_000 * KB).await;
    assert!((9.0..11.0).contains(&large), "{large}");
}
