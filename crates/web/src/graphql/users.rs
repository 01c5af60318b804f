//! Users, as administrators see them: `user`, `users`.

use async_graphql::{Context, ID, InputObject, Object};
use countersign_app::ports::store::UserFilter;
use countersign_domain::names::NamePrefix;

use super::errors::Result;
use super::global_id::GlobalId;
use super::input;
use super::paging::{PageArguments, connection, lay_out};
use super::rules::QUERY;
use super::schema::app;
use super::user::{User, UserState};

connection!(UserConnection, UserEdge, User, "users", "user");

/// Which users. Conditions add up.
#[derive(InputObject)]
pub struct UserFilterInput {
    /// In this state.
    state: Option<UserState>,
    /// Holding the role with this name.
    role: Option<String>,
    /// Whose username or e-mail address begins with this, in any case of letters.
    prefix: Option<String>,
}

#[derive(Default)]
pub struct UsersQuery;

#[Object]
impl UsersQuery {
    /// One user, or null if there is none with this id.
    #[graphql(guard = "QUERY.user")]
    async fn user(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The user's global id.")] id: ID,
    ) -> Result<Option<User>> {
        let id = GlobalId::user(&id, "/id")?;
        Ok(app(ctx)?
            .user(id)
            .await?
            .map(|account| User::account(Box::new(account))))
    }

    /// All users in the order of their making, page by page.
    #[graphql(guard = "QUERY.users")]
    async fn users(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Forwards: how many, 1 to 100; 20 if left out.")] first: Option<i32>,
        #[graphql(desc = "Forwards: after the item with this cursor.")] after: Option<String>,
        #[graphql(desc = "Backwards: how many, 1 to 100; 20 if left out.")] last: Option<i32>,
        #[graphql(desc = "Backwards: before the item with this cursor.")] before: Option<String>,
        #[graphql(desc = "Which users; all if left out.")] filter: Option<UserFilterInput>,
    ) -> Result<Option<UserConnection>> {
        let request = PageArguments {
            first,
            after,
            last,
            before,
        }
        .request()?;
        let filter = match filter {
            None => UserFilter::default(),
            Some(filter) => UserFilter {
                state: filter.state.map(Into::into),
                role: input::optional(filter.role.as_deref(), "/filter/role")?,
                prefix: input::optional(filter.prefix.as_deref(), "/filter/prefix")?
                    .map(NamePrefix::into_string),
            },
        };
        let page = app(ctx)?.users(&filter, &request).await?;
        let (items, page_info) = lay_out(page, &request, |user| *user.id.as_uuid());
        let edge = |(cursor, user)| UserEdge {
            cursor,
            node: User::listed(user),
        };
        let edges = items.into_iter().map(edge).collect();
        Ok(Some(UserConnection { edges, page_info }))
    }
}
