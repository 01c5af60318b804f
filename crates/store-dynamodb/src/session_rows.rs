//! Sessions as items. One that was not ended lies in its user's partition, so that one consistent
//! read gives them all; beside it, under its own id, an item says whose it is. When it is ended it
//! moves there whole, so that a user's partition does not grow with their past.

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_domain::id::{SessionId, UserId};
use countersign_domain::names::Label;
use countersign_domain::opaque::TokenHash;
use countersign_domain::session::{EndReason, Ended, RefreshState, Session};

use crate::cells::{Cells, Row, at, b, n, s};
use crate::layout::{self, Item, Key};
use crate::owners::Owner;
use crate::transaction::{About, Transaction};
use crate::user_rows::UserRow;

/// What the index of what is over calls sessions.
pub(crate) const OVER: &str = "S";

/// A session as stored.
#[derive(Clone, Debug)]
pub(crate) struct SessionRow {
    pub session: Session,
    /// The epoch of its user in which it was opened.
    pub epoch: u64,
}

impl SessionRow {
    /// Whether its user ended all sessions since, as far as its own row, which may not say so yet,
    /// tells.
    pub fn is_past(&self, user: &UserRow) -> bool {
        self.session.ended.is_none() && self.epoch < user.epoch
    }

    /// Ends it if its user ended all of that time, those that had run out, too: by another clock
    /// they may live. There is no doubt which time that was: before a user ends all sessions again,
    /// what was ended before is moved out.
    pub fn settled(mut self, user: &UserRow) -> Self {
        if self.is_past(user) {
            self.session.ended = user.cut;
        }
        self
    }

    /// Whose it is.
    pub fn owner(&self) -> Owner {
        Owner {
            user: self.session.user_id,
            epoch: self.epoch,
            expires_at: self.session.expires_at,
        }
    }

    fn is_over_at(&self) -> countersign_domain::time::Timestamp {
        let end = self.session.ends_at();
        self.session.ended.map_or(end, |ended| end.min(ended.at))
    }

    fn item(&self, key: &Key) -> Item {
        let session = &self.session;
        let refresh = &session.refresh;
        // The longest list of methods is short, and has no form that could fail.
        let amr = serde_json::to_string(&session.amr).unwrap_or_default();
        Row::new(key, "session")
            .with("id", s(session.id.to_string()))
            .with("user_id", s(session.user_id.to_string()))
            .with("epoch", n(self.epoch))
            .maybe(
                "device",
                session.device.as_ref().map(|device| s(device.as_str())),
            )
            .maybe(
                "address",
                session.address.map(|address| s(address.to_string())),
            )
            .maybe(
                "asked_scopes",
                session
                    .asked_scopes
                    .as_ref()
                    .map(|list| s(list.to_string())),
            )
            .maybe(
                "audience",
                session
                    .audience
                    .as_ref()
                    .map(|audience| s(audience.as_str())),
            )
            .with("amr", s(amr))
            .with("authenticated_at", at(session.authenticated_at))
            .with("created_at", at(session.created_at))
            .with("last_seen_at", at(session.last_seen_at))
            .with("idle_expires_at", at(session.idle_expires_at))
            .with("expires_at", at(session.expires_at))
            .maybe("ended_at", session.ended.map(|ended| at(ended.at)))
            .maybe(
                "end_reason",
                session.ended.map(|ended| s(ended.reason.as_str())),
            )
            .with("generation", n(refresh.generation))
            .with("current", b(refresh.current.as_bytes()))
            .maybe("previous", refresh.previous.map(|hash| b(hash.as_bytes())))
            .with("nonce", b(&refresh.nonce))
            .with("rotated_at", at(refresh.rotated_at))
            .over(
                layout::over(OVER, session.id.as_uuid().as_bytes()),
                self.is_over_at(),
            )
            .item()
    }

    /// The items of a session: one if it is ended, two if not.
    pub fn items(&self) -> Vec<Item> {
        let session = &self.session;
        if session.ended.is_some() {
            return vec![self.item(&layout::session(session.id))];
        }
        let owner = Row::new(&layout::session(session.id), "owner")
            .with("user_id", s(session.user_id.to_string()))
            .with("epoch", n(self.epoch))
            .with("expires_at", at(session.expires_at))
            .expiring(session.expires_at);
        let live = self.item(&layout::live_session(session.user_id, session.id));
        vec![live, owner.item()]
    }

    /// Ends the session as it was read, in a transaction, whatever else is in it. The epoch is asked
    /// for, too: one that was kept meanwhile, when all others ended, is not the one that was read.
    pub fn end(&self, change: &mut Transaction, ended: Ended) -> StoreResult<()> {
        let session = &self.session;
        let key = layout::live_session(session.user_id, session.id);
        let same = "#generation = :generation AND #epoch = :epoch";
        let of = vec![
            (":generation", n(session.refresh.generation)),
            (":epoch", n(self.epoch)),
        ];
        change.delete_if(About::Session, &key, same, of)?;
        let mut row = self.clone();
        row.session.ended = Some(ended);
        change.put(row.item(&layout::session(session.id)))
    }
}

/// Reads a session, ended or not.
pub(crate) fn read(item: &Item) -> StoreResult<SessionRow> {
    let cells = Cells(item);
    let ended_at = cells.moment_or_null("ended_at")?;
    let session = Session {
        id: SessionId::from_uuid(cells.id("id")?),
        user_id: UserId::from_uuid(cells.id("user_id")?),
        device: cells.text_or_null("device")?.map(Label::from_stored),
        address: cells.parsed_or_null("address")?,
        asked_scopes: cells.scopes_or_null("asked_scopes")?,
        audience: cells.parsed_or_null("audience")?,
        amr: cells.json("amr", |text| serde_json::from_str(text).ok())?,
        authenticated_at: cells.moment("authenticated_at")?,
        created_at: cells.moment("created_at")?,
        last_seen_at: cells.moment("last_seen_at")?,
        idle_expires_at: cells.moment("idle_expires_at")?,
        expires_at: cells.moment("expires_at")?,
        ended: match ended_at {
            Some(at) => Some(Ended {
                at,
                reason: cells.named("end_reason", EndReason::from_name)?,
            }),
            None => None,
        },
        refresh: RefreshState {
            generation: cells.number("generation")?,
            current: TokenHash::from_bytes(cells.bytes("current")?),
            previous: cells.bytes_or_null("previous")?.map(TokenHash::from_bytes),
            nonce: cells.bytes("nonce")?,
            rotated_at: cells.moment("rotated_at")?,
        },
    };
    Ok(SessionRow {
        session,
        epoch: cells.number("epoch")?,
    })
}

/// Whose a session is: of an item that stands under the session's own id.
pub(crate) fn owner(item: &Item) -> StoreResult<Owner> {
    let cells = Cells(item);
    Ok(Owner {
        user: UserId::from_uuid(cells.id("user_id")?),
        epoch: cells.number("epoch")?,
        expires_at: cells.moment("expires_at")?,
    })
}

/// Whether an item is a session, and not only the note of whose it is.
pub(crate) fn is_session(item: &Item) -> bool {
    Cells(item).text("kind").is_ok_and(|kind| kind == "session")
}

/// A partition of a user, read whole.
pub(crate) fn wrong_partition() -> StoreError {
    StoreError::Corrupt("a user's partition holds what it should not".to_owned())
}
