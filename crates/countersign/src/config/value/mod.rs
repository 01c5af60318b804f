//! How values are written: each kind of value parses itself and says what it expects.

mod address;
mod base_path;
mod choice;
mod duration;
mod list;
mod log_filter;
mod number;
mod path;
mod rate;
mod secret;
mod secret_reference;
mod size;
mod store_url;
mod web;

use std::fmt;
use std::path::Path;

pub use base_path::BasePath;
pub(in crate::config) use choice::choice;
pub use list::OrOff;
pub use log_filter::LogFilter;
pub use rate::Rate;
pub use secret_reference::{Keeper, SecretReference};
pub use store_url::{Engine, StoreAddress, StoreUrl};
pub(in crate::config) use store_url::{holds_password, masked};
pub use web::{HttpUrl, Issuer, PublicUrl, WebOrigin};

use super::raw::Raw;

/// How a value stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// In quotes.
    Text,
    /// A whole number without quotes.
    Integer,
    /// `true` or `false` without quotes.
    Boolean,
    /// In square brackets.
    List,
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Text => "text in quotes",
            Self::Integer => "a whole number without quotes",
            Self::Boolean => "true or false without quotes",
            Self::List => "a list in square brackets",
        })
    }
}

/// A kind of value, for the reference and for error messages.
#[derive(Debug, Clone, Copy)]
pub struct Kind {
    /// What it is called, such as `duration`.
    pub name: &'static str,
    /// How to write it.
    pub form: &'static str,
    /// How it stands in the file.
    pub shape: Shape,
    /// All values, where there are few.
    pub choices: &'static [&'static str],
    /// Whether `"off"` is a value too.
    pub or_off: bool,
}

impl Kind {
    pub(in crate::config) const fn text(name: &'static str, form: &'static str) -> Self {
        Self {
            name,
            form,
            shape: Shape::Text,
            choices: &[],
            or_off: false,
        }
    }
}

/// A value that a setting can have.
pub(in crate::config) trait Value: Sized {
    /// What the reference says about it.
    const KIND: Kind;

    /// Reads it from text that is not empty. Relative paths start at `base`.
    fn parse(text: &str, base: &Path) -> Result<Self, Wrong>;

    /// Reads it as a source wrote it.
    fn read(raw: &Raw, base: &Path) -> Result<Self, Wrong> {
        Self::parse(raw.scalar(Self::KIND.shape)?, base)
    }

    /// The value that stands for "not set", if there is one.
    fn absent() -> Option<Self> {
        None
    }

    /// Its size, for values that have bounds.
    fn measure(&self) -> Option<u128> {
        None
    }
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// There is none.
    #[error("there is no value")]
    Empty,
    /// Another type of value.
    #[error("expected {wanted}, found {found}")]
    Shape {
        /// What the setting takes.
        wanted: Shape,
        /// What was written.
        found: &'static str,
    },
    /// Not written as this kind of value is.
    #[error("{0}")]
    Form(&'static str),
    /// None of the values that the setting knows.
    #[error("expected one of {}", .0.join(", "))]
    Choice(&'static [&'static str]),
    /// Too small or too great.
    #[error("expected a value from {least} to {most}")]
    OutOfBounds {
        /// The least value.
        least: &'static str,
        /// The greatest value.
        most: &'static str,
    },
}
