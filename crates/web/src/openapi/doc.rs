//! What a route says of itself.

use axum::http::StatusCode;
use serde_json::Value;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::input::{Asked, Fields};
use crate::problem::Code;

/// Under which heading a route stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tag {
    /// Signing up, logging in and out, refreshing.
    Sessions,
    /// One's own profile and password.
    Account,
    /// Personal access tokens, and checking tokens.
    Tokens,
    /// Administering users.
    Users,
    /// Administering roles.
    Roles,
    /// The audit log.
    Audit,
    /// What the latest requests did.
    Monitor,
    /// What the instance says of itself.
    Discovery,
}

impl Tag {
    pub(crate) const ALL: [(Self, &str, &str); 8] = [
        (
            Self::Sessions,
            "sessions",
            "Sign up, log in, refresh, log out, list and end sessions",
        ),
        (Self::Account, "account", "One's own profile and password"),
        (
            Self::Tokens,
            "tokens",
            "Personal access tokens, and checking tokens",
        ),
        (Self::Users, "users", "Administering users"),
        (Self::Roles, "roles", "Administering roles"),
        (Self::Audit, "audit", "The audit log"),
        (Self::Monitor, "monitor", "What the latest requests did"),
        (
            Self::Discovery,
            "discovery",
            "What the instance says of itself",
        ),
    ];

    pub(crate) fn name(self) -> &'static str {
        Self::ALL
            .iter()
            .find(|(tag, ..)| *tag == self)
            .map_or("", |(_, name, _)| name)
    }
}

/// A good ending of a route.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) about: &'static str,
    pub(crate) body: Option<&'static str>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
}

/// What a route says of itself.
pub(crate) struct Doc {
    pub(crate) id: &'static str,
    pub(crate) tag: Tag,
    pub(crate) summary: &'static str,
    pub(crate) about: &'static str,
    pub(crate) body: Option<Vec<Asked>>,
    pub(crate) body_is_optional: bool,
    pub(crate) query: Vec<Asked>,
    pub(crate) headers: Vec<(&'static str, &'static str)>,
    pub(crate) answers: Vec<Answer>,
    pub(crate) problems: Vec<Code>,
    pub(crate) schemas: Vec<(String, RefOr<Schema>)>,
    pub(crate) bearer: bool,
}

impl Doc {
    /// A route with this operation id, heading and one-line summary.
    pub(crate) fn new(id: &'static str, tag: Tag, summary: &'static str) -> Self {
        Self {
            id,
            tag,
            summary,
            about: "",
            body: None,
            body_is_optional: false,
            query: Vec::new(),
            headers: Vec::new(),
            answers: Vec::new(),
            problems: Vec::new(),
            schemas: Vec::new(),
            bearer: false,
        }
    }

    /// What else there is to say.
    pub(crate) fn about(mut self, about: &'static str) -> Self {
        self.about = about;
        self
    }

    /// The body that `reader` reads.
    pub(crate) fn body<T>(mut self, reader: impl Fn(&mut Fields) -> Option<T>) -> Self {
        self.body = Some(Fields::describe(reader));
        self
    }

    /// The body may be left out.
    pub(crate) fn body_is_optional(mut self) -> Self {
        self.body_is_optional = true;
        self
    }

    /// The query that `reader` reads.
    pub(crate) fn query<T>(mut self, reader: impl Fn(&mut Fields) -> Option<T>) -> Self {
        self.query = Fields::describe(reader);
        self
    }

    /// A header that it takes.
    pub(crate) fn header(mut self, name: &'static str, about: &'static str) -> Self {
        self.headers.push((name, about));
        self
    }

    /// A token may stand in for the body.
    pub(crate) fn or_bearer(mut self) -> Self {
        self.bearer = true;
        self
    }

    /// A good ending with a body.
    pub(crate) fn gives<T: ToSchema>(mut self, status: StatusCode, about: &'static str) -> Self {
        let name = std::any::type_name::<T>()
            .rsplit("::")
            .next()
            .unwrap_or_default();
        self.schemas
            .push((name.to_owned(), <T as PartialSchema>::schema()));
        T::schemas(&mut self.schemas);
        self.answers.push(Answer {
            status,
            about,
            body: Some(name),
            headers: Vec::new(),
        });
        self
    }

    /// A good ending without a body.
    pub(crate) fn gives_nothing(mut self, status: StatusCode, about: &'static str) -> Self {
        self.answers.push(Answer {
            status,
            about,
            body: None,
            headers: Vec::new(),
        });
        self
    }

    /// A header of the last ending.
    pub(crate) fn with_header(mut self, name: &'static str, about: &'static str) -> Self {
        if let Some(answer) = self.answers.last_mut() {
            answer.headers.push((name, about));
        }
        self
    }

    /// Problems of its own, beside those that follow from its rule and its input.
    pub(crate) fn problems(mut self, codes: &[Code]) -> Self {
        self.problems.extend(codes);
        self
    }

    /// A body that its reader can read.
    pub(crate) fn body_example(&self) -> Option<Value> {
        let asked = self.body.as_ref()?;
        let members = asked
            .iter()
            .map(|one| (one.name.to_owned(), one.example.clone()));
        Some(Value::Object(members.collect()))
    }
}
