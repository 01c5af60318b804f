//! The table of all routes. Nothing is served over REST that does not stand here, and nothing stands
//! here without the rule that says who may call it.

use countersign_domain::access::Rule::{Public, Scope, SessionWithScope};
use countersign_domain::role::scope::{
    ACCOUNT_READ, ACCOUNT_WRITE, AUDIT_READ, MONITOR_READ, ROLES_READ, ROLES_WRITE, USERS_READ,
    USERS_WRITE,
};

use super::route::{delete, get, patch, post, put};
use super::{
    Route, admin_users, audit_events, log_in, log_out, me, password, refresh, register, roles,
    sessions, tokens, user_authority, user_sessions, verify,
};
use crate::console::{invocations, overview};
use crate::well_known::{authorization_server, index, jwks, openapi, problems};

/// All routes.
///
/// A public route takes a credential of its own in the body, or gives away nothing. `/v1/logout`
/// takes a refresh token in the body or, without one, asks for the access token itself.
#[rustfmt::skip]
pub(crate) fn routes() -> Vec<Route> {
    vec![
        post("/v1/register", Public, register::handle, register::doc),
        post("/v1/login", Public, log_in::handle, log_in::doc),
        post("/v1/refresh", Public, refresh::handle, refresh::doc),
        post("/v1/logout", Public, log_out::handle, log_out::doc),
        post("/v1/verify", Public, verify::handle, verify::doc),

        get("/v1/me", Scope(ACCOUNT_READ), me::read, me::read_doc),
        patch("/v1/me", Scope(ACCOUNT_WRITE), me::change, me::change_doc),
        post("/v1/me/password", SessionWithScope(ACCOUNT_WRITE), password::change, password::change_doc),

        get("/v1/sessions", Scope(ACCOUNT_READ), sessions::list, sessions::list_doc),
        delete("/v1/sessions", Scope(ACCOUNT_WRITE), sessions::end_all, sessions::end_all_doc),
        delete("/v1/sessions/{id}", Scope(ACCOUNT_WRITE), sessions::end_one, sessions::end_one_doc),

        get("/v1/tokens", Scope(ACCOUNT_READ), tokens::list, tokens::list_doc),
        post("/v1/tokens", SessionWithScope(ACCOUNT_WRITE), tokens::create, tokens::create_doc),
        delete("/v1/tokens/{id}", Scope(ACCOUNT_WRITE), tokens::revoke, tokens::revoke_doc),

        get("/v1/users", Scope(USERS_READ), admin_users::list, admin_users::list_doc),
        post("/v1/users", Scope(USERS_WRITE), admin_users::create, admin_users::create_doc),
        get("/v1/users/{id}", Scope(USERS_READ), admin_users::read, admin_users::read_doc),
        delete("/v1/users/{id}", Scope(USERS_WRITE), admin_users::delete, admin_users::delete_doc),
        put("/v1/users/{id}/state", Scope(USERS_WRITE), admin_users::set_state, admin_users::set_state_doc),
        put("/v1/users/{id}/password", Scope(USERS_WRITE), password::set, password::set_doc),
        get("/v1/users/{id}/sessions", Scope(USERS_READ), user_sessions::list, user_sessions::list_doc),
        delete("/v1/users/{id}/sessions", Scope(USERS_WRITE), user_sessions::end, user_sessions::end_doc),
        patch("/v1/users/{id}/authority", Scope(ROLES_WRITE), user_authority::change, user_authority::change_doc),

        get("/v1/roles", Scope(ROLES_READ), roles::list, roles::list_doc),
        put("/v1/roles/{name}", Scope(ROLES_WRITE), roles::define, roles::define_doc),
        delete("/v1/roles/{name}", Scope(ROLES_WRITE), roles::delete, roles::delete_doc),

        get("/v1/audit-events", Scope(AUDIT_READ), audit_events::list, audit_events::list_doc),

        get("/v1/admin/monitor", Scope(MONITOR_READ), overview::read, overview::doc),
        get("/v1/admin/monitor/invocations", Scope(MONITOR_READ), invocations::list, invocations::list_doc),
        get("/v1/admin/monitor/invocations/{id}", Scope(MONITOR_READ), invocations::one, invocations::one_doc),

        get("/.well-known/jwks.json", Public, jwks::handle, jwks::doc),
        get("/.well-known/oauth-authorization-server", Public, authorization_server::handle, authorization_server::doc),
        get("/openapi.json", Public, openapi::handle, openapi::doc),
        get("/problems/{code}", Public, problems::handle, problems::doc),
        get("/", Public, index::handle, index::doc),
    ]
}
