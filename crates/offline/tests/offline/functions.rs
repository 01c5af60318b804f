//! Functions as processes: cold and warm, many at once, slow, crashing, in three languages.

use futures::future::join_all;
use serde_json::json;

use crate::support::{Stack, send};

#[tokio::test]
async fn the_first_start_is_cold_and_the_next_is_warm() {
    let stack = Stack::start().await;
    assert_eq!(stack.get("Rest", "/public").await.json()["times"], 1);
    assert_eq!(
        stack.get("Rest", "/public").await.json()["times"],
        2,
        "the same process"
    );
    let told = stack.invocations();
    assert_eq!(
        told.iter().map(|one| one.cold).collect::<Vec<_>>(),
        [true, false]
    );
    assert!(told[0].init_ms.unwrap() > 0.0 && told[1].init_ms.is_none());
    assert!(
        told.iter()
            .all(|one| one.error.is_none() && one.took_ms > 0.0)
    );
    assert_ne!(told[0].aws_request_id, told[1].aws_request_id);
    #[cfg(target_os = "linux")]
    assert!(told[0].max_memory_mb.unwrap() > 5);
    stack.stop().await;
}

#[tokio::test]
async fn a_function_has_the_environment_of_the_template_and_no_other() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(&file, "SECRET=from the file\n").unwrap();
    let stack = Stack::with("stack/template.yaml", |options| {
        options.env_file = Some(file.path().to_owned());
        options
            .parameters
            .insert("Greeting".to_owned(), "servus".to_owned());
    })
    .await;
    let answer = stack.get("Rest", "/public").await.json();
    let expected =
        json!({"GREETING": "servus", "TABLE": "servus-users", "SECRET": "from the file"});
    assert_eq!(answer["environment"], expected);
    let context = &answer["context"];
    assert_eq!(
        (&context["name"], &context["hasTime"]),
        (&json!("Hello"), &json!(true))
    );
    assert_eq!(
        context["arn"],
        "arn:aws:lambda:us-east-1:123456789012:function:Hello"
    );
    stack.stop().await;
}

#[tokio::test]
async fn each_instance_has_one_request_at_a_time_and_there_are_no_more_than_allowed() {
    let stack = Stack::with("stack/template.yaml", |options| options.max_instances = 2).await;
    let all = join_all((0..6).map(|_| stack.get("Rest", "/odd/pid"))).await;
    let mut processes: Vec<_> = all.iter().map(crate::support::Answered::text).collect();
    processes.sort();
    processes.dedup();
    assert!(processes.len() <= 2, "{processes:?}");
    let cold = stack.invocations().iter().filter(|one| one.cold).count();
    assert_eq!(cold, processes.len());
    stack.stop().await;
}

#[tokio::test]
async fn a_function_that_takes_too_long_is_killed_and_the_next_request_gets_another() {
    let stack = Stack::start().await;
    let before = stack.get("Rest", "/odd/pid").await.text();
    assert_eq!(stack.get("Rest", "/odd/hangs").await.status, 502);
    let told = stack.invocations();
    assert_eq!(
        told.last().unwrap().error.as_deref(),
        Some("timed out after 1.00 seconds")
    );
    assert!(!is_running(&before), "it is gone");
    let after = stack.get("Rest", "/odd/pid").await.text();
    assert_ne!(before, after);
    stack.stop().await;
}

#[tokio::test]
async fn a_function_that_crashes_is_started_again() {
    let stack = Stack::start().await;
    assert_eq!(stack.get("Rest", "/odd/crashes").await.status, 502);
    let error = stack.invocations().pop().unwrap().error.unwrap();
    assert!(error.contains("crashed") && error.contains('3'), "{error}");
    assert_eq!(stack.get("Rest", "/odd/nobody").await.status, 204);
    stack.stop().await;
}

#[tokio::test]
async fn a_module_that_cannot_be_loaded_is_said() {
    let stack = Stack::start().await;
    assert_eq!(stack.get("Rest", "/broken").await.status, 502);
    let error = stack.invocations().pop().unwrap().error.unwrap();
    assert!(error.contains("this module can not be loaded"), "{error}");
    stack.stop().await;
}

#[tokio::test]
async fn a_callback_waits_for_the_event_loop_unless_told_otherwise() {
    let stack = Stack::start().await;
    assert_eq!(stack.get("Rest", "/callback").await.text(), "done");
    let begun = std::time::Instant::now();
    assert_eq!(
        stack.get("Rest", "/callback?lazily=1").await.text(),
        "not yet"
    );
    assert!(
        begun.elapsed().as_secs() < 4,
        "the timer of 5 s is not waited for"
    );
    stack.stop().await;
}

#[tokio::test]
async fn what_a_function_writes_is_told() {
    let stack = Stack::start().await;
    stack.get("Rest", "/public").await;
    stack.hears("hello for the 1. time").await;
    stack.get("Http", "/snake/jill").await;
    stack.hears("greeting").await;
    stack.stop().await;
}

#[tokio::test]
async fn a_python_function_answers_and_raises() {
    let stack = Stack::start().await;
    let answer = stack.get("Http", "/snake/jill").await;
    let expected =
        json!({"message": "hello, jill", "name": "Snake", "hasTime": true, "greeting": "hello"});
    assert_eq!((answer.status, answer.json()), (200, expected));
    assert_eq!(stack.get("Http", "/snake/raise").await.status, 500);
    let error = stack.invocations().pop().unwrap().error;
    assert_eq!(error.as_deref(), Some("ValueError: on purpose"));
    stack.stop().await;
}

#[tokio::test]
async fn an_executable_answers_by_the_runtime_of_rust() {
    let native = native();
    let stack = Stack::with("stack/template.yaml", |options| {
        options.commands.insert("Native".to_owned(), native);
    })
    .await;
    for times in [1, 2] {
        let answer = send(stack.request("POST", "Rest", "/native")).await;
        let expected = json!({"path": "/native", "times": times, "function": "Native"});
        assert_eq!((answer.status, answer.json()), (200, expected));
    }
    stack.stop().await;
}

#[tokio::test]
async fn an_executable_that_is_not_built_is_502_and_said_with_how_to_build_it() {
    let stack = Stack::start().await;
    assert_eq!(stack.get("Rest", "/native").await.status, 502);
    let reason = stack.last_request().reason.unwrap();
    assert!(
        reason.contains("cargo lambda build --bin native"),
        "{reason}"
    );
    stack.stop().await;
}

/// The example beside these tests, as cargo builds it with them.
fn native() -> String {
    let here = std::env::current_exe().unwrap();
    let built = here
        .ancestors()
        .nth(2)
        .unwrap()
        .join("examples/native_function");
    assert!(
        built.is_file(),
        "build it with `cargo build -p countersign-offline --examples`"
    );
    built.to_str().unwrap().to_owned()
}

pub fn is_running(pid: &str) -> bool {
    // A zombie that nobody has waited for yet is not running.
    let status = std::fs::read_to_string(format!("/proc/{pid}/stat"));
    status.is_ok_and(|stat| !stat.contains(") Z "))
}

#[tokio::test]
async fn code_that_changes_is_run_by_the_next_request() {
    let directory = tempfile::tempdir().unwrap();
    let code = directory.path().join("index.js");
    let write = |text: &str, seconds: u64| {
        let body =
            format!("exports.handler = async () => ({{ statusCode: 200, body: '{text}' }});");
        std::fs::write(&code, body).unwrap();
        // A clock that ticks slowly must not hide the change.
        let time = std::time::SystemTime::UNIX_EPOCH + std::time::Duration::from_secs(seconds);
        std::fs::File::options()
            .write(true)
            .open(&code)
            .unwrap()
            .set_modified(time)
            .unwrap();
    };
    write("before", 1_000_000_000);
    let template = directory.path().join("template.yaml");
    let yaml = "Resources: {Hello: {Type: 'AWS::Serverless::Function', Properties: {Runtime: nodejs20.x, \
                Handler: index.handler, Events: {Get: {Type: HttpApi, Properties: {Path: /, Method: get}}}}}}";
    std::fs::write(&template, yaml).unwrap();
    let stack = Stack::with("stack/template.yaml", |options| options.template = template).await;
    assert_eq!(stack.get("ServerlessHttpApi", "/").await.text(), "before");
    write("after", 1_000_000_001);
    assert_eq!(stack.get("ServerlessHttpApi", "/").await.text(), "after");
    stack.stop().await;
}
