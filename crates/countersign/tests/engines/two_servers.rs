//! What two servers on one database promise to whoever is sent to the one or the other.

use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::on_each_engine;
use crate::pair::Pair;
use crate::support::account::{login, registration};
use crate::support::{Account, Answer};

/// Within this time a server signs with a key that another one made; `docs/stores/README.md` has it.
const KEYS_BOUND: Duration = Duration::from_secs(10);

/// The same call from many clients at once, to either server by turns.
fn at_once(pair: &Pair, count: usize, path: &str, body: &Value) -> Vec<Answer> {
    let start = Barrier::new(count);
    thread::scope(|scope| {
        let calls: Vec<_> = (0..count)
            .map(|_| {
                scope.spawn(|| {
                    let mut wire = pair.next().connect();
                    start.wait();
                    wire.post(path, body).unwrap()
                })
            })
            .collect();
        calls.into_iter().map(|call| call.join().unwrap()).collect()
    })
}

/// The `kid` of an access token.
fn kid(token: &str) -> String {
    let header = token.split('.').next().unwrap();
    let header = URL_SAFE_NO_PAD.decode(header).unwrap();
    let header: Value = serde_json::from_slice(&header).unwrap();
    header["kid"].as_str().unwrap().to_owned()
}

fn a_session_ended_on_one_is_over_on_the_other_at_once(engine: &'static str) {
    let pair = Pair::on(engine);
    let [one, other] = &pair.servers;
    let keys = |n: usize| pair.servers[n].get("/.well-known/jwks.json", None).body;
    assert_eq!(keys(0), keys(1), "they share their keys from the start");
    let mut ada = Account::sign_up(one, "ada");
    assert_eq!(ada.refresh(&mut other.connect()).unwrap(), 200);
    one.get("/v1/me", Some(&ada.access)).expect(200);
    other.get("/v1/me", Some(&ada.access)).expect(200);

    let ended = one
        .connect()
        .send("POST", "/v1/logout", Some(&ada.access), None);
    ended.unwrap().expect(204);
    assert_eq!(ada.clone().refresh(&mut other.connect()).unwrap(), 401);
    other.get("/v1/me", Some(&ada.access)).expect(401);
    other.post("/v1/login", &login(&ada.email)).expect(200);
}

fn a_refresh_token_is_spent_once_whichever_server_it_comes_to(engine: &'static str) {
    let pair = Pair::on(engine);
    let ada = Account::sign_up(pair.next(), "ada");
    let body = serde_json::json!({ "refresh_token": ada.refresh });
    let answers = at_once(&pair, 50, "/v1/refresh", &body);
    let spent: Vec<_> = answers.iter().filter(|a| a.status == 200).collect();
    assert_eq!(spent.len(), 1, "{answers:?}");
    let refused = answers.iter().filter(|a| a.status == 401).count();
    assert_eq!(refused, 49, "{answers:?}");
    // A spent token came back, so it was in two hands: the session is over, the successor too.
    let access = spent[0].json()["access_token"].as_str().unwrap().to_owned();
    pair.next().get("/v1/me", Some(&access)).expect(401);
    pair.next().get("/v1/me", Some(&access)).expect(401);
}

fn of_two_hundred_sign_ups_for_one_address_one_makes_an_account(engine: &'static str) {
    let pair = Pair::on(engine);
    let mut made = 0;
    // Registrations beyond what can be hashed at once are told to come back: so they do.
    for _ in 0..10 {
        let body = registration("ada@example.com");
        let answers = at_once(&pair, 200, "/v1/register", &body);
        made += answers.iter().filter(|a| a.status == 201).count();
        let busy = answers.iter().filter(|a| a.status == 503).count();
        let taken = answers.iter().filter(|a| a.status == 409).count();
        assert!(taken + busy >= 199, "{answers:?}");
        if busy == 0 {
            break;
        }
    }
    assert_eq!(made, 1);
    for server in &pair.servers {
        server
            .post("/v1/login", &login("ada@example.com"))
            .expect(200);
    }
}

fn keys_rotated_on_one_are_used_and_published_by_both_and_no_token_is_refused(
    engine: &'static str,
) {
    let pair = Pair::on(engine);
    let mut ada = Account::sign_up(pair.next(), "ada");
    let (old, first) = (kid(&ada.access), ada.access.clone());
    pair.command(&["keys", "rotate", "--now"]);
    let begun = Instant::now();
    let mut signed_by = [old.clone(), old.clone()];
    while signed_by.contains(&old) {
        assert!(
            begun.elapsed() < KEYS_BOUND,
            "{signed_by:?} after {KEYS_BOUND:?}"
        );
        for (signer, by) in pair.servers.iter().zip(&mut signed_by) {
            assert_eq!(ada.refresh(&mut signer.connect()).unwrap(), 200);
            *by = kid(&ada.access);
            for server in &pair.servers {
                server.get("/v1/me", Some(&ada.access)).expect(200);
                server.get("/v1/me", Some(&first)).expect(200);
            }
        }
        thread::sleep(Duration::from_millis(500));
    }
    assert_eq!(signed_by[0], signed_by[1]);
    for server in &pair.servers {
        let set = server.get("/.well-known/jwks.json", None).expect(200);
        let set = set.json();
        let keys = set["keys"].as_array().unwrap();
        let has = |kid: &str| keys.iter().any(|key| key["kid"] == kid);
        assert!(has(&old) && has(&signed_by[0]), "{set}");
    }
}

on_each_engine!(
    a_session_ended_on_one_is_over_on_the_other_at_once,
    a_refresh_token_is_spent_once_whichever_server_it_comes_to,
    of_two_hundred_sign_ups_for_one_address_one_makes_an_account,
    keys_rotated_on_one_are_used_and_published_by_both_and_no_token_is_refused,
);
