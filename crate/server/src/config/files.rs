//! Where files are kept.

use std::fmt;
use std::path::PathBuf;

/// Where files are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilesAt {
    /// In this directory.
    Directory(PathBuf),
    /// In a bucket.
    Bucket {
        /// Its name.
        name: String,
        /// What their names begin with, which may be nothing.
        prefix: String,
    },
}

impl FilesAt {
    /// What is wrong with a text that is none.
    pub const WRONG: &str =
        "has to be a directory, or s3://BUCKET/PREFIX (without keys: those are in the environment)";

    /// Reads a path, or `s3://BUCKET/PREFIX`.
    pub fn parse(text: &str) -> Option<FilesAt> {
        let Some(place) = text.strip_prefix("s3://") else {
            let is_path = !text.is_empty() && !text.contains("://");
            return is_path.then(|| FilesAt::Directory(text.into()));
        };
        let (name, prefix) = place.split_once('/').unwrap_or((place, ""));
        let plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.');
        // By the rules for names of buckets; anything else, such as a key before an @, is not read.
        let is_name = (3..=63).contains(&name.len()) && name.bytes().all(plain);
        let prefix = prefix.trim_matches('/').to_owned();
        is_name.then(|| FilesAt::Bucket { name: name.to_owned(), prefix })
    }
}

impl fmt::Display for FilesAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FilesAt::Directory(path) => path.display().fmt(f),
            FilesAt::Bucket { name, prefix } => write!(f, "s3://{name}/{prefix}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_directory_or_a_bucket() {
        assert_eq!(FilesAt::parse("/var/files"), Some(FilesAt::Directory("/var/files".into())));
        assert_eq!(FilesAt::parse("files"), Some(FilesAt::Directory("files".into())));
        let bucket =
            |name: &str, prefix: &str| Some(FilesAt::Bucket { name: name.into(), prefix: prefix.into() });
        assert_eq!(FilesAt::parse("s3://my-bucket"), bucket("my-bucket", ""));
        assert_eq!(FilesAt::parse("s3://my.bucket/a/b/"), bucket("my.bucket", "a/b"));
        for wrong in
            ["", "s3://", "s3://ab", "s3://My-Bucket", "s3://key:secret@bucket/a", "http://x", "gs://abc"]
        {
            assert_eq!(FilesAt::parse(wrong), None, "{wrong}");
        }
    }
}
