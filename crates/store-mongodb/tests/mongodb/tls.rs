//! TLS to the server: the right authority is accepted; a wrong one, and a wrong name, are refused. The
//! server speaks plain text, so a proxy speaks TLS before it.

use std::path::PathBuf;
use std::sync::Arc;

use crate::common::proxy::Proxy;
use crate::common::{TestDatabase, patience};
use countersign_app::ports::store::StoreLimits;
use countersign_app::ports::{Store as _, StoreAdmin as _, StoreError};
use countersign_store_mongodb::{MongoDbOptions, MongoDbStore};
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

/// An authority, and what it signed for the name `localhost`.
struct Authority {
    pem: String,
    acceptor: TlsAcceptor,
}

fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let key = KeyPair::generate().unwrap();
    let own = params.self_signed(&key).unwrap();
    let issuer = Issuer::new(params, key);
    let key = KeyPair::generate().unwrap();
    let certificate = CertificateParams::new(vec!["localhost".to_owned()])
        .unwrap()
        .signed_by(&key, &issuer)
        .unwrap();
    let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(
            vec![certificate.der().clone()],
            PrivateKeyDer::try_from(key.serialize_der()).unwrap(),
        )
        .unwrap();
    Authority {
        pem: own.pem(),
        acceptor: TlsAcceptor::from(Arc::new(config)),
    }
}

fn file(folder: &TempDir, pem: &str) -> PathBuf {
    let path = folder.path().join("ca.pem");
    std::fs::write(&path, pem).unwrap();
    path
}

fn store(url: &str, limits: StoreLimits, ca_file: Option<PathBuf>) -> MongoDbStore {
    MongoDbStore::new(url, MongoDbOptions { limits, ca_file }).unwrap()
}

async fn proxied(database: &TestDatabase, authority: &Authority) -> Proxy {
    let target = database.server.trim_start_matches("mongodb://");
    Proxy::before(target, Some(authority.acceptor.clone())).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_its_authority_vouches_for_is_accepted() {
    let (folder, database, authority) = (
        TempDir::new().unwrap(),
        TestDatabase::new(),
        authority("right"),
    );
    let proxy = proxied(&database, &authority).await;
    let (port, name) = (proxy.port, &database.name);
    let url = format!("mongodb://localhost:{port}/{name}?tls=true&directConnection=true");
    let store = store(&url, patience(), Some(file(&folder, &authority.pem)));
    store.migrate().await.unwrap();
    store.ping().await.unwrap();
    database.discard().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_nobody_known_vouches_for_is_refused() {
    let (folder, database) = (TempDir::new().unwrap(), TestDatabase::new());
    let (right, wrong) = (authority("right"), authority("wrong"));
    let proxy = proxied(&database, &right).await;
    let port = proxy.port;
    let url = format!("mongodb://localhost:{port}/x?tls=true&directConnection=true");
    for ca_file in [None, Some(file(&folder, &wrong.pem))] {
        let error = store(&url, StoreLimits::default(), ca_file).ping().await;
        let error = error.unwrap_err();
        assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
        assert!(error.to_string().contains("UnknownIssuer"), "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_under_another_name_is_refused() {
    let (folder, database, authority) = (
        TempDir::new().unwrap(),
        TestDatabase::new(),
        authority("right"),
    );
    let proxy = proxied(&database, &authority).await;
    let port = proxy.port;
    let url = format!("mongodb://127.0.0.1:{port}/x?tls=true&directConnection=true");
    let store = store(
        &url,
        StoreLimits::default(),
        Some(file(&folder, &authority.pem)),
    );
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
    assert!(error.to_string().contains("not valid for name"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_in_plain_text_is_refused_where_tls_is_wanted() {
    let database = TestDatabase::new();
    let url = format!("{}/x?tls=true&directConnection=true", database.server);
    let store = store(&url, StoreLimits::default(), None);
    let error = store.ping().await.unwrap_err();
    assert!(matches!(error, StoreError::Unavailable(_)), "{error}");
}
