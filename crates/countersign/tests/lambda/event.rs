//! Events as AWS sends them, from its documentation's examples, with the request of a test in them; and
//! the answers that each kind takes.

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Everything that calls a function for HTTP.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    RestApi,
    HttpApi1,
    HttpApi,
    FunctionUrl,
    LoadBalancer,
    LoadBalancerMany,
}

impl Kind {
    pub const ALL: [Self; 6] = [
        Self::RestApi,
        Self::HttpApi1,
        Self::HttpApi,
        Self::FunctionUrl,
        Self::LoadBalancer,
        Self::LoadBalancerMany,
    ];

    fn example(self) -> Value {
        let text = match self {
            Self::RestApi => include_str!("events/rest_api.json"),
            Self::HttpApi1 => include_str!("events/http_api_1.json"),
            Self::HttpApi => include_str!("events/http_api.json"),
            Self::FunctionUrl => include_str!("events/function_url.json"),
            Self::LoadBalancer => include_str!("events/load_balancer.json"),
            Self::LoadBalancerMany => include_str!("events/load_balancer_many.json"),
        };
        serde_json::from_str(text).unwrap()
    }

    fn is_version_2(self) -> bool {
        matches!(self, Self::HttpApi | Self::FunctionUrl)
    }
}

/// An event that is being put together.
#[derive(Clone, Debug)]
pub struct Event {
    kind: Kind,
    method: String,
    path: String,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    body: Option<String>,
    is_base64: bool,
    stage: Option<String>,
}

impl Event {
    pub fn new(kind: Kind, method: &str, path: &str) -> Self {
        Self {
            kind,
            method: method.to_owned(),
            path: path.to_owned(),
            query: Vec::new(),
            headers: Vec::new(),
            body: None,
            is_base64: false,
            stage: None,
        }
    }

    pub fn get(kind: Kind, path: &str) -> Self {
        Self::new(kind, "GET", path)
    }

    pub fn post(kind: Kind, path: &str, body: &Value) -> Self {
        let mut event = Self::new(kind, "POST", path).header("content-type", "application/json");
        event.body = Some(body.to_string());
        event
    }

    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    pub fn bearer(self, token: &str) -> Self {
        self.header("Authorization", &format!("Bearer {token}"))
    }

    /// A parameter of the query, decoded.
    pub fn query(mut self, name: &str, value: &str) -> Self {
        self.query.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The body goes as base64.
    pub fn base64(mut self) -> Self {
        self.is_base64 = true;
        self
    }

    pub fn stage(mut self, stage: &str) -> Self {
        self.stage = Some(stage.to_owned());
        self
    }

    pub fn json(&self) -> Value {
        let mut event = self.kind.example();
        if let Some(body) = &self.body {
            event["body"] = if self.is_base64 {
                STANDARD.encode(body).into()
            } else {
                body.clone().into()
            };
            event["isBase64Encoded"] = self.is_base64.into();
        }
        if let Some(stage) = &self.stage {
            event["requestContext"]["stage"] = stage.clone().into();
        }
        self.write_line(&mut event);
        self.write_headers(&mut event);
        event
    }

    fn write_line(&self, event: &mut Value) {
        if self.kind.is_version_2() {
            event["requestContext"]["http"]["method"] = self.method.clone().into();
            event["requestContext"]["http"]["path"] = self.path.clone().into();
            event["rawPath"] = self.path.clone().into();
            event["rawQueryString"] = encoded(&self.query).into();
            return;
        }
        event["httpMethod"] = self.method.clone().into();
        event["path"] = self.path.clone().into();
        if self.query.is_empty() {
            return;
        }
        let encodes = matches!(self.kind, Kind::LoadBalancer | Kind::LoadBalancerMany);
        let shown = |text: &str| {
            if encodes {
                percent(text)
            } else {
                text.to_owned()
            }
        };
        let (mut one, mut many) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
        for (name, value) in &self.query {
            one.insert(shown(name), shown(value));
            many.entry(shown(name)).or_default().push(shown(value));
        }
        if self.kind != Kind::LoadBalancerMany {
            event["queryStringParameters"] = json!(one);
        }
        if self.kind != Kind::LoadBalancer {
            event["multiValueQueryStringParameters"] = json!(many);
        }
    }

    fn write_headers(&self, event: &mut Value) {
        let (mut one, mut many) = (BTreeMap::new(), BTreeMap::<_, Vec<_>>::new());
        // Gateways of payload 2.0 and load balancers write names in lower case.
        let lower = !matches!(self.kind, Kind::RestApi | Kind::HttpApi1);
        for (name, value) in &self.headers {
            let name = if lower {
                name.to_lowercase()
            } else {
                name.clone()
            };
            if self.kind.is_version_2() {
                let joined = one.remove(&name).map(|first| format!("{first},{value}"));
                one.insert(name, joined.unwrap_or_else(|| value.clone()));
            } else {
                one.insert(name.clone(), value.clone());
                many.entry(name).or_default().push(value.clone());
            }
        }
        if self.kind != Kind::LoadBalancerMany {
            merge(&mut event["headers"], &json!(one));
        }
        if !self.kind.is_version_2() && self.kind != Kind::LoadBalancer {
            merge(&mut event["multiValueHeaders"], &json!(many));
        }
    }

    /// Reads an answer as the gateway of this kind does.
    pub fn answer(&self, answer: &Value) -> Answer {
        let many = |values: &Value| match values {
            Value::String(value) => vec![value.clone()],
            values => serde_json::from_value(values.clone()).unwrap(),
        };
        let takes_many = matches!(
            self.kind,
            Kind::RestApi | Kind::HttpApi1 | Kind::LoadBalancerMany
        );
        let headers = answer[if takes_many {
            "multiValueHeaders"
        } else {
            "headers"
        }]
        .as_object()
        .unwrap_or_else(|| panic!("{:?}: no headers in {answer}", self.kind));
        let is_balancer = matches!(self.kind, Kind::LoadBalancer | Kind::LoadBalancerMany);
        assert_eq!(answer["statusDescription"].is_string(), is_balancer);
        let text = answer["body"].as_str().unwrap();
        let body = if answer["isBase64Encoded"] == true {
            STANDARD.decode(text).unwrap()
        } else {
            text.as_bytes().to_vec()
        };
        Answer {
            status: answer["statusCode"].as_u64().unwrap(),
            headers: headers
                .iter()
                .map(|(name, values)| (name.clone(), many(values)))
                .collect(),
            body,
        }
    }
}

fn merge(into: &mut Value, more: &Value) {
    let mut all = into.as_object().cloned().unwrap_or_default();
    all.extend(more.as_object().cloned().unwrap());
    *into = all.into();
}

fn encoded(query: &[(String, String)]) -> String {
    let pairs = query.iter();
    let pairs = pairs.map(|(name, value)| format!("{}={}", percent(name), percent(value)));
    pairs.collect::<Vec<_>>().join("&")
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' => {
                char::from(byte).to_string()
            }
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

/// What a client gets.
#[derive(Debug)]
pub struct Answer {
    pub status: u64,
    headers: BTreeMap<String, Vec<String>>,
    pub body: Vec<u8>,
}

impl Answer {
    #[track_caller]
    pub fn expect(self, status: u64) -> Self {
        assert_eq!(self.status, status, "{}", self.text());
        self
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        Some(self.headers.get(name)?.first()?.as_str())
    }

    pub fn all(&self, name: &str) -> &[String] {
        self.headers.get(name).map_or(&[], Vec::as_slice)
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap()
    }
}
