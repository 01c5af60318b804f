//! A GraphQL API that Countersign's tokens open: a public query, one for whoever is logged in, one for
//! admins, a mutation that takes a scope, and a subscription that ends with its token.
//!
//! `cargo run -p example-async-graphql-api -- [ISSUER] [ADDRESS]`, or `-- --sdl`; see README.md beside this.

mod schema;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::response::Response;
use axum::routing::{get, post};
use axum::{Json, Router};
use countersign_verify::graphql::{RequestPrincipal as _, federation_sdl};
use countersign_verify::websocket::{PROTOCOL, Subscriptions};
use countersign_verify::{
    Algorithm, AuthenticateLayer, Expected, Introspection, JwksSource, Principal, Verifier,
};

use crate::schema::Api;

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1).peekable();
    let api = schema::api();
    if arguments.peek().is_some_and(|first| first == "--sdl") {
        print!("{}", federation_sdl(&api));
        return Ok(());
    }
    let issuer = arguments
        .next()
        .unwrap_or_else(|| "http://127.0.0.1:4455".to_owned());
    let address = arguments
        .next()
        .unwrap_or_else(|| "127.0.0.1:4461".to_owned());

    // Countersign's own audience is its issuer, unless it is configured otherwise.
    let expected = Expected::new(issuer.parse()?, issuer.parse()?, Algorithm::Es256);
    let keys = JwksSource::discover_oauth(&issuer.parse()?)?;
    let personal = Introspection::countersign(issuer.parse()?, issuer.parse()?)?;
    let verifier = Verifier::new(expected, keys).or_introspection(personal);

    let listener = tokio::net::TcpListener::bind(address).await?;
    println!("http://{}/graphql", listener.local_addr()?);
    axum::serve(listener, router(verifier, api)).await?;
    Ok(())
}

fn router(verifier: Verifier, api: Api) -> Router {
    let subscriptions = Subscriptions::required(verifier.clone(), api.clone());
    let queries = Router::new()
        .route("/graphql", post(graphql))
        // Nobody in particular may ask too; the schema says what for. A bad token gets 401 here.
        .layer(AuthenticateLayer::optional(verifier))
        .with_state(api);
    Router::new()
        .route("/graphql/ws", get(subscribe))
        .with_state(subscriptions)
        .merge(queries)
}

/// One operation, as a JSON body; a mutation can't come by GET or by a form.
async fn graphql(
    State(api): State<Api>,
    caller: Option<Principal>,
    Json(request): Json<async_graphql::Request>,
) -> Json<async_graphql::Response> {
    Json(api.execute(request.with_principal(caller)).await)
}

async fn subscribe(
    State(subscriptions): State<Subscriptions<Api>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(64 * 1024)
        .on_upgrade(async move |socket| subscriptions.serve_axum(socket).await)
}
