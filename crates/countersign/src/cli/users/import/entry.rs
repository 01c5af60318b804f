//! The fields of a line, understood. Everything that is wrong with a line is found at once.

use std::fmt::Display;
use std::str::FromStr;

use countersign_app::App;
use countersign_app::admin::ImportEntry;
use countersign_domain::password::PasswordHash;
use countersign_domain::role::{RoleName, RoleNames};
use countersign_domain::time::Timestamp;
use countersign_domain::user::UserState;
use countersign_token::{Scope, Scopes};

use super::Field;
use super::cell::Cell;
use super::problem::Problem;
use super::rows::Fields;

/// Understands the fields of a line, or says everything that is wrong with them.
pub(super) fn entry(line: u64, fields: Fields, app: &App) -> Result<ImportEntry, Vec<Problem>> {
    let mut reader = Reader {
        line,
        fields,
        problems: Vec::new(),
    };
    let entry = ImportEntry {
        line,
        id: reader.parsed(Field::Id),
        username: reader.parsed(Field::Username),
        email: reader.parsed(Field::Email),
        email_verified: reader.flag(Field::EmailVerified),
        display_name: reader.parsed(Field::DisplayName),
        password: reader.hash(app),
        state: reader.state(),
        roles: reader.roles(),
        scopes: reader.scopes(),
        created_at: reader.created_at(app.now()),
    };
    if reader.problems.is_empty() && entry.username.is_none() && entry.email.is_none() {
        let message = "has neither username nor email: without either nobody could log in";
        reader.problems.push(Problem::line(line, message));
    }
    if reader.problems.is_empty() {
        Ok(entry)
    } else {
        Err(reader.problems)
    }
}

struct Reader {
    line: u64,
    fields: Fields,
    problems: Vec<Problem>,
}

impl Reader {
    fn refuse(&mut self, field: Field, message: impl Into<String>) {
        self.problems
            .push(Problem::field(self.line, field.name(), message));
    }

    fn text(&mut self, field: Field) -> Option<String> {
        match self.fields.remove(&field) {
            None | Some(Cell::Nothing) => None,
            Some(Cell::Text(text)) => Some(text),
            Some(Cell::Flag(_) | Cell::List(_) | Cell::Other) => {
                self.refuse(field, "must be a text");
                None
            }
        }
    }

    fn parsed<T>(&mut self, field: Field) -> Option<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let text = self.text(field)?;
        text.parse()
            .map_err(|error: T::Err| self.refuse(field, error.to_string()))
            .ok()
    }

    fn flag(&mut self, field: Field) -> bool {
        match self.fields.remove(&field) {
            None | Some(Cell::Nothing) => false,
            Some(Cell::Flag(flag)) => flag,
            Some(Cell::Text(text)) if text == "true" => true,
            Some(Cell::Text(text)) if text == "false" => false,
            Some(_) => {
                self.refuse(field, "must be true or false");
                false
            }
        }
    }

    fn hash(&mut self, app: &App) -> Option<PasswordHash> {
        let text = zeroize::Zeroizing::new(self.text(Field::PasswordHash)?);
        let accepted = app.accept_hash(&text);
        accepted
            .map_err(|unknown| self.refuse(Field::PasswordHash, unknown.to_string()))
            .ok()
    }

    fn state(&mut self) -> UserState {
        let Some(text) = self.text(Field::State) else {
            return UserState::Active;
        };
        UserState::from_name(&text).unwrap_or_else(|| {
            self.refuse(Field::State, "must be active, disabled or locked");
            UserState::Active
        })
    }

    /// Names in a list, or in one text with spaces between.
    fn names<T>(&mut self, field: Field) -> Vec<T>
    where
        T: FromStr,
        T::Err: Display,
    {
        let names: Vec<String> = match self.fields.remove(&field) {
            None | Some(Cell::Nothing) => Vec::new(),
            Some(Cell::List(names)) => names,
            Some(Cell::Text(text)) => text
                .split_ascii_whitespace()
                .map(ToOwned::to_owned)
                .collect(),
            Some(Cell::Flag(_) | Cell::Other) => {
                self.refuse(
                    field,
                    "must be a list of names, or one text with spaces between them",
                );
                Vec::new()
            }
        };
        let mut parsed = Vec::new();
        for name in names {
            match name.parse::<T>() {
                Ok(name) => parsed.push(name),
                Err(error) => self.refuse(field, error.to_string()),
            }
        }
        parsed
    }

    fn roles(&mut self) -> RoleNames {
        let mut roles: RoleNames = self.names::<RoleName>(Field::Roles).into_iter().collect();
        // Everybody has `user` unasked.
        roles.retain(|role| role.is_admin() || !role.is_built_in());
        roles
    }

    fn scopes(&mut self) -> Scopes {
        self.names::<Scope>(Field::Scopes).into_iter().collect()
    }

    fn created_at(&mut self, now: Timestamp) -> Option<Timestamp> {
        let at = self.parsed::<Timestamp>(Field::CreatedAt)?;
        if at > now || at < Timestamp::from_seconds(0) {
            self.refuse(Field::CreatedAt, "must be between 1970 and now");
            return None;
        }
        Some(at)
    }
}
