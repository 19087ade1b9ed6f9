//! HTTPS, with a certificate made for the test.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;
use std::sync::Arc;

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::support::command;

/// A certificate for `localhost`, with its files.
fn certificate(directory: &Path) -> CertificateDer<'static> {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    fs::write(directory.join("certificate.pem"), cert.pem()).unwrap();
    fs::write(directory.join("key.pem"), signing_key.serialize_pem()).unwrap();
    cert.der().clone()
}

fn trusting(certificate: CertificateDer<'static>) -> TlsConnector {
    let mut roots = RootCertStore::empty();
    roots.add(certificate).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    TlsConnector::from(Arc::new(config))
}

#[tokio::test]
async fn https_is_served_with_a_certificate_and_its_key() {
    let directory = TempDir::new().unwrap();
    let connector = trusting(certificate(directory.path()));
    let mut server = command(&["serve", "--demo", "--listen", "127.0.0.1:0"])
        .args(["--tls-certificate", "certificate.pem", "--tls-key", "key.pem"])
        .current_dir(directory.path())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let address =
        line.trim().strip_prefix("fieldsync is at https://").expect("it says that it is HTTPS").to_owned();

    // One that knows no TLS is not answered, and is in nobody's way.
    let mut plain = TcpStream::connect(&address).await.unwrap();
    plain.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    let mut answer = Vec::new();
    let _ = plain.read_to_end(&mut answer).await;
    assert!(!answer.starts_with(b"HTTP"));

    let stream = TcpStream::connect(&address).await.unwrap();
    let mut stream = connector.connect(ServerName::try_from("localhost").unwrap(), stream).await.unwrap();
    stream.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    // It may close without a farewell.
    let _ = stream.read_to_string(&mut answer).await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.ends_with("ok"), "{answer}");
    server.kill().unwrap();
    server.wait().unwrap();
}

#[test]
fn a_certificate_that_cannot_be_served_is_said_so() {
    let directory = TempDir::new().unwrap();
    certificate(directory.path());
    let other = TempDir::new().unwrap();
    certificate(other.path());
    fs::copy(other.path().join("key.pem"), directory.path().join("other.pem")).unwrap();
    fs::write(directory.path().join("empty.pem"), "").unwrap();
    for (certificate, key, said) in [
        ("missing.pem", "key.pem", "tls_certificate (missing.pem)"),
        ("empty.pem", "key.pem", "has no certificate"),
        ("certificate.pem", "empty.pem", "tls_key (empty.pem)"),
        ("certificate.pem", "other.pem", "cannot be used"),
    ] {
        let output = command(&["serve", "--demo", "--listen", "127.0.0.1:0"])
            .args(["--tls-certificate", certificate, "--tls-key", key])
            .current_dir(directory.path())
            .output()
            .unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(1) && error.contains(said), "{error}");
    }
}
