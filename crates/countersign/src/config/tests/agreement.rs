//! What must hold between settings.

use super::World;

#[track_caller]
fn refused(arguments: &[&str], rule: &str) {
    let world = arguments
        .iter()
        .fold(World::new(), |world, argument| world.set(argument));
    assert_eq!(world.codes(), [rule], "{arguments:?}");
}

#[track_caller]
fn accepted(arguments: &[&str]) {
    let world = arguments
        .iter()
        .fold(World::new(), |world, argument| world.set(argument));
    world.settings();
}

#[test]
fn settings_that_contradict_each_other_are_refused() {
    refused(
        &["mode=production", "http.public_url=http://a.example"],
        "public_url_is_https",
    );
    refused(
        &["mode=production", "tokens.issuer=http://a.example"],
        "issuer_is_https",
    );
    refused(
        &["mode=production", "http.listen=10.0.0.1:80"],
        "public_url_is_https",
    );
    refused(&["http.listen=127.0.0.1:0"], "port_zero_needs_public_url");
    refused(&["http.listen=127.0.0.1:4456"], "listeners_differ");
    refused(
        &["passwords.hashing.deadline=10s"],
        "deadline_within_request",
    );
    refused(&["sessions.idle_lifetime=91d"], "idle_within_absolute");
    refused(&["sessions.idle_lifetime=10m"], "access_within_idle");
    refused(&["keys.rotate_every=1d"], "publish_within_rotation");
    refused(&["store.acquire_timeout=2s"], "acquire_within_timeout");
    refused(&["store.timeout=10s"], "store_within_request");
    refused(
        &["passwords.argon2.memory=18MiB"],
        "argon2_is_strong_enough",
    );
    refused(
        &["passwords.argon2.iterations=1"],
        "argon2_is_strong_enough",
    );
}

#[test]
fn tls_means_that_the_public_url_is_https() {
    let world = || {
        let world = World::new()
            .write("a.pem", "certificate")
            .write("b.pem", "key");
        world.set("http.tls.key_file=b.pem")
    };
    assert_eq!(world().codes(), ["tls_needs_both_files"]);
    let world = || world().set("http.tls.certificate_file=a.pem");
    assert_eq!(
        world().set("http.public_url=http://localhost").codes(),
        ["tls_means_https"]
    );
    let world = world();
    assert_eq!(
        world.settings().http.public_url.as_str(),
        "https://127.0.0.1:4455"
    );
}

#[test]
fn settings_at_the_edge_of_a_rule_are_accepted() {
    accepted(&["mode=production"]);
    accepted(&["mode=production", "http.public_url=https://a.example"]);
    accepted(&["mode=production", "http.public_url=http://[::1]:80"]);
    accepted(&[
        "http.listen=127.0.0.1:0",
        "http.public_url=http://localhost",
    ]);
    accepted(&[
        "passwords.argon2.memory=46MiB",
        "passwords.argon2.iterations=1",
    ]);
    accepted(&[
        "passwords.argon2.memory=7MiB",
        "passwords.argon2.iterations=5",
    ]);
    accepted(&["sessions.idle_lifetime=90d"]);
    accepted(&["keys.rotate_every=off", "keys.publish_ahead=30d"]);
}

#[test]
fn a_rule_is_silent_where_its_setting_has_an_error_already() {
    refused(
        &[
            "sessions.idle_lifetime=91d",
            "sessions.absolute_lifetime=long",
        ],
        "bad_value",
    );
}

#[test]
fn risky_choices_earn_a_warning() {
    let keys = |world: World| -> Vec<String> {
        world
            .load()
            .unwrap()
            .warnings
            .into_iter()
            .map(|warning| warning.key)
            .collect()
    };
    assert_eq!(keys(World::new()), [""; 0]);
    assert_eq!(
        keys(World::new().set("http.listen=0.0.0.0:80")),
        ["http.listen"]
    );
    let production = World::new()
        .set("mode=production")
        .set("graphql.graphiql=true")
        .set("throttle.enabled=false");
    let with_postgres = World::new()
        .set("store.url=postgres://db/auth")
        .set("store.readers=2")
        .set("store.max_connections=3");
    assert_eq!(keys(with_postgres), ["store.readers"]);
    let with_sqlite = World::new()
        .set("store.readers=2")
        .set("store.max_connections=3");
    assert_eq!(keys(with_sqlite), ["store.max_connections"]);
    assert_eq!(keys(production), ["throttle.enabled", "graphql.graphiql"]);
}
