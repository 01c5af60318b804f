//! What is wrong with a configuration: all of it at once, each by the name that one looks for and with what to do.

use std::fmt;

/// One mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    name: String,
    what: String,
}

/// Mistakes as they are found.
#[derive(Debug, Default)]
pub(crate) struct Mistakes(Vec<Mistake>);

impl Mistakes {
    /// Adds one: the setting, and what is wrong with it and what to do.
    pub(crate) fn add(&mut self, name: impl Into<String>, what: impl Into<String>) {
        self.0.push(Mistake {
            name: name.into(),
            what: what.into(),
        });
    }

    /// The value of `result`, or none and one mistake more.
    pub(crate) fn keep<T, E: fmt::Display>(
        &mut self,
        name: impl Into<String>,
        result: Result<T, E>,
    ) -> Option<T> {
        result
            .map_err(|error| self.add(name, error.to_string()))
            .ok()
    }

    /// The value of `result`, or none and all of its mistakes more.
    pub(crate) fn keep_all<T, E: fmt::Display>(
        &mut self,
        name: &str,
        result: Result<T, Vec<E>>,
    ) -> Option<T> {
        let found = match result {
            Ok(value) => return Some(value),
            Err(found) => found,
        };
        for error in found {
            self.add(name, error.to_string());
        }
        None
    }

    /// `value` if there is no mistake.
    pub(crate) fn unless<T>(self, value: Option<T>) -> Result<T, Self> {
        match value {
            Some(value) if self.0.is_empty() => Ok(value),
            _ => Err(self),
        }
    }
}

impl fmt::Display for Mistakes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the configuration of the authorizer is not good:")?;
        for Mistake { name, what } in &self.0 {
            write!(f, "\n  {name}: {what}")?;
        }
        Ok(())
    }
}
