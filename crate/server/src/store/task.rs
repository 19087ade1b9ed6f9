//! What a push leaves to be done by itself, such as a small picture of a photo: it begins in the push's transaction, and is
//! done by whichever process takes it. Who takes one has it for a lease; one that died in the midst of it leaves it to
//! another.

use async_trait::async_trait;
use fieldsync_protocol::Millis;

use super::StoreError;

/// The kind of task that makes a small picture.
pub const THUMBNAIL: &str = "thumbnail";

/// A question for a task.
#[derive(Clone, Debug)]
pub struct TakeTaskParams {
    /// Of which kind.
    pub kind: &'static str,
    /// The server's clock.
    pub now: Millis,
    /// So long nobody else is given it.
    pub lease: Millis,
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    /// What it is about.
    pub subject: String,
    /// How often it was taken, this time among them.
    pub attempts: u64,
}

/// A task that did not succeed.
#[derive(Clone, Debug)]
pub struct PutOffTaskParams {
    /// Of which kind.
    pub kind: &'static str,
    /// What it is about.
    pub subject: String,
    /// When it is worth trying again.
    pub due_at: Millis,
}

/// What became of a small picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thumbnail {
    /// It is there.
    Made,
    /// Nobody can make one.
    Unreadable,
}

impl Thumbnail {
    pub(super) fn number(self) -> u64 {
        match self {
            Thumbnail::Made => 1,
            Thumbnail::Unreadable => 2,
        }
    }
}

/// What a server asks of its store about tasks. Every operation is whole or has not happened.
#[async_trait]
pub trait TaskStore: Send + Sync {
    /// A task that is due, the most urgent first. Of several that ask at once, each is given another.
    async fn take_task(&self, params: TakeTaskParams) -> Result<Option<Task>, StoreError>;

    /// It is to be tried again, not before a time.
    async fn put_off_task(&self, params: PutOffTaskParams) -> Result<(), StoreError>;

    /// Ends the task of a small picture; `false` where its file is gone meanwhile, so that it is of no use.
    async fn end_thumbnail(&self, sha256: &str, thumbnail: Thumbnail) -> Result<bool, StoreError>;
}
