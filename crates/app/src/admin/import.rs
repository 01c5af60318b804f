//! Bringing users in from elsewhere, with their password hashes.
//!
//! Each user is made whole or not at all, and one who is there already is left as they are: a
//! second run changes nothing, and an interrupted one is finished by running it again. The file's
//! format is the command line's to read.

use countersign_domain::audit::{Action, Actor};
use countersign_domain::email::EmailAddress;
use countersign_domain::id::UserId;
use countersign_domain::names::{Label, Username};
use countersign_domain::password::PasswordHash;
use countersign_domain::role::RoleNames;
use countersign_domain::time::Timestamp;
use countersign_domain::user::{User, UserState};
use countersign_token::Scopes;

use crate::ports::UnknownHash;
use crate::ports::store::{ImportUser, Imported};
use crate::{App, AppError, Origin};

/// A user as read from a file.
#[derive(Clone, Debug)]
pub struct ImportEntry {
    /// Where it stands in the file, counted from 1.
    pub line: u64,
    /// The id it is to keep; a new one if there is none.
    pub id: Option<UserId>,
    /// A username, an e-mail address, or both.
    pub username: Option<Username>,
    /// See `username`.
    pub email: Option<EmailAddress>,
    /// Whether the address was proved where the user comes from.
    pub email_verified: bool,
    /// What others see.
    pub display_name: Option<Label>,
    /// The password hash, as [`App::accept_hash`] gave it.
    pub password: Option<PasswordHash>,
    /// Whether the user may get in.
    pub state: UserState,
    /// The roles.
    pub roles: RoleNames,
    /// The scopes granted directly.
    pub scopes: Scopes,
    /// When the account was made.
    pub created_at: Option<Timestamp>,
}

/// What came of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImportedLine {
    /// Where it stands in the file.
    pub line: u64,
    /// What came of it.
    pub outcome: Imported,
}

/// What came of a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImportReport {
    /// How many users were made.
    pub created: u64,
    /// How many were there already.
    pub already_there: u64,
    /// The lines that could not be brought in.
    pub conflicts: Vec<ImportedLine>,
}

impl App {
    /// Checks a password hash from elsewhere and gives the form in which it is stored.
    pub fn accept_hash(&self, text: &str) -> Result<PasswordHash, UnknownHash> {
        self.ports.passwords.accept_foreign(text)
    }

    /// Brings in a batch of up to 1,000 users. For the command line: nobody over the network may
    /// hand out what a file says.
    pub async fn import_users(
        &self,
        entries: Vec<ImportEntry>,
        origin: &Origin,
    ) -> Result<ImportReport, AppError> {
        let lines: Vec<u64> = entries.iter().map(|entry| entry.line).collect();
        let users = entries
            .into_iter()
            .map(|entry| self.to_import(entry, origin))
            .collect();
        let mut report = ImportReport::default();
        for (line, outcome) in lines
            .into_iter()
            .zip(self.ports.store.import_users(users).await?)
        {
            match outcome {
                Imported::Created => report.created += 1,
                Imported::AlreadyThere => report.already_there += 1,
                Imported::EmailTaken | Imported::UsernameTaken | Imported::UnknownRole => {
                    report.conflicts.push(ImportedLine { line, outcome });
                }
            }
        }
        Ok(report)
    }

    fn to_import(&self, entry: ImportEntry, origin: &Origin) -> ImportUser {
        let (now, random) = self.id_parts();
        let created_at = entry.created_at.unwrap_or(now);
        let user = User {
            id: entry
                .id
                .unwrap_or_else(|| UserId::from_parts(created_at, random)),
            username: entry.username,
            email: entry.email,
            email_verified: entry.email_verified,
            display_name: entry.display_name,
            state: entry.state,
            roles: entry.roles,
            scopes: entry.scopes,
            created_at,
            updated_at: now,
            version: 1,
        };
        let event = self.event(
            origin,
            Actor::CommandLine,
            Action::UserImported,
            Some(user.id),
            None,
        );
        ImportUser {
            user,
            password: entry.password,
            event,
        }
    }
}
