//! The bytes of one request, as they come: a part at a time is in memory, is put among the files, and then counts. So
//! whatever breaks off, the next request goes on after the last part.
//!
//! Where the client says a checksum nothing counts before that was right, and the last byte of an upload never counts
//! before the hash of the whole was.

use std::mem;
use std::time::Duration;

use axum::body::{Body, Bytes};
use http_body_util::BodyExt;
use tokio::time::timeout;

use super::header::Checksum;
use crate::auth::secret::new_id;
use crate::clock::now;
use crate::files::FileError;
use crate::problem::ApiError;
use crate::state::AppState;
use crate::store::upload::{
    AppendParams, ClaimBlobParams, EndUpload, EndUploadParams, FinishUploadParams, Part, Upload, UploadParams,
};

/// What is in memory of a request, besides what its connection holds.
const PART_BYTES: usize = 1 << 20;
/// So long nothing may come.
const PATIENCE: Duration = Duration::from_secs(30);

/// A request that holds an upload.
pub struct Receiver {
    /// What it asks.
    pub state: AppState,
    /// Which upload.
    pub which: UploadParams,
    /// As it was when it was held.
    pub upload: Upload,
    /// The name of the request.
    pub holder: String,
}

/// How far it got.
struct Progress {
    /// So many bytes of the upload count.
    counted: u64,
    /// What was put among the files after them.
    pending: Vec<Part>,
    /// What is still to be put there.
    rest: Vec<u8>,
}

impl Progress {
    /// Where the next part begins.
    fn next(&self) -> u64 {
        self.pending.last().map_or(self.counted, |last| last.starts_at + last.length)
    }

    fn names(&self) -> impl Iterator<Item = String> + '_ {
        self.pending.iter().map(|part| part.name.clone())
    }
}

impl Receiver {
    /// Takes a body.
    pub async fn receive(self, mut body: Body, checksum: Option<Checksum>) -> Result<(), ApiError> {
        let mut progress = Progress { counted: self.upload.received, pending: Vec::new(), rest: Vec::new() };
        let outcome = self.take(&mut body, checksum, &mut progress).await;
        // Those never count, whatever comes.
        let names: Vec<String> = progress.names().collect();
        if let Err(error) = self.state.uploads.files()?.remove_parts(&self.which.id, &names).await {
            tracing::warn!("parts of an upload could not be removed: {error}");
        }
        outcome
    }

    async fn take(
        &self,
        body: &mut Body,
        mut checksum: Option<Checksum>,
        progress: &mut Progress,
    ) -> Result<(), ApiError> {
        let mut end = self.upload.received;
        loop {
            let refusal = match timeout(PATIENCE, body.frame()).await {
                Ok(None) => break,
                Ok(Some(Ok(frame))) => {
                    let Ok(data) = frame.into_data() else { continue };
                    end += data.len() as u64;
                    if end > self.upload.length {
                        return Err(ApiError::BeyondLength);
                    }
                    if let Some(checksum) = &mut checksum {
                        checksum.update(&data);
                    }
                    self.collect(data, checksum.is_some(), progress).await?;
                    continue;
                }
                Ok(Some(Err(_))) => ApiError::BadRequest("The body broke off.".into()),
                Err(_) => ApiError::TimedOut,
            };
            // What came before is good by itself.
            if checksum.is_none() {
                self.put(progress).await?;
                self.count(progress).await?;
            }
            return Err(refusal);
        }
        if checksum.is_some_and(|checksum| !checksum.agrees()) {
            return Err(ApiError::ChecksumMismatch);
        }
        self.put(progress).await?;
        if end == self.upload.length { self.finish(progress).await } else { self.count(progress).await }
    }

    /// Fills up parts.
    async fn collect(
        &self,
        mut data: Bytes,
        is_checked: bool,
        progress: &mut Progress,
    ) -> Result<(), ApiError> {
        while !data.is_empty() {
            if progress.rest.capacity() == 0 {
                progress.rest.reserve_exact(PART_BYTES);
            }
            let more = data.split_to(data.len().min(PART_BYTES - progress.rest.len()));
            progress.rest.extend_from_slice(&more);
            if progress.rest.len() == PART_BYTES {
                self.put(progress).await?;
                if !is_checked {
                    self.count(progress).await?;
                }
            }
        }
        Ok(())
    }

    /// Puts what there is among the files.
    async fn put(&self, progress: &mut Progress) -> Result<(), ApiError> {
        if progress.rest.is_empty() {
            return Ok(());
        }
        let bytes = Bytes::from(mem::take(&mut progress.rest));
        let part = Part { starts_at: progress.next(), length: bytes.len() as u64, name: new_id()? };
        let name = part.name.clone();
        // Named before it is there: it comes to count, or is removed.
        progress.pending.push(part);
        Ok(self.state.uploads.files()?.put_part(&self.which.id, &name, bytes).await?)
    }

    /// From now on what is among the files counts, but for the last byte of the upload.
    async fn count(&self, progress: &mut Progress) -> Result<(), ApiError> {
        if progress.pending.is_empty() || progress.next() == self.upload.length {
            return Ok(());
        }
        let (upload, holder, parts) = (self.which.clone(), self.holder.clone(), progress.pending.clone());
        if !self.state.store.append(AppendParams { upload, holder, parts, now: now() }).await? {
            return Err(ApiError::UploadLocked);
        }
        progress.counted = progress.next();
        progress.pending.clear();
        Ok(())
    }

    /// Makes the file of its parts. One that is not what was declared is forgotten: nobody can say which byte is wrong.
    async fn finish(&self, progress: &mut Progress) -> Result<(), ApiError> {
        let (store, files) = (&self.state.store, self.state.uploads.files()?);
        let Upload { sha256, length, .. } = &self.upload;
        let claim = ClaimBlobParams { sha256: sha256.clone(), size: *length, now: now() };
        if !store.claim_blob(claim).await? {
            // It is just being removed; in a moment it can be made anew.
            return Err(ApiError::Unavailable);
        }
        let counted = store.upload_parts(self.which.clone()).await?;
        let names: Vec<String> = counted.into_iter().map(|part| part.name).chain(progress.names()).collect();
        let is_right = match files.assemble(&self.which.id, &names, sha256).await {
            Err(FileError::Missing(_)) => false,
            outcome => outcome?,
        };
        let (upload, holder) = (self.which.clone(), self.holder.clone());
        if is_right {
            if !store.finish_upload(FinishUploadParams { upload, holder, now: now() }).await? {
                return Err(ApiError::UploadLocked);
            }
        } else {
            let params = EndUploadParams { upload, why: EndUpload::Wrong(holder), now: now() };
            if !store.end_upload(params).await? {
                return Err(ApiError::UploadLocked);
            }
        }
        progress.pending.clear();
        if let Err(error) = files.remove_all_parts(&self.which.id).await {
            tracing::warn!("the parts of an upload could not be removed: {error}");
        }
        if is_right { Ok(()) } else { Err(ApiError::ChecksumMismatch) }
    }
}
