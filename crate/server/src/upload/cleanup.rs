//! What nobody came back for is removed: uploads that were abandoned, and files that no record uses. First the bytes and
//! then what is known of them, so that what breaks off in between is found again.

use fieldsync_protocol::Millis;

use crate::files::Files;
use crate::store::upload::{EndUpload, EndUploadParams, UnusedBlobsParams};
use crate::store::{Store, StoreError};

/// So many are looked up at a time.
const TOGETHER: u32 = 500;

/// What was removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// So many uploads, whole ones among them whose file has had its day.
    pub uploads: u64,
    /// So many files.
    pub files: u64,
}

/// Removes it. What cannot be removed is left for another day.
pub async fn clean(
    store: &dyn Store,
    files: &Files,
    clock: &(impl Fn() -> Millis + Sync),
) -> Result<Removed, StoreError> {
    let mut removed = Removed::default();
    loop {
        let expired = store.expired_uploads(clock(), TOGETHER).await?;
        let mut gone = 0;
        for upload in &expired {
            if let Err(error) = files.remove_all_parts(&upload.id).await {
                tracing::error!("an abandoned upload could not be removed: {error}");
                continue;
            }
            let params = EndUploadParams { upload: upload.clone(), why: EndUpload::Expired, now: clock() };
            gone += u64::from(store.end_upload(params).await?);
        }
        removed.uploads += gone;
        if gone == 0 || expired.len() < TOGETHER as usize {
            break;
        }
    }
    loop {
        let unused = store.doom_blobs(UnusedBlobsParams { now: clock(), limit: TOGETHER }).await?;
        let mut gone = 0;
        for sha256 in &unused {
            if let Err(error) = files.remove_blob(sha256).await {
                tracing::error!("an unused file could not be removed: {error}");
                continue;
            }
            store.forget_blob(sha256).await?;
            gone += 1;
        }
        removed.files += gone;
        if gone == 0 || unused.len() < TOGETHER as usize {
            break;
        }
    }
    match files.sweep().await {
        Ok(swept) => removed.files += swept,
        Err(error) => tracing::error!("what was left half-written could not be removed: {error}"),
    }
    Ok(removed)
}
