//! Granting roles and scopes to users, and revoking them.

use countersign_domain::audit::Action;
use countersign_domain::id::UserId;
use countersign_domain::role::{Account, RoleNames, built_in_roles};
use countersign_token::Scopes;

use super::users::{Reach, changed_meanwhile};
use super::{Admin, fits_a_token};
use crate::ports::store::{ChangeAuthority, UserChanged};
use crate::{App, AppError, Origin};

/// What to grant and revoke.
#[derive(Clone, Debug, Default)]
pub struct AuthorityChange {
    /// Roles to grant.
    pub grant_roles: RoleNames,
    /// Roles to revoke.
    pub revoke_roles: RoleNames,
    /// Scopes to grant directly.
    pub grant_scopes: Scopes,
    /// Scopes to revoke from those granted directly.
    pub revoke_scopes: Scopes,
}

/// What comes of it.
#[must_use]
#[derive(Clone, Debug)]
pub enum AuthorityOutcome {
    /// The user as they are now.
    Changed(Box<Account>),
    /// It would leave no working admin.
    LastAdmin,
    /// There is no such role.
    UnknownRole(String),
    /// The user would have more scopes than fit into a token.
    TooManyScopes,
    /// The administrator does not have what they would grant, or the user may do more than they.
    NotYours,
    /// There is no such user.
    NotFound,
}

impl App {
    /// Grants and revokes in one change.
    pub async fn change_authority(
        &self,
        by: Admin<'_>,
        user_id: UserId,
        change: AuthorityChange,
        origin: &Origin,
    ) -> Result<AuthorityOutcome, AppError> {
        let account = match self.reach(by, user_id).await? {
            Reach::Covered(account) => account,
            Reach::NotYours => return Ok(AuthorityOutcome::NotYours),
            Reach::NotFound => return Ok(AuthorityOutcome::NotFound),
        };
        let mut granted = change.grant_scopes.clone();
        for role in built_in_roles()
            .iter()
            .chain(&self.ports.store.roles().await?)
        {
            if change.grant_roles.contains(&role.name) {
                granted.extend(role.scopes.iter().cloned());
            }
        }
        if !by.may_grant(&granted) {
            return Ok(AuthorityOutcome::NotYours);
        }
        granted.extend(account.effective_scopes().iter().cloned());
        if !fits_a_token(&granted) {
            return Ok(AuthorityOutcome::TooManyScopes);
        }
        let join = |names: &RoleNames| {
            names
                .iter()
                .map(ToString::to_string)
                .collect::<Vec<_>>()
                .join(" ")
        };
        let mut event = self.event(
            origin,
            by.actor(),
            Action::AuthorityChanged,
            Some(user_id),
            by.session_id(),
        );
        for (name, value) in [
            ("granted_roles", join(&change.grant_roles)),
            ("revoked_roles", join(&change.revoke_roles)),
            ("granted_scopes", change.grant_scopes.to_string()),
            ("revoked_scopes", change.revoke_scopes.to_string()),
        ] {
            if !value.is_empty() {
                event = event.with(name, value);
            }
        }
        let AuthorityChange {
            grant_roles,
            revoke_roles,
            grant_scopes,
            revoke_scopes,
        } = change;
        let now = self.now();
        let intent = ChangeAuthority {
            by: by.word(),
            user_id,
            grant_roles,
            revoke_roles,
            grant_scopes,
            revoke_scopes,
            expected_version: Some(account.user.version),
            now,
            event,
        };
        Ok(match self.ports.store.change_authority(intent).await? {
            UserChanged::Changed(account) => AuthorityOutcome::Changed(Box::new(account)),
            UserChanged::CallerLost(lost) => return Err(lost.into()),
            UserChanged::LastAdmin => AuthorityOutcome::LastAdmin,
            UserChanged::VersionConflict => return Err(changed_meanwhile()),
            UserChanged::UnknownRole(name) => AuthorityOutcome::UnknownRole(name.to_string()),
            UserChanged::NotFound => AuthorityOutcome::NotFound,
        })
    }
}
