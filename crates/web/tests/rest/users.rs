use serde_json::{Value, json};

use crate::support::{PASSWORD, Server};

#[tokio::test]
async fn an_admin_makes_shuts_and_deletes_users() {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    let send = |method: &str, path: &str, body: Value| {
        server
            .request(method, path)
            .bearer(&root.access_token)
            .json(&body)
            .send()
    };
    let body = json!({ "username": "ada", "password": PASSWORD, "roles": [] });
    let made = send("POST", "/v1/users", body.clone()).await.expect(201);
    let path = made.header("location").unwrap().to_owned();
    assert_eq!(
        send("POST", "/v1/users", body).await.expect(409).code(),
        "username_taken"
    );
    let ghost = json!({ "username": "bob", "roles": ["ghost"] });
    assert_eq!(
        send("POST", "/v1/users", ghost).await.expect(422).code(),
        "unknown_role"
    );
    let read = server
        .get(&path)
        .bearer(&root.access_token)
        .send()
        .await
        .expect(200);
    assert_eq!(read.json(), made.json());

    let ada = server.log_in("ada").await;
    let list = server
        .get(&format!("{path}/sessions"))
        .bearer(&root.access_token)
        .send()
        .await;
    assert_eq!(
        list.expect(200).json()["sessions"][0]["id"],
        ada.session_id.as_str()
    );
    let ended = server
        .request("DELETE", &format!("{path}/sessions"))
        .bearer(&root.access_token);
    assert_eq!(
        ended.send().await.expect(200).json(),
        json!({ "ended_sessions": 1 })
    );
    server
        .get("/v1/me")
        .bearer(&ada.access_token)
        .send()
        .await
        .expect(401);

    let new = json!({ "password": "set by the admin today" });
    send("PUT", &format!("{path}/password"), new.clone())
        .await
        .expect(200);
    let login = json!({ "identifier": "ada", "password": "set by the admin today" });
    let ada = server.log_in_with(login.clone()).await;
    let shut = send(
        "PUT",
        &format!("{path}/state"),
        json!({ "state": "disabled" }),
    )
    .await;
    assert_eq!(shut.expect(200).json()["state"], "disabled");
    server
        .get("/v1/me")
        .bearer(&ada.access_token)
        .send()
        .await
        .expect(401);
    let refresh = json!({ "refresh_token": ada.refresh_token });
    server
        .post("/v1/refresh")
        .json(&refresh)
        .send()
        .await
        .expect(401);
    server
        .post("/v1/login")
        .json(&login)
        .send()
        .await
        .expect(401);

    let gone = || {
        server
            .request("DELETE", &path)
            .bearer(&root.access_token)
            .send()
    };
    gone().await.expect(204);
    gone().await.expect(404);
    server
        .get(&format!("{path}/sessions"))
        .bearer(&root.access_token)
        .send()
        .await
        .expect(404);
}

#[tokio::test]
async fn the_last_admin_can_not_vanish() {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    let own = format!("/v1/users/{}", root.id);
    let deleted = server
        .request("DELETE", &own)
        .bearer(&root.access_token)
        .send()
        .await
        .expect(409);
    assert_eq!(deleted.code(), "last_admin");
    let shut = server
        .request("PUT", &format!("{own}/state"))
        .bearer(&root.access_token)
        .json(&json!({ "state": "locked" }))
        .send()
        .await
        .expect(409);
    assert_eq!(shut.code(), "last_admin");
}

#[tokio::test]
async fn the_list_is_paged_both_ways_and_filtered() {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    for n in 0..5 {
        server.sign_up(&format!("user{n}")).await;
    }
    let get = |path: String| server.get(&path).bearer(&root.access_token).send();
    let names = |page: &Value| -> Vec<String> {
        let users = page["users"].as_array().unwrap().iter();
        users
            .map(|user| user["username"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut path = "/v1/users?limit=2&prefix=USER".to_owned();
    let mut seen = Vec::new();
    let last = loop {
        let answer = get(path.clone()).await.expect(200);
        seen.extend(names(&answer.json()));
        let link = answer.header("link").unwrap().to_owned();
        let next = link.split(", ").find(|one| one.ends_with("rel=\"next\""));
        let Some(next) = next else { break answer };
        path = next.split(['<', '>']).nth(1).unwrap().to_owned();
        assert!(path.contains("prefix=USER") && path.contains("limit=2"));
    };
    assert_eq!(seen, ["user0", "user1", "user2", "user3", "user4"]);
    assert_eq!(last.json()["next_cursor"], Value::Null);
    let before = last.json()["prev_cursor"].as_str().unwrap().to_owned();
    let page = get(format!("/v1/users?limit=2&before={before}"))
        .await
        .expect(200)
        .json();
    assert_eq!(names(&page), ["user2", "user3"]);
    assert!(page["next_cursor"].is_string() && page["prev_cursor"].is_string());
    let end = get("/v1/users?limit=1&before=".to_owned())
        .await
        .expect(200)
        .json();
    assert_eq!(
        (names(&end), &end["next_cursor"]),
        (vec!["user4".to_owned()], &Value::Null)
    );
    let admins = get("/v1/users?role=admin&state=active".to_owned())
        .await
        .expect(200)
        .json();
    assert_eq!(names(&admins), ["root"]);
    // No wildcards.
    let none = get("/v1/users?prefix=%25".to_owned())
        .await
        .expect(200)
        .json();
    assert_eq!(none["users"], json!([]));
}

/// CVE-2026-33504: a cursor can't carry a query.
#[tokio::test]
async fn a_query_that_is_none_of_ours_is_refused() {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    for query in [
        "after=%27%20OR%201%3D1%20--",
        "after=eyJpZCI6eyIkZ3QiOiIifX0",
        "after[$gt]=",
        "before=AAAA",
        "limit=0",
        "limit=101",
        "limit=-1",
        "limit=1e2",
        "state=deleted",
        "role=Admin",
        "offset=10",
        "limit=1&limit=2",
        "after=AZel8nw-fUGbHC9vDYpOVQ&before=AZel8nw-fUGbHC9vDYpOVQ",
    ] {
        let answer = server
            .get(&format!("/v1/users?{query}"))
            .bearer(&root.access_token)
            .send()
            .await;
        assert_eq!(answer.expect(400).code(), "invalid_query", "{query}");
    }
}
