//! The types that input is read into: those of the domain, and a few that only transports know.

use std::time::Duration;

use countersign_domain::audit::Action;
use countersign_domain::description::Description;
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Label, NamePrefix, Username};
use countersign_domain::page::{Cursor, PageRequest};
use countersign_domain::password::Password;
use countersign_domain::role::{RoleName, RoleNames};
use countersign_domain::time::Timestamp;
use countersign_domain::user::UserState;
use countersign_token::{Audience, Scopes};
use serde_json::{Value, json};
use utoipa::openapi::schema::{Object, ObjectBuilder, SchemaFormat, Type};

use super::readable::text;
use super::{Input, Refused};

/// Any text.
pub(crate) struct Text(pub(crate) String);

/// A token or another secret that was made here.
pub(crate) struct Token(pub(crate) String);

/// A span of whole seconds, at least one.
pub(crate) struct Seconds(pub(crate) Duration);

/// `true` or `false` in a query.
pub(crate) struct Flag(pub(crate) bool);

/// How many rows a page has.
pub(crate) struct Limit(pub(crate) u16);

fn string() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn format(name: &str) -> ObjectBuilder {
    string().format(Some(SchemaFormat::Custom(name.to_owned())))
}

macro_rules! parsed {
    ($($type:ty: $schema:expr, $example:literal;)*) => {
        $(impl Input for $type {
            fn read(value: &Value) -> Result<Self, Refused> {
                text(value)?.parse().map_err(Refused::invalid)
            }

            fn schema() -> Object {
                $schema.build()
            }

            fn example() -> Value {
                json!($example)
            }
        })*
    };
}

parsed! {
    EmailAddress: format("email").max_length(Some(254)), "ada@example.com";
    Username: string().min_length(Some(1)).max_length(Some(Username::MAX_CHARS)), "ada";
    Label: string().min_length(Some(1)).max_length(Some(Label::MAX_CHARS)), "Ada Lovelace";
    Description: string().max_length(Some(Description::MAX_CHARS)), "Edits posts";
    NamePrefix: string().max_length(Some(NamePrefix::MAX_CHARS)), "ada";
    Scopes: string(), "account:read account:write";
    Audience: string().min_length(Some(1)).max_length(Some(512)), "https://api.example.com";
    RoleName: string().pattern(Some("^[a-z][a-z0-9._:-]{0,63}$")), "editor";
    UserId: format("uuid"), "0197a5f2-7c3e-7d41-9b1c-2f6f0d8a4e55";
    Cursor: string(), "AZel8nw-fUGbHC9vDYpOVQ";
    Timestamp: format("date-time"), "2026-01-31T12:00:00Z";
}

impl Input for Text {
    fn read(value: &Value) -> Result<Self, Refused> {
        Ok(Self(text(value)?.to_owned()))
    }

    fn schema() -> Object {
        string().build()
    }

    fn example() -> Value {
        json!("ada")
    }
}

impl Input for Token {
    fn read(value: &Value) -> Result<Self, Refused> {
        Ok(Self(text(value)?.to_owned()))
    }

    fn schema() -> Object {
        format("password").build()
    }

    fn example() -> Value {
        json!("csr_…")
    }
}

impl Input for Password {
    fn read(value: &Value) -> Result<Self, Refused> {
        Self::new(text(value)?).map_err(Refused::invalid)
    }

    fn schema() -> Object {
        format("password")
            .min_length(Some(1))
            .max_length(Some(Password::MAX_BYTES))
            .build()
    }

    fn example() -> Value {
        json!("a long phrase that only you know")
    }
}

impl Input for UserState {
    fn read(value: &Value) -> Result<Self, Refused> {
        Self::from_name(text(value)?)
            .ok_or_else(|| Refused::invalid("must be active, disabled or locked"))
    }

    fn schema() -> Object {
        string()
            .enum_values(Some(["active", "disabled", "locked"]))
            .build()
    }

    fn example() -> Value {
        json!("active")
    }
}

impl Input for Action {
    fn read(value: &Value) -> Result<Self, Refused> {
        Self::from_name(text(value)?)
            .ok_or_else(|| Refused::invalid("no such action; the list of them is in /openapi.json"))
    }

    fn schema() -> Object {
        string()
            .enum_values(Some(Action::ALL.iter().map(|action| action.as_str())))
            .build()
    }

    fn example() -> Value {
        json!("session.logged_in")
    }
}

impl Input for RoleNames {
    fn read(value: &Value) -> Result<Self, Refused> {
        let names = value
            .as_array()
            .ok_or_else(|| Refused::wrong_type("an array of strings"))?;
        names.iter().map(RoleName::read).collect()
    }

    fn schema() -> Object {
        ObjectBuilder::new().schema_type(Type::Array).build()
    }

    fn example() -> Value {
        json!(["user"])
    }
}

impl Input for Seconds {
    fn read(value: &Value) -> Result<Self, Refused> {
        match value.as_u64() {
            None => Err(Refused::wrong_type("a whole number of seconds")),
            Some(0) => Err(Refused::invalid("must be at least 1 second")),
            Some(seconds) => Ok(Self(Duration::from_secs(seconds))),
        }
    }

    fn schema() -> Object {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .build()
    }

    fn example() -> Value {
        json!(86_400)
    }
}

impl Input for Flag {
    fn read(value: &Value) -> Result<Self, Refused> {
        match text(value)? {
            "true" => Ok(Self(true)),
            "false" => Ok(Self(false)),
            _ => Err(Refused::invalid("must be true or false")),
        }
    }

    fn schema() -> Object {
        ObjectBuilder::new().schema_type(Type::Boolean).build()
    }

    fn example() -> Value {
        json!("true")
    }
}

impl Input for Limit {
    fn read(value: &Value) -> Result<Self, Refused> {
        match text(value)?.parse::<u16>() {
            Ok(limit @ 1..=PageRequest::MAX) => Ok(Self(limit)),
            _ => Err(Refused::invalid(format!(
                "must be 1 to {}",
                PageRequest::MAX
            ))),
        }
    }

    fn schema() -> Object {
        ObjectBuilder::new()
            .schema_type(Type::Integer)
            .minimum(Some(1))
            .maximum(Some(PageRequest::MAX))
            .default(Some(json!(PageRequest::DEFAULT)))
            .build()
    }

    fn example() -> Value {
        json!("20")
    }
}
