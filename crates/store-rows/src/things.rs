//! Sessions, personal access tokens, roles, events and idempotency keys.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_app::ports::store_admin::IdempotencyRecord;
use countersign_domain::audit::{Action, Actor, AuditEvent};
use countersign_domain::description::Description;
use countersign_domain::id::{EventId, PersonalTokenId, SessionId, UserId};
use countersign_domain::names::Label;
use countersign_domain::opaque::TokenHash;
use countersign_domain::personal_token::PersonalToken;
use countersign_domain::role::Role;
use countersign_domain::session::{EndReason, Ended, RefreshState, Session};

use crate::cells::{Cells, Driver};

/// Reads a session from [`session_columns!`](crate::session_columns).
pub fn session<D: Driver>(cells: &mut Cells<'_, D>) -> StoreResult<Session> {
    Ok(Session {
        id: SessionId::from_uuid(cells.id()?),
        user_id: UserId::from_uuid(cells.id()?),
        device: cells.text_or_null()?.map(Label::from_stored),
        address: cells.parsed_or_null()?,
        asked_scopes: cells.scopes_or_null()?,
        audience: cells.parsed_or_null()?,
        amr: cells.named(|list| serde_json::from_str(list).ok())?,
        authenticated_at: cells.moment()?,
        created_at: cells.moment()?,
        last_seen_at: cells.moment()?,
        idle_expires_at: cells.moment()?,
        expires_at: cells.moment()?,
        ended: match (
            cells.moment_or_null()?,
            cells.named_or_null(EndReason::from_name)?,
        ) {
            (Some(at), Some(reason)) => Some(Ended { at, reason }),
            (None, None) => None,
            _ => {
                let half = "a session has only half of an end";
                return Err(StoreError::Corrupt(half.to_owned()));
            }
        },
        refresh: RefreshState {
            generation: cells.number()?,
            current: TokenHash::from_bytes(cells.bytes()?),
            previous: cells.bytes_or_null()?.map(TokenHash::from_bytes),
            nonce: cells.bytes()?,
            rotated_at: cells.moment()?,
        },
    })
}

/// Reads a personal access token from [`token_columns!`](crate::token_columns).
pub fn personal_token<D: Driver>(cells: &mut Cells<'_, D>) -> StoreResult<PersonalToken> {
    Ok(PersonalToken {
        id: PersonalTokenId::from_uuid(cells.id()?),
        user_id: UserId::from_uuid(cells.id()?),
        name: Label::from_stored(cells.text()?),
        scopes: cells.scopes()?,
        hash: TokenHash::from_bytes(cells.bytes()?),
        created_at: cells.moment()?,
        expires_at: cells.moment()?,
        last_used_at: cells.moment_or_null()?,
        revoked_at: cells.moment_or_null()?,
    })
}

/// Reads a role: its name, description and scopes.
pub fn role<D: Driver>(cells: &mut Cells<'_, D>) -> StoreResult<Role> {
    Ok(Role {
        name: cells.parsed()?,
        description: Description::from_stored(cells.text()?),
        scopes: cells.scopes()?,
    })
}

/// Reads an event: id, moment, kind and id of the actor, action, user, session, address, request and
/// detail.
pub fn event<D: Driver>(cells: &mut Cells<'_, D>) -> StoreResult<AuditEvent> {
    Ok(AuditEvent {
        id: EventId::from_uuid(cells.id()?),
        at: cells.moment()?,
        actor: {
            let kind = cells.text()?;
            Actor::from_parts(kind, cells.id_or_null()?).ok_or_else(|| {
                StoreError::Corrupt("the actor of an event can't be read".to_owned())
            })?
        },
        action: cells.named(Action::from_name)?,
        user_id: cells.id_or_null()?.map(UserId::from_uuid),
        session_id: cells.id_or_null()?.map(SessionId::from_uuid),
        address: cells.parsed_or_null()?,
        request_id: cells.text_or_null()?.map(str::to_owned),
        detail: cells.named(|json| serde_json::from_str(json).ok())?,
    })
}

/// Reads an idempotency key: its hash, that of the request, whom it made, and when it ends.
pub fn idempotency<D: Driver>(cells: &mut Cells<'_, D>) -> StoreResult<IdempotencyRecord> {
    Ok(IdempotencyRecord {
        key: TokenHash::from_bytes(cells.bytes()?),
        request: TokenHash::from_bytes(cells.bytes()?),
        user_id: UserId::from_uuid(cells.id()?),
        expires_at: cells.moment()?,
    })
}
