//! Pages of users in the order of their ids: of all or those of a state, from the list; of those
//! who hold a role, from its holders; of those whose names begin with something, from the guards of
//! the names.

use std::collections::BTreeSet;

use countersign_app::ports::store::{LoginRecord, StoreResult, UserFilter};
use countersign_domain::id::UserId;
use countersign_domain::page::{Direction, Page, PageRequest};
use countersign_domain::user::User;
use uuid::Uuid;

use crate::accounts::login_record;
use crate::cells::Cells;
use crate::layout::{self, Key};
use crate::pages::Span;
use crate::requests::Range;
use crate::roles::Roles;
use crate::service::Service;
use crate::together::together;
use crate::user_rows::{self, UserRow};

/// How many users are looked at in one go, where some of them may not fit.
const LOOKED_AT: usize = 100;
/// The longest name there can be, in bytes; nothing begins with something longer.
const LONGEST_NAME: usize = 1024;

impl Service {
    /// See [`countersign_app::ports::Store::users`].
    pub async fn users_page(
        &self,
        filter: &UserFilter,
        request: &PageRequest,
    ) -> StoreResult<Page<User>> {
        let roles = self.stored_roles().await?;
        let prefix = filter.prefix.as_deref().filter(|prefix| !prefix.is_empty());
        let rows = if let Some(prefix) = prefix {
            let ids = self.ids_by_name(&prefix.to_lowercase()).await?;
            self.of_these(ids, filter, &roles, request).await?
        } else {
            let partitions = match &filter.role {
                Some(role) => match roles.generation(role) {
                    Some(generation) => vec![layout::holders(role.as_str(), generation)],
                    None => return Ok(Page::from_rows(Vec::new(), request)),
                },
                None => layout::list_partitions(filter.state),
            };
            let span = Span::new(partitions, request);
            self.of_span(span, filter, &roles, request).await?
        };
        let users = rows.iter().map(|row| roles.user(row)).collect();
        Ok(Page::from_rows(users, request))
    }

    /// See [`countersign_app::ports::Store::login_records`].
    pub async fn login_records_page(
        &self,
        request: &PageRequest,
    ) -> StoreResult<Page<LoginRecord>> {
        let roles = self.stored_roles().await?;
        let span = Span::new(layout::list_partitions(None), request);
        let all = UserFilter::default();
        let rows = self.of_span(span, &all, &roles, request).await?;
        let records = rows.iter().map(|row| login_record(row, &roles)).collect();
        Ok(Page::from_rows(records, request))
    }

    /// Users with these ids, in the order of the ids; those that are not there are left out.
    pub async fn users_in_order(&self, ids: &[Uuid]) -> StoreResult<Vec<UserRow>> {
        let keys: Vec<Key> = ids
            .iter()
            .map(|id| layout::user(UserId::from_uuid(*id)))
            .collect();
        let found = self.items(&keys).await?;
        let items = keys.iter().filter_map(|key| found.get(key));
        items.map(user_rows::read).collect()
    }

    async fn of_span(
        &self,
        mut span: Span,
        filter: &UserFilter,
        roles: &Roles,
        request: &PageRequest,
    ) -> StoreResult<Vec<UserRow>> {
        let wanted = usize::from(request.limit()) + 1;
        // Without a condition of its own, what is listed fits.
        let at_once = if filter.role.is_some() {
            LOOKED_AT.max(wanted)
        } else {
            wanted
        };
        let mut rows = Vec::new();
        loop {
            let listed = self.next_of(&span, at_once).await?;
            let ids: Vec<Uuid> = listed.iter().map(|(id, _)| *id).collect();
            let some = self.users_in_order(&ids).await?;
            rows.extend(some.into_iter().filter(|row| fits(row, filter, roles)));
            match ids.last() {
                Some(last) if ids.len() == at_once && rows.len() < wanted => span.go_behind(*last),
                _ => break,
            }
        }
        rows.truncate(wanted);
        Ok(rows)
    }

    async fn of_these(
        &self,
        ids: BTreeSet<Uuid>,
        filter: &UserFilter,
        roles: &Roles,
        request: &PageRequest,
    ) -> StoreResult<Vec<UserRow>> {
        let wanted = usize::from(request.limit()) + 1;
        let cursor = request.cursor.map(|cursor| *cursor.id());
        let ids: Vec<Uuid> = match request.direction {
            Direction::Forward => {
                let behind = |id: &Uuid| cursor.is_none_or(|cursor| *id > cursor);
                ids.into_iter().filter(behind).collect()
            }
            Direction::Backward => {
                let before = |id: &Uuid| cursor.is_none_or(|cursor| *id < cursor);
                ids.into_iter().rev().filter(before).collect()
            }
        };
        let mut rows = Vec::new();
        for some in ids.chunks(LOOKED_AT) {
            let some = self.users_in_order(some).await?;
            rows.extend(some.into_iter().filter(|row| fits(row, filter, roles)));
            if rows.len() >= wanted {
                break;
            }
        }
        rows.truncate(wanted);
        Ok(rows)
    }

    /// The ids of all whose username or e-mail key begins with this: a range of the guards, so that
    /// no character is a wildcard.
    async fn ids_by_name(&self, prefix: &str) -> StoreResult<BTreeSet<Uuid>> {
        if prefix.len() > LONGEST_NAME {
            return Ok(BTreeSet::new());
        }
        let ranges: Vec<Range> = layout::name_partitions()
            .into_iter()
            .map(|partition| Range {
                partition,
                prefix: prefix.to_owned(),
                ..Range::default()
            })
            .collect();
        let parts = ranges.iter().map(|range| self.range(range)).collect();
        let parts = together(parts, LOOKED_AT).await?;
        parts
            .iter()
            .flatten()
            .map(|item| Cells(item).id("id"))
            .collect()
    }
}

fn fits(row: &UserRow, filter: &UserFilter, roles: &Roles) -> bool {
    let held = |name| {
        let held = row.held.get(name);
        held.is_some() && held.copied() == roles.generation(name)
    };
    let begins = |prefix: &str| {
        let prefix = prefix.to_lowercase();
        let name = row.user.username.as_ref();
        let email = row.user.email.as_ref();
        name.is_some_and(|name| name.as_str().starts_with(&prefix))
            || email.is_some_and(|email| email.key().starts_with(&prefix))
    };
    filter.state.is_none_or(|state| row.user.state == state)
        && filter.role.as_ref().is_none_or(held)
        && filter.prefix.as_deref().is_none_or(begins)
}
