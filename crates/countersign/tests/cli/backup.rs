//! `backup`.

use crate::support::{Instance, mode};

#[test]
fn a_copy_holds_everybody_and_is_for_its_owner_alone() {
    let instance = Instance::started();
    instance.user("ada", &["--no-password"]);
    let answer = instance
        .run(&["backup", "--to", "copy.db", "--json"])
        .json();
    assert_eq!(answer["file"], "copy.db");
    assert!(answer["bytes"].as_u64().unwrap() > 0);
    assert_eq!(mode(&instance.path("copy.db")), 0o600);
    let restored = [
        "users",
        "list",
        "--json",
        "--set",
        "store.url=sqlite:copy.db",
    ];
    assert_eq!(instance.run(&restored).json_lines()[0]["username"], "ada");

    let again = instance.run(&["backup", "--to", "copy.db"]).fails_with(4);
    assert!(again.contains("exists already"), "{again}");
    instance.run(&["backup"]).fails_with(2);
}
