//! The map from fields of a GraphQL schema to rules, for `AppSync`. There the gateway only knows which fields are
//! denied; what is not listed is open to whoever may call the API at all.

use super::rule::Rule;
use crate::principal::Principal;

/// What each field takes, and the API as a whole.
#[derive(Clone, Debug, Default)]
pub struct Fields {
    api: Rule,
    fields: Vec<(String, Rule)>,
}

/// What is wrong with a map of fields. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldMistake {
    /// Not a field.
    #[error(
        "{0:?} is no field: write Type.field, such as \"Mutation.addComment\", or * for the whole API"
    )]
    Malformed(String),
    /// The same field again.
    #[error("{0:?} comes twice: keep one of them")]
    Twice(String),
}

impl Fields {
    /// Reads a map of `Type.field`; `*` is the rule for the whole API.
    ///
    /// Errors: all mistakes in it.
    pub fn new<S: Into<String>>(
        fields: impl IntoIterator<Item = (S, Rule)>,
    ) -> Result<Self, Vec<FieldMistake>> {
        let (mut map, mut mistakes) = (Self::default(), Vec::new());
        let mut api = None;
        for (field, rule) in fields {
            let field: String = field.into();
            if field == "*" {
                if api.replace(rule).is_some() {
                    mistakes.push(FieldMistake::Twice(field));
                }
            } else if !is_field(&field) {
                mistakes.push(FieldMistake::Malformed(field));
            } else if map.fields.iter().any(|(known, _)| *known == field) {
                mistakes.push(FieldMistake::Twice(field));
            } else {
                map.fields.push((field, rule));
            }
        }
        map.api = api.unwrap_or_default();
        if mistakes.is_empty() {
            Ok(map)
        } else {
            Err(mistakes)
        }
    }

    /// Whether the caller may call the API at all.
    pub(super) fn permits(&self, caller: &Principal) -> bool {
        self.api.permits(caller)
    }

    /// The fields that the caller may not have.
    pub(super) fn denied(&self, caller: &Principal) -> Vec<String> {
        let denied = self.fields.iter().filter(|(_, rule)| !rule.permits(caller));
        denied.map(|(field, _)| field.clone()).collect()
    }
}

fn is_field(text: &str) -> bool {
    let name = |name: &str| {
        let letter = |c: char| c.is_ascii_alphabetic() || c == '_';
        name.starts_with(letter) && name.chars().all(|c| letter(c) || c.is_ascii_digit())
    };
    text.split_once('.')
        .is_some_and(|(of, field)| name(of) && name(field))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_types_and_names() {
        let mistakes = Fields::new(
            [
                "Query.me", "Query.me", "Query", "Query.", "a.b.c", "Query.é", "1.x", "*", "*",
            ]
            .map(|field| (field, Rule::authenticated())),
        );
        let mistakes = mistakes.unwrap_err();
        assert_eq!(mistakes[0], FieldMistake::Twice("Query.me".into()));
        assert_eq!(mistakes.len(), 7);
    }
}
