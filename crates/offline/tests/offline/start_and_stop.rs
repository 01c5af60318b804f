//! What is said at the start, and that nothing is left at the end.

use countersign_offline::{Happening, in_words};

use crate::functions::is_running;
use crate::support::{Stack, options};

#[tokio::test]
async fn nothing_is_left_after_the_end_not_even_what_ignores_signals() {
    let stack = Stack::start().await;
    let answer = stack.get("Rest", "/odd/stubborn").await.json();
    let pids: Vec<String> = answer
        .as_array()
        .unwrap()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert!(pids.iter().all(|pid| is_running(pid)), "{pids:?}");
    stack.stop().await;
    let left = async {
        while pids.iter().any(|pid| is_running(pid)) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(std::time::Duration::from_secs(10), left)
        .await
        .expect("they are gone");
}

#[tokio::test]
async fn a_function_at_work_is_ended_too() {
    let stack = Stack::start().await;
    let request = stack.request("GET", "Rest", "/odd/hangs");
    let waiting = tokio::spawn(async move { request.send().await });
    stack.get("Rest", "/public").await;
    stack.stop().await;
    // Cut off, or answered with an error; but it has ended.
    let _ended = waiting.await.unwrap();
}

#[tokio::test]
async fn the_routes_are_listed_at_the_start() {
    let stack = Stack::start().await;
    let listed: Vec<String> = stack
        .heard()
        .iter()
        .filter(|happening| matches!(happening, Happening::Listening(_)))
        .map(in_words)
        .collect();
    let mut listed = listed.join("\n\n");
    for api in ["Rest", "Http", "HelloUrl"] {
        listed = listed.replace(
            stack.url(api).trim_end_matches("/prod"),
            &format!("http://{api}"),
        );
    }
    insta::assert_snapshot!(listed);
    stack.stop().await;
}

#[tokio::test]
async fn what_cannot_run_is_warned_of() {
    let stack = Stack::start().await;
    let warnings: Vec<String> = stack
        .heard()
        .iter()
        .filter(|happening| matches!(happening, Happening::Warning { .. }))
        .map(in_words)
        .collect();
    let warnings = warnings
        .join("\n")
        .replace(env!("CARGO_MANIFEST_DIR"), "[crate]");
    insta::assert_snapshot!(warnings);
    stack.stop().await;
}

#[tokio::test]
async fn a_mistake_is_said_with_what_to_do() {
    let said = async |change: &dyn Fn(&mut countersign_offline::Options)| {
        let (mut options, _heard) = options("stack/template.yaml");
        change(&mut options);
        countersign_offline::start(options)
            .await
            .unwrap_err()
            .to_string()
    };
    let missing = said(&|options| options.template = "nowhere.yaml".into()).await;
    assert!(
        missing.contains("nowhere.yaml") && missing.contains("--template"),
        "{missing}"
    );
    let foreign =
        said(&|options| options.template = crate::support::directory("stack/node/hello.js")).await;
    assert!(
        foreign.contains("YAML") || foreign.contains("neither"),
        "{foreign}"
    );
    let stranger =
        said(&|options| drop(options.commands.insert("Nobody".to_owned(), "x".to_owned()))).await;
    assert!(stranger.contains("Nobody"), "{stranger}");
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    let taken = said(&|options| options.port = port).await;
    assert!(taken.contains("--port"), "{taken}");
}

/// What this repository deploys, read as it is.
#[tokio::test]
async fn our_own_templates_are_understood() {
    let mut said = Vec::new();
    for template in [
        "deploy/aws-sam/template.yaml",
        "deploy/serverless/serverless.yml",
        "examples/private-hello/template.yaml",
    ] {
        let stack = Stack::with(&format!("../../../{template}"), |_| {}).await;
        said.push(format!("# {template}"));
        for happening in stack.heard() {
            match &happening {
                Happening::Listening(listening) => {
                    for route in &listening.routes {
                        let name = route.function.as_deref().unwrap_or("-");
                        let guard = route.authorizer.as_deref().unwrap_or("-");
                        let (api, kind) = (&listening.api, listening.kind);
                        said.push(format!(
                            "{api} {kind} {} {} {name} {guard}",
                            route.method, route.path
                        ));
                    }
                }
                // Whether something is built differs from machine to machine.
                Happening::Warning { message } if !message.contains("no bootstrap") => {
                    said.push(message.clone());
                }
                _ => {}
            }
        }
        stack.stop().await;
    }
    insta::assert_snapshot!(said.join("\n"));
}
