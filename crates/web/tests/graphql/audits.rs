//! The audits of `graphql-http`, against a server on loopback.

use std::net::SocketAddr;
use std::process::Stdio;

use crate::server::Server;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs Node.js, and `npm ci` in tests/graphql-audits"]
async fn the_server_passes_the_audits_of_graphql_http() {
    let server = Server::new().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let service = server
        .router
        .clone()
        .into_make_service_with_connect_info::<SocketAddr>();
    tokio::spawn(async move { axum::serve(listener, service).await });
    let audits = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/graphql-audits/audits.mjs"
    );
    let url = format!("http://{address}/graphql");
    let run = tokio::task::spawn_blocking(move || {
        std::process::Command::new("node")
            .arg(audits)
            .arg(url)
            .stdin(Stdio::null())
            .output()
    });
    let output = run.await.unwrap().unwrap();
    println!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
