//! Files in memory.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use fieldsync_protocol::{EntityId, Millis};

use super::MemoryStore;
use crate::record::NamedFile;
use crate::store::StoreError;
use crate::store::task::{PutOffTaskParams, THUMBNAIL, TakeTaskParams, Task, TaskStore, Thumbnail};
use crate::store::upload::{
    ABANDONED_AFTER, AppendParams, BeginUploadParams, BeginUploadResult, ClaimBlobParams, EndUploadParams,
    FinishUploadParams, HoldParams, HoldResult, MAX_UPLOADS, Part, UNUSED_FOR, UnusedBlobsParams, Upload,
    UploadParams, UploadStore, UsedBlob,
};

/// What is kept of files: the uploads, the files by their hashes, and who uses them.
#[derive(Clone, Debug, Default)]
pub struct Files {
    uploads: BTreeMap<UploadParams, Held>,
    blobs: BTreeMap<String, Blob>,
    uses: BTreeMap<(String, EntityId), Use>,
    /// By kind and subject.
    tasks: BTreeMap<(&'static str, String), Waiting>,
}

#[derive(Clone, Debug)]
struct Waiting {
    due_at: Millis,
    attempts: u64,
}

#[derive(Clone, Debug)]
struct Held {
    upload: Upload,
    holder: Option<String>,
    parts: Vec<Part>,
}

#[derive(Clone, Debug)]
struct Blob {
    size: u64,
    seen_at: Millis,
    going: bool,
    thumbnail: Option<Thumbnail>,
}

#[derive(Clone, Debug)]
struct Use {
    sha256: String,
    mime: String,
}

impl Files {
    /// Of these files those that a person has uploaded or uses, with their sizes.
    pub fn of(&self, user_id: &str, sha256s: &BTreeSet<String>) -> BTreeMap<String, u64> {
        let is_theirs = |sha256: &String| {
            let has_uploaded = |(key, held): (&UploadParams, &Held)| {
                key.user_id == user_id && held.upload.sha256 == *sha256 && held.upload.done_at.is_some()
            };
            self.uploads.iter().any(has_uploaded) || self.used(user_id, sha256).is_some()
        };
        let theirs = sha256s.iter().filter(|sha256| is_theirs(sha256));
        let blob = |sha256: &String| self.blobs.get(sha256).filter(|blob| !blob.going);
        theirs.filter_map(|sha256| Some((sha256.clone(), blob(sha256)?.size))).collect()
    }

    /// Keeps which records use which files. A file that is given up has its day from now on.
    pub fn keep(&mut self, user_id: &str, now: Millis, uses: &BTreeMap<EntityId, Option<NamedFile>>) {
        for (id, file) in uses {
            let key = (user_id.to_owned(), *id);
            let given_up = self.uses.remove(&key).and_then(|used| self.blobs.get_mut(&used.sha256));
            if let Some(blob) = given_up {
                blob.seen_at = now;
            }
            let Some(file) = file else { continue };
            self.uses.insert(key, Use { sha256: file.sha256.clone(), mime: file.mime.clone() });
            let blob = self.blobs.get(&file.sha256).filter(|blob| blob.thumbnail.is_none());
            if blob.is_some() && file.is_photo() {
                let task = self.tasks.entry((THUMBNAIL, file.sha256.clone()));
                task.or_insert(Waiting { due_at: now, attempts: 0 });
            }
        }
    }

    fn begin(&mut self, params: &BeginUploadParams) -> BeginUploadResult {
        let is_open = |(key, held): &(&UploadParams, &Held)| {
            key.user_id == params.user_id && held.upload.done_at.is_none()
        };
        if self.uploads.iter().filter(is_open).count() >= MAX_UPLOADS as usize {
            return BeginUploadResult::TooMany;
        }
        let key = UploadParams { user_id: params.user_id.clone(), id: params.id.clone() };
        let upload = params.begun();
        self.uploads.insert(key, Held { upload: upload.clone(), holder: None, parts: Vec::new() });
        BeginUploadResult::Begun(upload)
    }

    fn hold(&mut self, params: &HoldParams) -> HoldResult {
        let held = self.uploads.get_mut(&params.upload);
        let result = params.judged(held.as_ref().map(|held| held.upload.clone()));
        if let (Some(held), HoldResult::Held(upload)) = (held, &result) {
            held.upload = upload.clone();
            held.holder = Some(params.holder.clone());
        }
        result
    }

    fn append(&mut self, params: &AppendParams) -> bool {
        let Some(first) = params.parts.first() else { return true };
        let Some(held) = self.uploads.get_mut(&params.upload) else { return false };
        let received = held.upload.received + params.parts.iter().map(|part| part.length).sum::<u64>();
        let is_next = held.holder.as_ref() == Some(&params.holder)
            && held.upload.received == first.starts_at
            && received < held.upload.length;
        if is_next {
            held.upload.received = received;
            held.upload.expires_at = params.now + ABANDONED_AFTER;
            held.parts.extend(params.parts.iter().cloned());
        }
        is_next
    }

    fn claim(&mut self, params: &ClaimBlobParams) -> bool {
        let fresh = || Blob { size: params.size, seen_at: params.now, going: false, thumbnail: None };
        let blob = self.blobs.entry(params.sha256.clone()).or_insert_with(fresh);
        if !blob.going {
            blob.seen_at = params.now;
        }
        !blob.going
    }

    fn finish(&mut self, params: &FinishUploadParams) -> bool {
        let Some(held) = self.uploads.get_mut(&params.upload) else { return false };
        let blob = self.blobs.get_mut(&held.upload.sha256).filter(|blob| !blob.going);
        let Some(blob) = blob.filter(|_| held.holder.as_ref() == Some(&params.holder)) else { return false };
        blob.seen_at = params.now;
        // Whoever claimed it first may have said another size, and brought nothing of the kind.
        blob.size = held.upload.length;
        held.upload.received = held.upload.length;
        held.upload.done_at = Some(params.now);
        held.upload.expires_at = params.now + UNUSED_FOR;
        held.holder = None;
        held.parts.clear();
        true
    }

    fn end(&mut self, params: &EndUploadParams) -> Option<Upload> {
        let held = self.uploads.get(&params.upload)?;
        let is_theirs = params.holder().is_none_or(|holder| held.holder.as_deref() == Some(holder));
        is_theirs.then(|| self.uploads.remove(&params.upload).map(|held| held.upload)).flatten()
    }

    fn expired(&self, now: Millis, limit: u32) -> Vec<UploadParams> {
        let expired = self.uploads.iter().filter(|(_, held)| held.upload.expires_at <= now);
        let mut expired: Vec<_> = expired.map(|(key, held)| (held.upload.expires_at, key.clone())).collect();
        expired.sort();
        expired.into_iter().take(limit as usize).map(|(_, key)| key).collect()
    }

    fn doom(&mut self, params: &UnusedBlobsParams) -> Vec<String> {
        for (sha256, blob) in &mut self.blobs {
            let is_used = self.uses.values().any(|used| used.sha256 == *sha256);
            blob.going |= blob.seen_at <= params.before() && !is_used;
        }
        let going = self.blobs.iter().filter(|(_, blob)| blob.going);
        going.take(params.limit as usize).map(|(sha256, _)| sha256.clone()).collect()
    }

    fn used(&self, user_id: &str, sha256: &str) -> Option<UsedBlob> {
        let is_it =
            |((user, _), used): &(&(String, EntityId), &Use)| user == user_id && used.sha256 == sha256;
        let (_, used) = self.uses.iter().find(is_it)?;
        let blob = self.blobs.get(sha256)?;
        let has_thumbnail = blob.thumbnail == Some(Thumbnail::Made);
        Some(UsedBlob { size: blob.size, mime: used.mime.clone(), has_thumbnail })
    }
}

impl Files {
    fn take_task(&mut self, params: &TakeTaskParams) -> Option<Task> {
        let due = self
            .tasks
            .iter_mut()
            .filter(|((kind, _), task)| *kind == params.kind && task.due_at <= params.now);
        let ((_, subject), task) = due.min_by_key(|(_, task)| task.due_at)?;
        task.due_at = params.now + params.lease;
        task.attempts += 1;
        Some(Task { subject: subject.clone(), attempts: task.attempts })
    }

    fn end_thumbnail(&mut self, sha256: &str, thumbnail: Thumbnail) -> bool {
        self.tasks.remove(&(THUMBNAIL, sha256.to_owned()));
        let blob = self.blobs.get_mut(sha256).filter(|blob| !blob.going);
        blob.map(|blob| blob.thumbnail = Some(thumbnail)).is_some()
    }
}

#[async_trait]
impl TaskStore for MemoryStore {
    async fn take_task(&self, params: TakeTaskParams) -> Result<Option<Task>, StoreError> {
        Ok(self.with(|held| held.files.take_task(&params)))
    }

    async fn put_off_task(&self, params: PutOffTaskParams) -> Result<(), StoreError> {
        self.with(|held| {
            if let Some(task) = held.files.tasks.get_mut(&(params.kind, params.subject)) {
                task.due_at = params.due_at;
            }
        });
        Ok(())
    }

    async fn end_thumbnail(&self, sha256: &str, thumbnail: Thumbnail) -> Result<bool, StoreError> {
        Ok(self.with(|held| held.files.end_thumbnail(sha256, thumbnail)))
    }
}

#[async_trait]
impl UploadStore for MemoryStore {
    async fn begin_upload(&self, params: BeginUploadParams) -> Result<BeginUploadResult, StoreError> {
        Ok(self.with(|held| {
            let result = held.files.begin(&params);
            let is_begun = matches!(result, BeginUploadResult::Begun(_));
            held.note(&params.user_id, params.now, is_begun.then(|| params.noted()));
            result
        }))
    }

    async fn upload(&self, params: UploadParams) -> Result<Option<Upload>, StoreError> {
        Ok(self.with(|held| held.files.uploads.get(&params).map(|held| held.upload.clone())))
    }

    async fn hold_upload(&self, params: HoldParams) -> Result<HoldResult, StoreError> {
        Ok(self.with(|held| held.files.hold(&params)))
    }

    async fn append(&self, params: AppendParams) -> Result<bool, StoreError> {
        Ok(self.with(|held| held.files.append(&params)))
    }

    async fn upload_parts(&self, params: UploadParams) -> Result<Vec<Part>, StoreError> {
        let parts = |held: &Held| held.parts.clone();
        Ok(self.with(|held| held.files.uploads.get(&params).map(parts).unwrap_or_default()))
    }

    async fn claim_blob(&self, params: ClaimBlobParams) -> Result<bool, StoreError> {
        Ok(self.with(|held| held.files.claim(&params)))
    }

    async fn finish_upload(&self, params: FinishUploadParams) -> Result<bool, StoreError> {
        Ok(self.with(|held| {
            let is_finished = held.files.finish(&params);
            let upload = held.files.uploads.get(&params.upload).filter(|_| is_finished);
            let noted = upload.map(|held| params.noted(&held.upload));
            held.note(&params.upload.user_id, params.now, noted);
            is_finished
        }))
    }

    async fn end_upload(&self, params: EndUploadParams) -> Result<bool, StoreError> {
        Ok(self.with(|held| {
            let Some(upload) = held.files.end(&params) else { return false };
            held.note(&params.upload.user_id, params.now, params.noted(&upload));
            true
        }))
    }

    async fn expired_uploads(&self, now: Millis, limit: u32) -> Result<Vec<UploadParams>, StoreError> {
        Ok(self.with(|held| held.files.expired(now, limit)))
    }

    async fn doom_blobs(&self, params: UnusedBlobsParams) -> Result<Vec<String>, StoreError> {
        Ok(self.with(|held| held.files.doom(&params)))
    }

    async fn forget_blob(&self, sha256: &str) -> Result<(), StoreError> {
        self.with(|held| {
            if held.files.blobs.get(sha256).is_some_and(|blob| blob.going) {
                held.files.blobs.remove(sha256);
            }
        });
        Ok(())
    }

    async fn used_blob(&self, user_id: &str, sha256: &str) -> Result<Option<UsedBlob>, StoreError> {
        Ok(self.with(|held| held.files.used(user_id, sha256)))
    }
}
