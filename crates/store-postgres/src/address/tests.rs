//! Addresses, read and refused.

use super::*;

const GOOD: &str = "postgres://jill:s3cret-w0rd@db.example.com:5433/app";

fn read(url: &str) -> Address {
    Address::parse(url, false).unwrap()
}

fn refused(url: &str) -> PostgresError {
    match Address::parse(url, false) {
        Ok(address) => panic!("{}", address.shown),
        Err(error) => error,
    }
}

#[test]
fn an_address_has_its_own_schema_and_is_encrypted_unless_it_says_otherwise() {
    let address = read(GOOD);
    assert_eq!(address.schema, "countersign");
    assert!(address.tls);
    assert_eq!(address.hosts[0].get_ssl_mode(), SslMode::Require);
    assert_eq!(address.hosts[0].get_password(), Some(&b"s3cret-w0rd"[..]));
    assert_eq!(
        address.shown,
        "postgres://jill@db.example.com:5433/app?schema=countersign"
    );
    assert!(!read(&format!("{GOOD}?sslmode=disable")).tls);
    assert_eq!(read(&format!("{GOOD}?schema=auth")).schema, "auth");
}

#[test]
fn plain_text_is_for_this_machine_or_on_demand_alone() {
    for (url, tls) in [
        ("postgres://u@localhost/db", false),
        ("postgres://u@127.0.0.1/db", false),
        ("postgres://u@[::1]/db", false),
        ("postgres://u@%2Frun%2Fpostgresql/db", false),
        ("postgres://u@/db?host=/run/postgresql", false),
        ("postgres://u@localhost,db.example.com/db", true),
        ("postgres://u@10.0.0.1/db", true),
        ("postgres://u@localhost/db?sslmode=require", true),
        ("postgres://u@localhost/db?sslmode=verify-ca", true),
        ("postgres://u@localhost/db?sslmode=verify-full", true),
        ("postgres://u@localhost/db?sslrootcert=/ca.pem", true),
        ("postgres://u@10.0.0.1/db?sslmode=disable", false),
    ] {
        assert_eq!(read(url).tls, tls, "{url}");
    }
    assert!(
        Address::parse("postgres://u@localhost/db", true)
            .unwrap()
            .tls
    );
    for mode in ["prefer", "allow", "", "REQUIRE", "no-verify"] {
        let url = format!("postgres://u@localhost/db?sslmode={mode}");
        assert_eq!(refused(&url), PostgresError::TlsMode, "{mode}");
    }
    assert_eq!(
        refused("postgres://u@%2Frun/db?sslmode=require"),
        PostgresError::TlsOverSocket
    );
    assert_eq!(
        refused("postgres://u@localhost/db?channel_binding=require"),
        PostgresError::BindingWithoutTls
    );
}

#[test]
fn of_several_hosts_the_one_that_can_write_is_wanted() {
    let address = read("postgres://u:p@a.example:1,b.example,[2001:db8::1]:3/db");
    let places: Vec<_> = address
        .hosts
        .iter()
        .map(|host| (host.get_hosts().len(), host.get_ports()[0]))
        .collect();
    assert_eq!(places, [(1, 1), (1, 5432), (1, 3)]);
    for host in &address.hosts {
        assert_eq!(
            host.get_target_session_attrs(),
            TargetSessionAttrs::ReadWrite
        );
        assert_eq!(host.get_dbname(), Some("db"));
    }
    assert_eq!(
        address.shown,
        "postgres://u@a.example:1,b.example:5432,[2001:db8::1]:3/db?schema=countersign"
    );
    let single = read("postgres://u@a.example/db");
    assert_eq!(
        single.hosts[0].get_target_session_attrs(),
        TargetSessionAttrs::Any
    );
    assert_eq!(
        refused("postgres://u@a,b/db?target_session_attrs=read-only"),
        PostgresError::Target
    );
}

#[test]
fn what_can_not_be_used_is_refused_and_never_repeated() {
    for (url, error) in [
        ("mysql://u:s3cret@h/db", PostgresError::Scheme),
        ("host=h password=s3cret", PostgresError::Scheme),
        ("postgres://u:s3cret@", PostgresError::NoHost),
        ("postgres://u:s3@cret@h/db", PostgresError::Address),
        ("postgres://u:s3/cret@h/db", PostgresError::Address),
        ("postgres://u:s3?cret@h/db", PostgresError::Address),
        ("postgres://u:s3cret@h:port/db", PostgresError::Address),
        (
            "postgres://u@h/db?password=s3cret",
            PostgresError::Parameter,
        ),
        (
            "postgres://u:s3cret@h/db?pgbouncer=true",
            PostgresError::Parameter,
        ),
        (
            "postgres://u:s3cret@h/db?schema=a&schema=b",
            PostgresError::Parameter,
        ),
        ("postgres://u:s3cret@h/db?schema=", PostgresError::Schema),
        (
            "postgres://u:s3cret@h/db?schema=pg_catalog",
            PostgresError::Schema,
        ),
        (
            "postgres://u:s3cret@h/db?schema=a%22b",
            PostgresError::Schema,
        ),
    ] {
        let refused = refused(url);
        assert_eq!(refused, error, "{url}");
        let said = format!("{refused} {refused:?}");
        assert!(!said.contains("cret"), "{said}");
        assert!(said.len() > 20);
    }
}
