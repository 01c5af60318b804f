//! TLS: the authority and the host name are verified, whatever else.

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "this is test code: it ends at the first surprise"
)]

#[path = "support/mod.rs"]
mod support;

use std::path::Path;
use std::sync::Arc;

use countersign_app::ports::store::StoreLimits;
use countersign_app::ports::{Store, StoreError};
use countersign_store_dynamodb::{DynamoDbError, DynamoDbOptions, DynamoDbStore};
use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use support::front::Front;
use support::{Table, endpoint};
use tokio_rustls::TlsAcceptor;

/// An authority, and a server's certificate by it for `localhost`.
fn certified() -> (String, TlsAcceptor) {
    let authority_key = KeyPair::generate().unwrap();
    let mut authority = CertificateParams::new(Vec::new()).unwrap();
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let pem = authority.self_signed(&authority_key).unwrap().pem();
    let issuer = Issuer::new(authority, authority_key);
    let key = KeyPair::generate().unwrap();
    let leaf = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let leaf = leaf.signed_by(&key, &issuer).unwrap();
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![leaf.der().clone()], key)
        .unwrap();
    (pem, TlsAcceptor::from(Arc::new(config)))
}

fn store(url: &str, ca_file: Option<&Path>) -> Result<DynamoDbStore, DynamoDbError> {
    let options = DynamoDbOptions {
        ca_file: ca_file.map(Path::to_owned),
        limits: StoreLimits::default(),
    };
    DynamoDbStore::new(url, options)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_a_server_of_the_right_authority_and_name_is_talked_to() {
    // Over TLS the credentials are the machine's own; a test brings some that are nobody's.
    if std::env::var_os("AWS_ACCESS_KEY_ID").is_none() {
        let again = std::env::current_exe().unwrap();
        let status = tokio::process::Command::new(again)
            .args([
                "only_a_server_of_the_right_authority_and_name_is_talked_to",
                "--exact",
            ])
            .env("AWS_ACCESS_KEY_ID", "nobody")
            .env("AWS_SECRET_ACCESS_KEY", "nobodys")
            .status();
        assert!(status.await.unwrap().success());
        return;
    }
    let table = Table::made().await;
    let (pem, acceptor) = certified();
    let front = Front::start(&endpoint(), Some(acceptor)).await;
    let folder = tempfile::TempDir::new().unwrap();
    let right = folder.path().join("right.pem");
    std::fs::write(&right, pem).unwrap();
    let wrong = folder.path().join("wrong.pem");
    std::fs::write(&wrong, certified().0).unwrap();

    let named = table.url_at(&format!("https://localhost:{}", front.port));
    let by_number = table.url_at(&format!("https://127.0.0.1:{}", front.port));
    store(&named, Some(&right)).unwrap().ping().await.unwrap();
    for (url, ca_file) in [
        (&named, Some(wrong.as_path())),
        (&named, None),
        (&by_number, Some(right.as_path())),
    ] {
        let refused = store(url, ca_file).unwrap().ping().await;
        assert!(
            matches!(&refused, Err(StoreError::Unavailable(text)) if text.contains("certificate")),
            "{refused:?}"
        );
    }
    table.drop().await;
}

#[tokio::test]
async fn that_there_are_no_credentials_is_said_so() {
    // Over TLS the credentials are the machine's own; this one has none.
    if std::env::var_os("AWS_EC2_METADATA_DISABLED").is_none() {
        let again = std::env::current_exe().unwrap();
        let status = tokio::process::Command::new(again)
            .args(["that_there_are_no_credentials_is_said_so", "--exact"])
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("HOME", "/nowhere")
            .env_remove("AWS_ACCESS_KEY_ID")
            .env_remove("AWS_SECRET_ACCESS_KEY")
            .env_remove("AWS_PROFILE")
            .status();
        assert!(status.await.unwrap().success());
        return;
    }
    let url = Table::named().url_at("https://localhost:9");
    let refused = store(&url, None).unwrap().ping().await;
    assert!(
        matches!(&refused, Err(StoreError::Unavailable(text)) if text.contains("credentials")),
        "{refused:?}"
    );
}

#[test]
fn a_file_that_is_no_authority_is_refused_at_once() {
    let folder = tempfile::TempDir::new().unwrap();
    let missing = folder.path().join("missing.pem");
    let url = "dynamodb://eu-central-1/countersign";
    let error = store(url, Some(&missing)).unwrap_err();
    assert!(matches!(error, DynamoDbError::CaFile { .. }), "{error}");
    std::fs::write(&missing, "nothing").unwrap();
    let error = store(url, Some(&missing)).unwrap_err();
    assert!(matches!(error, DynamoDbError::NoCertificate(_)), "{error}");
    assert_eq!(error.code(), "store_ca_file");
}
