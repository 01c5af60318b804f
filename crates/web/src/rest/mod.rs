//! REST under `/v1`, and what the instance says of itself: a file per address.

mod admin_users;
mod audit_events;
mod log_in;
mod log_out;
mod me;
mod page;
mod password;
mod path;
mod refresh;
mod register;
mod roles;
mod route;
mod routes;
mod sessions;
mod shapes;
mod tokens;
mod user_authority;
mod user_sessions;
mod verify;
mod weak;

pub(crate) use path::Named;
pub use route::Declared;
pub(crate) use route::Route;
pub(crate) use routes::routes;

use axum::Router;
use axum::middleware::from_fn_with_state;

use crate::WebState;
use crate::kernel::identify;

/// All routes, each behind its rule.
pub(crate) fn router(web: &WebState) -> Router<WebState> {
    routes().into_iter().fold(Router::new(), |router, route| {
        let guard = from_fn_with_state((web.clone(), route.rule), identify::guard);
        router.route(route.path, route.endpoint.route_layer(guard))
    })
}

/// What the route table declares, for those who check it.
pub fn declared() -> Vec<Declared> {
    routes().iter().map(Declared::from).collect()
}
