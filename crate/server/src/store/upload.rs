//! What a server asks of its store about files: those on their way, and those that have come. What is in them is kept
//! elsewhere ([`files`](crate::files)); here is which bytes count, and who may count on them.
//!
//! An upload grows by parts. Whoever asked to write last holds it, and what the one before still brings is refused, so
//! two at once never mix, and who comes back after a broken link waits for nobody. It has all its bytes only once the
//! hash of the whole was right.

use async_trait::async_trait;
use fieldsync_protocol::{AuditEvent, Code, Millis};

use super::StoreError;
use super::audit::Noted;

/// So long after the last byte came an upload is taken for abandoned.
pub const ABANDONED_AFTER: Millis = Millis::minutes(7 * 24 * 60);
/// So long a file stays that no record uses.
pub const UNUSED_FOR: Millis = Millis::minutes(24 * 60);
/// At most so many uploads of one person are on their way.
pub const MAX_UPLOADS: u32 = 100;

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    /// Its id.
    pub id: String,
    /// The device that began it, as it named itself.
    pub device_id: Option<String>,
    /// How many bytes there will be.
    pub length: u64,
    /// How many have come; all of them, once it is done.
    pub received: u64,
    /// The SHA-256 that the whole is to have, in lower-case hexadecimal.
    pub sha256: String,
    /// What the client said of it, as it was said.
    pub metadata: String,
    /// When it was begun.
    pub created_at: Millis,
    /// When it is taken for abandoned; a whole one need not be known any longer.
    pub expires_at: Millis,
    /// When the last byte had come and the hash was right.
    pub done_at: Option<Millis>,
}

/// Some bytes of an upload, one after another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// The number of the first.
    pub starts_at: u64,
    /// How many.
    pub length: u64,
    /// What they are called among the files.
    pub name: String,
}

/// An upload that begins.
#[derive(Clone, Debug)]
pub struct BeginUploadParams {
    /// Whose.
    pub user_id: String,
    /// On which device.
    pub device_id: Option<String>,
    /// Its id, new.
    pub id: String,
    /// How many bytes there will be.
    pub length: u64,
    /// Their SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// What else the client says of it.
    pub metadata: String,
    /// The server's clock.
    pub now: Millis,
}

/// What became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BeginUploadResult {
    /// It may come.
    Begun(Upload),
    /// The person has [`MAX_UPLOADS`] on their way.
    TooMany,
}

impl BeginUploadParams {
    /// The upload before its first byte.
    pub(super) fn begun(&self) -> Upload {
        Upload {
            id: self.id.clone(),
            device_id: self.device_id.clone(),
            length: self.length,
            received: 0,
            sha256: self.sha256.clone(),
            metadata: self.metadata.clone(),
            created_at: self.now,
            expires_at: self.now + ABANDONED_AFTER,
            done_at: None,
        }
    }
}

/// Which upload.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UploadParams {
    /// Whose.
    pub user_id: String,
    /// Its id.
    pub id: String,
}

/// Somebody wants to go on with an upload.
#[derive(Clone, Debug)]
pub struct HoldParams {
    /// Which.
    pub upload: UploadParams,
    /// Where the bytes that come now begin.
    pub offset: u64,
    /// The name of the request, new.
    pub holder: String,
    /// The server's clock.
    pub now: Millis,
}

/// Whether they may.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HoldResult {
    /// It is theirs, until another asks.
    Held(Upload),
    /// There is nothing left to bring.
    Done(Upload),
    /// Other bytes are next than these.
    Elsewhere(Upload),
    /// It was abandoned for too long.
    Expired,
    /// There is no such upload of theirs.
    Unknown,
}

impl HoldParams {
    /// What is to become of it, where this is known of the upload.
    pub(super) fn judged(&self, upload: Option<Upload>) -> HoldResult {
        match upload {
            None => HoldResult::Unknown,
            Some(upload) if upload.expires_at <= self.now => HoldResult::Expired,
            Some(upload) if upload.received != self.offset => HoldResult::Elsewhere(upload),
            Some(upload) if upload.done_at.is_some() => HoldResult::Done(upload),
            Some(upload) => HoldResult::Held(Upload { expires_at: self.now + ABANDONED_AFTER, ..upload }),
        }
    }
}

/// Parts that have come, and are kept among the files.
#[derive(Clone, Debug)]
pub struct AppendParams {
    /// Of which upload.
    pub upload: UploadParams,
    /// Who brings them.
    pub holder: String,
    /// One after another, the first where the upload ended; not the last byte of it.
    pub parts: Vec<Part>,
    /// The server's clock.
    pub now: Millis,
}

/// A file that is about to be put among the files.
#[derive(Clone, Debug)]
pub struct ClaimBlobParams {
    /// Its SHA-256, in lower-case hexadecimal.
    pub sha256: String,
    /// How many bytes it has.
    pub size: u64,
    /// The server's clock.
    pub now: Millis,
}

/// An upload that is whole, and its file put among the files.
#[derive(Clone, Debug)]
pub struct FinishUploadParams {
    /// Which.
    pub upload: UploadParams,
    /// Who brought the last of it.
    pub holder: String,
    /// The server's clock.
    pub now: Millis,
}

/// An upload that is to be forgotten.
#[derive(Clone, Debug)]
pub struct EndUploadParams {
    /// Which.
    pub upload: UploadParams,
    /// Why.
    pub why: EndUpload,
    /// The server's clock.
    pub now: Millis,
}

/// Why an upload is forgotten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EndUpload {
    /// Its person says so, on this device.
    Asked(Option<String>),
    /// This request has it, and brought something else than was declared.
    Wrong(String),
    /// Nobody came back for it, or nobody need know it any longer.
    Expired,
}

impl EndUploadParams {
    /// Only where it is this request's; `None` whoever has it.
    pub(super) fn holder(&self) -> Option<&str> {
        match &self.why {
            EndUpload::Wrong(holder) => Some(holder),
            EndUpload::Asked(_) | EndUpload::Expired => None,
        }
    }

    /// That a whole one is known no longer is no event: its file stays.
    pub(super) fn noted(&self, upload: &Upload) -> Option<Noted> {
        let noted = match &self.why {
            EndUpload::Asked(device_id) => Noted::done(AuditEvent::UploadEnd, device_id.clone()),
            EndUpload::Wrong(_) => {
                Noted::refused(AuditEvent::UploadFinish, upload.device_id.clone(), Code::ChecksumMismatch)
            }
            EndUpload::Expired => Noted::done(AuditEvent::UploadEnd, None),
        };
        let is_event = upload.done_at.is_none() || self.why != EndUpload::Expired;
        is_event.then(|| Noted { upload_id: Some(self.upload.id.clone()), ..noted })
    }
}

impl BeginUploadParams {
    pub(super) fn noted(&self) -> Noted {
        let noted = Noted::done(AuditEvent::UploadBegin, self.device_id.clone());
        Noted { upload_id: Some(self.id.clone()), ..noted }
    }
}

impl FinishUploadParams {
    pub(super) fn noted(&self, upload: &Upload) -> Noted {
        let noted = Noted::done(AuditEvent::UploadFinish, upload.device_id.clone());
        Noted { upload_id: Some(self.upload.id.clone()), ..noted }
    }
}

/// Files that may have to go.
#[derive(Clone, Debug)]
pub struct UnusedBlobsParams {
    /// The server's clock.
    pub now: Millis,
    /// At most so many.
    pub limit: u32,
}

impl UnusedBlobsParams {
    /// What was seen since then stays.
    pub(super) fn before(&self) -> Millis {
        self.now - UNUSED_FOR
    }
}

/// A file, as one of its users knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsedBlob {
    /// How many bytes it has.
    pub size: u64,
    /// The media type that the record gives it.
    pub mime: String,
    /// There is a small picture of it.
    pub has_thumbnail: bool,
}

/// What a server asks of its store about files. Every operation is whole or has not happened.
#[async_trait]
pub trait UploadStore: Send + Sync {
    /// Begins one.
    async fn begin_upload(&self, params: BeginUploadParams) -> Result<BeginUploadResult, StoreError>;

    /// What is known of one, expired or not.
    async fn upload(&self, params: UploadParams) -> Result<Option<Upload>, StoreError>;

    /// Gives it to whoever goes on with it where it ended.
    async fn hold_upload(&self, params: HoldParams) -> Result<HoldResult, StoreError>;

    /// Takes more of it; `false` where it is another's by now, or these are not the next bytes, and nothing was taken.
    async fn append(&self, params: AppendParams) -> Result<bool, StoreError>;

    /// What has come of it, in order.
    async fn upload_parts(&self, params: UploadParams) -> Result<Vec<Part>, StoreError>;

    /// From now on for [`UNUSED_FOR`] the file is not removed; `false` while it just is.
    async fn claim_blob(&self, params: ClaimBlobParams) -> Result<bool, StoreError>;

    /// It is whole, and its parts are no longer needed; `false` where it is another's by now, or nobody claimed the file.
    async fn finish_upload(&self, params: FinishUploadParams) -> Result<bool, StoreError>;

    /// Forgets it; `false` where there was none, or it is another's by now.
    async fn end_upload(&self, params: EndUploadParams) -> Result<bool, StoreError>;

    /// Some uploads that have expired, the first to expire first.
    async fn expired_uploads(&self, now: Millis, limit: u32) -> Result<Vec<UploadParams>, StoreError>;

    /// Marks files that nobody has used for [`UNUSED_FOR`], nor brought: from now on nobody may count on them. Gives some
    /// of those that are marked, whose bytes are to be removed.
    async fn doom_blobs(&self, params: UnusedBlobsParams) -> Result<Vec<String>, StoreError>;

    /// Forgets a file that is marked, once its bytes are gone.
    async fn forget_blob(&self, sha256: &str) -> Result<(), StoreError>;

    /// The file of this hash, where a record of the person's uses it.
    async fn used_blob(&self, user_id: &str, sha256: &str) -> Result<Option<UsedBlob>, StoreError>;
}
