//! What can be wrong with the table in its own terms: its shape, and items that must be there for
//! one another and are not.

use std::collections::HashSet;

use countersign_app::ports::StoreError;
use countersign_app::ports::store::StoreResult;
use countersign_domain::id::{SessionId, UserId};

use crate::cells::{Cells, s};
use crate::layout::{self, Item, Key};
use crate::service::Service;
use crate::table::{Found, differences};
use crate::{session_rows, token_rows, user_rows};

/// No more than this many are told one by one.
const MOST_TOLD: usize = 100;

/// What an item needs beside it, and what is said if that is missing.
struct Need {
    key: Key,
    /// It is needed only while this is there: what a deleted user left over is being cleared away.
    of: Option<Key>,
    problem: String,
}

impl Service {
    /// See [`countersign_app::ports::StoreAdmin::engine_problems`].
    pub async fn problems(&self) -> StoreResult<Vec<String>> {
        let mut problems = match self.found_table().await? {
            Found::Missing => return Ok(vec!["the table is missing".to_owned()]),
            Found::Foreign => {
                return Ok(vec!["the table has other keys than pk and sk".to_owned()]);
            }
            Found::Ours(table) => differences(&table),
        };
        if !self.expires_items().await? {
            problems.push("time to live is not turned on for the attribute ttl".to_owned());
        }
        let mut admins = HashSet::new();
        let mut start = None;
        loop {
            let kinds = "#kind IN (:user, :guard, :session, :token, :owner, :listed)";
            let of = ["user", "guard", "session", "token", "owner", "listed"];
            let names = [":user", ":guard", ":session", ":token", ":owner", ":listed"];
            let of = names.into_iter().zip(of.map(s)).collect();
            let (items, next) = self.scan(kinds, of, start, None).await?;
            self.check_some(&items, &mut admins, &mut problems).await?;
            if problems.len() >= MOST_TOLD || next.is_none() {
                break;
            }
            start = next;
        }
        problems.extend(self.check_admins(&admins).await?);
        Ok(problems)
    }

    async fn check_some(
        &self,
        items: &[Item],
        admins: &mut HashSet<String>,
        problems: &mut Vec<String>,
    ) -> StoreResult<()> {
        let mut needs = Vec::new();
        for item in items {
            match needs_of(item, admins) {
                Ok(more) => needs.extend(more),
                Err(error) => problems.push(error.to_string()),
            }
        }
        let keys = needs
            .iter()
            .flat_map(|need| [Some(&need.key), need.of.as_ref()]);
        let keys: HashSet<Key> = keys.flatten().cloned().collect();
        let keys: Vec<Key> = keys.into_iter().collect();
        let found = self.items(&keys).await?;
        let is_problem = |need: &Need| {
            let wanted = need.of.as_ref().is_none_or(|of| found.contains_key(of));
            wanted && !found.contains_key(&need.key)
        };
        let missing = needs.into_iter().filter(is_problem);
        problems.extend(missing.map(|need| need.problem).take(MOST_TOLD));
        Ok(())
    }

    async fn check_admins(&self, admins: &HashSet<String>) -> StoreResult<Option<String>> {
        let item = self.item(&layout::admins()).await?;
        let ids = item.as_ref().and_then(|item| item.get("ids"));
        let counted: HashSet<String> = match ids {
            Some(ids) => ids
                .as_ss()
                .map_err(|_| StoreError::Corrupt("the attribute ids can't be read".to_owned()))?
                .iter()
                .cloned()
                .collect(),
            None => HashSet::new(),
        };
        Ok((counted != *admins)
            .then(|| "the list of working admins is not that of the users".to_owned()))
    }
}

fn needs_of(item: &Item, admins: &mut HashSet<String>) -> StoreResult<Vec<Need>> {
    let cells = Cells(item);
    let need = |key: Key, problem: String| Need {
        key,
        of: None,
        problem,
    };
    Ok(match cells.text("kind")? {
        "user" => {
            let row = user_rows::read(item)?;
            if row.is_working_admin() {
                admins.insert(row.id().to_string());
            }
            let mut needs: Vec<Need> = row
                .guard_keys()
                .into_iter()
                .map(|(_, key)| need(key, format!("user {} has an unguarded name", row.id())))
                .collect();
            let listed = layout::listed(row.user.state, row.id());
            needs.push(need(
                listed,
                format!("user {} is missing from the list", row.id()),
            ));
            needs
        }
        "guard" => {
            let id = UserId::from_uuid(cells.id("id")?);
            vec![need(
                layout::user(id),
                format!("a guard stands for the missing user {id}"),
            )]
        }
        "listed" => match Key::of(item).and_then(|key| key.id()) {
            Some(id) => {
                let id = UserId::from_uuid(id);
                vec![need(
                    layout::user(id),
                    format!("the list has the missing user {id}"),
                )]
            }
            None => Vec::new(),
        },
        "session" => {
            let session = session_rows::read(item)?.session;
            // An ended one stands under its own id itself.
            vec![Need {
                key: layout::session(session.id),
                of: Some(layout::user(session.user_id)),
                problem: format!("session {} can't be found by its id", session.id),
            }]
        }
        "token" => {
            let token = token_rows::read(item)?.token;
            vec![Need {
                key: layout::token_owner(token.id),
                of: Some(layout::user(token.user_id)),
                problem: format!("token {} can't be found by its id", token.id),
            }]
        }
        // A note may outlive its session a little: the service clears away when it likes.
        _ => owner_needs(item)?,
    })
}

/// The note of whose a session or token is points at a user who may be gone; nothing more is asked.
fn owner_needs(item: &Item) -> StoreResult<Vec<Need>> {
    let key = Key::of(item).ok_or_else(session_rows::wrong_partition)?;
    if key.sk == "S" {
        let id = key.pk.trim_start_matches("S#").parse::<SessionId>();
        id.map_err(|_| StoreError::Corrupt("the attribute pk can't be read".to_owned()))?;
    }
    Ok(Vec::new())
}
