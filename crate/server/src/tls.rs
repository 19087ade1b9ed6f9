//! HTTPS, for a server that stands without a proxy before it.

use std::path::Path;
use std::sync::Arc;

use thiserror::Error;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{self, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{self, ServerConfig};

use crate::config::TlsFiles;

/// HTTPS cannot be served.
#[derive(Debug, Error)]
pub enum TlsError {
    /// A file that cannot be read, or is no PEM of its kind.
    #[error("{0} ({1}) {2}")]
    File(&'static str, String, pem::Error),
    /// A file without what belongs in it.
    #[error("tls_certificate ({0}) has no certificate in it")]
    NoCertificate(String),
    /// The two do not belong together, or are of a kind that is not served.
    #[error("the certificate and its key cannot be used: {0}")]
    Unusable(#[from] rustls::Error),
}

/// What begins a connection by TLS 1.2 or 1.3. The files are read now: a new certificate is served after a restart.
pub fn acceptor(files: &TlsFiles) -> Result<TlsAcceptor, TlsError> {
    let shown = |path: &Path| path.display().to_string();
    let of_certificate = |error| TlsError::File("tls_certificate", shown(&files.certificate), error);
    let chain = CertificateDer::pem_file_iter(&files.certificate)
        .map_err(of_certificate)?
        .collect::<Result<Vec<_>, _>>()
        .map_err(of_certificate)?;
    if chain.is_empty() {
        return Err(TlsError::NoCertificate(shown(&files.certificate)));
    }
    let key = PrivateKeyDer::from_pem_file(&files.key)
        .map_err(|error| TlsError::File("tls_key", shown(&files.key), error))?;
    let mut config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(chain, key)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
