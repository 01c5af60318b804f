//! The tutorials' tour through a function: sign up, log in, me, refresh, and the same over GraphQL.

use serde_json::json;

use crate::event::{Event, Kind};
use crate::function::Function;

const PASSWORD: &str = "correct-Horse-battery-9-staple";

#[test]
fn every_gateway_signs_up_logs_in_shows_me_and_refreshes() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[]);
    for kind in Kind::ALL {
        let email = format!("{kind:?}@example.com").to_lowercase();
        let person = json!({ "email": email, "password": PASSWORD });
        let made = function
            .send(&Event::post(kind, "/v1/register", &person))
            .expect(201);
        let id = made.json()["user"]["id"].as_str().unwrap().to_owned();
        assert_eq!(made.header("location"), Some(&*format!("/v1/users/{id}")));

        let credentials = json!({ "identifier": email, "password": PASSWORD });
        let login = function
            .send(&Event::post(kind, "/v1/login", &credentials))
            .expect(200)
            .json();
        let access = login["access_token"].as_str().unwrap();
        let me = function
            .send(&Event::get(kind, "/v1/me").bearer(access))
            .expect(200);
        assert_eq!(me.json()["email"], email);

        let refresh = json!({ "refresh_token": login["refresh_token"] });
        let fresh = function
            .send(&Event::post(kind, "/v1/refresh", &refresh))
            .expect(200)
            .json();
        let fresh = fresh["access_token"].as_str().unwrap();
        let query = json!({ "query": "{ me { email } }" });
        let graphql = Event::post(kind, "/graphql", &query).bearer(fresh);
        let answer = function.send(&graphql).expect(200);
        assert_eq!(answer.json()["data"]["me"]["email"], email);

        function
            .send(&Event::post(kind, "/v1/logout", &json!({})).bearer(fresh))
            .expect(204);
        let ended = function
            .send(&Event::get(kind, "/v1/me").bearer(fresh))
            .expect(401);
        assert_eq!(ended.json()["reason"], "session_ended");
        assert!(ended.header("www-authenticate").is_some());
    }
}
