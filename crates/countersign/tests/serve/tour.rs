//! The tutorials' system, from sign-up to log-out, over REST and GraphQL.

use serde_json::{Value, json};

use crate::support::account::login;
use crate::support::{Account, Server, Wire};

fn graphql(server: &Server, token: Option<&str>, query: &str) -> Value {
    let body = json!({ "query": query });
    let answer = server
        .connect()
        .send("POST", "/graphql", token, Some(&body))
        .unwrap();
    answer.expect(200).json()
}

#[test]
fn the_whole_tour_over_http() {
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path());
    let mut wire: Wire<_> = server.connect();

    let mut ada = Account::sign_up(&server, "ada");
    let me = wire
        .get("/v1/me", Some(&ada.access))
        .unwrap()
        .expect(200)
        .json();
    assert_eq!(me["email"], "ada@example.com", "{me}");
    wire.get("/v1/me", None).unwrap().expect(401);
    wire.get("/v1/me", Some("nonsense")).unwrap().expect(401);

    let again = wire
        .post("/v1/login", &login("ADA@example.com"))
        .unwrap()
        .expect(200)
        .json();
    let second = Account::from_answer("ada@example.com".to_owned(), &again);
    let wrong = json!({ "identifier": "ada@example.com", "password": "not the password" });
    wire.post("/v1/login", &wrong).unwrap().expect(401);

    assert_eq!(ada.refresh(&mut wire).unwrap(), 200);
    let sessions = wire
        .get("/v1/sessions", Some(&ada.access))
        .unwrap()
        .expect(200);
    assert!(sessions.body.matches("\"id\"").count() >= 2, "{sessions:?}");

    let data = graphql(&server, Some(&ada.access), "{ me { email } }");
    assert_eq!(data["data"]["me"]["email"], "ada@example.com", "{data}");
    let data = graphql(&server, None, "{ me { email } }");
    assert_eq!(
        data["errors"][0]["extensions"]["code"], "UNAUTHENTICATED",
        "{data}"
    );

    wire.send("POST", "/v1/logout", Some(&ada.access), None)
        .unwrap()
        .expect(204);
    wire.get("/v1/me", Some(&ada.access)).unwrap().expect(401);
    assert_ne!(ada.clone().refresh(&mut wire).unwrap(), 200);
    wire.get("/v1/me", Some(&second.access))
        .unwrap()
        .expect(200);
    server.stop();
}
