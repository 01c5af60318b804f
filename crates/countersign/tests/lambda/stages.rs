//! Stages and mappings: the address that a client uses has a path of the gateway's before ours.

use serde_json::json;

use crate::event::{Event, Kind};
use crate::function::Function;

const PASSWORD: &str = "correct-Horse-battery-9-staple";

#[test]
fn the_stage_in_the_path_of_an_http_api_is_not_a_part_of_the_route() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[]);
    for (kind, path) in [
        (Kind::HttpApi, "/prod/openapi.json"),
        (Kind::HttpApi1, "/prod/openapi.json"),
        // A REST API gives the path without its stage.
        (Kind::RestApi, "/openapi.json"),
    ] {
        let event = Event::get(kind, path).stage("prod");
        function.send(&event).expect(200);
        assert_eq!(function.last_line()["span"]["route"], "/openapi.json");
    }
    // A stage may be called like a route; a REST API's path is never cut.
    let event = Event::get(Kind::RestApi, "/v1/me").stage("v1");
    function.send(&event).expect(401);
    let event = Event::get(Kind::HttpApi, "/v1/v1/me").stage("v1");
    function.send(&event).expect(401);
    let event = Event::get(Kind::HttpApi, "/production/v1/me").stage("prod");
    function.send(&event).expect(404);
}

#[test]
fn below_a_base_path_every_address_that_is_told_has_it() {
    let dir = tempfile::tempdir().unwrap();
    let base = [("HTTP_BASE_PATH", "/auth")];
    let function = Function::start(dir.path(), &base);
    let get = |path: &str| function.send(&Event::get(Kind::RestApi, path));

    let index = get("/auth").expect(200).json();
    for name in ["graphql", "rest", "openapi", "jwks", "metadata"] {
        assert!(
            index[name].as_str().unwrap().starts_with("/auth/"),
            "{index}"
        );
    }
    let metadata = get(index["metadata"].as_str().unwrap()).expect(200).json();
    assert_eq!(metadata["issuer"], "https://auth.example.com/auth");
    let keys = metadata["jwks_uri"].as_str().unwrap();
    let keys = keys.strip_prefix("https://auth.example.com").unwrap();
    assert_eq!(keys, "/auth/.well-known/jwks.json");
    get(keys).expect(200);
    let document = get("/auth/openapi.json").expect(200).json();
    assert_eq!(document["servers"], json!([{ "url": "/auth" }]));
    let problem = get("/auth/v1/me").expect(401).json();
    get(problem["type"].as_str().unwrap()).expect(200);
    assert_eq!(problem["type"], "/auth/problems/unauthenticated");

    let person = json!({ "email": "ada@example.com", "password": PASSWORD });
    let made = function.send(&Event::post(Kind::RestApi, "/auth/v1/register", &person));
    let location = made.header("location").unwrap().to_owned();
    assert!(location.starts_with("/auth/v1/users/"), "{location}");
    // What is in front may have taken the path off.
    let login = json!({ "identifier": "ada@example.com", "password": PASSWORD });
    function
        .send(&Event::post(Kind::RestApi, "/v1/login", &login))
        .expect(200);
    get("/authority").expect(404);
}

#[test]
fn a_stage_and_a_mapping_come_off_one_after_the_other() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[("HTTP_BASE_PATH", "/prod")]);
    for event in [
        // `https://x.execute-api…/prod/graphql`, of both kinds of API.
        Event::get(Kind::HttpApi, "/prod/v1/me").stage("prod"),
        Event::get(Kind::RestApi, "/v1/me").stage("prod"),
        Event::get(Kind::FunctionUrl, "/prod/v1/me"),
    ] {
        let answer = function.send(&event).expect(401).json();
        assert_eq!(answer["type"], "/prod/problems/unauthenticated");
    }
}
