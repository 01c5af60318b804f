//! Personal access tokens, for scripts: make one, list them, revoke one.

use std::time::Duration;

use countersign_domain::access::Principal;
use countersign_domain::audit::Action;
use countersign_domain::gate::Refusal;
use countersign_domain::id::PersonalTokenId;
use countersign_domain::names::Label;
use countersign_domain::opaque::PersonalSecret;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::Account;
use countersign_token::Scopes;
use secrecy::SecretString;

use crate::ports::store::{CreatePersonalToken as Intent, PersonalTokenCreated};
use crate::{App, AppError, Origin};

/// What to make.
#[derive(Clone, Debug)]
pub struct CreatePersonalToken {
    /// What its owner calls it.
    pub name: Label,
    /// What it may do.
    pub scopes: Scopes,
    /// How long it works; `None` for as long as is allowed.
    pub lifetime: Option<Duration>,
}

/// What comes of it.
#[must_use]
#[derive(Clone, Debug)]
pub enum PersonalTokenOutcome {
    /// It is made.
    Created {
        /// The token's record.
        token: Box<PersonalToken>,
        /// Its text, which nobody gets to see again.
        secret: SecretString,
    },
    /// The caller may not do these themselves.
    ScopesNotHeld(Scopes),
    /// A token without scopes could do nothing.
    NoScopes,
    /// It would live longer than this.
    TooLong(Duration),
    /// The caller has the most that are allowed.
    TooMany(u32),
    /// The gate said no.
    Refused(Refusal),
}

impl App {
    /// Makes a token for the caller, with no more scopes than the caller's own token has.
    pub async fn create_personal_token(
        &self,
        caller: &Principal,
        account: &Account,
        command: CreatePersonalToken,
        origin: &Origin,
    ) -> Result<PersonalTokenOutcome, AppError> {
        if command.scopes.is_empty() {
            return Ok(PersonalTokenOutcome::NoScopes);
        }
        let held = caller.scopes.intersection(&account.effective_scopes());
        if !command.scopes.is_subset(&held) {
            let lacking: Scopes = command
                .scopes
                .iter()
                .filter(|scope| !held.contains(*scope))
                .cloned()
                .collect();
            return Ok(PersonalTokenOutcome::ScopesNotHeld(lacking));
        }
        let longest = self.settings.personal_token_lifetime;
        let lifetime = command.lifetime.unwrap_or(longest);
        if lifetime > longest {
            return Ok(PersonalTokenOutcome::TooLong(longest));
        }
        let (now, random) = self.id_parts();
        let secret = PersonalSecret::new(
            PersonalTokenId::from_parts(now, random),
            self.ports.entropy.bytes(),
        );
        let token = PersonalToken {
            id: secret.id(),
            user_id: caller.user_id,
            name: command.name,
            scopes: command.scopes,
            hash: secret.hash(),
            created_at: now,
            expires_at: now.plus(lifetime),
            last_used_at: None,
            revoked_at: None,
        };
        let event = self
            .event(
                origin,
                caller.actor(),
                Action::PersonalTokenCreated,
                Some(caller.user_id),
                caller.session_id(),
            )
            .with("token_id", token.id)
            .with("scopes", &token.scopes);
        let max_tokens = self.settings.max_personal_tokens;
        let intent = Intent {
            by: caller.into(),
            token: token.clone(),
            max_tokens,
            event,
        };
        Ok(
            match self.ports.store.create_personal_token(intent).await? {
                PersonalTokenCreated::Created => PersonalTokenOutcome::Created {
                    token: Box::new(token),
                    secret: secret.reveal(),
                },
                PersonalTokenCreated::TooMany => PersonalTokenOutcome::TooMany(max_tokens),
                PersonalTokenCreated::Refused(refusal) => PersonalTokenOutcome::Refused(refusal),
                PersonalTokenCreated::CallerLost(lost) => return Err(lost.into()),
                PersonalTokenCreated::NotFound => {
                    PersonalTokenOutcome::Refused(Refusal::UserDisabled)
                }
            },
        )
    }

    /// The caller's working tokens, the newest first.
    pub async fn personal_tokens(
        &self,
        caller: &Principal,
    ) -> Result<Vec<PersonalToken>, AppError> {
        Ok(self
            .ports
            .store
            .live_personal_tokens(caller.user_id, self.now())
            .await?)
    }

    /// Revokes one of the caller's own tokens. `false` if there is none with this id.
    pub async fn revoke_personal_token(
        &self,
        caller: &Principal,
        id: PersonalTokenId,
        origin: &Origin,
    ) -> Result<bool, AppError> {
        let user_id = caller.user_id;
        let action = Action::PersonalTokenRevoked;
        let event = self
            .event(
                origin,
                caller.actor(),
                action,
                Some(user_id),
                caller.session_id(),
            )
            .with("token_id", id);
        let store = &self.ports.store;
        Ok(store
            .revoke_personal_token(user_id, id, self.now(), event)
            .await?)
    }
}
