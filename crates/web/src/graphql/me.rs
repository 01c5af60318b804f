//! `me`. The account was read when the token was checked: there is nothing more to fetch.

use async_graphql::{Context, Object};

use super::errors::Result;
use super::guard::call;
use super::rules::QUERY;
use super::user::User;

#[derive(Default)]
pub struct MeQuery;

#[Object]
impl MeQuery {
    /// The user whose token the request carries.
    #[graphql(guard = "QUERY.me")]
    #[expect(clippy::unused_async, reason = "the engine takes async resolvers")]
    async fn me(&self, ctx: &Context<'_>) -> Result<Option<User>> {
        Ok(call(ctx)?.caller.clone().map(User::caller))
    }
}
