//! Starts a stack on free ports, talks to it, and hears what it tells.

use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::Duration;

use countersign_offline::{Happening, Invocation, Offline, Options, Reporter, Request};
use reqwest::{Client, Method, RequestBuilder};
use serde_json::Value;
use tokio::sync::mpsc;

pub struct Stack {
    offline: Offline,
    heard: Mutex<mpsc::UnboundedReceiver<Happening>>,
    client: Client,
}

pub struct Answered {
    pub status: u16,
    pub headers: reqwest::header::HeaderMap,
    pub body: Vec<u8>,
}

impl Answered {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }
}

pub fn directory(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name)
}

/// The options of a test: the template's name under `tests/`.
pub fn options(template: &str) -> (Options, mpsc::UnboundedReceiver<Happening>) {
    let (sender, heard) = mpsc::unbounded_channel();
    let mut environment: Vec<_> = std::env::vars_os().collect();
    environment.push(("FOREIGN".into(), "must not reach a function".into()));
    let options = Options {
        template: directory(template),
        stage: None,
        parameters: BTreeMap::new(),
        commands: BTreeMap::new(),
        env_file: None,
        address: IpAddr::V4(Ipv4Addr::LOCALHOST),
        port: 0,
        max_instances: 4,
        environment,
        clock: now,
        reporter: Reporter::new(move |happening| drop(sender.send(happening.clone()))),
    };
    (options, heard)
}

#[expect(clippy::disallowed_methods, reason = "a test has no other clock")]
fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

impl Stack {
    pub async fn start() -> Self {
        Self::with("stack/template.yaml", |_| {}).await
    }

    pub async fn with(template: &str, change: impl FnOnce(&mut Options)) -> Self {
        let (mut options, heard) = options(template);
        change(&mut options);
        let offline = countersign_offline::start(options).await.unwrap();
        Self {
            offline,
            heard: Mutex::new(heard),
            client: Client::new(),
        }
    }

    pub fn url(&self, api: &str) -> &str {
        let found = self
            .offline
            .listening()
            .iter()
            .find(|listening| listening.api == api);
        &found.unwrap_or_else(|| panic!("no API {api}")).url
    }

    pub fn request(&self, method: &str, api: &str, path: &str) -> RequestBuilder {
        let method: Method = method.parse().unwrap();
        self.client
            .request(method, format!("{}{path}", self.url(api)))
    }

    pub async fn get(&self, api: &str, path: &str) -> Answered {
        send(self.request("GET", api, path)).await
    }

    pub async fn get_as(&self, token: &str, api: &str, path: &str) -> Answered {
        send(
            self.request("GET", api, path)
                .header("Authorization", format!("Bearer {token}")),
        )
        .await
    }

    /// What has been told so far and was not looked at.
    pub fn heard(&self) -> Vec<Happening> {
        let mut heard = self.heard.lock().unwrap();
        std::iter::from_fn(|| heard.try_recv().ok()).collect()
    }

    pub fn invocations(&self) -> Vec<Invocation> {
        let heard = self.heard().into_iter();
        heard
            .filter_map(|happening| match happening {
                Happening::Invocation(invocation) => Some(invocation),
                _ => None,
            })
            .collect()
    }

    pub fn last_request(&self) -> Request {
        let heard = self.heard().into_iter();
        let mut requests = heard.filter_map(|happening| match happening {
            Happening::Request(request) => Some(request),
            _ => None,
        });
        requests.next_back().expect("a request was told of")
    }

    /// Waits until a function has written this line.
    #[expect(clippy::await_holding_lock, reason = "a test has one task")]
    pub async fn hears(&self, line: &str) {
        let mut heard = self.heard.lock().unwrap();
        let wait = async {
            loop {
                match heard.recv().await {
                    Some(Happening::Line { line: own, .. }) if own.contains(line) => return,
                    Some(_) => {}
                    None => panic!("nobody says {line:?} any more"),
                }
            }
        };
        tokio::time::timeout(Duration::from_secs(10), wait)
            .await
            .expect("it is said in time");
    }

    pub async fn stop(self) {
        self.offline.stop().await;
    }
}

pub async fn send(request: RequestBuilder) -> Answered {
    let response = request.send().await.unwrap();
    Answered {
        status: response.status().as_u16(),
        headers: response.headers().clone(),
        body: response.bytes().await.unwrap().to_vec(),
    }
}
