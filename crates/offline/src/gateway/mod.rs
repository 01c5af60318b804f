//! One API in front of its functions: route, authorizer, event, answer. What it does is what API
//! Gateway and function URLs are documented to do; where they differ, the kind of the API decides.

mod authorize;
mod cors;
mod event;
mod event_v1;
mod event_v2;
mod incoming;
mod listen;
mod outgoing;
mod refusal;
mod response;
mod route;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;

use self::authorize::Cache;
use self::event::Call;
pub(crate) use self::incoming::Incoming;
pub(crate) use self::listen::listen;
pub(crate) use self::outgoing::Outgoing;
use self::refusal::Refusal;
use crate::report::{Happening, Reporter, Request};
use crate::runtime::{Failure, Functions, MAX_ANSWER};
use crate::stack::{Api, ApiKind, Target};

/// The most that API Gateway takes as a body: 10 MB. Function URLs take 6.
pub(crate) const MAX_REQUEST: usize = 10 * 1024 * 1024;
/// The most that Lambda takes as an event: 6 MB.
const MAX_EVENT: usize = 6 * 1024 * 1024;

/// One API.
#[derive(Debug)]
pub(crate) struct Gateway {
    pub(crate) api: Api,
    pub(crate) functions: Arc<Functions>,
    pub(crate) reporter: Reporter,
    cache: Cache,
}

/// What is told of a request besides its answer.
#[derive(Default)]
struct Notes {
    route: Option<String>,
    authorizer: Option<String>,
}

impl Gateway {
    pub(crate) fn new(api: Api, functions: Arc<Functions>, reporter: Reporter) -> Self {
        Self {
            api,
            functions,
            reporter,
            cache: Cache::default(),
        }
    }

    /// Answers a request; `too_large` if its body was over the limit and was not read.
    pub(crate) async fn answer(&self, mut request: Incoming, too_large: bool) -> Outgoing {
        let begun = Instant::now();
        request.add_forwarded();
        let mut notes = Notes::default();
        let outcome = if too_large {
            Err(Refusal::TooLarge)
        } else {
            self.respond(&request, &mut notes).await
        };
        let reason = outcome
            .as_ref()
            .err()
            .map(|refusal| self.explain(refusal, &request));
        let mut answer = outcome.unwrap_or_else(|refusal| refusal.answer(self.api.kind));
        if let Some(cors) = self
            .api
            .cors
            .as_ref()
            .filter(|_| !cors::is_preflight(&request))
        {
            answer = cors::add(cors, &request, answer);
        }
        let id = match self.api.kind {
            ApiKind::Rest | ApiKind::FunctionUrl => "x-amzn-RequestId",
            ApiKind::Http => "apigw-requestid",
        };
        answer = answer.with(id, request.id.clone());
        self.reporter.tell(&Happening::Request(Request {
            id: request.id,
            method: request.method,
            path: request.path,
            route: notes.route,
            status: answer.status,
            took_ms: begun.elapsed().as_secs_f64() * 1000.0,
            authorizer: notes.authorizer,
            reason,
        }));
        answer
    }

    fn explain(&self, refusal: &Refusal, request: &Incoming) -> String {
        match refusal {
            Refusal::WrongStage => {
                format!(
                    "{}: try {}{}",
                    refusal.why(),
                    self.api.base_path(),
                    request.path
                )
            }
            other => other.why(),
        }
    }

    async fn respond(&self, request: &Incoming, notes: &mut Notes) -> Result<Outgoing, Refusal> {
        let api = &self.api;
        if let Some(cors) = api.cors.as_ref().filter(|_| cors::is_preflight(request)) {
            return Ok(cors::preflight(cors, request));
        }
        let path = self.below_stage(&request.path)?;
        let matched = route::find(api, &request.method, &path).ok_or(Refusal::NoRoute)?;
        let route = matched.route;
        notes.route = Some(route.key());
        let call = Call {
            api,
            request,
            path,
            method: request.method.clone(),
            resource: route.path.clone(),
            route_key: route.key(),
            parameters: matched.parameters,
        };
        let mut context = authorize::none(api.kind, route.payload);
        if let Some(name) = &route.authorizer {
            let authorizer = api.authorizers.get(name).ok_or_else(|| {
                Refusal::AuthorizerFailed(format!("there is no authorizer {name}"))
            })?;
            let (outcome, said) = authorize::authorize(
                &self.functions,
                &self.cache,
                &call,
                authorizer,
                route.payload,
            )
            .await;
            notes.authorizer = Some(said);
            context = Some(outcome?.context);
        }
        if route.wants_api_key {
            return Err(Refusal::ApiKey);
        }
        let function = match &route.target {
            Target::Function(function) => function,
            Target::Preflight(cors) => {
                let methods: Vec<String> = self.methods_of(&route.path);
                return Ok(cors::mock(cors, request, &methods));
            }
        };
        let event = Bytes::from(call.event(route.payload, context).to_string());
        if event.len() > MAX_EVENT {
            return Err(Refusal::TooLarge);
        }
        let answered =
            tokio::time::timeout(self.patience(), self.functions.invoke(function, event));
        let bytes = match answered.await.map_err(|_| Refusal::Impatient)? {
            Ok(bytes) => bytes,
            Err(Failure::Init(why)) => return Err(Refusal::FunctionFailed(why)),
            Err(_) => return Err(Refusal::FunctionFailed(format!("{function} failed"))),
        };
        if bytes.len() > MAX_ANSWER {
            return Err(Refusal::FunctionFailed(format!(
                "{function} answered with more than 6 MB"
            )));
        }
        response::read(&call, route.payload, &bytes).map_err(Refusal::FunctionFailed)
    }

    /// The path without the stage.
    fn below_stage(&self, path: &str) -> Result<String, Refusal> {
        let base = self.api.base_path();
        let rest = path
            .strip_prefix(base.as_str())
            .ok_or(Refusal::WrongStage)?;
        match rest {
            "" => Ok("/".to_owned()),
            rest if rest.starts_with('/') => Ok(rest.to_owned()),
            _ => Err(Refusal::WrongStage),
        }
    }

    fn methods_of(&self, path: &str) -> Vec<String> {
        let same = self.api.routes.iter().filter(|route| route.path == path);
        same.map(|route| route.method.clone()).collect()
    }

    /// How long the gateway waits for a function; a function URL waits as long as the function may
    /// run.
    fn patience(&self) -> Duration {
        Duration::from_secs(match self.api.kind {
            ApiKind::Rest => 29,
            ApiKind::Http => 30,
            ApiKind::FunctionUrl => 900,
        })
    }
}
