//! Text that people choose, with what no store should get: it is refused at the door.

use serde_json::json;

use crate::server::Server;

#[tokio::test]
async fn a_control_character_in_a_text_is_bad_input_and_breaks_nothing() {
    let server = Server::new().await;
    let scopes = "roles:write users:read account:write account:read";
    let token = server.with_scopes("root", scopes).await;
    let role = "mutation($text: String!) { defineRole(input: \
        { name: \"editor\", description: $text, scopes: [\"account:read\"] }) { __typename } }";
    let users = "query($text: String!) { users(first: 1, filter: { prefix: $text }) \
        { edges { cursor } } }";
    let name = "mutation($text: String!) { createPersonalAccessToken(input: \
        { name: $text, scopes: [\"account:read\"] }) { __typename } }";
    let profile = "mutation($text: String) { updateProfile(input: { displayName: $text }) \
        { __typename } }";
    for (document, field) in [
        (role, "/input/description"),
        (users, "/filter/prefix"),
        (name, "/input/name"),
        (profile, "/input/displayName"),
    ] {
        for text in ["a\0b", "\0", "a\u{1b}", "a\u{85}b"] {
            let answer = server
                .ask(Some(&token), document, json!({ "text": text }))
                .await;
            let error = &answer.body["errors"][0]["extensions"];
            assert_eq!(
                (&error["code"], &error["field"]),
                (&json!("BAD_USER_INPUT"), &json!(field)),
                "{text:?}: {}",
                answer.body
            );
        }
    }
}
