//! Keys and clearing away without a process that runs all the time.

use std::time::Duration;

use serde_json::json;

use crate::event::{Event, Kind};
use crate::function::Function;

#[test]
fn a_schedule_has_the_function_do_what_is_due() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[]);
    let scheduled = json!({
        "version": "0",
        "id": "53dc4d37-cffa-4f76-80c9-8b7d4a4d2eaa",
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": "123456789012",
        "time": "2015-10-08T16:53:06Z",
        "region": "eu-central-1",
        "resources": ["arn:aws:events:eu-central-1:123456789012:rule/maintain"],
        "detail": {},
    });
    for event in [scheduled, json!({ "countersign": "maintain" })] {
        let outcome = function.invoke(&event, Duration::from_secs(20));
        assert!(!outcome.is_error, "{outcome:?}");
        assert_eq!(outcome.body["finished"], true);
        let line = function.last_line();
        assert_eq!(line["route"], "maintain", "{line}");
        assert_eq!(line["outcome"], "ok");
    }
    assert_eq!(function.metrics()[0]["route"], "EVENT maintain");
}

/// Another instance rotates the keys while this one is frozen.
#[test]
fn keys_that_another_process_made_are_used_by_the_next_request() {
    let dir = tempfile::tempdir().unwrap();
    let function = Function::start(dir.path(), &[]);
    let kids = || {
        let keys = function.send(&Event::get(Kind::HttpApi, "/.well-known/jwks.json"));
        keys.expect(200).json()["keys"].as_array().unwrap().len()
    };
    let before = kids();
    let rotate = std::process::Command::new(env!("CARGO_BIN_EXE_countersign"))
        .args(["keys", "rotate", "--data-dir"])
        .arg(dir.path().join("data"))
        .env_clear()
        .current_dir(dir.path())
        .output()
        .unwrap();
    assert!(rotate.status.success(), "{rotate:?}");
    // The set that is given out is a second old at most.
    let deadline = std::time::Instant::now() + Duration::from_secs(10);
    while kids() == before {
        assert!(
            std::time::Instant::now() < deadline,
            "the new key is not given out"
        );
    }
}
