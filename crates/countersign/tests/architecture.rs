//! The house holds up only as long as each part imports what it may: see `docs/architecture.md`.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test that can't go on has failed"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use serde_json::Value;

/// For each crate of the product, the crates of the product that it may import outside tests.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("countersign-token", &[]),
    ("countersign-domain", &["countersign-token"]),
    (
        "countersign-app",
        &["countersign-domain", "countersign-token"],
    ),
    ("countersign-verify", &["countersign-token"]),
    ("countersign-misuse", &[]),
    ("countersign-aws-secrets", &[]),
    ("countersign-monitor", &[]),
    ("countersign-offline", &[]),
    ("countersign-authorizer", &["countersign-verify"]),
    (
        "countersign-methods",
        &["countersign-app", "countersign-domain"],
    ),
    (
        "countersign-store-rows",
        &["countersign-app", "countersign-domain", "countersign-token"],
    ),
    (
        "countersign-store-sqlite",
        &[
            "countersign-app",
            "countersign-domain",
            "countersign-store-rows",
            "countersign-token",
        ],
    ),
    (
        "countersign-store-postgres",
        &[
            "countersign-app",
            "countersign-domain",
            "countersign-store-rows",
            "countersign-token",
        ],
    ),
    (
        "countersign-store-mysql",
        &[
            "countersign-app",
            "countersign-domain",
            "countersign-store-rows",
            "countersign-token",
        ],
    ),
    (
        "countersign-store-mongodb",
        &["countersign-app", "countersign-domain", "countersign-token"],
    ),
    (
        "countersign-store-dynamodb",
        &["countersign-app", "countersign-domain", "countersign-token"],
    ),
    (
        "countersign-web",
        &[
            "countersign-app",
            "countersign-domain",
            "countersign-monitor",
            "countersign-token",
            "countersign-verify",
        ],
    ),
    (
        "countersign",
        &[
            "countersign-app",
            "countersign-aws-secrets",
            "countersign-domain",
            "countersign-methods",
            "countersign-monitor",
            "countersign-offline",
            "countersign-store-dynamodb",
            "countersign-store-mongodb",
            "countersign-store-mysql",
            "countersign-store-postgres",
            "countersign-store-sqlite",
            "countersign-token",
            "countersign-verify",
            "countersign-web",
        ],
    ),
    (
        "countersign-bench",
        &["countersign-token", "countersign-verify"],
    ),
    ("countersign-bench-verify", &["countersign-verify"]),
    ("countersign-cold-start", &[]),
    ("countersign-differential", &["countersign-verify"]),
    (
        "countersign-faults",
        &[
            "countersign-app",
            "countersign-domain",
            "countersign-store-dynamodb",
            "countersign-store-mongodb",
            "countersign-store-mysql",
            "countersign-store-postgres",
            "countersign-store-sqlite",
            "countersign-token",
        ],
    ),
    ("example-async-graphql-api", &["countersign-verify"]),
    ("example-axum-api", &["countersign-verify"]),
];

/// Crates that few may import, each only those named.
const SOLE_IMPORTERS: &[(&str, &[&str])] = &[
    (
        "jsonwebtoken",
        &["countersign-token", "countersign-bench-verify"],
    ),
    ("rusqlite", &["countersign-store-sqlite"]),
    ("tokio-postgres", &["countersign-store-postgres"]),
    ("mysql_async", &["countersign-store-mysql"]),
    ("mongodb", &["countersign-store-mongodb"]),
    ("aws-sdk-dynamodb", &["countersign-store-dynamodb"]),
    (
        "async-graphql",
        &[
            "countersign-web",
            "countersign-verify",
            "example-async-graphql-api",
        ],
    ),
    ("argon2", &["countersign-methods"]),
    ("bcrypt", &["countersign-methods"]),
];

fn metadata() -> Value {
    let output = Command::new(env!("CARGO"))
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo metadata runs");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    serde_json::from_slice(&output.stdout).expect("it prints JSON")
}

fn packages() -> BTreeMap<String, BTreeSet<String>> {
    let metadata = metadata();
    let name_of = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    metadata["packages"]
        .as_array()
        .expect("there are packages")
        .iter()
        .map(|package| {
            let normal = package["dependencies"].as_array().into_iter().flatten();
            let normal = normal
                .filter(|dependency| dependency["kind"].is_null())
                .map(name_of);
            (name_of(package), normal.collect())
        })
        .collect()
}

#[test]
fn each_crate_imports_only_what_it_may() {
    let packages = packages();
    for (name, imports) in &packages {
        let allowed = MAY_IMPORT
            .iter()
            .find(|(allowed, _)| allowed == name)
            .unwrap_or_else(|| panic!("{name} is new: say here what it may import"))
            .1;
        for import in imports
            .iter()
            .filter(|import| packages.contains_key(*import))
        {
            assert!(
                allowed.contains(&import.as_str()),
                "{name} must not import {import}"
            );
        }
    }
}

#[test]
fn a_library_with_one_owner_is_imported_by_it_alone() {
    for (name, imports) in packages()
        .iter()
        .filter(|(name, _)| *name != "countersign-bench")
    {
        for (library, owners) in SOLE_IMPORTERS {
            let is_owner = owners.contains(&name.as_str());
            assert!(
                is_owner || !imports.contains(*library),
                "{name} must not import {library}"
            );
        }
    }
}

/// A default build compiles one store; each of the others waits for its feature. AWS Lambda costs four
/// small crates, and a function that lacks it would be found out only once it is deployed.
#[test]
fn the_stores_on_a_network_are_built_only_if_wanted() {
    let metadata = metadata();
    let packages = metadata["packages"].as_array().expect("there are packages");
    let is_binary = |package: &&Value| package["name"] == "countersign";
    let binary = packages.iter().find(is_binary).expect("it is there");
    let dependencies = binary["dependencies"].as_array().expect("it has some");
    for engine in ["postgres", "mysql", "mongodb", "dynamodb"] {
        let name = format!("countersign-store-{engine}");
        let found = dependencies.iter().find(|found| found["name"] == *name);
        assert_eq!(
            found.expect("it is one of them")["optional"],
            true,
            "{name}"
        );
        let feature = &binary["features"][engine];
        assert_eq!(*feature, serde_json::json!([format!("dep:{name}")]));
        let all = binary["features"]["all-stores"].as_array();
        let has = all.is_some_and(|all| all.iter().any(|feature| feature == engine));
        assert!(has, "all-stores lacks {engine}");
    }
    assert_eq!(
        binary["features"]["default"],
        serde_json::json!(["lambda", "offline"])
    );
}

#[test]
fn the_domain_has_no_clock_no_io_and_no_runtime() {
    let imports = &packages()["countersign-domain"];
    for library in [
        "tokio",
        "async-trait",
        "futures",
        "getrandom",
        "rand",
        "axum",
        "rusqlite",
    ] {
        assert!(
            !imports.contains(library),
            "domain must not import {library}"
        );
    }
}
