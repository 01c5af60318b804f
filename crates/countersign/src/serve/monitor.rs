//! Keeps what each request did: its span's fields and the log lines that were written in it. It sees what
//! the log sees at `info`, whatever `log.level` says, and of that nothing about who called and from where.
//!
//! Looking at the monitor is not among what it shows, unless somebody is refused or it fails.

use std::fmt;
use std::sync::Arc;

use countersign_app::ports::Clock;
use countersign_monitor::{Draft, Invocation, Kept, Limits, Scalar, Timestamp};
use countersign_web::console;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};
use tracing_subscriber::Layer;
use tracing_subscriber::layer::Context;
use tracing_subscriber::registry::{LookupSpan, SpanRef};

use crate::compose::SystemClock;
use crate::config::Monitor;

/// The span of a request, as `countersign_web` names it.
const SPAN: &str = "request";
/// What runs here, where the span does not say.
const FUNCTION: &str = "countersign";

/// What is to be kept, if anything is.
pub fn kept(settings: &Monitor) -> Option<Arc<Kept>> {
    let limits = Limits {
        entries: settings.entries,
        bytes: usize::try_from(settings.memory.as_u64()).unwrap_or(usize::MAX),
    };
    (limits.entries > 0).then(|| Arc::new(Kept::new(limits)))
}

/// Fills `kept`.
pub(super) struct MonitorLayer {
    kept: Arc<Kept>,
}

impl MonitorLayer {
    pub(super) fn new(kept: Arc<Kept>) -> Self {
        Self { kept }
    }
}

/// Whether the layer wants to see it.
pub(super) fn is_wanted(about: &Metadata<'_>) -> bool {
    *about.level() <= Level::INFO && about.target().starts_with("countersign")
}

impl<S> Layer<S> for MonitorLayer
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        if attributes.metadata().name() != SPAN {
            return;
        }
        let Some(span) = context.span(id) else { return };
        let mut draft = Draft::begun(now());
        attributes.record(&mut Fields(&mut draft));
        span.extensions_mut().insert(draft);
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        if let Some(span) = context.span(id)
            && let Some(draft) = span.extensions_mut().get_mut::<Draft>()
        {
            values.record(&mut Fields(draft));
        }
    }

    fn on_event(&self, event: &Event<'_>, context: Context<'_, S>) {
        let Some(span) = request_of(event, &context) else {
            return;
        };
        let mut extensions = span.extensions_mut();
        let Some(draft) = extensions.get_mut::<Draft>() else {
            return;
        };
        let mut line = Said::new(draft);
        event.record(&mut line);
        let text = line.text;
        draft.line(Some(now()), Some(event.metadata().level().as_str()), &text);
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let draft = context
            .span(&id)
            .and_then(|span| span.extensions_mut().remove::<Draft>());
        // Without an answer, because the client went away, there is nothing to count.
        let ended = draft.and_then(|draft| draft.finish(FUNCTION));
        if let Some(invocation) = ended.filter(|invocation| !is_a_look(invocation)) {
            self.kept.push(invocation);
        }
    }
}

/// The innermost request that an event is in.
fn request_of<'a, S>(event: &Event<'_>, context: &'a Context<'_, S>) -> Option<SpanRef<'a, S>>
where
    S: Subscriber + for<'span> LookupSpan<'span>,
{
    let mut scope = context.event_scope(event)?;
    scope.find(|span| span.name() == SPAN)
}

/// Whether somebody looked at the monitor.
fn is_a_look(invocation: &Invocation) -> bool {
    let route = invocation.route.as_deref().unwrap_or_default();
    let is_there = console::PREFIXES
        .iter()
        .any(|prefix| route.starts_with(prefix));
    is_there && !invocation.outcome.is_failed() && !invocation.outcome.is_refused()
}

fn now() -> Timestamp {
    Timestamp::from_millisecond(SystemClock.now().as_millis()).unwrap_or_default()
}

/// Takes the fields of a span.
struct Fields<'a>(&'a mut Draft);

impl Visit for Fields<'_> {
    fn record_str(&mut self, field: &Field, value: &str) {
        self.0.note(field.name(), Scalar::Text(value));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.0.note(field.name(), Scalar::Flag(value));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.0
            .note(field.name(), Scalar::Text(&format!("{value:?}")));
    }
}

/// Takes the fields of an event: the invocation's own, and the others as the text of a line.
struct Said<'a> {
    draft: &'a mut Draft,
    text: String,
}

impl<'a> Said<'a> {
    fn new(draft: &'a mut Draft) -> Self {
        Self {
            draft,
            text: String::new(),
        }
    }

    fn take(&mut self, field: &Field, scalar: Scalar<'_>, shown: fmt::Arguments<'_>) {
        use fmt::Write as _;

        let name = field.name();
        if !self.draft.note(name, scalar) {
            // Writing to a String never fails.
            let _ = write!(self.text, " {name}={shown}");
        }
    }
}

impl Visit for Said<'_> {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.take(field, Scalar::Number(value), format_args!("{value}"));
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a measure; 2^53 is enough of it"
    )]
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.take(field, Scalar::Number(value as f64), format_args!("{value}"));
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "a measure; 2^53 is enough of it"
    )]
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.take(field, Scalar::Number(value as f64), format_args!("{value}"));
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.take(field, Scalar::Flag(value), format_args!("{value}"));
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.take(field, Scalar::Text(value), format_args!("{value}"));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            self.text = format!("{value:?}{}", self.text);
        } else {
            self.take(field, Scalar::Text(""), format_args!("{value:?}"));
        }
    }
}
