//! The master key, and the translation of the configuration.

use std::ffi::OsString;
use std::sync::Arc;

use countersign_app::admin::Admin;
use countersign_app::ports::{MasterKey as _, MasterKeyError};
use secrecy::SecretBox;

use super::*;
use crate::config::{self, Settings, Sources};

fn settings(dir: &std::path::Path, variables: &[(&str, &str)]) -> Settings {
    let environment = variables
        .iter()
        .map(|(name, value)| (OsString::from(format!("COUNTERSIGN_{name}")), value.into()))
        .collect();
    let working_dir = dir.to_owned();
    config::load(&Sources {
        working_dir,
        environment,
        ..Sources::default()
    })
    .unwrap()
    .settings
}

fn master(byte: u8) -> LocalMasterKey {
    LocalMasterKey::new(&SecretBox::new(Box::new([byte; 32]))).unwrap()
}

#[tokio::test]
async fn what_is_sealed_opens_with_the_same_key_and_context_alone() {
    let sealed = master(1).seal(b"the signing key", "key a").await.unwrap();
    assert_eq!(
        master(1).open(&sealed, "key a").await.unwrap().as_slice(),
        b"the signing key"
    );
    for (byte, context) in [(1, "key b"), (2, "key a"), (1, "")] {
        let opened = master(byte).open(&sealed, context).await;
        assert!(
            matches!(opened, Err(MasterKeyError::CannotOpen)),
            "{byte} {context}"
        );
    }
}

#[tokio::test]
async fn a_sealed_secret_that_was_touched_anywhere_does_not_open() {
    let sealed = master(1).seal(b"secret", "c").await.unwrap();
    for at in 0..sealed.len() {
        let mut touched = sealed.clone();
        touched[at] ^= 1;
        assert!(master(1).open(&touched, "c").await.is_err(), "byte {at}");
        assert!(
            master(1).open(&sealed[..at], "c").await.is_err(),
            "cut at {at}"
        );
    }
}

#[tokio::test]
async fn no_two_seals_are_alike_and_none_shows_the_secret() {
    let one = master(1).seal(b"sixteen byte key", "c").await.unwrap();
    let other = master(1).seal(b"sixteen byte key", "c").await.unwrap();
    assert_ne!(one, other);
    assert!(!one.windows(16).any(|bytes| bytes == b"sixteen byte key"));
    assert_ne!(master(1).id(), master(2).id());
}

#[test]
fn the_default_configuration_suits_every_part() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), &[]);
    let app = app_settings(&settings).unwrap();
    assert_eq!(app.issuer.as_str(), "http://127.0.0.1:4455");
    assert_eq!(app.own_audience.name.as_str(), "http://127.0.0.1:4455");
    assert!(app.other_audiences.is_empty());
    assert!(app.keys.keep_after > app.access_lifetime);
    assert_eq!(web_settings(&settings).public_url, "http://127.0.0.1:4455");
    let entropy = Arc::new(SystemEntropy::default());
    let passwords = password_settings(&settings).unwrap();
    countersign_methods::password::PasswordMethod::new(passwords, entropy).unwrap();
}

#[test]
fn a_pepper_keeps_its_id_when_it_becomes_a_previous_one() {
    let dir = tempfile::tempdir().unwrap();
    let old = "an old pepper of thirty-two bytes or more";
    let new = "a new pepper of thirty-two bytes or more!";
    let id = |variables: &[(&str, &str)]| {
        let passwords = password_settings(&settings(dir.path(), variables)).unwrap();
        let previous = passwords
            .previous_peppers
            .first()
            .map(|pepper| pepper.id().to_owned());
        (passwords.pepper.unwrap().id().to_owned(), previous)
    };
    let (before, _) = id(&[("PASSWORDS_PEPPER", old)]);
    let rotated = [
        ("PASSWORDS_PEPPER", new),
        ("PASSWORDS_PREVIOUS_PEPPERS", old),
    ];
    let (after, previous) = id(&rotated);
    assert_ne!(before, after);
    assert_eq!(previous, Some(before));
}

#[tokio::test]
async fn a_command_that_opens_what_is_not_there_makes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let settings = settings(dir.path(), &[]);
    let refused = open_existing(&settings).await.err().unwrap();
    assert_eq!(refused.code(), "store_missing");
    assert_eq!(
        open_without_keys(&settings).await.err().unwrap().code(),
        "store_missing"
    );
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[cfg(not(feature = "postgres"))]
#[tokio::test]
async fn an_engine_that_is_not_built_in_is_named_with_its_feature() {
    let dir = tempfile::tempdir().unwrap();
    let url = [("STORE_URL", "postgres://auth:sekret@db.example/auth")];
    let refused = open(&settings(dir.path(), &url)).await.err().unwrap();
    assert_eq!(refused.code(), "store_engine_not_built");
    let words = refused.to_string();
    assert!(
        words.contains("PostgreSQL") && words.contains("--features postgres"),
        "{words}"
    );
    assert!(!words.contains("sekret"), "{words}");
}

#[tokio::test]
async fn a_schema_that_is_behind_is_told_where_the_server_may_not_migrate() {
    let dir = tempfile::tempdir().unwrap();
    let never = [("STORE_MIGRATE", "false")];
    let missing = open(&settings(dir.path(), &never)).await.err().unwrap();
    assert_eq!(missing.code(), "store_missing");
    std::fs::write(dir.path().join("data/countersign.db"), "").unwrap();
    let behind = open(&settings(dir.path(), &never)).await.err().unwrap();
    assert_eq!(behind.code(), "store_not_migrated");
    assert!(!behind.is_temporary());
    drop(open(&settings(dir.path(), &[])).await.unwrap());
    drop(open(&settings(dir.path(), &never)).await.unwrap());
}

#[tokio::test]
async fn a_store_with_half_a_copy_in_it_is_not_opened() {
    let dir = tempfile::tempdir().unwrap();
    let instance = open(&settings(dir.path(), &[])).await.unwrap();
    instance
        .admin
        .set_copy_mark(Some("elsewhere"))
        .await
        .unwrap();
    for refused in [
        open(&settings(dir.path(), &[])).await.err(),
        open_existing(&settings(dir.path(), &[])).await.err(),
        open_without_keys(&settings(dir.path(), &[])).await.err(),
    ] {
        assert_eq!(refused.unwrap().code(), "store_copy_unfinished");
    }
    instance.admin.set_copy_mark(None).await.unwrap();
    drop(open(&settings(dir.path(), &[])).await.unwrap());
}

#[tokio::test]
async fn production_makes_no_master_key_for_a_store_that_others_share() {
    let dir = tempfile::tempdir().unwrap();
    let own = open(&settings(dir.path(), &[])).await.unwrap();
    let empty = tempfile::tempdir().unwrap();
    let other = open(&settings(empty.path(), &[])).await.unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    let production = settings(elsewhere.path(), &[("MODE", "production")]);
    // Its keys are sealed already.
    let lost = master_key::find_or_create(&production, own.store.as_ref(), true).await;
    assert_eq!(lost.err().unwrap().code(), "master_key_lost");
    let keyless = other.app.remove_all_keys(Admin::CommandLine).await;
    keyless.unwrap();
    let required = master_key::find_or_create(&production, other.store.as_ref(), true).await;
    assert_eq!(required.err().unwrap().code(), "master_key_required");
    assert_eq!(std::fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn what_one_opening_makes_the_next_one_finds() {
    let dir = tempfile::tempdir().unwrap();
    let first = open(&settings(dir.path(), &[])).await.unwrap();
    let keys: Vec<_> = first
        .app
        .keys()
        .records()
        .iter()
        .map(|key| key.id.clone())
        .collect();
    assert!(!keys.is_empty());
    let again = open_existing(&settings(dir.path(), &[])).await.unwrap();
    let found: Vec<_> = again
        .app
        .keys()
        .records()
        .iter()
        .map(|key| key.id.clone())
        .collect();
    assert_eq!(keys, found);
    assert!(
        open_without_keys(&settings(dir.path(), &[]))
            .await
            .unwrap()
            .app
            .ready()
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn a_store_without_its_master_key_is_told_and_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    drop(open(&settings(dir.path(), &[])).await.unwrap());
    std::fs::remove_file(dir.path().join("data/master.key")).unwrap();
    let lost = open(&settings(dir.path(), &[])).await.err().unwrap();
    assert_eq!(lost.code(), "master_key_lost");
    let missing = open_existing(&settings(dir.path(), &[]))
        .await
        .err()
        .unwrap();
    assert_eq!(missing.code(), "master_key_missing");
    let other = [(
        "KEYS_MASTER_KEY",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    )];
    let wrong = open(&settings(dir.path(), &other)).await.err().unwrap();
    assert_eq!(wrong.code(), "master_key_wrong");
}
