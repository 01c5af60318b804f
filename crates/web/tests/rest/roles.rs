use serde_json::json;

use crate::support::Server;

#[tokio::test]
async fn a_role_is_defined_changed_granted_and_deleted() {
    let server = Server::start().await;
    let (root, ada) = (
        server.sign_up_admin("root").await,
        server.sign_up("ada").await,
    );
    let put = |name: &str, scope: &str| {
        let body = json!({ "description": "Edits", "scope": scope });
        let path = format!("/v1/roles/{name}");
        server
            .request("PUT", &path)
            .bearer(&root.access_token)
            .json(&body)
            .send()
    };
    let new = put("editor", "posts:write").await.expect(201);
    assert_eq!(
        new.json(),
        json!({ "name": "editor", "description": "Edits", "scope": "posts:write", "built_in": false })
    );
    put("editor", "posts:read posts:write").await.expect(200);
    assert_eq!(
        put("admin", "posts:read").await.expect(409).code(),
        "built_in_role"
    );
    put("Not-A-Role", "posts:read").await.expect(404);

    let grant = |body: serde_json::Value| {
        let path = format!("/v1/users/{}/authority", ada.id);
        server
            .request("PATCH", &path)
            .bearer(&root.access_token)
            .json(&body)
            .send()
    };
    let granted = grant(json!({ "grant_roles": ["editor"], "grant_scope": "x:y" }))
        .await
        .expect(200);
    assert_eq!(
        (&granted.json()["roles"], &granted.json()["scope"]),
        (&json!(["editor"]), &json!("x:y"))
    );
    let unknown = grant(json!({ "grant_roles": ["ghost"] })).await.expect(422);
    assert_eq!(unknown.code(), "unknown_role");
    let body = json!({ "identifier": "ada", "password": crate::support::PASSWORD });
    let login = server
        .post("/v1/login")
        .json(&body)
        .send()
        .await
        .expect(200)
        .json();
    assert_eq!(
        login["scope"],
        "account:read account:write posts:read posts:write x:y"
    );

    let list = server
        .get("/v1/roles")
        .bearer(&root.access_token)
        .send()
        .await
        .expect(200)
        .json();
    let names: Vec<_> = list["roles"]
        .as_array()
        .unwrap()
        .iter()
        .map(|role| &role["name"])
        .collect();
    assert_eq!(names, ["admin", "user", "editor"]);
    let delete = |name: &str| {
        server
            .request("DELETE", &format!("/v1/roles/{name}"))
            .bearer(&root.access_token)
            .send()
    };
    delete("editor").await.expect(204);
    delete("editor").await.expect(404);
    assert_eq!(delete("user").await.expect(409).code(), "built_in_role");
}

#[tokio::test]
async fn nobody_grants_what_they_do_not_have() {
    let server = Server::start().await;
    let (root, clerk) = (
        server.sign_up_admin("root").await,
        server.sign_up("clerk").await,
    );
    let path = format!("/v1/users/{}/authority", clerk.id);
    let some = json!({ "grant_scope": "roles:write users:read" });
    server
        .request("PATCH", &path)
        .bearer(&root.access_token)
        .json(&some)
        .send()
        .await
        .expect(200);
    let clerk = server.log_in("clerk").await;
    for body in [
        json!({ "grant_roles": ["admin"] }),
        json!({ "grant_scope": "users:write" }),
    ] {
        let answer = server
            .request("PATCH", &path)
            .bearer(&clerk.access_token)
            .json(&body)
            .send();
        assert_eq!(answer.await.expect(403).code(), "not_yours");
    }
    let body = json!({ "scope": "users:write" });
    let role = server
        .request("PUT", "/v1/roles/mine")
        .bearer(&clerk.access_token)
        .json(&body);
    assert_eq!(role.send().await.expect(403).code(), "not_yours");
    let revoke = json!({ "revoke_roles": ["admin"] });
    let path = format!("/v1/users/{}/authority", root.id);
    let answer = server
        .request("PATCH", &path)
        .bearer(&clerk.access_token)
        .json(&revoke)
        .send();
    assert_eq!(answer.await.expect(403).code(), "not_yours");
    let answer = server
        .request("PATCH", &path)
        .bearer(&root.access_token)
        .json(&revoke)
        .send();
    assert_eq!(answer.await.expect(409).code(), "last_admin");
}
