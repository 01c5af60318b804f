//! Telling beforehand what an import would do, so that a file with conflicts is refused as a whole.
//!
//! It answers as [`App::import_users`] would at this moment. Somebody may sign up in between; then
//! the import itself reports the line.

use countersign_domain::email::EmailAddress;
use countersign_domain::names::Identifier;
use countersign_domain::page::PageRequest;
use countersign_domain::role::{Account, RoleName};
use countersign_domain::user::User;

use super::{ImportEntry, ImportReport, ImportedLine};
use crate::ports::store::{Imported, UserFilter};
use crate::{App, AppError};

impl App {
    /// What importing these entries would come to. Changes nothing.
    pub async fn check_import(&self, entries: &[ImportEntry]) -> Result<ImportReport, AppError> {
        let defined = self.roles().await?;
        let first = self
            .users(&UserFilter::default(), &PageRequest::forward(None, 1))
            .await?;
        let is_empty = first.items.is_empty();
        let mut report = ImportReport::default();
        for entry in entries {
            let found = if is_empty {
                None
            } else {
                self.found(entry).await?
            };
            let is_role = |name: &RoleName| defined.iter().any(|role| role.name == *name);
            let outcome = match found {
                Some(outcome) => outcome,
                None if !entry.roles.iter().all(is_role) => Imported::UnknownRole,
                None => Imported::Created,
            };
            match outcome {
                Imported::Created => report.created += 1,
                Imported::AlreadyThere => report.already_there += 1,
                Imported::EmailTaken | Imported::UsernameTaken | Imported::UnknownRole => {
                    report.conflicts.push(ImportedLine {
                        line: entry.line,
                        outcome,
                    });
                }
            }
        }
        Ok(report)
    }

    /// Who stands in the way of an entry, or is it already.
    async fn found(&self, entry: &ImportEntry) -> Result<Option<Imported>, AppError> {
        if let Some(id) = entry.id
            && self.user(id).await?.is_some()
        {
            return Ok(Some(Imported::AlreadyThere));
        }
        let by_email = match &entry.email {
            Some(email) => {
                self.user_by_identifier(&Identifier::Email(email.clone()))
                    .await?
            }
            None => None,
        };
        let by_username = match &entry.username {
            Some(name) => {
                self.user_by_identifier(&Identifier::Username(name.clone()))
                    .await?
            }
            None => None,
        };
        Ok(match (by_email, by_username) {
            (None, None) => None,
            (Some(Account { user, .. }), _) | (None, Some(Account { user, .. }))
                if has_same_names(&user, entry) =>
            {
                Some(Imported::AlreadyThere)
            }
            (Some(_), _) => Some(Imported::EmailTaken),
            (None, Some(_)) => Some(Imported::UsernameTaken),
        })
    }
}

fn has_same_names(user: &User, entry: &ImportEntry) -> bool {
    let (had, given) = (user.email.as_ref(), entry.email.as_ref());
    user.username == entry.username && had.map(EmailAddress::key) == given.map(EmailAddress::key)
}
