//! Which source wins.

use std::net::SocketAddr;
use std::time::Duration;

use super::World;
use crate::config::{Flag, MasterKey, Mode, OrOff, Place, StoreUrl};

#[test]
fn nothing_needs_to_be_configured() {
    let world = World::new();
    let settings = world.settings();
    assert_eq!(settings.mode, Mode::Development);
    assert_eq!(
        settings.http.listen,
        SocketAddr::from(([127, 0, 0, 1], 4455))
    );
    assert_eq!(settings.http.public_url.as_str(), "http://127.0.0.1:4455");
    assert_eq!(settings.tokens.issuer.as_str(), "http://127.0.0.1:4455");
    assert_eq!(settings.tokens.audience, "http://127.0.0.1:4455");
    assert_eq!(settings.tokens.access_lifetime, Duration::from_mins(10));
    let database = world.path().join("data/countersign.db");
    assert_eq!(settings.store.url, StoreUrl::Sqlite(database));
    assert!(settings.graphql.graphiql && settings.graphql.introspection);
    assert!(matches!(
        settings.secrets.master_key,
        MasterKey::ToCreate(path) if path == world.path().join("data/master.key")
    ));
}

#[test]
fn a_later_source_wins_over_an_earlier_one() {
    let file = |world: World| world.file("[sessions]\nmax_per_user = 2");
    let dot_env = |world: World| world.dot_env("COUNTERSIGN_SESSIONS_MAX_PER_USER=3");
    let env = |world: World| world.env("COUNTERSIGN_SESSIONS_MAX_PER_USER", "4");
    let flag = |world: World| world.set("sessions.max_per_user=5");
    for (world, expected) in [
        (World::new(), 20),
        (file(World::new()), 2),
        (dot_env(file(World::new())), 3),
        (env(dot_env(file(World::new()))), 4),
        (flag(env(dot_env(file(World::new())))), 5),
        (env(file(World::new())), 4),
        (flag(World::new()), 5),
        (flag(World::new()).set("sessions.max_per_user=6"), 6),
    ] {
        assert_eq!(world.settings().sessions.max_per_user, expected);
    }
}

#[test]
fn a_named_file_is_read_in_place_of_the_usual_one() {
    let mut world = World::new()
        .file("mode = 'nonsense'")
        .write("other.toml", "[ops]\nlisten='off'");
    world.sources.config_file = Some("other.toml".into());
    assert_eq!(world.settings().ops.listen, OrOff::Off);
}

#[test]
fn what_follows_from_a_setting_follows_its_strongest_value() {
    let world = World::new()
        .file("data_dir = 'here'\n[http]\nlisten = '127.0.0.1:1111'")
        .env("COUNTERSIGN_DATA_DIR", "there")
        .set("http.listen=0.0.0.0:2222")
        .set("mode=production");
    let settings = world.settings();
    assert_eq!(settings.tokens.issuer.as_str(), "http://127.0.0.1:2222");
    assert_eq!(
        settings.store.url,
        StoreUrl::Sqlite(world.path().join("there/countersign.db"))
    );
    assert!(!settings.graphql.graphiql && !settings.graphql.introspection);
    let overridden = world.set("graphql.graphiql=true").settings();
    assert!(overridden.graphql.graphiql && !overridden.graphql.introspection);
}

#[test]
fn the_effective_settings_say_where_each_came_from() {
    let mut world = World::new().file("[http]\n  listen = '127.0.0.1:1111'");
    world
        .sources
        .flags
        .push(Flag::new("--level", "log.level", "debug"));
    let loaded = world.load().unwrap();
    let place = |key: &str| {
        loaded
            .effective
            .iter()
            .find(|setting| setting.key == key)
            .unwrap()
            .place
            .clone()
    };
    let path = world.path().join("countersign.toml");
    assert_eq!(
        place("http.listen"),
        Place::File {
            path,
            line: 2,
            column: 12
        }
    );
    assert_eq!(place("log.level"), Place::Flag("--level".to_owned()));
    assert_eq!(place("mode"), Place::Default);
    assert!(matches!(place("tokens.issuer"), Place::Follows(_)));
}

#[test]
fn lists_are_arrays_in_the_file_and_have_commas_elsewhere() {
    let file = World::new()
        .file("[http]\ntrusted_proxies = ['10.0.0.0/8', '::1']")
        .settings();
    let env = World::new()
        .env("COUNTERSIGN_HTTP_TRUSTED_PROXIES", "10.0.0.0/8, ::1")
        .settings();
    assert_eq!(file.http.trusted_proxies, env.http.trusted_proxies);
    assert_eq!(file.http.trusted_proxies.len(), 2);
    let none = World::new()
        .file("[http]\ntrusted_proxies = ['10.0.0.0/8']")
        .env("COUNTERSIGN_HTTP_TRUSTED_PROXIES", "");
    assert_eq!(none.settings().http.trusted_proxies, []);
}
