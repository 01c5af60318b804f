//! The schema: posts' comments, kept in memory. Each field says who may ask for it, once for the engine and
//! once for a router in front.

use std::sync::{Mutex, PoisonError};

use async_graphql::{Context, Object, Result, Schema, SimpleObject, Subscription};
use countersign_verify::graphql::{
    Authenticated, AuthorizationDirectives, ContextPrincipal as _, RequiresRole, RequiresScopes,
    all_scopes, authenticated, requires_scopes,
};
use futures::Stream;
use tokio::sync::broadcast;

/// The schema of this API.
pub type Api = Schema<Query, Mutation, Events>;

/// Comments kept, the oldest forgotten first.
const MOST_COMMENTS: usize = 1_000;

/// The schema, with nothing in it.
pub fn api() -> Api {
    let comments = Comments {
        all: Mutex::default(),
        added: broadcast::Sender::new(64),
    };
    Schema::build(Query, Mutation, Events)
        .extension(AuthorizationDirectives)
        .enable_subscription_in_federation()
        .data(comments)
        .limit_depth(20)
        .limit_complexity(500)
        .finish()
}

/// What somebody said.
#[derive(Clone, SimpleObject)]
pub struct Comment {
    /// Who: the id of a user, from their token and from nowhere else.
    author: String,
    text: String,
}

struct Comments {
    all: Mutex<Vec<Comment>>,
    added: broadcast::Sender<Comment>,
}

impl Comments {
    fn of<'c>(ctx: &Context<'c>) -> Result<&'c Self> {
        ctx.data()
    }

    fn list(&self) -> Vec<Comment> {
        self.all
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn add(&self, comment: Comment) {
        let mut all = self.all.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST_COMMENTS {
            all.remove(0);
        }
        all.push(comment.clone());
        // Nobody may be listening.
        let _ = self.added.send(comment);
    }
}

/// What can be asked.
pub struct Query;

#[Object]
impl Query {
    /// Anybody may read this.
    async fn comments(&self, ctx: &Context<'_>) -> Result<Vec<Comment>> {
        Ok(Comments::of(ctx)?.list())
    }

    /// The id of whoever asks.
    #[graphql(guard = "Authenticated", directive = authenticated::apply())]
    async fn me(&self, ctx: &Context<'_>) -> Result<String> {
        Ok(ctx.principal()?.subject().to_owned())
    }

    /// How many have commented; for admins.
    #[graphql(guard = "RequiresRole::new(\"admin\")", directive = authenticated::apply())]
    async fn comment_count(&self, ctx: &Context<'_>) -> Result<usize> {
        Ok(Comments::of(ctx)?.list().len())
    }
}

/// What can be done.
pub struct Mutation;

#[Object]
impl Mutation {
    /// Says something in the name of whoever asks.
    #[graphql(
        guard = "RequiresScopes::all(&[\"comments:write\"])",
        directive = requires_scopes::apply(all_scopes(&["comments:write"]))
    )]
    async fn add_comment(
        &self,
        ctx: &Context<'_>,
        #[graphql(validator(min_length = 1, max_length = 2000))] text: String,
    ) -> Result<Comment> {
        let author = ctx.principal()?.subject().to_owned();
        let comment = Comment { author, text };
        Comments::of(ctx)?.add(comment.clone());
        Ok(comment)
    }
}

/// What can be listened to.
pub struct Events;

#[Subscription]
impl Events {
    /// Comments from now on, until the token ends.
    #[graphql(guard = "Authenticated", directive = authenticated::apply())]
    async fn comment_added(
        &self,
        ctx: &Context<'_>,
    ) -> Result<impl Stream<Item = Comment> + use<>> {
        let added = Comments::of(ctx)?.added.subscribe();
        Ok(futures::stream::unfold(added, async |mut added| {
            loop {
                match added.recv().await {
                    Ok(comment) => return Some((comment, added)),
                    // Too slow: what was missed is missed.
                    Err(broadcast::error::RecvError::Lagged(_)) => {}
                    Err(broadcast::error::RecvError::Closed) => return None,
                }
            }
        }))
    }
}
