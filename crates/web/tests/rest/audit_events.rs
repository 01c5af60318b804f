use serde_json::{Value, json};

use crate::support::{PASSWORD, Server};

#[tokio::test]
async fn the_log_tells_who_did_what_from_where_and_no_secret() {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    let ada = server.sign_up("ada").await;
    let bad = json!({ "identifier": "ada", "password": "hunter2 hunter2" });
    let refused = server
        .post("/v1/login")
        .from("2001:db8::9")
        .json(&bad)
        .send()
        .await
        .expect(401);

    let get = |query: &str| {
        server
            .get(&format!("/v1/audit-events?{query}"))
            .bearer(&root.access_token)
            .send()
    };
    let page = get(&format!("user_id={}&action=session.login_refused", ada.id))
        .await
        .expect(200);
    let event = &page.json()["events"][0];
    assert_eq!(event["actor"], json!({ "kind": "anonymous" }));
    assert_eq!(event["address"], "2001:db8::9");
    assert_eq!(event["request_id"].as_str(), refused.header("x-request-id"));
    assert_eq!(event["detail"], json!({ "reason": "wrong_password" }));

    let all = get("limit=100").await.expect(200);
    let text = String::from_utf8_lossy(&all.body).into_owned();
    for secret in [PASSWORD, "hunter2", "csr_", "eyJ", "argon2"] {
        assert!(!text.contains(secret), "{secret}");
    }
    let last = get("limit=1&before=").await.expect(200).json();
    assert_eq!(last["events"][0]["action"], "session.login_refused");
    let none = get("since=2026-02-01T00:00:00Z").await.expect(200).json();
    assert_eq!(
        none,
        json!({ "events": [], "next_cursor": Value::Null, "prev_cursor": Value::Null })
    );
    assert_eq!(
        get("action=everything").await.expect(400).code(),
        "invalid_query"
    );
    assert_eq!(
        get("since=yesterday").await.expect(400).code(),
        "invalid_query"
    );
}
