//! Personal access tokens as items: in their user's partition, and beside it, under the token's own
//! id, a note of whose it is.

use countersign_app::ports::store::StoreResult;
use countersign_domain::id::{PersonalTokenId, UserId};
use countersign_domain::names::Label;
use countersign_domain::opaque::TokenHash;
use countersign_domain::personal_token::PersonalToken;

use crate::cells::{Cells, Row, at, b, s};
use crate::layout::{self, Item};
use crate::owners::Owner;

/// What the index of what is over calls tokens.
pub(crate) const OVER: &str = "T";

/// A token as stored.
#[derive(Clone, Debug)]
pub(crate) struct TokenRow {
    pub token: PersonalToken,
}

/// The items of a token.
pub(crate) fn items(token: &PersonalToken) -> [Item; 2] {
    let key = layout::token(token.user_id, token.id);
    let row = Row::new(&key, "token")
        .with("id", s(token.id.to_string()))
        .with("user_id", s(token.user_id.to_string()))
        .with("name", s(token.name.as_str()))
        .with("scopes", s(token.scopes.to_string()))
        .with("hash", b(token.hash.as_bytes()))
        .with("created_at", at(token.created_at))
        .with("expires_at", at(token.expires_at))
        .maybe("last_used_at", token.last_used_at.map(at))
        .maybe("revoked_at", token.revoked_at.map(at))
        .over(
            layout::over(OVER, token.id.as_uuid().as_bytes()),
            token.expires_at,
        );
    let owner = Row::new(&layout::token_owner(token.id), "owner")
        .with("user_id", s(token.user_id.to_string()))
        .with("expires_at", at(token.expires_at))
        .expiring(token.expires_at);
    [row.item(), owner.item()]
}

/// Reads a token.
pub(crate) fn read(item: &Item) -> StoreResult<TokenRow> {
    let cells = Cells(item);
    let token = PersonalToken {
        id: PersonalTokenId::from_uuid(cells.id("id")?),
        user_id: UserId::from_uuid(cells.id("user_id")?),
        name: Label::from_stored(cells.text("name")?),
        scopes: cells.scopes("scopes")?,
        hash: TokenHash::from_bytes(cells.bytes("hash")?),
        created_at: cells.moment("created_at")?,
        expires_at: cells.moment("expires_at")?,
        last_used_at: cells.moment_or_null("last_used_at")?,
        revoked_at: cells.moment_or_null("revoked_at")?,
    };
    Ok(TokenRow { token })
}

/// Whose a token is: of the note under the token's own id.
pub(crate) fn owner(item: &Item) -> StoreResult<Owner> {
    let cells = Cells(item);
    Ok(Owner {
        user: UserId::from_uuid(cells.id("user_id")?),
        epoch: 0,
        expires_at: cells.moment("expires_at")?,
    })
}
