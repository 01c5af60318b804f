//! Defaults and rules of a function on AWS Lambda.

use crate::config::{LogFormat, Mode, OrOff};

use super::World;

fn function(memory_mb: &str) -> World {
    World::new()
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9001")
        .env("AWS_LAMBDA_FUNCTION_NAME", "auth")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", memory_mb)
}

fn complete(world: World) -> World {
    world
        .set("http.public_url=https://auth.example.com")
        .set("store.url=dynamodb://eu-central-1/countersign")
}

#[test]
fn a_function_has_defaults_of_its_own_and_what_is_written_wins() {
    let settings = complete(function("512")).settings();
    assert_eq!(settings.mode, Mode::Production);
    assert_eq!(settings.data_dir.to_str(), Some("/tmp/countersign"));
    assert_eq!(settings.log.format, LogFormat::Json);
    assert!(matches!(settings.ops.listen, OrOff::Off));
    assert_eq!(settings.store.max_connections, 2);
    let world = complete(function("512"))
        .file("mode = \"development\"\n[log]\nformat = \"text\"")
        .env("COUNTERSIGN_STORE_MAX_CONNECTIONS", "5")
        .set("passwords.hashing.threads=3");
    let settings = world.settings();
    assert_eq!(settings.mode, Mode::Development);
    assert_eq!(settings.log.format, LogFormat::Text);
    assert_eq!(settings.store.max_connections, 5);
    assert_eq!(settings.passwords.hashing.threads, 3);
    assert!(World::new().load().unwrap().on_lambda.is_none());
}

#[test]
fn passwords_are_hashed_on_as_many_threads_as_the_memory_buys_processors() {
    for (memory_mb, threads) in [("128", 1), ("1769", 1), ("1770", 2), ("10240", 6), ("?", 1)] {
        let settings = complete(function(memory_mb)).settings();
        assert_eq!(settings.passwords.hashing.threads, threads, "{memory_mb}");
    }
}

#[test]
fn in_production_a_function_needs_its_address_and_a_store_that_outlives_it() {
    assert_eq!(
        function("512").codes(),
        ["lambda_needs_public_url", "lambda_needs_shared_store"]
    );
    let warnings = function("512")
        .set("mode=development")
        .load()
        .unwrap()
        .warnings;
    let text = format!("{warnings:?}");
    assert!(text.contains("store.url"), "{text}");
}

#[test]
fn the_issuer_has_the_base_path() {
    let world = complete(World::new()).set("http.base_path=/prod");
    assert_eq!(
        world.settings().tokens.issuer.as_str(),
        "https://auth.example.com/prod"
    );
    let world = complete(World::new())
        .set("http.base_path=/prod")
        .set("tokens.issuer=https://auth.example.com");
    assert_eq!(
        world.settings().tokens.issuer.as_str(),
        "https://auth.example.com"
    );
}
