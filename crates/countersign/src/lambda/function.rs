//! One function: answers each event, makes the instance ready when it is first needed, and keeps to the
//! time that Lambda gives.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::to_bytes;
use axum::response::{IntoResponse as _, Response};
use countersign_web::problem::{Code, Problem};
use countersign_web::{Invocation, Observed, Start, Unready, WebState};
use lambda_runtime::{Context, Diagnostic, LambdaEvent};
use serde_json::value::{RawValue, to_raw_value};
use tokio::sync::OnceCell;
use tokio::time::timeout;
use tower::ServiceExt as _;
use tracing::Instrument as _;

use super::answer::Answer;
use super::embedded_metrics::{self, Counted};
use super::event::{Event, HttpEvent, Kind};
use super::request::request;
use super::upkeep::Upkeep;
use super::xray::xray_trace;
use crate::compose::Instance;
use crate::config::{OnLambda, Settings};
use crate::serve::{Logs, peak_bytes};

/// What is kept back of the time that Lambda gives: for the answer's way, before the process is killed.
const MARGIN: Duration = Duration::from_millis(300);
/// The largest answer that Lambda passes on, in bytes.
const MAX_ANSWER: usize = 6 * 1024 * 1024;
/// How long upkeep may take after an answer.
const UPKEEP: Duration = Duration::from_secs(2);

/// A function, over all its invocations.
pub(super) struct Function {
    name: Arc<str>,
    settings: Settings,
    instance: Instance,
    router: Router,
    prepared: OnceCell<()>,
    upkeep: Upkeep,
    logs: Logs,
    begun: Instant,
    /// How long the process took until it asked for its first event.
    init: OnceLock<Duration>,
    is_cold: AtomicBool,
}

impl Function {
    pub(super) fn new(
        settings: Settings,
        instance: Instance,
        platform: &OnLambda,
        logs: Logs,
        begun: Instant,
    ) -> Self {
        let router = countersign_web::router(WebState {
            app: Arc::clone(&instance.app),
            settings: Arc::new(instance.web.clone()),
            // One instance of many would tell little; the log tells it all.
            monitor: None,
        });
        Self {
            name: platform.function.as_str().into(),
            settings,
            instance,
            router,
            prepared: OnceCell::new(),
            upkeep: Upkeep::default(),
            logs,
            begun,
            init: OnceLock::new(),
            is_cold: AtomicBool::new(!platform.is_started_ahead),
        }
    }

    /// The process asks for its first event.
    pub(super) fn starts_to_wait(&self) {
        let _ = self.init.set(self.begun.elapsed());
    }

    /// Answers one event.
    pub(super) async fn call(
        &self,
        event: LambdaEvent<Box<RawValue>>,
    ) -> Result<Box<RawValue>, Diagnostic> {
        let LambdaEvent { payload, context } = event;
        let start = self.start();
        let span = tracing::info_span!(
            "invocation",
            function = &*self.name,
            aws_request_id = &*context.request_id
        );
        let answered = async {
            match Event::read(payload.get()) {
                Event::Http(event, kind) => self.http(*event, kind, &context, start).await,
                Event::Maintain => self.maintain(&context, start).await,
                Event::Unknown => Err(unknown()),
            }
        };
        answered.instrument(span).await
    }

    /// What need not be waited for: upkeep, and the traces on their way.
    pub(super) async fn after_answer(&self, deadline: u64) {
        let time = self.time_left(deadline).min(UPKEEP);
        if self.prepared.initialized() {
            // Given up is put off.
            let _ = timeout(time, self.upkeep.after_answer(&self.instance.app)).await;
        }
        self.logs.flush(self.time_left(deadline).min(UPKEEP)).await;
    }

    async fn http(
        &self,
        event: HttpEvent,
        kind: Kind,
        context: &Context,
        start: Start,
    ) -> Result<Box<RawValue>, Diagnostic> {
        let response = match request(event, kind) {
            Ok(mut request) => {
                let unready = self.make_ready(context).await;
                request.extensions_mut().insert(Invocation {
                    function: Arc::clone(&self.name),
                    aws_request_id: Some(context.request_id.clone()),
                    start: Some(start),
                    time_left: Some(self.time_left(context.deadline)),
                    unready,
                    trace: context.xray_trace_id.as_deref().and_then(xray_trace),
                    peak_memory: peak_bytes,
                });
                let answered = self.router.clone().oneshot(request).await;
                answered.unwrap_or_else(|never| match never {})
            }
            Err(malformed) => {
                tracing::warn!(%malformed, "a gateway's event is no request");
                Problem::new(Code::InvalidRequest)
                    .detail("this is no request that can be read")
                    .into_response()
            }
        };
        self.count(&response, start);
        let (parts, body) = response.into_parts();
        let body = to_bytes(body, MAX_ANSWER).await;
        let body = body.map_err(|_| failed("the answer is larger than Lambda passes on"))?;
        written(&Answer::new(kind, parts.status, &parts.headers, &body))
    }

    async fn maintain(&self, context: &Context, start: Start) -> Result<Box<RawValue>, Diagnostic> {
        let begun = Instant::now();
        if self.make_ready(context).await.is_some() {
            return Err(failed("the instance is not ready; the log says why"));
        }
        let time = self.time_left(context.deadline);
        let done = self.upkeep.maintain(&self.instance.app, time).await;
        let took = begun.elapsed();
        let is_error = done.is_err();
        tracing::info!(
            method = "EVENT",
            route = "maintain",
            outcome = if is_error { "failed" } else { "ok" },
            took_ms = took.as_secs_f64() * 1000.0,
            cold = start.is_cold(),
            init_ms = start.init().map(|init| init.as_secs_f64() * 1000.0),
            memory_mb = peak_bytes().map(|bytes| bytes.div_ceil(1024 * 1024)),
            "answered"
        );
        self.write_metrics("EVENT maintain", is_error, took, start);
        match done {
            Ok(done) => written(&done),
            Err(error) => {
                tracing::error!(%error, "what is due could not be done");
                Err(failed("what is due could not be done; the log says why"))
            }
        }
    }

    /// Prepares the instance if it is not, and sees to it that its keys are not too old.
    async fn make_ready(&self, context: &Context) -> Option<Unready> {
        let app = &self.instance.app;
        let time = self.time_left(context.deadline);
        if self.prepared.initialized() {
            let _ = timeout(time, self.upkeep.before_request(app)).await;
            return None;
        }
        let preparing = self.prepared.get_or_try_init(async || {
            self.instance.prepare(&self.settings).await?;
            self.upkeep.keys_are_fresh(app.now());
            Ok(())
        });
        match timeout(time, preparing).await {
            Ok(Ok(())) => None,
            Ok(Err(error)) => Some(unready(&error)),
            Err(_) => {
                tracing::error!("the store does not answer in the time of this invocation");
                Some(Unready::Away)
            }
        }
    }

    /// Whether this invocation had to wait for the start; true once.
    fn start(&self) -> Start {
        if self.is_cold.swap(false, Ordering::Relaxed) {
            Start::Cold(self.init.get().copied().unwrap_or_default())
        } else {
            Start::Warm
        }
    }

    /// How long an invocation may still take, its deadline in milliseconds of the system's clock.
    fn time_left(&self, deadline: u64) -> Duration {
        let now = u64::try_from(self.instance.app.now().as_millis()).unwrap_or(0);
        Duration::from_millis(deadline.saturating_sub(now)).saturating_sub(MARGIN)
    }

    fn count(&self, response: &Response, start: Start) {
        let Some(observed) = response.extensions().get::<Observed>() else {
            return;
        };
        let route = format!("{} {}", observed.method, observed.route);
        self.write_metrics(&route, observed.status >= 500, observed.took, start);
    }

    fn write_metrics(&self, route: &str, is_error: bool, took: Duration, start: Start) {
        let counted = Counted {
            function: &self.name,
            route,
            is_error,
            took,
            start,
        };
        embedded_metrics::write(&counted, self.instance.app.now());
    }
}

fn unready(error: &crate::compose::ComposeError) -> Unready {
    if error.is_temporary() {
        tracing::error!(%error, "the store does not answer; the next request tries again");
        Unready::Away
    } else {
        tracing::error!(%error, code = error.code(), "the instance can't be made ready");
        Unready::Broken
    }
}

fn written(answer: &impl serde::Serialize) -> Result<Box<RawValue>, Diagnostic> {
    to_raw_value(answer).map_err(|_| failed("the answer can't be written"))
}

fn failed(message: &str) -> Diagnostic {
    Diagnostic {
        error_type: "Failed".to_owned(),
        error_message: message.to_owned(),
    }
}

fn unknown() -> Diagnostic {
    let message = "this function takes the events of a REST API, an HTTP API, a function URL, an \
                   application load balancer, or a schedule";
    tracing::warn!("{message}");
    Diagnostic {
        error_type: "UnknownEvent".to_owned(),
        error_message: message.to_owned(),
    }
}
