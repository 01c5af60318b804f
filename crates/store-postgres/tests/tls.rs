//! Encryption: the right authority and name are accepted, everything else is refused, and nothing
//! falls back to plain text.

#![expect(clippy::unwrap_used, clippy::panic, reason = "test code")]

use std::path::{Path, PathBuf};

use countersign_app::ports::{Store, StoreAdmin, StoreError};
use countersign_store_postgres::{PostgresError, PostgresOptions, PostgresStore};
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

mod support;

use support::{Schema, folder, url_with_password};

fn store(url: &str, ca_file: Option<PathBuf>) -> PostgresStore {
    let options = PostgresOptions {
        ca_file,
        ..PostgresOptions::default()
    };
    PostgresStore::new(url, options).unwrap()
}

fn authority() -> PathBuf {
    folder().join("ca.pem")
}

/// An authority that signed nothing.
fn stranger(folder: &Path) -> PathBuf {
    let mut parameters = rcgen::CertificateParams::new(Vec::new()).unwrap();
    parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let key = rcgen::KeyPair::generate().unwrap();
    let path = folder.join("stranger.pem");
    std::fs::write(&path, parameters.self_signed(&key).unwrap().pem()).unwrap();
    path
}

async fn refused(store: &PostgresStore, word: &str) {
    let error = store.ping().await.unwrap_err();
    let StoreError::Unavailable(why) = error else {
        panic!("{error}");
    };
    assert!(why.to_lowercase().contains(word), "{why}");
}

#[tokio::test]
async fn the_right_authority_and_name_are_accepted() {
    for host in ["127.0.0.1", "localhost"] {
        for mode in ["require", "verify-ca", "verify-full"] {
            let schema = Schema::new();
            let url = schema.url.replace("127.0.0.1", host);
            let store = store(&format!("{url}&sslmode={mode}"), Some(authority()));
            store.migrate().await.unwrap();
            let beside = schema.client().await;
            let row = beside
                .query_one(
                    "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a
                     ON a.pid = s.pid WHERE a.application_name = $1",
                    &[&schema.name],
                )
                .await
                .unwrap();
            assert_eq!(row.get::<_, Option<bool>>(0), Some(true), "{host} {mode}");
            schema.drop_all().await;
        }
    }
}

#[tokio::test]
async fn an_authority_alone_asks_for_encryption_even_on_this_machine() {
    let schema = Schema::new();
    let ca = folder().join("ca.pem");
    let url = format!("{}&sslrootcert={}", schema.url, ca.display());
    let store = store(&url, None);
    store.migrate().await.unwrap();
    let beside = schema.client().await;
    let row = beside
        .query_one(
            "SELECT bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a
             ON a.pid = s.pid WHERE a.application_name = $1",
            &[&schema.name],
        )
        .await
        .unwrap();
    assert_eq!(row.get::<_, Option<bool>>(0), Some(true));
    schema.drop_all().await;
}

#[tokio::test]
async fn another_authority_is_refused() {
    let folder = TempDir::new().unwrap();
    let url = format!("{}&sslmode=verify-full", Schema::new().url);
    refused(&store(&url, Some(stranger(folder.path()))), "certificate").await;
    // The public authorities did not sign it either, and `require` verifies as well.
    refused(&store(&url, None), "certificate").await;
    let url = format!("{}&sslmode=require", Schema::new().url);
    refused(&store(&url, None), "certificate").await;
}

#[tokio::test]
async fn another_name_is_refused() {
    let schema = Schema::new();
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (_, place) = schema.base.split_once('@').unwrap();
    let server = place.split('/').next().unwrap().to_owned();
    let target = server.clone();
    tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut behind = TcpStream::connect(&target).await.unwrap();
            tokio::spawn(async move {
                let _ = tokio::io::copy_bidirectional(&mut client, &mut behind).await;
            });
        }
    });
    let url = schema.url.replace(&server, &format!("127.0.0.2:{port}"));
    for mode in ["require", "verify-ca", "verify-full"] {
        let store = store(&format!("{url}&sslmode={mode}"), Some(authority()));
        refused(&store, "certificate").await;
    }
    // The way there works: it was the name.
    let plain = store(&format!("{url}&sslmode=disable"), None);
    plain.migrate().await.unwrap();
    schema.drop_all().await;
}

#[tokio::test]
async fn a_server_without_encryption_gets_not_a_word() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut request = [0; 8];
        client.read_exact(&mut request).await.unwrap();
        client.write_all(b"N").await.unwrap();
        let mut rest = Vec::new();
        let _ = client.read_to_end(&mut rest).await;
        (request, rest)
    });
    let url = format!("postgres://jill:s3cret@127.0.0.1:{port}/db?sslmode=require");
    refused(&store(&url, None), "tls").await;
    let (request, rest) = heard.await.unwrap();
    // The request for TLS (code 80877103), and nothing after the answer.
    assert_eq!(request, [0, 0, 0, 8, 4, 210, 22, 47]);
    assert_eq!(rest, b"");
}

#[tokio::test]
async fn a_password_is_proved_and_bound_to_the_encrypted_connection() {
    for binding in ["disable", "prefer", "require"] {
        let schema = Schema::on(&url_with_password());
        let url = format!(
            "{}&sslmode=verify-full&channel_binding={binding}",
            schema.url
        );
        let store = store(&url, Some(authority()));
        store.migrate().await.unwrap();
        store.ping().await.unwrap();
        drop(store);
        let above = support::connect(&support::superuser_url()).await;
        let clear = format!("DROP SCHEMA {} CASCADE", schema.name);
        above.batch_execute(&clear).await.unwrap();
    }
}

#[tokio::test]
async fn a_file_of_authorities_must_be_one() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("ca.pem");
    let url = "postgres://u@db.example.com/db";
    for content in [None, Some(""), Some("no certificate")] {
        if let Some(content) = content {
            std::fs::write(&path, content).unwrap();
        }
        let options = PostgresOptions {
            ca_file: Some(path.clone()),
            ..PostgresOptions::default()
        };
        let error = PostgresStore::new(url, options).unwrap_err();
        assert!(
            matches!(error, PostgresError::Authorities { .. }),
            "{error}"
        );
        assert_eq!(error.code(), "store_tls");
    }
}
