use std::time::Duration;

use countersign_app::throttle::Rate;
use insta::assert_json_snapshot;
use serde_json::json;

use crate::support::{Answer, PASSWORD, Server};

async fn server(trusted: &[&str]) -> Server {
    let trusted = trusted
        .iter()
        .map(|network| network.parse().unwrap())
        .collect();
    Server::with(|settings, web| {
        let rate = Rate {
            attempts: 3,
            per: Duration::from_secs(90),
        };
        settings.throttle.login_per_network = rate;
        settings.throttle.sign_up_per_network = rate;
        settings.throttle.refresh_per_network = rate;
        settings.throttle.verify_per_network = rate;
        web.trusted_proxies = trusted;
    })
    .await
}

async fn log_in(server: &Server, peer: &str, headers: &[(&str, &str)]) -> Answer {
    let body = json!({ "identifier": "nobody", "password": PASSWORD });
    let request = server.post("/v1/login").from(peer).json(&body);
    let request = headers.iter().fold(request, |request, (name, value)| {
        request.header(name, value)
    });
    request.send().await
}

#[tokio::test]
async fn too_many_attempts_have_to_wait_as_long_as_retry_after_says() {
    let server = server(&[]).await;
    for _ in 0..3 {
        log_in(&server, "192.0.2.1", &[]).await.expect(401);
    }
    let refused = log_in(&server, "192.0.2.1", &[]).await.expect(429);
    assert_json_snapshot!(refused.whole());
    log_in(&server, "192.0.2.2", &[]).await.expect(401);
    server.clock.advance(Duration::from_secs(30));
    log_in(&server, "192.0.2.1", &[]).await.expect(401);
}

#[tokio::test]
async fn signing_up_refreshing_and_verifying_are_throttled_too() {
    let server = server(&[]).await;
    for (path, body) in [
        (
            "/v1/register",
            json!({ "username": "ada", "password": "abcabcabcabcabcd" }),
        ),
        ("/v1/refresh", json!({ "refresh_token": "csr_x" })),
        ("/v1/verify", json!({ "token": "x" })),
    ] {
        for _ in 0..3 {
            let answer = server.post(path).json(&body).send().await;
            assert_ne!(answer.status, 429, "{path}");
        }
        let answer = server.post(path).json(&body).send().await.expect(429);
        assert_eq!(answer.header("retry-after"), Some("30"), "{path}");
    }
}

/// CVE-2026-45364: one client owns the whole /64.
#[tokio::test]
async fn addresses_of_one_ipv6_network_share_its_attempts() {
    let server = server(&[]).await;
    for n in 1..=3 {
        log_in(&server, &format!("2001:db8::{n}"), &[])
            .await
            .expect(401);
    }
    log_in(&server, "2001:db8::ffff:1", &[]).await.expect(429);
    log_in(&server, "2001:db8:0:1::1", &[]).await.expect(401);
    // An IPv4 address stays itself in IPv6 spelling.
    for _ in 0..3 {
        log_in(&server, "192.0.2.1", &[]).await.expect(401);
    }
    log_in(&server, "::ffff:192.0.2.1", &[]).await.expect(429);
}

/// CVE-2024-47070: whoever writes their own address into a header is nobody else for it.
#[tokio::test]
async fn forwarded_headers_count_from_trusted_proxies_alone() {
    let server = server(&["10.0.0.0/8"]).await;
    for n in 1..=3 {
        let spoofed = format!("203.0.113.{n}");
        log_in(&server, "192.0.2.1", &[("x-forwarded-for", &spoofed)])
            .await
            .expect(401);
    }
    log_in(&server, "192.0.2.1", &[("forwarded", "for=203.0.113.9")])
        .await
        .expect(429);
    // Through the proxy, what the client wrote stands left of what the proxy saw.
    for n in 1..=3 {
        let chain = format!("203.0.113.{n}, 198.51.100.77");
        log_in(&server, "10.1.2.3", &[("x-forwarded-for", &chain)])
            .await
            .expect(401);
    }
    log_in(&server, "10.1.2.3", &[("x-forwarded-for", "198.51.100.77")])
        .await
        .expect(429);
    log_in(&server, "10.1.2.3", &[("x-forwarded-for", "198.51.100.78")])
        .await
        .expect(401);
}
