//! What is refused, and how it is told.

use insta::assert_snapshot;

use super::World;

#[test]
fn everything_that_is_wrong_is_reported_at_once_with_its_place_and_fix() {
    let world = World::new()
        .file(
            "mod = \"production\"\n\
             [http]\n\
             lisen = \"127.0.0.1:80\"\n\
             listen = \"localhost:4455\"\n\
             body_limit = 65536\n\
             [sesions]\n\
             max_per_user = 3\n\
             [sessions]\n\
             max_per_user = \"3\"\n\
             [log]\n\
             format = \"jsn\"\n",
        )
        .dot_env("# comment\nCOUNTERSIGN_TOKENS_ACCESS_LIFETIME=10\nCOUNTERSIGN_LOG_LEVEL='info\n")
        .env("COUNTERSIGN_HTTP_LISEN", "127.0.0.1:80")
        .env("COUNTERSIGN_TOKENS_ACCESS_LIFETIME", "2h")
        .env("OTHER_PROGRAM", "not ours")
        .set("graphql.max_depth=deep")
        .set("colour=blue")
        .set("mode");
    assert_snapshot!(world.report());
}

#[test]
fn a_file_that_is_not_toml_is_told_with_line_and_column() {
    assert_snapshot!(
        World::new()
            .file("[http]\nlisten = 127.0.0.1:80\nhttp2 = true\n")
            .report()
    );
}

#[test]
fn a_named_file_that_is_missing_is_refused() {
    let mut world = World::new();
    world.sources.config_file = Some("nowhere.toml".into());
    assert_snapshot!(world.report());
}

#[test]
fn files_that_other_parts_read_later_are_tried_at_once() {
    let world = World::new().file(
        "[passwords]\nblocklist_file = 'a'\n[http.tls]\nkey_file = 'b'\ncertificate_file = 'c'",
    );
    assert_eq!(world.codes(), ["unreadable", "secret_file", "unreadable"]);
}

#[test]
fn a_bad_value_is_refused_even_where_a_stronger_source_hides_it() {
    let world = World::new()
        .file("[sessions]\nmax_per_user = 'many'")
        .env("COUNTERSIGN_SESSIONS_MAX_PER_USER", "3");
    assert_eq!(world.codes(), ["bad_value"]);
}

#[test]
fn what_follows_from_a_bad_value_is_not_reported_beside_it() {
    assert_eq!(
        World::new().set("http.listen=nowhere").codes(),
        ["bad_value"]
    );
    assert_eq!(
        World::new().set("http.public_url=ftp://a.example").codes(),
        ["bad_value"]
    );
    assert_eq!(World::new().set("mode=prod").codes(), ["bad_value"]);
}

#[test]
fn values_out_of_bounds_are_refused() {
    for argument in [
        "tokens.access_lifetime=29s",
        "tokens.access_lifetime=61m",
        "passwords.min_length=7",
        "passwords.max_length=63",
        "passwords.min_strength=5",
        "passwords.argon2.memory=6MiB",
        "http.body_limit=1B",
        "keys.rotate_every=1h",
        "http.max_connections=0",
    ] {
        assert_eq!(
            World::new().set(argument).codes(),
            ["bad_value"],
            "{argument}"
        );
    }
}

#[test]
fn values_of_the_wrong_kind_are_refused() {
    for argument in [
        "http.cors_origins=*",
        "http.trusted_proxies=10.1.2.3/8",
        "http.public_url=https://auth.example.com/login",
        "tokens.issuer=https://auth.example.com?x=1",
        "store.url=oracle://localhost/db",
        "store.url=mysql:localhost",
        "log.level=inof",
        "throttle.sign_up_per_network=0/1m",
        "throttle.sign_up_per_network=10",
        "sign_up.enabled=yes",
        "passwords.max_length=-1",
        "http.listen=",
    ] {
        assert_eq!(
            World::new().set(argument).codes(),
            ["bad_value"],
            "{argument}"
        );
    }
}

#[test]
fn a_group_is_no_value_and_a_value_is_no_group() {
    assert_eq!(World::new().file("http = 3").codes(), ["not_a_value"]);
    assert_eq!(
        World::new().file("[http.listen]\nport = 3").codes(),
        ["bad_value"]
    );
    assert_eq!(
        World::new().file("[audiences]\nname = 'a'").codes(),
        ["not_a_value"]
    );
}

#[cfg(unix)]
#[test]
fn a_variable_that_is_not_unicode_is_refused() {
    use std::os::unix::ffi::OsStringExt as _;
    let mut world = World::new();
    let value = std::ffi::OsString::from_vec(vec![0xff]);
    world
        .sources
        .environment
        .push(("COUNTERSIGN_MODE".into(), value));
    assert_eq!(world.codes(), ["not_unicode"]);
}
