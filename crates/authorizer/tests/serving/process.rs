//! The program as a process, with a configuration, and what it writes.

use std::path::Path;
use std::process::{Output, Stdio};

use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, ChildStdout, Command};

use crate::gateway::RuntimeApi;

pub const ROUTES: &str = r#"{"GET /users/{id}": "users:read", "GET /me": ""}"#;

/// The program with an issuer and routes in its environment, and nothing else there.
pub fn command(jwks: &str) -> Command {
    let mut command = bare();
    command
        .env("COUNTERSIGN_AUTHORIZER_ISSUER", "https://id.example.com")
        .env("COUNTERSIGN_AUTHORIZER_AUDIENCE", "https://api.example.com")
        .env("COUNTERSIGN_AUTHORIZER_ROUTES", ROUTES)
        .env("COUNTERSIGN_AUTHORIZER_JWKS", jwks);
    command
}

/// The program without any configuration.
pub fn bare() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_authorizer"));
    command.env_clear().stdin(Stdio::null()).kill_on_drop(true);
    command
}

pub async fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().await.unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (status.code(), text(stdout), text(stderr))
}

/// A function that serves.
pub struct Function {
    pub api: RuntimeApi,
    lines: tokio::io::Lines<BufReader<ChildStdout>>,
    _child: Child,
}

impl Function {
    pub async fn start(command: &mut Command) -> Self {
        let api = RuntimeApi::start().await;
        let mut child = command
            .env("AWS_LAMBDA_RUNTIME_API", &api.address)
            .env("AWS_LAMBDA_FUNCTION_NAME", "guard")
            .env("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128")
            .env("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST")
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self {
            api,
            lines,
            _child: child,
        }
    }

    /// The next line of the log that `wanted` takes.
    pub async fn line(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        loop {
            let line = self
                .lines
                .next_line()
                .await
                .unwrap()
                .expect("the function goes on");
            let line: Value = serde_json::from_str(&line).expect("every line is JSON");
            if wanted(&line) {
                return line;
            }
        }
    }
}

pub fn write(folder: &Path, name: &str, text: &str) -> String {
    let path = folder.join(name);
    std::fs::write(&path, text).unwrap();
    path.display().to_string()
}
