//! Which invocations a query means.

use std::time::Duration;

use countersign_domain::time::Timestamp;
use countersign_monitor::{Filter, Outcome, Stock};
use serde_json::{Value, json};
use utoipa::openapi::schema::{Object, ObjectBuilder, Type};

use crate::WebState;
use crate::input::{Fields, Flag, Input, Refused, Text};
use crate::problem::{Code, Problem};

/// A week: more than any ring reaches back.
const MAX_MINUTES: u64 = 7 * 24 * 60;
const DEFAULT_MINUTES: u64 = 60;

/// How far back to look.
struct Minutes(u64);

impl Input for Minutes {
    fn read(value: &Value) -> Result<Self, Refused> {
        match value.as_str().and_then(|text| text.parse().ok()) {
            Some(minutes @ 1..=MAX_MINUTES) => Ok(Self(minutes)),
            _ => Err(Refused::invalid(format!("must be 1 to {MAX_MINUTES}"))),
        }
    }

    fn schema() -> Object {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(MAX_MINUTES))
            .default(Some(json!(DEFAULT_MINUTES)))
            .build()
    }

    fn example() -> Value {
        json!("60")
    }
}

impl Input for Outcome {
    fn read(value: &Value) -> Result<Self, Refused> {
        let name = value.as_str().unwrap_or_default();
        Self::of_name(name).ok_or_else(|| {
            Refused::invalid("must be ok, refused, failed, allowed, denied or unauthorized")
        })
    }

    fn schema() -> Object {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some([
                "ok",
                "refused",
                "failed",
                "allowed",
                "denied",
                "unauthorized",
            ]))
            .build()
    }

    fn example() -> Value {
        json!("failed")
    }
}

/// Which invocations are meant, so far as the query says.
#[derive(Debug)]
pub(super) struct Asked {
    minutes: u64,
    filter: Filter,
}

impl Asked {
    /// The filter as of now.
    pub(super) fn filter(self, now: Timestamp) -> Filter {
        let since = now.minus(Duration::from_secs(self.minutes * 60));
        Filter {
            since: Some(moment(since)),
            ..self.filter
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the form of all readers")]
pub(super) fn asked(query: &mut Fields) -> Option<Asked> {
    let minutes = query.optional::<Minutes>("minutes", "How far back to look, in minutes.");
    let function = query.optional::<Text>("function", "Only this function.");
    let method = query.optional::<Text>("method", "Only this method; `-` for none.");
    let route = query.optional::<Text>("route", "Only this route; `-` for none.");
    let outcome = query.optional("outcome", "Only those that ended so.");
    let cold = query.optional::<Flag>("cold", "Only cold starts, or only others.");
    Some(Asked {
        minutes: minutes.map_or(DEFAULT_MINUTES, |minutes| minutes.0),
        filter: Filter {
            since: None,
            function: function.map(|text| text.0),
            method: method.map(|text| text.0),
            route: route.map(|text| text.0),
            outcome,
            cold: cold.map(|flag| flag.0),
        },
    })
}

/// What is kept now; 404 if nothing ever is, because it is switched off.
pub(super) fn stock(web: &WebState) -> Result<Stock, Problem> {
    match &web.monitor {
        Some(kept) => Ok(kept.stock()),
        None => Err(Problem::new(Code::NotFound)),
    }
}

/// A moment as the monitor counts it.
pub(super) fn moment(at: Timestamp) -> countersign_monitor::Timestamp {
    countersign_monitor::Timestamp::from_millisecond(at.as_millis()).unwrap_or_default()
}
