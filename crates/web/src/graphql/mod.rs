//! The GraphQL interface: the schema over the use cases, and GraphQL over HTTP.
//!
//! The engine is `async-graphql`; how requests come in and answers go out is ours, after the
//! GraphQL-over-HTTP draft (<https://graphql.github.io/graphql-over-http/draft/>). What a field may
//! show to whom stands in [`rules`] alone.

mod accept;
mod answer;
mod audit_log;
mod authority;
mod change_password;
mod change_user;
mod cost;
mod create_user;
mod date_time;
mod documents;
pub mod errors;
mod execute;
mod failures;
pub mod global_id;
mod grants;
pub mod graphiql;
mod guard;
mod http;
mod input;
mod limits;
mod log_in;
mod log_out;
mod me;
mod node;
mod paging;
mod params;
mod personal_tokens;
mod refresh;
mod roles;
pub mod rules;
mod scan;
mod schema;
mod session;
mod sessions;
mod sign_up;
mod update_profile;
mod user;
mod users;
mod verify_token;

use std::sync::Arc;

use axum::Router;
use axum::routing::get;

use crate::WebState;

pub use schema::sdl;

/// Where the endpoint is.
pub const PATH: &str = "/graphql";

/// The routes of the GraphQL interface, to go behind the kernel.
pub fn router(web: &WebState) -> Router<WebState> {
    let engine = Arc::new(execute::Engine::new(web));
    let endpoint = http::Endpoint {
        web: web.clone(),
        engine,
    };
    let graphql = get(http::get).post(http::post).with_state(endpoint);
    let routes = Router::new().route(PATH, graphql);
    if web.settings.graphql.graphiql {
        routes.merge(graphiql::router())
    } else {
        routes
    }
}
