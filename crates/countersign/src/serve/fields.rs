//! How the fields of a span are written. A request may ask the store several times, and each time
//! notes whether the connection was new: the line says it once, and a new one is what counts.

use std::fmt;
use std::mem::take;

use countersign_app::ports::store::ActivityCounter;
use tracing::field::{Field, Visit};
use tracing::span::Record;
use tracing_subscriber::field::RecordFields;
use tracing_subscriber::fmt::FormattedFields;
use tracing_subscriber::fmt::format::{FormatFields, Writer};

/// Writes fields as `F` does, but the one about the connection once.
pub(super) struct OnceFields<F>(pub(super) F);

impl<'w, F> FormatFields<'w> for OnceFields<F>
where
    F: for<'a> FormatFields<'a> + 'static,
{
    fn format_fields<R: RecordFields>(&self, writer: Writer<'w>, fields: R) -> fmt::Result {
        self.0.format_fields(writer, fields)
    }

    fn add_fields(
        &self,
        current: &'w mut FormattedFields<Self>,
        fields: &Record<'_>,
    ) -> fmt::Result {
        let mut noted = Noted::default();
        fields.record(&mut noted);
        if let (Some(is_new), Some(at)) = (
            noted.is_new,
            current.fields.rfind(ActivityCounter::SPAN_FIELD),
        ) {
            if is_new {
                let (before, after) = current.fields.split_at(at);
                current.fields = format!("{before}{}", after.replacen("existing", "new", 1));
            }
            return Ok(());
        }
        let mut inner = FormattedFields::<F>::new(take(&mut current.fields));
        let added = self.0.add_fields(&mut inner, fields);
        current.fields = inner.fields;
        added
    }
}

/// What a record says about the connection.
#[derive(Default)]
struct Noted {
    is_new: Option<bool>,
}

impl Visit for Noted {
    fn record_str(&mut self, field: &Field, value: &str) {
        if field.name() == ActivityCounter::SPAN_FIELD {
            self.is_new = Some(value == "new");
        }
    }

    fn record_debug(&mut self, _: &Field, _: &dyn fmt::Debug) {}
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    use tracing_subscriber::fmt::format::{DefaultFields, JsonFields};
    use tracing_subscriber::layer::SubscriberExt as _;

    use super::*;

    #[derive(Clone, Default)]
    struct Lines(Arc<Mutex<Vec<u8>>>);

    impl Write for Lines {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    /// What a request's line says, in words and as JSON, when the store noted these.
    fn lines(noted: &[bool]) -> [String; 2] {
        [false, true].map(|in_json| {
            let lines = Lines::default();
            let writer = lines.clone();
            let layer = tracing_subscriber::fmt::layer()
                .with_ansi(false)
                .with_writer(move || writer.clone());
            let act = || {
                let span = tracing::info_span!(
                    "request",
                    id = "a",
                    { ActivityCounter::SPAN_FIELD } = tracing::field::Empty
                );
                let counter = ActivityCounter::default();
                for is_new in noted {
                    span.in_scope(|| counter.connection(*is_new));
                }
                lines.0.lock().unwrap().clear();
                span.in_scope(|| tracing::info!("answered"));
            };
            let registry = tracing_subscriber::registry();
            if in_json {
                let layer = layer.json().fmt_fields(OnceFields(JsonFields::new()));
                tracing::subscriber::with_default(registry.with(layer), act);
            } else {
                let layer = layer.fmt_fields(OnceFields(DefaultFields::new()));
                tracing::subscriber::with_default(registry.with(layer), act);
            }
            let bytes = lines.0.lock().unwrap().clone();
            String::from_utf8(bytes).unwrap()
        })
    }

    #[test]
    fn a_request_says_once_whether_it_made_a_connection() {
        for (noted, word) in [
            (&[true][..], "new"),
            (&[false], "existing"),
            (&[false, false], "existing"),
            (&[false, true, false], "new"),
        ] {
            let [text, json] = lines(noted);
            let count = text.matches(ActivityCounter::SPAN_FIELD).count();
            assert_eq!(count, 1, "{text}");
            assert!(text.contains(&format!("=\"{word}\"")), "{text}");
            let json: serde_json::Value = serde_json::from_str(&json).unwrap();
            assert_eq!(json["span"][ActivityCounter::SPAN_FIELD], word, "{json}");
        }
    }

    #[test]
    fn a_request_that_asked_no_store_on_a_network_says_nothing_of_it() {
        for line in lines(&[]) {
            assert!(!line.contains(ActivityCounter::SPAN_FIELD), "{line}");
        }
    }
}
