use countersign_domain::access::Rule;
use countersign_web::rest::{Declared, declared};
use serde_json::json;

use crate::support::{Answer, PASSWORD, Server};

const SOME_ID: &str = "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55";

async fn call(server: &Server, route: &Declared, token: Option<&str>) -> Answer {
    let path = route
        .path
        .replace("{id}", SOME_ID)
        .replace("{name}", "editor");
    let request = server.request(route.method.as_str(), &path);
    let request = match token {
        Some(token) => request.bearer(token),
        None => request,
    };
    request.send().await
}

fn scope_of(route: &Declared) -> Option<&'static str> {
    match route.rule {
        Rule::Public => None,
        Rule::Scope(scope) | Rule::SessionWithScope(scope) => Some(scope),
    }
}

#[tokio::test]
async fn without_a_token_every_route_but_the_public_ones_is_shut() {
    let server = Server::start().await;
    let mut public = Vec::new();
    for route in declared() {
        if scope_of(&route).is_none() {
            public.push(format!("{} {}", route.method, route.path));
            continue;
        }
        let answer = call(&server, &route, None).await.expect(401);
        assert_eq!(answer.code(), "unauthenticated", "{route:?}");
        assert_eq!(answer.header("www-authenticate"), Some("Bearer"));
        let answer = call(&server, &route, Some("nonsense")).await.expect(401);
        assert_eq!(answer.code(), "invalid_token", "{route:?}");
        let challenge = answer.header("www-authenticate").unwrap();
        assert!(challenge.starts_with("Bearer error=\"invalid_token\", error_description=\""));
    }
    public.sort();
    let listed: Vec<&str> = include_str!("public_routes.txt").lines().collect();
    assert_eq!(public, listed);
}

#[tokio::test]
async fn a_token_without_the_scope_is_not_enough() {
    let server = Server::start().await;
    server.sign_up_admin("root").await;
    for route in declared() {
        let Some(scope) = scope_of(&route) else {
            continue;
        };
        let others: Vec<_> = countersign_domain::role::scope::ALL
            .into_iter()
            .filter(|one| *one != scope)
            .collect();
        let body = json!({ "identifier": "root", "password": PASSWORD, "scope": others.join(" ") });
        let root = server.log_in_with(body).await;
        let answer = call(&server, &route, Some(&root.access_token))
            .await
            .expect(403);
        assert_eq!(answer.code(), "insufficient_scope", "{route:?}");
        let challenge = format!("Bearer error=\"insufficient_scope\", scope=\"{scope}\"");
        assert_eq!(answer.header("www-authenticate"), Some(challenge.as_str()));
    }
}

#[tokio::test]
async fn what_takes_a_session_takes_no_personal_token() {
    let server = Server::start().await;
    let root = server.sign_up_admin("root").await;
    let all = countersign_domain::role::scope::ALL.join(" ");
    let body = json!({ "name": "all", "scope": all });
    let made = server
        .post("/v1/tokens")
        .bearer(&root.access_token)
        .json(&body)
        .send()
        .await;
    let token = made.expect(201).json()["token"]
        .as_str()
        .unwrap()
        .to_owned();
    for route in declared() {
        let answer = call(&server, &route, Some(&token)).await;
        let is_refused = answer.code() == "session_required";
        let wants_session = matches!(route.rule, Rule::SessionWithScope(_));
        assert_eq!(
            is_refused,
            wants_session || route.path == "/v1/logout",
            "{route:?}"
        );
    }
}
