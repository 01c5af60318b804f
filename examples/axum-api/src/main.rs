//! An API that Countersign's tokens open: one route for anybody, one for whoever is logged in, one
//! for whoever has a scope.
//!
//! `cargo run -p example-axum-api -- [ISSUER] [ADDRESS]`; see README.md beside this.

use axum::routing::{get, post};
use axum::{Json, Router};
use countersign_verify::{
    Algorithm, AuthenticateLayer, Expected, JwksSource, Principal, RequireScopesLayer, Scopes,
    Verifier,
};
use serde_json::{Value, json};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let issuer = arguments
        .next()
        .unwrap_or_else(|| "http://127.0.0.1:4455".to_owned());
    let address = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:4460".to_owned());

    // Countersign's own audience is its issuer, unless it is configured otherwise.
    let expected = Expected::new(issuer.parse()?, issuer.parse()?, Algorithm::Es256);
    let keys = JwksSource::new(&format!("{issuer}/.well-known/jwks.json"))?;
    let verifier = Verifier::new(expected, keys);

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}", listener.local_addr()?);
    axum::serve(listener, router(verifier)?).await?;
    Ok(())
}

fn router(verifier: Verifier) -> Result<Router, Box<dyn std::error::Error>> {
    let may_write: Scopes = "comments:write".parse()?;
    let private = Router::new()
        .route("/hello", get(hello))
        .route(
            "/comments",
            post(add_comment).layer(RequireScopesLayer::new(may_write)),
        )
        .layer(AuthenticateLayer::required(verifier));
    Ok(Router::new()
        .route("/public", get(async || "anybody may read this\n"))
        .merge(private))
}

async fn hello(caller: Principal) -> Json<Value> {
    Json(json!({ "message": format!("hello, {}", caller.subject()) }))
}

async fn add_comment(caller: Principal) -> Json<Value> {
    Json(json!({ "comment": { "author": caller.subject() } }))
}
