//! What is measured of a running server.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::client::{Call, Client};
use crate::load::{Load, each, repeat, sum_up};

pub const PASSWORD: &str = "correct horse battery staple";

/// The query of `me` that both servers are asked.
pub fn graphql_me() -> Call {
    Call::post(
        "/graphql",
        &json!({ "query": "{ me { id username email state } }" }),
    )
}

/// Makes a user and gives what the registration answered.
pub async fn sign_up(client: &mut Client, name: &str) -> Value {
    let body = json!({
        "username": name,
        "email": format!("{name}@example.com"),
        "password": PASSWORD,
    });
    client.expect(&Call::post("/v1/register", &body), 201).await
}

/// The same call from each client, each with a token of its own.
pub async fn me(address: SocketAddr, call: Call, tokens: &[String], time: Duration) -> Load {
    let calls = tokens
        .iter()
        .map(|token| call.clone().bearer(token))
        .collect();
    repeat(address, calls, time).await
}

/// Each client refreshes its own session, over and over, always with the newest token.
pub async fn refresh(address: SocketAddr, clients: usize, time: Duration) -> Load {
    let mut first = Client::connect(address).await;
    let mut chains = Vec::new();
    let body = json!({ "identifier": "bench0", "password": PASSWORD });
    for n in 0..clients {
        // A user may have so many sessions only: spread them over the users there are.
        let mut body = body.clone();
        body["identifier"] = json!(format!("bench{}", n % 32));
        let answer = first.expect(&Call::post("/v1/login", &body), 200).await;
        chains.push(
            answer["refresh_token"]
                .as_str()
                .expect("a refresh token")
                .to_owned(),
        );
    }
    let until = Instant::now() + time;
    let chains = Arc::new(chains);
    each(clients, move |n| {
        let mut token = chains[n].clone();
        async move {
            let mut client = Client::connect(address).await;
            let (mut times, mut refused) = (Vec::new(), 0);
            while Instant::now() < until {
                let call = Call::post("/v1/refresh", &json!({ "refresh_token": token }));
                let (status, body, took) = client.send(&call).await;
                if status != 200 {
                    refused += 1;
                    break;
                }
                times.push(took);
                let answer: Value = serde_json::from_slice(&body).expect("JSON");
                token = answer["refresh_token"]
                    .as_str()
                    .expect("a refresh token")
                    .to_owned();
            }
            (times, refused)
        }
    })
    .await
}

/// Each client logs a user in, over and over.
pub async fn log_in(address: SocketAddr, clients: usize, users: u64, time: Duration) -> Load {
    let until = Instant::now() + time;
    let next = Arc::new(AtomicU64::new(0));
    each(clients, move |_| {
        let next = next.clone();
        async move {
            let mut client = Client::connect(address).await;
            let (mut times, mut refused) = (Vec::new(), 0);
            while Instant::now() < until {
                // A stride that is prime to the number of users: far apart, and repeatable.
                let user = next.fetch_add(7919, Ordering::Relaxed) % users;
                let body = json!({ "identifier": format!("bench{user}"), "password": PASSWORD });
                let (status, _, took) = client.send(&Call::post("/v1/login", &body)).await;
                if status == 200 {
                    times.push(took)
                } else {
                    refused += 1
                }
            }
            (times, refused)
        }
    })
    .await
}

/// Each client signs up one new user after the other.
pub async fn sign_ups(address: SocketAddr, clients: usize, round: usize, time: Duration) -> Load {
    let until = Instant::now() + time;
    each(clients, move |n| async move {
        let mut client = Client::connect(address).await;
        let (mut times, mut refused, mut made) = (Vec::new(), 0, 0);
        while Instant::now() < until {
            let name = format!("new{round}x{n}x{made}");
            made += 1;
            let email = format!("{name}@example.com");
            let body = json!({ "username": name, "email": email, "password": PASSWORD });
            let (status, _, took) = client.send(&Call::post("/v1/register", &body)).await;
            if status == 201 {
                times.push(took)
            } else {
                refused += 1
            }
        }
        (times, refused)
    })
    .await
}

/// `me` from one client while so many others log in at once, each trying again when it was told
/// to, until it is in or the time is over. Gives the load of `me`, and how many got in.
pub async fn me_beside_logins(
    address: SocketAddr,
    token: &str,
    crowd: usize,
    time: Duration,
) -> (Load, u64) {
    let until = Instant::now() + time;
    let logins = tokio::spawn(each(crowd, move |n| async move {
        let mut client = Client::connect(address).await;
        let body = json!({ "identifier": format!("bench{}", n % 32), "password": PASSWORD });
        let call = Call::post("/v1/login", &body);
        let (mut times, mut refused) = (Vec::new(), 0);
        while Instant::now() < until {
            let (status, _, took) = client.send(&call).await;
            if status == 200 {
                times.push(took);
            } else {
                refused += 1;
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        }
        (times, refused)
    }));
    let mut client = Client::connect(address).await;
    let call = Call::get("/v1/me").bearer(token);
    let (mut times, mut refused) = (Vec::new(), 0);
    let start = Instant::now();
    while Instant::now() < until {
        let (status, _, took) = client.send(&call).await;
        if status == 200 {
            times.push(took)
        } else {
            refused += 1
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let load = sum_up(times, refused, start.elapsed());
    let logins = logins.await.expect("the crowd comes to an end");
    (load, (logins.per_second * time.as_secs_f64()) as u64)
}
