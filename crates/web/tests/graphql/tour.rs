//! The tutorials' way: sign up, log in, `me`, refresh, log out.

use serde_json::json;

use crate::instance::PASSWORD;
use crate::server::Server;

const GRANT: &str = "... on TokenGrant { accessToken tokenType expiresIn refreshToken scope
    sessionId user { username email displayName state } }
    ... on UserError { code message }";

#[tokio::test]
async fn a_developer_signs_up_logs_in_asks_refreshes_and_logs_out() {
    let server = Server::new().await;
    let signup = format!(
        "mutation ($input: SignupInput!) {{ signup(input: $input) {{ __typename {GRANT} }} }}"
    );
    let input = json!({ "username": "Jill", "email": "jill@example.com", "password": PASSWORD, "displayName": "Jill O'Neill" });
    let answer = server.ask(None, &signup, json!({ "input": input })).await;
    let signed_up = &answer.body["data"]["signup"];
    assert_eq!(signed_up["__typename"], "SignupSuccess", "{}", answer.body);
    assert_eq!(signed_up["user"]["username"], "jill");
    assert_eq!(signed_up["user"]["email"], "jill@example.com");

    let login = format!(
        "mutation ($input: LoginInput!) {{ login(input: $input) {{ __typename {GRANT} }} }}"
    );
    let input =
        json!({ "identifier": "JILL@example.com", "password": PASSWORD, "device": "laptop" });
    let answer = server.ask(None, &login, json!({ "input": input })).await;
    let logged_in = &answer.body["data"]["login"];
    assert_eq!(logged_in["__typename"], "LoginSuccess", "{}", answer.body);
    assert_eq!(logged_in["tokenType"], "Bearer");
    assert_eq!(logged_in["expiresIn"], 600);
    assert_eq!(logged_in["scope"], "account:read account:write");
    let access = logged_in["accessToken"].as_str().unwrap();

    let me =
        "{ me { username displayName email roles effectiveScopes sessions { device current } } }";
    for _ in 0..2 {
        let answer = server.ask(Some(access), me, json!({})).await;
        assert_eq!(
            answer.body,
            json!({ "data": { "me": {
                "username": "jill", "displayName": "Jill O'Neill", "email": "jill@example.com",
                "roles": [], "effectiveScopes": ["account:read", "account:write"],
                "sessions": [
                    { "device": "laptop", "current": true },
                    { "device": null, "current": false },
                ],
            } } })
        );
    }

    let refresh = format!(
        "mutation ($input: RefreshInput!) {{ refresh(input: $input) {{ __typename {GRANT} }} }}"
    );
    let input = json!({ "refreshToken": logged_in["refreshToken"] });
    let answer = server.ask(None, &refresh, json!({ "input": input })).await;
    let refreshed = &answer.body["data"]["refresh"];
    assert_eq!(refreshed["__typename"], "RefreshSuccess", "{}", answer.body);
    assert_eq!(refreshed["sessionId"], logged_in["sessionId"]);
    let access = refreshed["accessToken"].as_str().unwrap();

    let logout = "mutation { logout { __typename ... on LogoutSuccess { ok } } }";
    let answer = server.ask(Some(access), logout, json!({})).await;
    assert_eq!(
        answer.body,
        json!({ "data": { "logout": { "__typename": "LogoutSuccess", "ok": true } } })
    );

    let answer = server.ask(Some(access), me, json!({})).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (401, "UNAUTHENTICATED")
    );
    assert!(
        answer.headers["www-authenticate"]
            .to_str()
            .unwrap()
            .starts_with("Bearer")
    );
    let input = json!({ "refreshToken": refreshed["refreshToken"] });
    let answer = server.ask(None, &refresh, json!({ "input": input })).await;
    assert_eq!(
        answer.body["data"]["refresh"]["code"],
        "invalid_refresh_token"
    );
}

#[tokio::test]
async fn a_client_that_sends_its_dead_token_everywhere_can_still_log_in_and_refresh() {
    let server = Server::new().await;
    let (_, tokens) = server.instance.sign_up("jill").await;
    let dead = Some("eyJhbGciOiJub25lIn0.e30.");
    let refresh = "mutation ($token: String!) {
        refresh(input: { refreshToken: $token }) { __typename } }";
    let token = countersign_domain::opaque::expose(&tokens.refresh_token);
    let answer = server.ask(dead, refresh, json!({ "token": token })).await;
    assert_eq!(
        answer.body["data"]["refresh"]["__typename"],
        "RefreshSuccess"
    );
    let answer = server.ask(dead, "{ me { username } }", json!({})).await;
    assert_eq!(
        (answer.status.as_u16(), answer.code()),
        (401, "UNAUTHENTICATED")
    );
}

#[tokio::test]
async fn a_script_gets_a_token_of_its_own_which_can_be_listed_and_revoked() {
    let server = Server::new().await;
    let access = server.user("jill").await;
    let create = "mutation { createPersonalAccessToken(input: { name: \"backup\",
        scopes: [\"account:read\"], expiresIn: 3600 }) {
        ... on CreatePersonalAccessTokenSuccess { token personalAccessToken { id name scopes } }
        ... on UserError { code } } }";
    let answer = server.ask(Some(&access), create, json!({})).await;
    let made = &answer.body["data"]["createPersonalAccessToken"];
    let token = made["token"].as_str().unwrap();
    let answer = server
        .ask(Some(token), "{ me { username } }", json!({}))
        .await;
    assert_eq!(
        answer.body,
        json!({ "data": { "me": { "username": "jill" } } })
    );
    // A script can't make itself another.
    let answer = server.ask(Some(token), create, json!({})).await;
    assert_eq!(answer.code(), "FORBIDDEN");
    assert_eq!(
        answer.body["errors"][0]["extensions"]["requires"],
        "session"
    );

    let revoke =
        "mutation ($id: ID!) { revokePersonalAccessToken(input: { id: $id }) { __typename } }";
    let id = &made["personalAccessToken"]["id"];
    let answer = server.ask(Some(&access), revoke, json!({ "id": id })).await;
    assert_eq!(
        answer.body["data"]["revokePersonalAccessToken"]["__typename"],
        "RevokePersonalAccessTokenSuccess"
    );
    let answer = server
        .ask(Some(token), "{ me { username } }", json!({}))
        .await;
    assert_eq!(answer.status, 401);
}

#[tokio::test]
async fn an_api_asks_whether_a_token_is_good() {
    let server = Server::new().await;
    let access = server.user("jill").await;
    let verify = "mutation ($token: String!) { verifyToken(input: { token: $token }) {
        active token { scope roles audiences subject } } }";
    let answer = server.ask(None, verify, json!({ "token": access })).await;
    let check = &answer.body["data"]["verifyToken"];
    assert_eq!(check["active"], true);
    assert_eq!(check["token"]["scope"], "account:read account:write");
    let answer = server.ask(None, verify, json!({ "token": "x" })).await;
    assert_eq!(
        answer.body,
        json!({ "data": { "verifyToken": { "active": false, "token": null } } })
    );
}

#[tokio::test]
async fn a_user_changes_their_profile_and_a_change_in_between_is_noticed() {
    let server = Server::new().await;
    let access = server.user("jill").await;
    server.user("jack").await;
    let update = "mutation ($input: UpdateProfileInput!) { updateProfile(input: $input) {
        ... on UpdateProfileSuccess { user { username displayName version } }
        ... on UserError { code } } }";
    let ask = async |input: serde_json::Value| {
        let answer = server
            .ask(Some(&access), update, json!({ "input": input }))
            .await;
        answer.body["data"]["updateProfile"].clone()
    };
    let changed = ask(json!({ "displayName": "Jill", "expectedVersion": 1 })).await;
    assert_eq!(
        changed["user"],
        json!({ "username": "jill", "displayName": "Jill", "version": 2 })
    );
    assert_eq!(
        ask(json!({ "displayName": "J", "expectedVersion": 1 })).await["code"],
        "version_conflict"
    );
    // A stolen token can't change what one logs in with.
    for (input, code) in [
        (json!({ "username": "Jack" }), "wrong_password"),
        (
            json!({ "username": "Jack", "currentPassword": "guess" }),
            "wrong_password",
        ),
        (
            json!({ "username": "Jack", "currentPassword": PASSWORD }),
            "username_taken",
        ),
        (
            json!({ "username": null, "email": null, "currentPassword": PASSWORD }),
            "identifier_missing",
        ),
    ] {
        assert_eq!(ask(input.clone()).await["code"], code, "{input}");
    }
    assert_eq!(
        ask(json!({ "displayName": null })).await["user"]["displayName"],
        json!(null)
    );
}
