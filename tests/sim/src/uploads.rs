//! The server's side of uploads: its real store, which says what counts, and instead of bytes where they are from.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use fieldsync_core::protocol::{EntityId, Millis};
use fieldsync_core::{StepKind, UploadStep, Uploaded};
use fieldsync_server::store::upload::{
    AppendParams, BeginUploadParams, BeginUploadResult, ClaimBlobParams, EndUpload, EndUploadParams,
    FinishUploadParams, HoldParams, HoldResult, Part, UnusedBlobsParams, Upload, UploadParams,
};
use fieldsync_server::store::{MemoryStore, StoreError, UploadStore};

use crate::plan::At;
use crate::world::BEGAN;

/// Uploads as the server knows them, beside what its store does.
#[derive(Debug, Default)]
pub struct Uploads {
    begun: u64,
    requests: u64,
    /// Of each upload what came: of which file, from which byte, how many.
    came: BTreeMap<String, Vec<(EntityId, u64, u64)>>,
    /// Every upload that was ever begun, by its path.
    known: BTreeMap<String, UploadParams>,
    /// Whose files are whole: since the device that brought one was last told that it is missing.
    pub whole: BTreeSet<(usize, String)>,
}

/// What the store's futures come to: it is in memory, and waits for nothing.
fn now<T>(future: impl Future<Output = Result<T, StoreError>>) -> Option<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done.ok(),
        Poll::Pending => None,
    }
}

fn status(status: u16) -> Uploaded {
    Uploaded { status: Some(status), ..Uploaded::default() }
}

fn told(status: u16, upload: &Upload) -> Uploaded {
    Uploaded { status: Some(status), offset: Some(upload.received), ..Uploaded::default() }
}

impl Uploads {
    /// A step arrives. Gives what is said to it, and what is wrong where a file has come to be another than was sent.
    pub fn step(
        &mut self,
        store: &MemoryStore,
        user: usize,
        at: At,
        step: &UploadStep,
    ) -> (Uploaded, Option<String>) {
        let at = Millis(BEGAN + at);
        let user_id = format!("user-{user}");
        if step.kind == StepKind::Create {
            return (self.begin(store, user_id, at, step).unwrap_or(status(500)), None);
        }
        let url = step.url.clone().unwrap_or_default();
        let Some(which) = self.known.get(&url).filter(|known| known.user_id == user_id).cloned() else {
            return (status(404), None);
        };
        let Some(upload) = now(store.upload(which.clone())).flatten() else { return (status(404), None) };
        if upload.expires_at <= at {
            return (status(410), None);
        }
        if step.kind == StepKind::Offset {
            return (told(200, &upload), None);
        }
        let (said, wrong) = self.take(store, which.clone(), at, step).unwrap_or((status(500), None));
        if wrong.is_none() && said.offset == Some(step.size) {
            self.whole.insert((user, step.sha256.clone()));
        }
        (said, wrong)
    }

    fn begin(
        &mut self,
        store: &MemoryStore,
        user_id: String,
        at: Millis,
        step: &UploadStep,
    ) -> Option<Uploaded> {
        self.begun += 1;
        let id = format!("upload-{}", self.begun);
        let params = BeginUploadParams {
            user_id: user_id.clone(),
            device_id: None,
            id: id.clone(),
            length: step.size,
            sha256: step.sha256.clone(),
            metadata: String::new(),
            now: at,
        };
        let BeginUploadResult::Begun(upload) = now(store.begin_upload(params))? else {
            return Some(status(429));
        };
        let url = format!("/api/v1/uploads/{id}");
        self.known.insert(url.clone(), UploadParams { user_id, id });
        Some(Uploaded { url: Some(url), ..told(201, &upload) })
    }

    fn take(
        &mut self,
        store: &MemoryStore,
        upload: UploadParams,
        at: Millis,
        step: &UploadStep,
    ) -> Option<(Uploaded, Option<String>)> {
        self.requests += 1;
        let holder = format!("request-{}", self.requests);
        let params =
            HoldParams { upload: upload.clone(), offset: step.from, holder: holder.clone(), now: at };
        match now(store.hold_upload(params))? {
            HoldResult::Held(_) => {}
            HoldResult::Done(upload) => return Some((told(204, &upload), None)),
            HoldResult::Elsewhere(_) => return Some((status(409), None)),
            HoldResult::Expired => return Some((status(410), None)),
            HoldResult::Unknown => return Some((status(404), None)),
        }
        let came = self.came.entry(upload.id.clone()).or_default();
        came.push((step.file, step.from, step.length));
        let mut wrong = None;
        if step.from + step.length < step.size {
            let part = Part { starts_at: step.from, length: step.length, name: String::new() };
            let append = AppendParams { upload: upload.clone(), holder, parts: vec![part], now: at };
            now(store.append(append))?;
        } else {
            wrong = differs(came, step);
            now(store.claim_blob(ClaimBlobParams { sha256: step.sha256.clone(), size: step.size, now: at }))?;
            now(store.finish_upload(FinishUploadParams { upload: upload.clone(), holder, now: at }))?;
        }
        let upload = now(store.upload(upload))??;
        Some((told(204, &upload), wrong))
    }

    /// The server forgets what was begun; `files`: also what had come whole and no record uses yet.
    pub fn forget(&mut self, store: &MemoryStore, at: At, files: bool) {
        for upload in self.known.values().cloned() {
            now(store.end_upload(EndUploadParams {
                upload,
                why: EndUpload::Asked(None),
                now: Millis(BEGAN + at),
            }));
        }
        self.came.clear();
        if files {
            let far = Millis(BEGAN + at + 40 * 24 * 3_600_000);
            for sha256 in
                now(store.doom_blobs(UnusedBlobsParams { now: far, limit: u32::MAX })).unwrap_or_default()
            {
                now(store.forget_blob(&sha256));
            }
        }
    }
}

/// What is wrong with a file that has come whole: bytes that are missing, there twice, or another file's.
fn differs(came: &[(EntityId, u64, u64)], step: &UploadStep) -> Option<String> {
    let mut next = 0;
    for (file, from, length) in came {
        if *file != step.file || *from != next {
            return Some(format!("the file of {} came as {came:?}", step.file));
        }
        next += length;
    }
    (next != step.size).then(|| format!("of {} bytes of {} came {came:?}", step.size, step.file))
}
