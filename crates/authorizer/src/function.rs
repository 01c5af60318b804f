//! The function of a Lambda runtime: events come in, answers or errors go out, one at a time.

use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use countersign_verify::lambda::{Answer, Authorizer, Event, Outcome};
use countersign_verify::{Clock as _, SystemClock};
use lambda_runtime::{Context, Diagnostic, LambdaEvent, Runtime, service_fn};
use serde_json::Value;
use tracing::Instrument as _;

use crate::log::{self, Start, Told};
use crate::{build, environment, measure};

/// What the runtime insists on.
const RUNTIME: [&str; 4] = [
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_VERSION",
];

/// Serves until the runtime ends the process. `started` is when the process was.
pub(crate) fn serve(config: Option<&Path>, started: Instant) -> ExitCode {
    let missing: Vec<_> = RUNTIME
        .into_iter()
        .filter(|name| environment::variable(name).is_none())
        .collect();
    if !missing.is_empty() {
        eprintln!(
            "authorizer: this is no Lambda runtime, since {} is not set.\n\
             Deploy it, or try `authorizer --check`, `authorizer --event FILE`, `countersign offline`.",
            missing.join(", ")
        );
        return ExitCode::from(2);
    }
    log::start();
    let authorizer = match build::authorizer(config) {
        Ok(authorizer) => authorizer,
        Err(mistakes) => {
            tracing::error!("{mistakes}");
            return ExitCode::FAILURE;
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => {
            tracing::error!(%error, "the process can't wait for events");
            return ExitCode::FAILURE;
        }
    };
    let function = Arc::new(Function {
        authorizer,
        name: environment::variable("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_default(),
        init: started.elapsed(),
        is_cold: AtomicBool::new(true),
    });
    let handler = service_fn(move |event| {
        let function = Arc::clone(&function);
        async move { function.answer(event).await }
    });
    match runtime.block_on(Runtime::new(handler).run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!(%error, "the runtime is out of reach");
            ExitCode::FAILURE
        }
    }
}

struct Function {
    authorizer: Authorizer,
    name: String,
    init: Duration,
    is_cold: AtomicBool,
}

/// What is left of the time of an invocation for the answer to get out.
const RESERVE: Duration = Duration::from_millis(50);

impl Function {
    async fn answer(&self, event: LambdaEvent<Value>) -> Result<Answer, Diagnostic> {
        let began = Instant::now();
        let LambdaEvent { payload, context } = event;
        let event = Event::from_value(payload);
        let id = event.as_ref().ok().and_then(|event| event.request_id());
        let span = tracing::info_span!(
            "invocation",
            id = id.unwrap_or(&context.request_id),
            aws_request_id = context.request_id,
            trace_id = context.xray_trace_id.as_deref().and_then(root),
        );
        self.answer_in_time(event, &context, began)
            .instrument(span)
            .await
    }

    async fn answer_in_time(
        &self,
        event: Result<Event, countersign_verify::lambda::EventError>,
        context: &Context,
        began: Instant,
    ) -> Result<Answer, Diagnostic> {
        let event = match event {
            Ok(event) => event,
            Err(error) => {
                self.tell(None, Outcome::Failed, Some(error.code()), "unknown", began);
                return Err(diagnostic(error.code(), error.to_string()));
            }
        };
        let route = if event.method().is_some() {
            "unlisted"
        } else {
            "graphql"
        };
        let Ok(decision) =
            tokio::time::timeout(left(context), self.authorizer.authorize(&event)).await
        else {
            let code = "deadline";
            self.tell(Some(&event), Outcome::Failed, Some(code), route, began);
            return Err(diagnostic(
                code,
                "the token could not be judged in time".into(),
            ));
        };
        let (outcome, reason) = (decision.outcome(), decision.reason());
        self.tell(
            Some(&event),
            outcome,
            reason,
            decision.route().unwrap_or(route),
            began,
        );
        let answer = decision.into_answer();
        answer.map_err(|failure| diagnostic(failure.code(), failure.message()))
    }

    fn tell(
        &self,
        event: Option<&Event>,
        outcome: Outcome,
        reason: Option<&str>,
        route: &str,
        began: Instant,
    ) {
        let start = if self.is_cold.swap(false, Ordering::Relaxed) {
            Start::Cold(self.init)
        } else {
            Start::Warm
        };
        log::tell(&Told {
            function: &self.name,
            kind: event.map_or("unknown", |event| event.kind().as_str()),
            method: event.and_then(Event::method),
            route,
            outcome,
            reason,
            took: began.elapsed(),
            start,
            memory: measure::peak_memory(),
        });
    }
}

fn diagnostic(code: &str, message: String) -> Diagnostic {
    Diagnostic {
        error_type: code.to_owned(),
        error_message: message,
    }
}

/// How long an answer may take.
fn left(context: &Context) -> Duration {
    let now = u64::try_from(SystemClock.unix_seconds())
        .unwrap_or(0)
        .saturating_mul(1_000);
    // The clock counts whole seconds; up to one more has passed.
    let left = context.deadline.saturating_sub(now.saturating_add(1_000));
    Duration::from_millis(left).max(RESERVE)
}

/// `1-…-…` of `Root=1-…-…;Parent=…;Sampled=1`.
fn root(header: &str) -> Option<&str> {
    header
        .split(';')
        .find_map(|part| part.strip_prefix("Root="))
}
