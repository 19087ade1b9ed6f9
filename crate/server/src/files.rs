//! Where the bytes of files are kept: those of uploads as they come, part by part, and whole files by their hashes, each
//! once. Nothing here decides what counts; that is in the [store](crate::store::upload).
//!
//! Whatever is written is on the disk once it is said to be, and is there whole or not at all.

#[cfg(feature = "s3")]
mod s3;
mod sweep;

use std::error::Error;
use std::io::{self, ErrorKind};
use std::mem;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};
use std::sync::Arc;

use axum::body::{Body, Bytes};
use futures_util::TryStreamExt;
use object_store::local::LocalFileSystem;
use object_store::memory::InMemory;
use object_store::path::Path;
use object_store::{GetOptions, GetRange, MultipartUpload, ObjectStore, ObjectStoreExt, PutPayload};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::content_hash::ContentHash;

/// Where files are kept. Clones are the same place.
#[derive(Clone, Debug)]
pub struct Files {
    place: Arc<dyn ObjectStore>,
    /// The directory, where it is one.
    directory: Option<PathBuf>,
    /// While a file is made of parts, so many bytes of it go at a time at least, but for the last: buckets take no less.
    piece: usize,
}

/// Why something was not written or read.
#[derive(Debug, Error)]
pub enum FileError {
    /// The disk is full: worth trying again once somebody has made room.
    #[error("there is no room for files: {0}")]
    Full(#[source] Box<dyn Error + Send + Sync>),
    /// It is not there.
    #[error("a file is missing: {0}")]
    Missing(#[source] Box<dyn Error + Send + Sync>),
    /// Anything else.
    #[error("files cannot be read or written: {0}")]
    Failed(#[source] Box<dyn Error + Send + Sync>),
}

impl From<object_store::Error> for FileError {
    fn from(error: object_store::Error) -> FileError {
        match error {
            error if is_full(&error) => FileError::Full(error.into()),
            error @ object_store::Error::NotFound { .. } => FileError::Missing(error.into()),
            error => FileError::Failed(error.into()),
        }
    }
}

/// Whether somewhere at its bottom is a disk without room, or a person's quota of it.
fn is_full(error: &(dyn Error + 'static)) -> bool {
    let mut cause = Some(error);
    while let Some(error) = cause {
        let kind = error.downcast_ref::<io::Error>().map(io::Error::kind);
        if matches!(kind, Some(ErrorKind::StorageFull | ErrorKind::QuotaExceeded)) {
            return true;
        }
        cause = error.source();
    }
    false
}

impl Files {
    /// In a directory, which is made where it is missing.
    pub fn open(directory: &FilePath) -> io::Result<Files> {
        make_private(directory)?;
        let place = LocalFileSystem::new_with_prefix(directory).map_err(io::Error::other)?;
        // What was acknowledged survives a power cut, not only a crash.
        let place = place.with_fsync(true).with_automatic_cleanup(true);
        Ok(Files { place: Arc::new(place), directory: Some(directory.to_owned()), piece: 1 })
    }

    /// In a bucket of S3 or of what speaks as it does, under a prefix.
    pub fn in_bucket(bucket: &str, prefix: &str) -> io::Result<Files> {
        #[cfg(feature = "s3")]
        return s3::open(bucket, prefix);
        #[cfg(not(feature = "s3"))]
        Err(io::Error::other(format!("{bucket}/{prefix}: this server was built without the feature s3")))
    }

    /// In memory, for tests.
    pub fn in_memory() -> Files {
        Files { place: Arc::new(InMemory::new()), directory: None, piece: 1 }
    }

    /// Keeps some bytes of an upload under a name of their own.
    pub async fn put_part(&self, upload: &str, name: &str, bytes: Bytes) -> Result<(), FileError> {
        self.place.put(&part(upload, name), PutPayload::from(bytes)).await?;
        Ok(())
    }

    /// Makes a file of parts, in this order; `false`, and nothing is made, where it would not have this hash. Where the
    /// file is there already it stays as it is.
    pub async fn assemble(&self, upload: &str, parts: &[String], sha256: &str) -> Result<bool, FileError> {
        let is_new = match self.place.head(&blob(sha256)).await {
            Err(object_store::Error::NotFound { .. }) => true,
            found => found.map(|_| false)?,
        };
        let mut made = if is_new { Some(self.place.put_multipart(&blob(sha256)).await?) } else { None };
        let mut hash = Sha256::new();
        let written = self.write_parts(upload, parts, &mut hash, made.as_mut()).await;
        let is_right = ContentHash(hash.finalize().into()).to_string() == sha256;
        let mut outcome = written;
        if let Some(mut made) = made {
            if outcome.is_ok() && is_right {
                outcome = made.complete().await.map(|_| ()).map_err(FileError::from);
            } else if let Err(error) = made.abort().await {
                tracing::warn!("what was written of a file could not be removed: {error}");
            }
        }
        outcome.map(|()| is_right)
    }

    /// A part at a time, which is what is in memory, or a few where the place takes no less.
    async fn write_parts(
        &self,
        upload: &str,
        parts: &[String],
        hash: &mut Sha256,
        mut made: Option<&mut Box<dyn MultipartUpload>>,
    ) -> Result<(), FileError> {
        let mut pending = Vec::new();
        for (nth, name) in parts.iter().enumerate() {
            let bytes = self.place.get(&part(upload, name)).await?.bytes().await?;
            hash.update(&bytes);
            let Some(made) = &mut made else { continue };
            pending.push(bytes);
            if nth + 1 == parts.len() || pending.iter().map(Bytes::len).sum::<usize>() >= self.piece {
                made.put_part(mem::take(&mut pending).into_iter().collect()).await?;
            }
        }
        Ok(())
    }

    /// Removes some parts of an upload.
    pub async fn remove_parts(&self, upload: &str, names: &[String]) -> Result<(), FileError> {
        for name in names {
            self.remove(&part(upload, name)).await?;
        }
        Ok(())
    }

    /// Removes all parts of an upload, those too that never counted.
    pub async fn remove_all_parts(&self, upload: &str) -> Result<(), FileError> {
        let mut parts = self.place.list(Some(&Path::from_iter(["parts", upload])));
        while let Some(found) = parts.try_next().await? {
            self.remove(&found.location).await?;
        }
        Ok(())
    }

    /// Removes a file, and the small picture of it.
    pub async fn remove_blob(&self, sha256: &str) -> Result<(), FileError> {
        self.remove_thumbnail(sha256).await?;
        self.remove(&blob(sha256)).await
    }

    /// All of a file; `None` where it has more bytes than may be in memory.
    pub async fn whole(&self, sha256: &str, most: u64) -> Result<Option<Bytes>, FileError> {
        let found = self.place.get(&blob(sha256)).await?;
        Ok(if found.meta.size > most { None } else { Some(found.bytes().await?) })
    }

    /// Keeps the small picture of a file.
    pub async fn put_thumbnail(&self, sha256: &str, bytes: Bytes) -> Result<(), FileError> {
        self.place.put(&thumbnail(sha256), PutPayload::from(bytes)).await?;
        Ok(())
    }

    /// The small picture of a file.
    pub async fn thumbnail(&self, sha256: &str) -> Result<Bytes, FileError> {
        Ok(self.place.get(&thumbnail(sha256)).await?.bytes().await?)
    }

    /// Removes the small picture of a file.
    pub async fn remove_thumbnail(&self, sha256: &str) -> Result<(), FileError> {
        self.remove(&thumbnail(sha256)).await
    }

    /// Some bytes of a file, or all of them.
    pub async fn read(&self, sha256: &str, range: Range<u64>) -> Result<Body, FileError> {
        // Of an empty range nobody can be asked for.
        let range = (!range.is_empty()).then_some(GetRange::Bounded(range));
        let found = self.place.get_opts(&blob(sha256), GetOptions { range, ..GetOptions::default() }).await?;
        Ok(Body::from_stream(found.into_stream()))
    }

    /// What is not there need not be removed.
    async fn remove(&self, path: &Path) -> Result<(), FileError> {
        match self.place.delete(path).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn part(upload: &str, name: &str) -> Path {
    Path::from_iter(["parts", upload, name])
}

fn blob(sha256: &str) -> Path {
    Path::from_iter(["blobs", sha256])
}

fn thumbnail(sha256: &str) -> Path {
    Path::from_iter(["thumbnails", sha256])
}

/// A directory that only its owner can look into.
fn make_private(directory: &FilePath) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(directory)
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;

    /// Of `hello world`.
    const HASH: &str = "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9";
    const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    async fn read(files: &Files, sha256: &str, range: Range<u64>) -> String {
        let body = files.read(sha256, range).await.unwrap();
        String::from_utf8(axum::body::to_bytes(body, usize::MAX).await.unwrap().into()).unwrap()
    }

    async fn halves(files: &Files) {
        files.put_part("u", "a", "hello ".into()).await.unwrap();
        files.put_part("u", "b", "world".into()).await.unwrap();
    }

    async fn parts_become_a_file_that_has_its_hash(files: Files) {
        halves(&files).await;
        assert!(!files.assemble("u", &names(&["b", "a"]), HASH).await.unwrap(), "in another order");
        assert!(matches!(files.read(HASH, 0..11).await, Err(FileError::Missing(_))));
        assert!(matches!(files.assemble("u", &names(&["a", "c"]), HASH).await, Err(FileError::Missing(_))));
        assert!(files.assemble("u", &names(&["a", "b"]), HASH).await.unwrap());
        assert_eq!(read(&files, HASH, 0..11).await, "hello world");
        assert_eq!(read(&files, HASH, 4..7).await, "o w");
        assert!(files.assemble("u", &names(&["a", "b"]), HASH).await.unwrap(), "it is there already");
        assert!(!files.assemble("u", &names(&["a"]), HASH).await.unwrap(), "whatever is there");
        assert!(files.assemble("u", &[], EMPTY).await.unwrap());
        assert_eq!(read(&files, EMPTY, 0..0).await, "");

        files.remove_parts("u", &names(&["a", "never"])).await.unwrap();
        files.remove_all_parts("u").await.unwrap();
        files.remove_all_parts("u").await.unwrap();
        assert!(matches!(files.assemble("u", &names(&["b"]), HASH).await, Err(FileError::Missing(_))));
        files.remove_blob(HASH).await.unwrap();
        files.remove_blob(HASH).await.unwrap();
        assert!(matches!(files.read(HASH, 0..11).await, Err(FileError::Missing(_))));
    }

    #[tokio::test]
    async fn in_a_directory_parts_become_a_file_that_has_its_hash() {
        let directory = TempDir::new().unwrap();
        let place = directory.path().join("not/there/yet");
        let files = Files::open(&place).unwrap();
        parts_become_a_file_that_has_its_hash(files).await;
        assert!(!place.join("parts/u").exists(), "no folder is left of an upload");
        Files::open(&place).unwrap();
    }

    #[tokio::test]
    async fn in_memory_parts_become_a_file_that_has_its_hash() {
        parts_become_a_file_that_has_its_hash(Files::in_memory()).await;
    }

    /// As the variables that S3's tools read say: with a bucket `fieldsync-test` that may be written to.
    #[cfg(feature = "s3")]
    #[tokio::test]
    #[ignore = "needs a server that speaks as S3 does: docs/testing.md"]
    async fn in_a_bucket_parts_become_a_file_that_has_its_hash() {
        let files = Files::in_bucket("fieldsync-test", "a/prefix").unwrap();
        parts_become_a_file_that_has_its_hash(files.clone()).await;

        // More than goes at a time, and not a multiple of it.
        let parts: Vec<Bytes> = (0..13).map(|n| Bytes::from(vec![n; (1 << 20) + usize::from(n)])).collect();
        let names: Vec<String> = (0..parts.len()).map(|n| format!("p{n}")).collect();
        for (name, part) in names.iter().zip(&parts) {
            files.put_part("large", name, part.clone()).await.unwrap();
        }
        let whole = parts.concat();
        let sha256 = ContentHash(Sha256::digest(&whole).into()).to_string();
        assert!(files.assemble("large", &names, &sha256).await.unwrap());
        let body = files.read(&sha256, 0..whole.len() as u64).await.unwrap();
        assert!(axum::body::to_bytes(body, usize::MAX).await.unwrap() == whole);
        files.remove_all_parts("large").await.unwrap();
        assert!(matches!(files.assemble("large", &names, &sha256).await, Err(FileError::Missing(_))));
        files.remove_blob(&sha256).await.unwrap();
    }

    #[test]
    fn a_full_disk_is_known_wherever_it_is_said() {
        let full = io::Error::from(ErrorKind::StorageFull);
        let error = object_store::Error::Generic { store: "test", source: Box::new(full) };
        assert!(matches!(FileError::from(error), FileError::Full(_)));
        let other = io::Error::from(ErrorKind::PermissionDenied);
        let error = object_store::Error::Generic { store: "test", source: Box::new(other) };
        assert!(matches!(FileError::from(error), FileError::Failed(_)));
    }
}
