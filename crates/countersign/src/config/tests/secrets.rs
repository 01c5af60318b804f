//! Secrets: where they may come from, and that they are never shown.

use secrecy::ExposeSecret as _;

use super::{MASTER_KEY, World};
use crate::config::{Engine, MasterKey, StoreUrl, master_key, secret_file};

const PEPPER: &str = "pepper-pepper-pepper-pepper-pepper";

#[test]
fn the_master_key_comes_from_a_variable_or_a_file() {
    let from_env = World::new().env("COUNTERSIGN_KEYS_MASTER_KEY", MASTER_KEY);
    let from_dot_env = World::new().dot_env(&format!("COUNTERSIGN_KEYS_MASTER_KEY='{MASTER_KEY}'"));
    let from_file = World::new()
        .write("mk", MASTER_KEY)
        .file("[keys]\nmaster_key_file = 'mk'");
    for world in [from_env, from_dot_env, from_file] {
        let MasterKey::Given(key) = world.settings().secrets.master_key else {
            panic!("no key")
        };
        assert_eq!(key.expose_secret()[..3], [0, 1, 2]);
    }
}

#[test]
fn peppers_come_from_variables_or_files() {
    let world = World::new()
        .write("pepper", PEPPER)
        .file("[passwords]\npepper_file = 'pepper'")
        .env(
            "COUNTERSIGN_PASSWORDS_PREVIOUS_PEPPERS",
            &format!("{PEPPER}1,{PEPPER}2"),
        );
    let secrets = world.settings().secrets;
    assert_eq!(secrets.pepper.unwrap().expose_secret(), PEPPER);
    assert_eq!(secrets.previous_peppers.len(), 2);
}

#[test]
fn a_secret_in_a_flag_or_in_the_file_is_refused() {
    let flag = World::new().set(&format!("passwords.pepper={PEPPER}"));
    assert_eq!(flag.codes(), ["secret_in_flag"]);
    insta::assert_snapshot!(flag.report());
    let file = World::new().file(&format!("[keys]\nmaster_key = '{MASTER_KEY}'"));
    assert_eq!(file.codes(), ["secret_in_file"]);
    insta::assert_snapshot!(file.report());
}

#[test]
fn a_secret_is_given_once() {
    let world = World::new()
        .write("mk", MASTER_KEY)
        .set("keys.master_key_file=mk")
        .env("COUNTERSIGN_KEYS_MASTER_KEY", MASTER_KEY);
    assert_eq!(world.codes(), ["one_master_key"]);
}

const STORE: &str = "postgres://auth:sekret-sekret@db.example/auth?sslmode=require";

/// The address of the store with its password, however it was given.
fn store_of(world: &World) -> String {
    match world.settings().store.url {
        StoreUrl::Network(Engine::Postgres, address) => address.expose().to_owned(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_store_address_with_a_password_comes_from_a_variable_or_a_file_and_is_shown_without() {
    let from_env = World::new().env("COUNTERSIGN_STORE_URL", STORE);
    let from_dot_env = World::new().dot_env(&format!("COUNTERSIGN_STORE_URL='{STORE}'"));
    let from_file = World::new()
        .write("store", &format!("{STORE}\n"))
        .file("[store]\nurl_file = 'store'");
    for world in [from_env, from_dot_env, from_file] {
        assert_eq!(store_of(&world), STORE);
        let loaded = world.load().unwrap();
        let shown = loaded.effective.iter().find(|s| s.key == "store.url");
        assert_eq!(
            shown.unwrap().value,
            "postgres://auth:***@db.example/auth?sslmode=require"
        );
        assert!(!format!("{loaded:?}").contains("sekret"));
    }
}

#[test]
fn a_store_address_with_a_password_is_refused_in_a_flag_and_in_the_file() {
    let flag = World::new().set(&format!("store.url={STORE}"));
    assert_eq!(flag.codes(), ["secret_in_flag"]);
    assert!(
        flag.report().contains("store.url_file"),
        "{}",
        flag.report()
    );
    let file = World::new().file(&format!("[store]\nurl = '{STORE}'"));
    assert_eq!(file.codes(), ["secret_in_file"]);
    for report in [flag.report(), file.report()] {
        assert!(!report.contains("sekret"), "{report}");
    }
    let without = World::new().set("store.url=postgres://auth@db.example/auth");
    assert_eq!(store_of(&without), "postgres://auth@db.example/auth");
}

#[test]
fn the_file_of_a_store_address_is_read_like_any_secret() {
    let twice = World::new()
        .write("store", STORE)
        .set("store.url_file=store")
        .set("store.url=postgres://db/auth");
    assert_eq!(twice.codes(), ["one_store_url"]);
    let missing = World::new().set("store.url_file=nowhere");
    assert_eq!(missing.codes(), ["secret_file"]);
    let nonsense = World::new()
        .write("store", "sekret")
        .set("store.url_file=store");
    assert_eq!(nonsense.codes(), ["secret_file"]);
    assert!(!nonsense.report().contains("sekret"));
    let open = World::new().write("store", STORE).mode("store", 0o666);
    assert_eq!(open.set("store.url_file=store").codes(), ["secret_file"]);
}

#[test]
fn unfit_secrets_are_refused() {
    let short = World::new().env("COUNTERSIGN_PASSWORDS_PEPPER", "short");
    assert_eq!(short.codes(), ["bad_secret"]);
    let short_file = World::new()
        .write("pepper", "short")
        .set("passwords.pepper_file=pepper");
    assert_eq!(short_file.codes(), ["secret_file"]);
    let not_a_key = World::new().env("COUNTERSIGN_KEYS_MASTER_KEY", PEPPER);
    assert_eq!(not_a_key.codes(), ["bad_secret"]);
    let missing = World::new().set("keys.master_key_file=nowhere");
    assert_eq!(missing.codes(), ["secret_file"]);
    let empty = World::new()
        .write("pepper", "\n")
        .set("passwords.pepper_file=pepper");
    assert_eq!(empty.codes(), ["secret_file"]);
    let broken = World::new()
        .write("master.key", "nonsense")
        .set("data_dir=.");
    assert_eq!(broken.codes(), ["secret_file"]);
}

#[cfg(unix)]
#[test]
fn a_secret_file_open_to_others_is_refused_or_warned_about() {
    let world = |mode| {
        let world = World::new().write("pepper", PEPPER).mode("pepper", mode);
        world.set("passwords.pepper_file=pepper")
    };
    assert_eq!(world(0o600).load().unwrap().warnings, []);
    assert_eq!(world(0o400).load().unwrap().warnings, []);
    assert_eq!(world(0o444).load().unwrap().warnings.len(), 1);
    assert_eq!(world(0o640).load().unwrap().warnings.len(), 1);
    assert_eq!(world(0o660).codes(), ["secret_file"]);
    assert_eq!(world(0o602).codes(), ["secret_file"]);
}

#[test]
fn no_report_and_no_debug_output_shows_a_secret() {
    let secret = "sekret-sekret-sekret-sekret-sekret";
    let wrong = World::new()
        .file(&format!(
            "[keys]\nmaster_key = '{secret}'\nmaster_kee = '{secret}'"
        ))
        .dot_env(&format!(
            "COUNTERSIGN_PEPPER={secret}\nCOUNTERSIGN_PASSWORDS_PEPPER='{secret}\n"
        ))
        .env("COUNTERSIGN_KEYS_MASTER_KEY", secret)
        .env("COUNTERSIGN_PASSWORDS_PREVIOUS_PEPPERS", "sekret,sekret")
        .set(&format!("keys.master_key={secret}"))
        .set(&format!("keys.master_key_file={secret}"))
        .set(&format!("store.url=postgres://u:{secret}@db/x"))
        .set(&format!("http.public_url=https://u:{secret}@a.example"));
    let errors = wrong.load().unwrap_err();
    for text in [
        errors.to_string(),
        format!("{errors:?}"),
        format!("{:?}", wrong.sources),
    ] {
        assert!(!text.contains("sekret"), "{text}");
    }
    let right = World::new()
        .env("COUNTERSIGN_PASSWORDS_PEPPER", secret)
        .env("COUNTERSIGN_PASSWORDS_PREVIOUS_PEPPERS", secret)
        .env("COUNTERSIGN_KEYS_MASTER_KEY", MASTER_KEY);
    let text = format!("{:?}", right.load().unwrap());
    assert!(
        !text.contains("sekret") && !text.contains(MASTER_KEY),
        "{text}"
    );
}

#[test]
fn a_secret_file_is_created_for_its_owner_only_and_never_overwritten() {
    let world = World::new();
    let path = world.path().join("new.key");
    secret_file::create(&path, &MASTER_KEY.into()).unwrap();
    let file = secret_file::read(&path).unwrap();
    assert!(!file.readable_by_others);
    assert!(master_key::decode(&file.secret).is_some());
    assert!(secret_file::create(&path, &MASTER_KEY.into()).is_err());
}
