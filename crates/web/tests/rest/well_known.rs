use insta::assert_json_snapshot;

use crate::support::Server;

#[tokio::test]
async fn the_keys_are_public_and_cached_no_longer_than_a_new_key_waits() {
    let server = Server::start().await;
    let answer = server
        .get("/.well-known/jwks.json")
        .send()
        .await
        .expect(200);
    let keys = answer.json()["keys"].clone();
    assert_eq!(keys[0]["alg"], "ES256");
    for key in keys.as_array().unwrap() {
        assert!(key.get("d").is_none() && key.get("k").is_none());
    }
    assert_eq!(answer.header("cache-control"), Some("public, max-age=300"));
    let tag = answer.header("etag").unwrap();
    let again = server
        .get("/.well-known/jwks.json")
        .header("if-none-match", tag)
        .send()
        .await;
    again.expect(304);
    let ahead = |settings: &mut countersign_app::Settings, _: &mut _| {
        settings.keys.publish_ahead = std::time::Duration::from_mins(1);
    };
    let server = Server::with(ahead).await;
    let answer = server
        .get("/.well-known/jwks.json")
        .send()
        .await
        .expect(200);
    assert_eq!(answer.header("cache-control"), Some("public, max-age=60"));
}

#[tokio::test]
async fn the_metadata_claims_what_exists() {
    let server = Server::start().await;
    let path = "/.well-known/oauth-authorization-server";
    let answer = server.get(path).send().await.expect(200);
    assert_json_snapshot!(answer.whole(), { ".headers.etag" => "[etag]" });
}

#[tokio::test]
async fn the_root_says_where_everything_is() {
    let server = Server::start().await;
    let addresses = server.get("/").send().await.expect(200).json();
    for name in ["openapi", "jwks", "metadata"] {
        server
            .get(addresses[name].as_str().unwrap())
            .send()
            .await
            .expect(200);
    }
    assert_json_snapshot!(addresses);
}
