//! The server to measure against: axum and async-graphql with the same `me`, and no
//! authentication, no store and no limits at all. Prints its address and serves until it is killed.

use async_graphql::{EmptyMutation, EmptySubscription, Object, Request, Schema, SimpleObject};
use axum::extract::State;
use axum::routing::{get, post};
use axum::{Json, Router};

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[derive(SimpleObject)]
struct User {
    id: &'static str,
    username: &'static str,
    email: &'static str,
    state: &'static str,
}

const USER: User = User {
    id: "VXNlcjowMTk3YTVmMi03YzNlLTdkNDEtOWIxYy0yZjZmMGQ4YTRlNTU",
    username: "jill",
    email: "jill@example.com",
    state: "ACTIVE",
};

struct Query;

#[Object]
impl Query {
    async fn me(&self) -> User {
        USER
    }
}

type Bare = Schema<Query, EmptyMutation, EmptySubscription>;

async fn graphql(
    State(schema): State<Bare>,
    Json(request): Json<Request>,
) -> Json<async_graphql::Response> {
    Json(schema.execute(request).await)
}

async fn me() -> Json<serde_json::Value> {
    Json(serde_json::json!({
        "id": "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55",
        "username": USER.username,
        "email": USER.email,
        "state": "active",
        "roles": [],
        "scope": "account:read account:write",
        "created_at": "2026-11-20T00:00:00.000Z",
        "updated_at": "2026-11-20T00:00:00.000Z",
    }))
}

#[tokio::main]
async fn main() {
    let schema = Schema::new(Query, EmptyMutation, EmptySubscription);
    let router = Router::new()
        .route("/graphql", post(graphql))
        .route("/v1/me", get(me))
        .with_state(schema);
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
        .await
        .expect("a free port");
    println!("{}", listener.local_addr().expect("an address"));
    axum::serve(listener, router).await.expect("serving");
}
