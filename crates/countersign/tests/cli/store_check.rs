//! `store check`.

use crate::support::Instance;

#[test]
fn a_healthy_store_is_well() {
    let instance = Instance::started();
    instance.user("ada", &["--admin"]);
    let words = instance.run(&["store", "check"]).ok();
    assert!(words.ends_with("all is well\n"), "{words}");
    let answer = instance.run(&["store", "check", "--json"]).json();
    assert_eq!(answer["errors"], 0);
    assert_eq!(answer["counts"]["users"], 1);
    assert_eq!(answer["findings"], serde_json::json!([]));
}

#[test]
fn a_store_whose_schema_is_behind_is_an_error() {
    let instance = Instance::nowhere();
    instance.run(&["store", "check"]).fails_with(5);
    std::fs::create_dir(instance.path("data")).unwrap();
    instance.write("data/countersign.db", "");
    let checked = instance.run(&["store", "check", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&checked.out).unwrap();
    assert_eq!(answer["findings"][0]["code"], "migrations_pending");
    assert_eq!(answer["findings"][0]["severity"], "error");
    checked.fails_with(1);
}
