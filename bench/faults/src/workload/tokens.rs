//! Personal access tokens.

use countersign_app::ports::store::{CreatePersonalToken, PersonalTokenCreated};
use countersign_domain::audit::Action;
use countersign_domain::id::{PersonalTokenId, UserId};
use countersign_domain::names::Label;
use countersign_domain::personal_token::PersonalToken;
use countersign_token::Scopes;
use uuid::Uuid;

use super::maker::{self, LONG};
use super::{LIMIT, Worker, is_unknown};
use crate::history::{Answer, Outcome, What};
use crate::marks;

impl Worker {
    pub(super) async fn create_token(&mut self, user: Uuid) {
        let (now, hash) = (self.now(), self.random.mark());
        let id = PersonalTokenId::from_parts(now, self.random.id_bytes());
        let action = Action::PersonalTokenCreated;
        let event = maker::event(&mut self.random, now, action, Some(user), None);
        let intent = CreatePersonalToken {
            by: countersign_domain::standing::By::Operator,
            token: PersonalToken {
                id,
                user_id: UserId::from_uuid(user),
                name: Label::from_stored("deploy"),
                scopes: Scopes::default(),
                hash: marks::hash(hash),
                created_at: now,
                expires_at: now.plus(LONG),
                last_used_at: None,
                revoked_at: None,
            },
            max_tokens: LIMIT,
            event: event.clone(),
        };
        let token = *id.as_uuid();
        let what = What::CreateToken { user, token, hash };
        let call = self.store.create_personal_token(intent);
        let (outcome, _) = self
            .call(Some(&event), now, what, call, |created| match created {
                PersonalTokenCreated::Created => Outcome::Done(Answer::default()),
                other => Outcome::Refused(format!("{other:?}")),
            })
            .await;
        if is_unknown(&outcome) {
            self.pause().await;
        }
    }

    pub(super) async fn revoke_token(&mut self, user: Uuid) {
        let tokens = self.tokens(user).await;
        let Some(token) = self.random.pick(&tokens).copied() else {
            return self.create_token(user).await;
        };
        let now = self.now();
        let action = Action::PersonalTokenRevoked;
        let event = maker::event(&mut self.random, now, action, Some(user), None);
        let call = self.store.revoke_personal_token(
            UserId::from_uuid(user),
            PersonalTokenId::from_uuid(token),
            now,
            event.clone(),
        );
        let what = What::RevokeToken { user, token };
        self.call(Some(&event), now, what, call, |revoked| match revoked {
            true => Outcome::Done(Answer::default()),
            false => Outcome::Refused("not found".to_owned()),
        })
        .await;
    }
}
