//! `users list`.

use clap::Args;
use countersign_app::ports::store::UserFilter;
use countersign_domain::names::NamePrefix;
use countersign_domain::page::{Cursor, PageRequest};
use countersign_domain::role::RoleName;
use countersign_domain::user::UserState;

use super::fields::{parsed, state};
use super::view::UserView;
use crate::cli::context::Context;
use crate::cli::error::CliError;
use crate::cli::exit::Exit;
use crate::cli::table::{list, moment, or_nothing, table};

/// List users in the order in which they were made.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  countersign users list
  countersign users list --state disabled --role editor
  countersign users list --all --json | jq -r .email")]
pub(in crate::cli) struct List {
    /// Only those in this state: active, disabled or locked.
    #[arg(long, value_parser = state)]
    state: Option<UserState>,
    /// Only those who hold this role.
    #[arg(long, value_parser = parsed::<RoleName>)]
    role: Option<RoleName>,
    /// Only those whose username or e-mail address begins with this.
    #[arg(long, value_name = "TEXT", value_parser = parsed::<NamePrefix>)]
    prefix: Option<NamePrefix>,
    /// How many at most.
    #[arg(long, value_name = "NUMBER", default_value_t = 100)]
    limit: u64,
    /// All of them.
    #[arg(long, conflicts_with = "limit")]
    all: bool,
}

impl List {
    pub(super) async fn run(self, context: &Context) -> Result<Exit, CliError> {
        let app = context.instance().await?.app;
        let filter = UserFilter {
            state: self.state,
            role: self.role,
            prefix: self
                .prefix
                .map(|prefix| prefix.into_string().to_lowercase()),
        };
        let mut left = if self.all { u64::MAX } else { self.limit };
        let mut cursor = None;
        let mut rows = Vec::new();
        let mut more = left == 0;
        while left > 0 {
            let limit = u16::try_from(left)
                .unwrap_or(PageRequest::MAX)
                .min(PageRequest::MAX);
            let page = app
                .users(&filter, &PageRequest::forward(cursor, limit))
                .await?;
            for user in &page.items {
                if context.out.is_json() {
                    context.out.json(&UserView::from(user))?;
                } else {
                    rows.push([
                        user.id.to_string(),
                        or_nothing(user.username.as_ref()),
                        or_nothing(user.email.as_ref()),
                        user.state.as_str().to_owned(),
                        list(&user.roles),
                        moment(user.created_at),
                    ]);
                }
            }
            left -= u64::try_from(page.items.len()).unwrap_or(left).min(left);
            more = page.more;
            cursor = page
                .items
                .last()
                .map(|user| Cursor::after(user.id.as_uuid()));
            if !page.more {
                break;
            }
        }
        let header = ["id", "username", "email", "state", "roles", "created"];
        context.out.text(&table(&header, rows))?;
        if more {
            context
                .out
                .note("There are more: --all lists them, --limit sets how many.");
        }
        Ok(Exit::Done)
    }
}
