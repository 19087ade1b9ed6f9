//! Files in a bucket. Where it is and what opens it is said by the variables that S3's own tools read, so that no secret
//! of it is ever among this server's settings: `AWS_REGION`, `AWS_ENDPOINT_URL` where it is not Amazon's,
//! `AWS_ACCESS_KEY_ID`, `AWS_SECRET_ACCESS_KEY`, and on machines of Amazon's none of these.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use object_store::aws::AmazonS3Builder;
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{BackoffConfig, RetryConfig};
use tokio_rustls::rustls::crypto::{CryptoProvider, ring};

use super::Files;

/// S3 takes no part of a file that is smaller than 5 MiB, but for the last.
const PIECE: usize = 5 << 20;
/// Within the time that a request may take.
const RETRIED_FOR: Duration = Duration::from_secs(20);
const RETRIES: usize = 5;

/// Opens a bucket. Whether it is there is seen with the first file.
pub fn open(bucket: &str, prefix: &str) -> io::Result<Files> {
    if CryptoProvider::get_default().is_none() {
        // The same as everywhere here. Where somebody else was quicker, there is one.
        let _ = ring::default_provider().install_default();
    }
    let retry =
        RetryConfig { backoff: BackoffConfig::default(), max_retries: RETRIES, retry_timeout: RETRIED_FOR };
    let place = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry);
    let place = place.build().map_err(io::Error::other)?;
    let prefix = Path::parse(prefix).map_err(io::Error::other)?;
    Ok(Files { place: Arc::new(PrefixStore::new(place, prefix)), directory: None, piece: PIECE })
}
