//! The command line and the configuration: all mistakes at once, and a way to try it.

use std::io::Write as _;

use countersign_token::{Algorithm, PrivateKey};

use crate::gateway::{event, jwks, token};
use crate::process::{bare, command, output, write};

#[tokio::test]
async fn all_mistakes_are_told_at_once_with_what_to_do() {
    let (code, _, told) = output(bare().arg("--check")).await;
    assert_eq!(code, Some(1));
    for part in [
        "COUNTERSIGN_AUTHORIZER_ISSUER",
        "COUNTERSIGN_AUTHORIZER_ROUTES",
        "$default",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let mut command = command("{}");
    command
        .env("COUNTERSIGN_AUTHORIZER_PROFILE", "okta")
        .env(
            "COUNTERSIGN_AUTHORIZER_ROUTES",
            r#"{"GET users": "", "GET /a": "two  spaces"}"#,
        )
        .env("COUNTERSIGN_AUTHORIZER_ANSWER", "simple");
    let (code, _, told) = output(command.arg("--check")).await;
    assert_eq!(code, Some(1));
    for part in [
        "issuers[0].profile",
        "\"GET users\" is no route",
        "routes.\"GET /a\"",
        "answer.gateway_ttl",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
}

/// `scope` for `scopes` would otherwise ask for nothing, and let every caller in.
#[tokio::test]
async fn a_misspelt_rule_is_a_mistake_and_not_a_route_without_one() {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let set = serde_json::to_string(&jwks(&key)).unwrap();
    for (variable, routes) in [
        (
            "ROUTES",
            r#"{"DELETE /users/{id}": {"scope": "users:delete"}}"#,
        ),
        (
            "ROUTES",
            r#"{"GET /a": {"scopes": "a", "role": ["admin"]}}"#,
        ),
        ("FIELDS", r#"{"Mutation.a": {"role": ["admin"]}}"#),
    ] {
        let name = format!("COUNTERSIGN_AUTHORIZER_{variable}");
        let (code, _, told) = output(command(&set).env(&name, routes).arg("--check")).await;
        assert!(code == Some(1) && told.contains(&name), "{routes}: {told}");
        // What is right, and no name out of the source.
        let is_plain = told.contains("a rule is scopes") && !told.contains("RuleSettings");
        assert!(is_plain, "{routes}: {told}");
    }
}

#[tokio::test]
async fn on_lambda_a_bad_configuration_ends_the_cold_start_with_all_mistakes_in_the_log() {
    let mut command = bare();
    command
        .env("AWS_LAMBDA_RUNTIME_API", "127.0.0.1:9")
        .env("AWS_LAMBDA_FUNCTION_NAME", "guard")
        .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
        .env("AWS_LAMBDA_FUNCTION_VERSION", "1");
    let (code, told, _) = output(&mut command).await;
    assert_eq!(code, Some(1));
    let line: serde_json::Value = serde_json::from_str(told.trim()).unwrap();
    assert_eq!(line["level"], "ERROR");
    let message = line["message"].as_str().unwrap();
    assert!(
        message.contains("issuers") && message.contains("routes"),
        "{message}"
    );
}

#[tokio::test]
async fn without_lambda_it_says_where_it_belongs() {
    let (code, _, told) = output(&mut bare()).await;
    assert_eq!(code, Some(2));
    assert!(
        told.contains("AWS_LAMBDA_RUNTIME_API") && told.contains("--event"),
        "{told}"
    );
    let (code, help, _) = output(bare().arg("--help")).await;
    assert!(code == Some(0) && help.contains("Usage: authorizer"));
    let (code, version, _) = output(bare().arg("--version")).await;
    assert!(code == Some(0) && version.starts_with("authorizer "));
    let (code, _, told) = output(bare().arg("--verify")).await;
    assert!(code == Some(2) && told.contains("--help"), "{told}");
}

#[tokio::test]
async fn an_event_in_a_file_is_answered_as_it_would_be_deployed() {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let set = serde_json::to_string(&jwks(&key)).unwrap();
    let (code, told, _) = output(command(&set).arg("--check")).await;
    assert_eq!(
        (code, told.as_str()),
        (Some(0), "the configuration is good\n")
    );
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "{}", event(&token(&key, "users:read"))).unwrap();
    let path = file.path().display().to_string();
    let (code, answer, told) = output(command(&set).args(["--event", &path])).await;
    assert!(code == Some(0) && told.starts_with("allowed"), "{told}");
    assert!(answer.contains("\"principalId\": \"user-1\""));
    let mut file = tempfile::NamedTempFile::new().unwrap();
    write!(file, "{}", event("x.y.z")).unwrap();
    let path = file.path().display().to_string();
    let (code, answer, told) = output(command(&set).args(["--event", &path])).await;
    assert!(
        code == Some(1) && told.starts_with("unauthorized"),
        "{told}"
    );
    assert_eq!(answer, "error: Unauthorized\n");
}

#[tokio::test]
async fn a_deeper_route_beside_a_parameter_is_noted() {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "jwks.json",
        &serde_json::to_string(&jwks(&key)).unwrap(),
    );
    let config = r#"
        [[issuers]]
        issuer = "https://id.example.com"
        audiences = ["https://api.example.com"]
        jwks_file = "jwks.json"
        [routes]
        "GET /users/{id}" = "users:read"
        "GET /users/{id}/posts" = ""
        "#;
    let config = write(folder.path(), "authorizer.toml", config);
    let (code, told, _) = output(bare().args(["--config", &config, "--check"])).await;
    assert!(
        code == Some(0)
            && told.contains("note: list every route that is deployed below \"GET /users/{id}\""),
        "{told}"
    );
}

/// The last one would win, and the route be open.
#[tokio::test]
async fn a_route_or_a_field_that_comes_twice_is_named() {
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let set = serde_json::to_string(&jwks(&key)).unwrap();
    for (variable, map, named) in [
        ("ROUTES", r#"{"GET /a": "x", "GET /a": ""}"#, "GET /a"),
        (
            "ROUTES",
            r#"{"GET /a/{b}": "x", "GET /a/{c}": ""}"#,
            "GET /a/{c}",
        ),
        ("ROUTES", r#"{"GET /a": "x", "get /a": ""}"#, "get /a"),
        ("ROUTES", r#"{"GET /a": "x", "GET /a/": ""}"#, "GET /a/"),
        ("FIELDS", r#"{"Query.me": "x", "Query.me": ""}"#, "Query.me"),
        ("FIELDS", r#"{"*": "x", "*": ""}"#, "*"),
    ] {
        let name = format!("COUNTERSIGN_AUTHORIZER_{variable}");
        let (code, _, told) = output(command(&set).env(&name, map).arg("--check")).await;
        let named = format!("{named:?}");
        assert!(code == Some(1) && told.contains(&named), "{map}: {told}");
    }
}

#[tokio::test]
async fn a_setting_of_keys_that_would_be_without_effect_is_a_mistake() {
    for (setting, value) in [
        ("requests_per_minute", "0"),
        ("jwks", "'{}'"),
        ("jwks_file", "'jwks.json'"),
        ("jwks_url", "'https://id.example.com/jwks.json'"),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let config = format!(
            "[[issuers]]\nissuer = 'https://id.example.com'\naudiences = ['https://api.example.com']\n\
             algorithms = ['HS256']\nsecret_environment = 'SHARED'\n{setting} = {value}\n[routes]\n'GET /a' = ''"
        );
        let config = write(folder.path(), "authorizer.toml", &config);
        let mut command = bare();
        command.env("SHARED", "0123456789abcdef0123456789abcdef");
        let (code, _, told) = output(command.args(["--config", &config, "--check"])).await;
        let named = format!("issuers[0].{setting}: ");
        assert!(
            code == Some(1) && told.contains(&named),
            "{setting}: {told}"
        );
    }
}
