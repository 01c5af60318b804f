//! TLS: with the right authority a connection is made, with another one or another name it is not,
//! and a password never leaves before that is known.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that can't reach its server has failed"
)]

mod server;

use std::path::{Path, PathBuf};
use std::time::Duration;

use countersign_app::ports::StoreAdmin;
use countersign_app::ports::store::{Store, StoreError, StoreLimits};
use countersign_store_mysql::{MySqlOptions, MySqlStore};
use server::{Fresh, PASSWORD, folder};
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

fn store(url: &str, ca_file: Option<PathBuf>) -> MySqlStore {
    let patient = Duration::from_secs(20);
    let limits = StoreLimits {
        acquire: patient,
        call: patient,
        bulk: patient,
        ..StoreLimits::default()
    };
    MySqlStore::new(url, MySqlOptions { limits, ca_file }).unwrap()
}

/// A user who is let in over TLS alone, so that being let in proves it.
async fn only_with_tls(fresh: &Fresh) -> String {
    let user = format!("tls_{}", fresh.name);
    fresh
        .run(&format!(
            "CREATE USER '{user}'@'%' IDENTIFIED BY '{PASSWORD}' REQUIRE SSL;
             GRANT ALL ON {}.* TO '{user}'@'%'",
            fresh.name
        ))
        .await;
    user
}

async fn forget(fresh: &Fresh, user: &str) {
    fresh.run(&format!("DROP USER '{user}'@'%'")).await;
    fresh.drop_database().await;
}

fn as_user<'u>(user: &'u str, host: &'u str) -> impl FnOnce(&str) -> String + 'u {
    move |base| {
        let (_, address) = base.rsplit_once('@').unwrap();
        let (_, port) = address.rsplit_once(':').unwrap();
        format!("mysql://{user}:open%20sesame%2F%3F@{host}:{port}")
    }
}

fn authority() -> PathBuf {
    folder().join("ca.pem")
}

async fn refused(store: &MySqlStore) -> String {
    match store.ping().await {
        Err(StoreError::Unavailable(reason)) => {
            assert!(!reason.contains("sesame"), "{reason}");
            reason
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn the_right_authority_and_name_are_accepted() {
    let fresh = Fresh::new().await;
    let user = only_with_tls(&fresh).await;
    for (host, mode) in [
        ("127.0.0.1", "VERIFY_IDENTITY"),
        ("127.0.0.1", "REQUIRED"),
        ("localhost", "VERIFY_IDENTITY"),
    ] {
        let url = fresh.url_with(as_user(&user, host));
        let store = store(&format!("{url}?ssl-mode={mode}"), Some(authority()));
        store.migrate().await.unwrap();
        store.ping().await.unwrap();
    }
    // The same user without TLS is not let in, so the above was TLS.
    let plain = store(&fresh.url_with(as_user(&user, "127.0.0.1")), None);
    let reason = refused(&plain).await;
    assert!(reason.contains("refuses the user"), "{reason}");
    forget(&fresh, &user).await;
}

#[tokio::test]
async fn another_authority_is_refused() {
    let fresh = Fresh::new().await;
    let folder = tempfile::tempdir().unwrap();
    let other = folder.path().join("other.pem");
    let key = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&other, key.cert.pem()).unwrap();
    let url = fresh.url();
    for mode in ["REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY"] {
        for ca_file in [Some(other.clone()), None] {
            let store = store(&format!("{url}?ssl-mode={mode}"), ca_file);
            let reason = refused(&store).await;
            assert!(reason.contains("TLS"), "{reason}");
        }
    }
    fresh.drop_database().await;
}

/// Answers on another address, and passes everything on to the server.
async fn elsewhere(fresh: &Fresh) -> (u16, tokio::task::JoinHandle<()>) {
    let url = fresh.url();
    let (_, address) = url.rsplit_once('@').unwrap();
    let (server, _) = address.split_once('/').unwrap();
    let server = server.to_owned();
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let passing = tokio::spawn(async move {
        while let Ok((mut client, _)) = listener.accept().await {
            let mut server = TcpStream::connect(&server).await.unwrap();
            tokio::spawn(async move {
                let _ = copy_bidirectional(&mut client, &mut server).await;
            });
        }
    });
    (port, passing)
}

#[tokio::test]
async fn another_name_is_refused_in_every_mode() {
    let fresh = Fresh::new().await;
    let (port, passing) = elsewhere(&fresh).await;
    let at = |mode: &str| {
        let url = format!(
            "mysql://countersign:open%20sesame%2F%3F@127.0.0.2:{port}/{}{mode}",
            fresh.name
        );
        store(&url, Some(authority()))
    };
    // The way there is good: only the name is wrong.
    at("").migrate().await.unwrap();
    for mode in [
        "?ssl-mode=REQUIRED",
        "?ssl-mode=VERIFY_CA",
        "?ssl-mode=VERIFY_IDENTITY",
    ] {
        let reason = refused(&at(mode)).await;
        assert!(reason.contains("TLS"), "{reason}");
    }
    passing.abort();
    fresh.drop_database().await;
}

/// What a server says first, without a word of TLS.
const GREETING: &[u8] = b"\x4a\x00\x00\x00\x0a8.0.36\x00\x01\x00\x00\x00abcdefgh\x00\x00\x82\x2d\
\x02\x00\x08\x00\x15\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00ijklmnopqrst\x00mysql_native_password\x00";

#[tokio::test]
async fn a_server_without_tls_gets_no_password() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = tokio::spawn(async move {
        let (mut client, _) = listener.accept().await.unwrap();
        let mut greeting = GREETING.to_vec();
        greeting[0] = u8::try_from(greeting.len() - 4).unwrap();
        client.write_all(&greeting).await.unwrap();
        let mut said = Vec::new();
        client.read_to_end(&mut said).await.unwrap();
        said
    });
    let url = format!("mysql://u:sesame@127.0.0.1:{port}/d?ssl-mode=REQUIRED");
    let store = store(&url, Some(authority()));
    let reason = refused(&store).await;
    assert!(reason.contains("does not speak TLS"), "{reason}");
    assert_eq!(server.await.unwrap(), Vec::<u8>::new());
}

#[tokio::test]
async fn a_unix_socket_does_without() {
    let fresh = Fresh::new().await;
    let socket = folder().join("socket/mysqld.sock");
    let url = format!(
        "mysql://countersign:open%20sesame%2F%3F@localhost/{}?socket={}",
        fresh.name,
        encoded(&socket)
    );
    let store = store(&url, None);
    store.migrate().await.unwrap();
    store.ping().await.unwrap();
    fresh.drop_database().await;
}

fn encoded(path: &Path) -> String {
    path.to_str().unwrap().replace(' ', "%20")
}
