//! The database goes away under a server, and comes back.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::on_each_engine;
use crate::pair::Pair;
use crate::support::account::{login, registration};
use crate::support::{Account, Answer, Server};

/// How long a call may take to say that the database is away.
const ANSWER_WITHIN: Duration = Duration::from_secs(2);
/// How long the server may take to notice that it is back.
const RECOVER_WITHIN: Duration = Duration::from_secs(5);

/// Every call that needs the database, with a good token.
fn calls(server: &Server, ada: &Account, n: u32) -> Vec<(&'static str, Answer, Duration)> {
    let timed = |name, call: &dyn Fn() -> Answer| {
        let begun = Instant::now();
        (name, call(), begun.elapsed())
    };
    let refresh = json!({ "refresh_token": ada.refresh });
    let newcomer = registration(&format!("newcomer{n}@example.com"));
    let query = json!({ "query": "{ me { email } }" });
    vec![
        timed("me", &|| server.get("/v1/me", Some(&ada.access))),
        timed("refresh", &|| server.post("/v1/refresh", &refresh)),
        timed("login", &|| server.post("/v1/login", &login(&ada.email))),
        timed("register", &|| server.post("/v1/register", &newcomer)),
        timed("GraphQL me", &|| {
            let mut wire = server.connect();
            let sent = wire.send("POST", "/graphql", Some(&ada.access), Some(&query));
            sent.unwrap()
        }),
    ]
}

fn a_lost_database_is_503_in_two_seconds_and_over_five_seconds_after_its_return(
    engine: &'static str,
) {
    let pair = Pair::on(engine);
    let server = &pair.servers[0];
    let ada = Account::sign_up(server, "ada");
    let keys = server.get("/.well-known/jwks.json", None).expect(200).body;
    server.get("/v1/me", Some(&ada.access)).expect(200);
    assert_eq!(server.ops("/readyz").status, 200);

    for round in 0..2 {
        pair.database.kill();
        for n in 0..3 {
            for (name, answer, took) in calls(server, &ada, round * 10 + n) {
                assert_eq!(answer.status, 503, "{name}: {answer:?}");
                assert!(answer.header("retry-after").is_some(), "{name}: {answer:?}");
                assert!(took < ANSWER_WITHIN, "{name} took {took:?}");
            }
        }
        // What needs no database goes on, and a bad token stays a bad token.
        let set = server.get("/.well-known/jwks.json", None).expect(200);
        assert_eq!(set.body, keys);
        server.get("/v1/me", Some("nonsense")).expect(401);
        assert_eq!(server.ops("/healthz").status, 200);
        assert_eq!(server.ops("/readyz").status, 503);

        pair.database.start_again();
        let back = Instant::now();
        while server.get("/v1/me", Some(&ada.access)).status != 200 {
            assert!(back.elapsed() < RECOVER_WITHIN, "it does not recover");
            thread::sleep(Duration::from_millis(50));
        }
        server.post("/v1/login", &login(&ada.email)).expect(200);
    }
    // The token that nobody could spend meanwhile still can be.
    let mut ada = ada;
    assert_eq!(ada.refresh(&mut server.connect()).unwrap(), 200);
}

on_each_engine!(a_lost_database_is_503_in_two_seconds_and_over_five_seconds_after_its_return,);
