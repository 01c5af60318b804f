//! What is measured, and one measurement of it. Where programs and databases are, `run` says in the
//! environment.

use std::io;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::emulator::{Emulator, Said};

const EMAIL: &str = "ada@example.com";
const PASSWORD: &str = "correct-Horse-battery-9-staple";
const MASTER_KEY: &str = "q83vASNFZ4mrze8BI0VniavN7wEjRWeJq83vASNFZ4k=";

/// A function that is measured.
pub(crate) struct Subject {
    pub(crate) name: &'static str,
    /// The size of what is deployed, compressed.
    pub(crate) package_bytes: u64,
    command: Vec<String>,
    environment: Vec<(&'static str, String)>,
    event: Value,
}

/// One run.
pub(crate) struct Measured {
    /// From the start of the process to its first request for an event.
    pub(crate) init: Duration,
    /// From the start of the process to its first answer.
    pub(crate) first_answer: Duration,
    /// The second answer, from its event.
    pub(crate) warm_answer: Duration,
    /// What it holds after the first answer.
    pub(crate) resident_kib: u64,
}

impl Subject {
    pub(crate) fn measure(&self) -> io::Result<Measured> {
        let emulator = Emulator::start()?;
        let begun = Instant::now();
        let mut process = Process(self.start(&emulator)?);
        let init = asked(&emulator)?;
        emulator.send(&self.event)?;
        let first = answered(&emulator)?;
        let resident_kib = resident_kib(process.0.id());
        asked(&emulator)?;
        let sent = Instant::now();
        emulator.send(&self.event)?;
        let warm = answered(&emulator)?;
        process.end();
        Ok(Measured {
            init: init - begun,
            first_answer: first - begun,
            warm_answer: warm - sent,
            resident_kib,
        })
    }

    /// Has it answer another event, before it is measured.
    fn prepare(&self, event: &Value) -> io::Result<Value> {
        let emulator = Emulator::start()?;
        let mut process = Process(self.start(&emulator)?);
        asked(&emulator)?;
        emulator.send(event)?;
        let answer = match emulator.said()? {
            Said::Answer(_, answer) => answer,
            Said::Failed(why) => return Err(io::Error::other(why.to_string())),
            Said::Next(_) => return Err(io::Error::other("it asks twice")),
        };
        process.end();
        let body = answer.get("body").and_then(Value::as_str).unwrap_or("null");
        serde_json::from_str(body).map_err(io::Error::from)
    }

    fn start(&self, emulator: &Emulator) -> io::Result<Child> {
        let (program, arguments) = self.command.split_first().ok_or(io::ErrorKind::NotFound)?;
        let mut command = Command::new(program);
        command.args(arguments).env_clear().current_dir("/tmp");
        command.env("AWS_LAMBDA_RUNTIME_API", emulator.address.to_string());
        for (name, value) in [
            ("AWS_LAMBDA_FUNCTION_NAME", "measured"),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512"),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_REGION", "eu-central-1"),
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ] {
            command.env(name, value);
        }
        command.envs(self.environment.iter().map(|(name, value)| (*name, value)));
        command
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
    }
}

/// Every function, with what it needs made beforehand.
pub(crate) fn subjects() -> io::Result<Vec<Subject>> {
    let mut subjects = Vec::new();
    for (name, url) in [
        ("Countersign: API on SQLite in /tmp", "SQLITE_URL"),
        ("Countersign: API on DynamoDB (emulator)", "DYNAMODB_URL"),
    ] {
        let mut api = Subject {
            name,
            package_bytes: size("API_BYTES")?,
            command: vec![given("API")?],
            environment: vec![
                ("COUNTERSIGN_MODE", "development".to_owned()),
                ("COUNTERSIGN_STORE_URL", given(url)?),
                ("COUNTERSIGN_KEYS_MASTER_KEY", MASTER_KEY.to_owned()),
                ("COUNTERSIGN_HTTP_PUBLIC_URL", ISSUER.to_owned()),
                ("COUNTERSIGN_TOKENS_ACCESS_LIFETIME", "1h".to_owned()),
                ("COUNTERSIGN_DATA_DIR", given("DATA_DIR")?),
            ],
            event: Value::Null,
        };
        let person = json!({ "email": EMAIL, "password": PASSWORD });
        let made = api.prepare(&http("POST", "/v1/register", "", &person))?;
        let token = text(&made, "access_token")?;
        let keys = api.prepare(&http("GET", "/.well-known/jwks.json", "", &Value::Null))?;
        api.event = http("GET", "/v1/me", &token, &Value::Null);
        subjects.push(api);
        if url == "DYNAMODB_URL" {
            subjects.push(authorizer(&keys, &token)?);
        }
    }
    subjects.extend(tutorial()?);
    Ok(subjects)
}

const ISSUER: &str = "https://auth.example.com";

fn authorizer(keys: &Value, token: &str) -> io::Result<Subject> {
    Ok(Subject {
        name: "Countersign: authorizer",
        package_bytes: size("AUTHORIZER_BYTES")?,
        command: vec![given("AUTHORIZER")?],
        environment: vec![
            ("COUNTERSIGN_AUTHORIZER_ISSUER", ISSUER.to_owned()),
            ("COUNTERSIGN_AUTHORIZER_AUDIENCE", ISSUER.to_owned()),
            ("COUNTERSIGN_AUTHORIZER_ALGORITHMS", "ES256".to_owned()),
            ("COUNTERSIGN_AUTHORIZER_JWKS", keys.to_string()),
            (
                "COUNTERSIGN_AUTHORIZER_ROUTES",
                json!({ "$default": "" }).to_string(),
            ),
        ],
        event: authorization(token),
    })
}

/// The handlers of the tutorial on serverless APIs, as it has them, behind Node's own HTTP client.
fn tutorial() -> io::Result<Vec<Subject>> {
    let node = |name, handler: &str| -> io::Result<Subject> {
        Ok(Subject {
            name,
            package_bytes: size("TUTORIAL_BYTES")?,
            command: vec![given("NODE")?, given("BOOTSTRAP")?, handler.to_owned()],
            environment: vec![
                ("DB", given("MONGODB_URL")?),
                ("JWT_SECRET", "sPbhoxUZDjNjYGZrRxVTDxMhULKQMxoG".to_owned()),
            ],
            event: Value::Null,
        })
    };
    let mut me = node(
        "tutorial (Node): me on MongoDB (emulator)",
        "auth/AuthHandler.me",
    )?;
    let register = node("", "auth/AuthHandler.register")?;
    let person = json!({ "name": "Ada", "email": EMAIL, "password": PASSWORD });
    let made = register.prepare(&http("POST", "/register", "", &person))?;
    let token = text(&made, "token")?;
    let mut verify = node("tutorial (Node): authorizer", "auth/VerifyToken.auth")?;
    verify.event = json!({
        "type": "TOKEN",
        "authorizationToken": token,
        "methodArn": ARN,
    });
    let caller = verify.prepare_answer()?;
    let mut event = http("GET", "/me", "", &Value::Null);
    if let Some(context) = event
        .get_mut("requestContext")
        .and_then(Value::as_object_mut)
    {
        context.insert("authorizer".to_owned(), json!({ "principalId": caller }));
    }
    me.event = event;
    Ok(vec![me, verify])
}

impl Subject {
    /// The principal that an authorizer finds in its own event.
    fn prepare_answer(&self) -> io::Result<Value> {
        let emulator = Emulator::start()?;
        let mut process = Process(self.start(&emulator)?);
        asked(&emulator)?;
        emulator.send(&self.event)?;
        let Said::Answer(_, answer) = emulator.said()? else {
            return Err(io::Error::other("it does not let the token through"));
        };
        process.end();
        Ok(answer.get("principalId").cloned().unwrap_or(Value::Null))
    }
}

const ARN: &str = "arn:aws:execute-api:eu-central-1:123456789012:abcdef123/prod/GET/me";

fn authorization(token: &str) -> Value {
    json!({
        "type": "TOKEN",
        "authorizationToken": format!("Bearer {token}"),
        "methodArn": ARN,
    })
}

/// An event of a REST API.
fn http(method: &str, path: &str, token: &str, body: &Value) -> Value {
    let mut headers = json!({ "Content-Type": "application/json" });
    if let (false, Some(headers)) = (token.is_empty(), headers.as_object_mut()) {
        headers.insert("Authorization".to_owned(), format!("Bearer {token}").into());
    }
    json!({
        "resource": "/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": headers,
        "requestContext": { "stage": "prod", "identity": { "sourceIp": "198.51.100.7" } },
        "body": if body.is_null() { Value::Null } else { body.to_string().into() },
        "isBase64Encoded": false,
    })
}

fn asked(emulator: &Emulator) -> io::Result<Instant> {
    match emulator.said()? {
        Said::Next(at) => Ok(at),
        Said::Answer(_, other) | Said::Failed(other) => Err(io::Error::other(other.to_string())),
    }
}

/// An answer that is none of an error: what fails quickly is not quick.
fn answered(emulator: &Emulator) -> io::Result<Instant> {
    match emulator.said()? {
        Said::Answer(at, answer) => match answer.get("statusCode").and_then(Value::as_u64) {
            None | Some(200..300) => Ok(at),
            Some(_) => Err(io::Error::other(answer.to_string())),
        },
        Said::Failed(why) => Err(io::Error::other(why.to_string())),
        Said::Next(_) => Err(io::Error::other("it asks twice")),
    }
}

fn resident_kib(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.map(|line| line.trim().trim_end_matches("kB").trim());
    kib.and_then(|kib| kib.parse().ok()).unwrap_or(0)
}

fn text(answer: &Value, name: &str) -> io::Result<String> {
    let found = answer.get(name).and_then(Value::as_str);
    found
        .map(str::to_owned)
        .ok_or_else(|| io::Error::other(format!("no {name} in {answer}")))
}

#[expect(
    clippy::disallowed_methods,
    reason = "its only configuration, from `run`"
)]
fn given(name: &str) -> io::Result<String> {
    std::env::var(name).map_err(|_| io::Error::other(format!("{name} is not set: start `run`")))
}

fn size(name: &str) -> io::Result<u64> {
    given(name)?.parse().map_err(io::Error::other)
}

/// A process that ends with this value.
struct Process(Child);

impl Process {
    fn end(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.end();
    }
}
