//! `[[audiences]]`.

use secrecy::ExposeSecret as _;

use super::World;
use crate::config::{Signing, SigningAlgorithm};

const SECRET: &str = "0123456789abcdef0123456789abcdef";

#[test]
fn the_default_audience_comes_first_and_needs_no_table() {
    let settings = World::new()
        .file("[[audiences]]\nname = 'other'")
        .settings();
    let names: Vec<_> = settings
        .audiences
        .iter()
        .map(|audience| audience.name.as_str())
        .collect();
    assert_eq!(names, ["http://127.0.0.1:4455", "other"]);
    let listed = "tokens.audience = 'b'\n[[audiences]]\nname='a'\n[[audiences]]\nname='b'\nalgorithm='EdDSA'";
    let settings = World::new().file(listed).settings();
    assert_eq!(settings.audiences.len(), 2);
    assert!(matches!(
        settings.audiences[0].signing,
        Signing::Published(SigningAlgorithm::EdDsa)
    ));
}

#[test]
fn an_audience_without_an_algorithm_uses_that_of_the_keys() {
    let world = World::new().file("[keys]\nalgorithm = 'PS256'\n[[audiences]]\nname = 'a'");
    for audience in world.settings().audiences {
        assert!(matches!(
            audience.signing,
            Signing::Published(SigningAlgorithm::Ps256)
        ));
    }
}

#[test]
fn an_hs256_secret_comes_from_a_file_or_a_variable() {
    let from_file = World::new()
        .write("secret", &format!("{SECRET}\n"))
        .file("[[audiences]]\nname = 'a'\nalgorithm = 'HS256'\nhs256_secret_file = 'secret'");
    let table = "[[audiences]]\nname = 'a'\nalgorithm = 'HS256'\nhs256_secret_env = 'A_SECRET'";
    let from_env = World::new().file(table).env("A_SECRET", SECRET);
    let from_dot_env = World::new()
        .file(table)
        .dot_env(&format!("A_SECRET={SECRET}"));
    let ours = table.replace("A_SECRET", "COUNTERSIGN_A_SECRET");
    let with_our_prefix = World::new().file(&ours).env("COUNTERSIGN_A_SECRET", SECRET);
    for world in [from_file, from_env, from_dot_env, with_our_prefix] {
        let settings = world.settings();
        assert!(matches!(
            &settings.audiences[1].signing,
            Signing::Shared(secret) if secret.expose_secret() == SECRET
        ));
        assert!(!format!("{settings:?}").contains(SECRET));
    }
}

#[test]
fn audiences_that_make_no_sense_are_refused() {
    let hs256 = "[[audiences]]\nname = 'a'\nalgorithm = 'HS256'\n";
    let from_env = format!("{hs256}hs256_secret_env = 'A_SECRET'");
    let ours = format!("{hs256}hs256_secret_env = 'COUNTERSIGN_KEYS_MASTER_KEY'");
    for (file, code) in [
        (hs256, "hs256_needs_secret"),
        (ours.as_str(), "bad_secret"),
        (from_env.as_str(), "bad_secret"),
        (
            "[[audiences]]\nname = 'a'\nhs256_secret_env = 'A_SECRET'",
            "secret_without_hs256",
        ),
        (
            "[[audiences]]\nname = 'a'\n[[audiences]]\nname = 'a'",
            "audience_twice",
        ),
        ("[[audiences]]\nalgorithm = 'ES256'", "missing"),
        ("[[audiences]]\nname = 'a'\nalgorithm = 'none'", "bad_value"),
        (
            "[[audiences]]\nname = 'a'\nalgoritm = 'ES256'",
            "unknown_key",
        ),
        (
            "[[audiences]]\nname = 'a'\nhs256_secret = 'x'",
            "unknown_key",
        ),
        ("[keys]\nalgorithm = 'HS256'", "bad_value"),
    ] {
        assert_eq!(
            World::new().file(file).env("A_SECRET", "short").codes(),
            [code],
            "{file}"
        );
    }
}

#[test]
fn audiences_stand_in_the_file_only() {
    let world = World::new()
        .env("COUNTERSIGN_AUDIENCES_NAME", "a")
        .set("audiences.name=a");
    assert_eq!(world.codes(), ["only_in_file", "only_in_file"]);
}
