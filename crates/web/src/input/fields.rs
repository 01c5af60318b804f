//! The named parts of a body or a query, taken one by one.

use serde_json::{Map, Value};
use utoipa::openapi::schema::Object;

use super::{Input, Refused};
use crate::problem::{Code, FieldError, Problem};

/// The most faults that one answer tells.
const MAX_ERRORS: usize = 20;
/// The longest name that is repeated, in characters.
const MAX_NAME: usize = 64;

/// The named parts of a body or a query.
#[derive(Default)]
pub(crate) struct Fields {
    place: Place,
    given: Map<String, Value>,
    errors: Vec<FieldError>,
    /// Present when the fields describe themselves: whatever is asked for is written down here.
    asked: Option<Vec<Asked>>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Place {
    #[default]
    Body,
    Query,
}

/// A part that a reader asks for.
#[derive(Clone)]
pub(crate) struct Asked {
    /// Its name.
    pub(crate) name: &'static str,
    /// Whether there is no request without it.
    pub(crate) required: bool,
    /// Whether `null` means something other than absence.
    pub(crate) nullable: bool,
    /// What it is, for people.
    pub(crate) about: &'static str,
    /// Its type.
    pub(crate) schema: Object,
    /// A value that it can have.
    pub(crate) example: Value,
}

impl Fields {
    pub(super) fn new(place: Place, given: Map<String, Value>, errors: Vec<FieldError>) -> Self {
        Self {
            place,
            given,
            errors,
            asked: None,
        }
    }

    /// Takes a part that must be there.
    pub(crate) fn required<T: Input>(
        &mut self,
        name: &'static str,
        about: &'static str,
    ) -> Option<T> {
        self.ask::<T>(name, about, true, false);
        match self.given.remove(name) {
            None if self.asked.is_none() => {
                self.refuse(name, Refused::missing());
                None
            }
            None => None,
            Some(value) => self.take(name, &value),
        }
    }

    /// Takes a part that may be left out or be `null`.
    pub(crate) fn optional<T: Input>(
        &mut self,
        name: &'static str,
        about: &'static str,
    ) -> Option<T> {
        self.ask::<T>(name, about, false, false);
        match self.given.remove(name)? {
            Value::Null => None,
            value => self.take(name, &value),
        }
    }

    /// Takes a part of a merge patch (RFC 7396): left out is left alone, `null` clears.
    #[expect(
        clippy::option_option,
        reason = "left out, cleared and set are three things"
    )]
    pub(crate) fn patch<T: Input>(
        &mut self,
        name: &'static str,
        about: &'static str,
    ) -> Option<Option<T>> {
        self.ask::<T>(name, about, false, true);
        match self.given.remove(name)? {
            Value::Null => Some(None),
            value => self.take(name, &value).map(Some),
        }
    }

    /// Tells whoever knows a part by other names what it is called here.
    pub(crate) fn called(&mut self, others: &[&'static str], name: &'static str) {
        for other in others {
            if self.given.remove(*other).is_some() {
                self.refuse(other, Refused::called(name));
            }
        }
    }

    /// Refuses a part that can't stand beside another.
    pub(crate) fn conflict(&mut self, name: &'static str, why: &str) {
        self.refuse(name, Refused::invalid(why));
    }

    /// Runs a reader; gives what it made, or every fault there is.
    pub(crate) fn read<T>(mut self, reader: impl Fn(&mut Self) -> Option<T>) -> Result<T, Problem> {
        let made = reader(&mut self);
        let left: Vec<String> = self.given.keys().cloned().collect();
        let what = match self.place {
            Place::Body => "member",
            Place::Query => "parameter",
        };
        for name in left {
            self.refuse(&name, Refused::unknown(what));
        }
        match made {
            Some(made) if self.errors.is_empty() => Ok(made),
            _ => {
                self.errors.truncate(MAX_ERRORS);
                let code = match self.place {
                    Place::Body => Code::InvalidInput,
                    Place::Query => Code::InvalidQuery,
                };
                Err(Problem::new(code).errors(self.errors))
            }
        }
    }

    /// What a reader asks for.
    pub(crate) fn describe<T>(reader: impl Fn(&mut Self) -> Option<T>) -> Vec<Asked> {
        let mut fields = Self {
            asked: Some(Vec::new()),
            ..Self::default()
        };
        let _nothing = reader(&mut fields);
        fields.asked.unwrap_or_default()
    }

    fn ask<T: Input>(
        &mut self,
        name: &'static str,
        about: &'static str,
        required: bool,
        nullable: bool,
    ) {
        if let Some(asked) = &mut self.asked {
            let (schema, example) = (T::schema(), T::example());
            asked.push(Asked {
                name,
                required,
                nullable,
                about,
                schema,
                example,
            });
        }
    }

    fn take<T: Input>(&mut self, name: &str, value: &Value) -> Option<T> {
        T::read(value)
            .map_err(|refused| self.refuse(name, refused))
            .ok()
    }

    fn refuse(&mut self, name: &str, refused: Refused) {
        self.errors.push(fault(self.place, name, refused));
    }
}

/// A fault of the part called `name`.
pub(super) fn fault(place: Place, name: &str, refused: Refused) -> FieldError {
    let name: String = name.chars().take(MAX_NAME).collect();
    let (pointer, parameter) = match place {
        Place::Body => (
            Some(format!("/{}", name.replace('~', "~0").replace('/', "~1"))),
            None,
        ),
        Place::Query => (None, Some(name)),
    };
    FieldError {
        pointer,
        parameter,
        code: refused.code,
        detail: refused.detail,
    }
}
