//! `migrate`.

use crate::support::{Instance, mode};

#[test]
fn the_database_is_made_for_its_owner_and_then_is_up_to_date() {
    let instance = Instance::nowhere();
    instance.run(&["migrate", "--check"]).fails_with(5);
    assert!(
        instance
            .run(&["migrate"])
            .ok()
            .starts_with("made the database")
    );
    assert_eq!(mode(&instance.path("data/countersign.db")), 0o600);
    assert_eq!(
        instance.run(&["migrate"]).ok(),
        "the database was up to date\n"
    );
    let check = instance.run(&["migrate", "--check", "--json"]).json();
    assert_eq!(check, serde_json::json!({ "missing": [] }));
}

#[test]
fn a_missing_migration_is_told_by_the_exit_code() {
    let instance = Instance::nowhere();
    std::fs::create_dir(instance.path("data")).unwrap();
    instance.write("data/countersign.db", "");
    let check = instance.run(&["migrate", "--check"]);
    assert!(check.out.contains("0001_first"), "{}", check.out);
    check.fails_with(1);
    let message = instance.run(&["users", "list"]).fails_with(5);
    assert!(message.contains("countersign migrate"), "{message}");
    assert!(
        instance
            .run(&["migrate"])
            .ok()
            .starts_with("applied: 0001_first")
    );
}

#[test]
fn the_database_of_another_program_is_left_alone() {
    let instance = Instance::nowhere();
    std::fs::create_dir(instance.path("data")).unwrap();
    instance.write(
        "data/countersign.db",
        "this is no database at all, it is a letter to my aunt",
    );
    assert_ne!(instance.run(&["migrate"]).code, 0);
}
