//! Which addresses are taken, and what they mean for TLS.

use super::*;

fn parse(text: &str) -> Result<Address, MySqlError> {
    Address::parse(text, None)
}

fn has_tls(text: &str) -> bool {
    parse(text).unwrap().options.ssl_opts().is_some()
}

#[test]
fn an_address_says_user_password_host_port_and_database() {
    let address = parse("mariadb://us%40er:p%2Fw%3A%23@db.example.com:3307/auth").unwrap();
    let options = &address.options;
    assert_eq!(options.user(), Some("us@er"));
    assert_eq!(options.pass(), Some("p/w:#"));
    assert_eq!(options.ip_or_hostname(), "db.example.com");
    assert_eq!(options.tcp_port(), 3307);
    assert_eq!(options.db_name(), Some("auth"));
    assert_eq!(address.database, "auth");
    let short = parse("mysql://u@[2001:db8::1]/auth").unwrap();
    assert_eq!(short.options.tcp_port(), 3306);
    assert_eq!(short.options.ip_or_hostname(), "2001:db8::1");
}

#[test]
fn plain_text_stays_on_this_computer_unless_the_address_says_so() {
    for (text, tls) in [
        ("mysql://u@db.example.com/a", true),
        ("mysql://u@10.0.0.1/a", true),
        ("mysql://u@localhost.example.com/a", true),
        ("mysql://u@db.example.com/a?ssl-mode=DISABLED", false),
        ("mysql://u@db.example.com/a?ssl-mode=required", true),
        ("mysql://u@localhost/a", false),
        ("mysql://u@127.0.0.1/a", false),
        ("mysql://u@[::1]/a", false),
        ("mysql://u@db/a?socket=/run/mysqld.sock", false),
        ("mysql://u@localhost/a?ssl-mode=VERIFY_CA", true),
        ("mysql://u@127.0.0.1/a?ssl-mode=VERIFY_IDENTITY", true),
    ] {
        assert_eq!(has_tls(text), tls, "{text}");
    }
}

#[test]
fn tls_always_verifies_chain_and_name() {
    let address = parse("mysql://u@db.example.com/a?ssl-mode=REQUIRED").unwrap();
    let tls = address.options.ssl_opts().unwrap();
    assert!(!tls.accept_invalid_certs());
    assert!(!tls.skip_domain_validation());
    assert!(tls.tls_hostname_override().is_none());
    assert!(!tls.disable_built_in_roots());
}

#[test]
fn what_is_unsafe_or_unknown_is_refused_without_the_password() {
    for (text, code) in [
        ("mysql://u:sesame@h/a?ssl-mode=PREFERRED", "store_tls_mode"),
        ("mysql://u:sesame@h/a?ssl-mode=", "store_tls_mode"),
        (
            "mysql://u:sesame@h/a?socket=/s&ssl-mode=REQUIRED",
            "store_tls_mode",
        ),
        ("mysql://u:sesame@h/a?verify_ca=false", "store_address"),
        ("mysql://u:sesame@h/a?require_ssl=true", "store_address"),
        ("mysql://u:sesame@h/a?socket=relative", "store_address"),
        ("mysql://u:sesame@h/a#b", "store_address"),
        ("mysql://u:sesame@h/", "store_address"),
        ("mysql://u:sesame@h/a/b", "store_address"),
        ("mysql://:sesame@h/a", "store_address"),
        // A password that was not encoded.
        ("mysql://root:12?sesame@host/db", "store_address"),
        ("mysql://root:12?sesame@host/db?socket=/s", "store_address"),
        ("mysql://root:12?ssl-mode=sesame@host/db", "store_address"),
        ("mysql://root:12?socket=/sesame@host/db", "store_address"),
        ("mysql://root:12#sesame@host/db", "store_address"),
        ("mysql://u@h/a?sesame%2F7=", "store_address"),
        ("mysql://u@h/a?sesame7", "store_address"),
        ("mysql://u:sesame@/a", "store_address"),
        ("postgres://u:sesame@h/a", "store_address"),
        ("sesame", "store_address"),
    ] {
        let error = parse(text).err().unwrap();
        assert_eq!(error.code(), code, "{text}");
        let words = format!("{error} {error:?}");
        assert!(!words.contains("sesame"), "{words}");
    }
}

#[test]
fn an_unknown_parameter_is_named_if_it_is_a_word() {
    let words = |text| parse(text).err().unwrap().to_string();
    assert!(words("mysql://u@h/a?require_ssl=true").contains("\"require_ssl\""));
    assert!(words("mysql://u@h/a?=1").contains("only ssl-mode and socket are known"));
    assert!(words("mysql://u:1?2@h/a").contains("%3F"));
}

#[test]
fn a_path_with_an_at_sign_is_taken_in_its_code() {
    let address = parse("mysql://u@h/a?socket=/run/a%40b").unwrap();
    assert_eq!(address.options.socket(), Some("/run/a@b"));
}

#[test]
fn a_parameter_said_twice_is_refused() {
    for text in [
        "mysql://u@h/a?ssl-mode=VERIFY_IDENTITY&ssl-mode=DISABLED",
        "mysql://u@h/a?ssl-mode=DISABLED&ssl-mode=VERIFY_IDENTITY",
        "mysql://u@h/a?ssl-mode=REQUIRED&ssl-mode=REQUIRED",
        "mysql://u@h/a?ssl%2Dmode=REQUIRED&ssl-mode=DISABLED",
        "mysql://u@h/a?socket=/s&ssl-mode=DISABLED&socket=/t",
    ] {
        let error = parse(text).err().unwrap();
        assert!(matches!(error, MySqlError::Address(_)), "{text}: {error:?}");
        assert!(error.to_string().contains("twice"), "{error}");
    }
}

#[test]
fn what_is_shown_has_no_password() {
    let shown = |text| parse(text).unwrap().shown;
    assert_eq!(
        shown("mysql://u:sesame@h/a?ssl-mode=DISABLED"),
        "mysql://u@h:3306/a"
    );
    assert_eq!(
        shown("mariadb://u:sesame@[::1]:1/a"),
        "mariadb://u@[::1]:1/a"
    );
    assert_eq!(
        shown("mysql://u:sesame@h/a?socket=/run/s"),
        "mysql://u@h (/run/s)/a"
    );
}

#[test]
fn a_file_without_certificates_is_no_authority() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ca.pem");
    let parse = |text| Address::parse(text, Some(&path)).err().unwrap();
    for text in ["mysql://u@h/a", "mysql://u@localhost/a"] {
        let _ = std::fs::remove_file(&path);
        assert!(matches!(parse(text), MySqlError::CaFile { .. }));
        std::fs::write(&path, "no certificate").unwrap();
        assert!(matches!(parse(text), MySqlError::CaCertificates(_)));
    }
}
