//! `token inspect|verify`.

use crate::support::{Instance, PASSWORD};
use countersign_domain::opaque::expose;

#[test]
fn a_good_token_is_verified_and_one_of_an_ended_session_is_not() {
    let instance = Instance::started();
    let id = instance.user("ada", &["--admin"]);
    let tokens = instance.log_in("ada", PASSWORD).unwrap();
    let token = expose(&tokens.access_token);
    let good = instance
        .run_with(&["token", "verify", "--json"], token)
        .json();
    assert_eq!(good["active"], true);
    assert_eq!(good["kind"], "access_token");
    assert_eq!(good["user_id"], id.as_str());
    assert_eq!(good["roles"], serde_json::json!(["admin"]));
    assert!(
        instance
            .run_with(&["token", "verify", "-"], token)
            .ok()
            .starts_with("good\n")
    );

    instance.run(&["sessions", "end", "ada", "--all"]).ok();
    let ended = instance.run_with(&["token", "verify", "--json"], token);
    assert_eq!(
        (ended.code, ended.out.as_str()),
        (4, "{\"active\":false,\"reason\":\"session_ended\"}\n")
    );
}

#[test]
fn a_forged_token_is_shown_but_not_verified() {
    let instance = Instance::started();
    // {"alg":"none"} . {"sub":"admin","exp":1}
    let forged = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiIsImV4cCI6MX0.";
    let shown = instance.run_with(&["token", "inspect"], forged).ok();
    assert!(shown.starts_with("NOT VERIFIED"), "{shown}");
    assert!(
        shown.contains("1 (1970-01-01 00:00:01 UTC, expired)"),
        "{shown}"
    );
    let json = instance
        .run_with(&["token", "inspect", "--json"], forged)
        .json();
    assert_eq!(json["verified"], false);
    assert_eq!(json["claims"]["sub"], "admin");
    assert_eq!(instance.run_with(&["token", "verify"], forged).code, 4);
    instance
        .run_with(&["token", "verify"], "csp_nonsense")
        .fails_with(4);
}

#[test]
fn a_token_says_nothing_to_the_terminal_but_text() {
    let instance = Instance::nowhere();
    // {"alg":"\u001b[2J"} . {}
    let token = "eyJhbGciOiJcdTAwMWJbMkoifQ.e30.";
    let shown = instance.run_with(&["token", "inspect"], token).ok();
    assert!(!shown.contains('\u{1b}'), "{shown}");
}

#[test]
fn a_token_is_never_an_argument() {
    let instance = Instance::nowhere();
    for command in ["inspect", "verify"] {
        let message = instance
            .run(&["token", command, "eyJhbGciOiJub25lIn0.e30."])
            .fails_with(2);
        assert!(
            message.contains("standard input") && !message.contains("eyJ"),
            "{message}"
        );
        instance.run(&["token", command]).fails_with(2);
    }
    instance
        .run_with(&["token", "inspect"], "not a token")
        .fails_with(2);
}
