//! How the gateway of an HTTP API keeps simple answers. The gateway doesn't tell, save for the values of its identity
//! sources; so it has to be said, is checked against these, and what could be served wrongly is refused.

use super::arn::MethodArn;
use super::decision::Failure;
use super::event::Event;
use super::route_mistake::RouteMistake;
use super::routes::{Route, Routes};
use crate::principal::Principal;

/// How the gateway keeps a simple answer, and for how many seconds (`AuthorizerResultTtlInSeconds`, `ReauthorizeEvery`).
/// A token that ends sooner than the gateway would forget the answer is not accepted: a yes would outlive it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum GatewayCache {
    /// Not at all: the time is 0.
    Off,
    /// By token alone. Then all routes behind it take the same: the map holds one rule, for `$default`.
    ByToken(u32),
    /// By token and `$context.routeKey`. The map lists the routes of the gateway one by one.
    ByRoute(u32),
    /// By token, `$context.httpMethod` and `$context.path`.
    ByPath(u32),
}

impl GatewayCache {
    /// How long the gateway keeps an answer, in seconds.
    pub const fn seconds(self) -> u32 {
        match self {
            Self::Off => 0,
            Self::ByToken(seconds) | Self::ByRoute(seconds) | Self::ByPath(seconds) => seconds,
        }
    }

    /// What of the routes can't be answered with such a cache.
    pub(super) fn mistakes(self, routes: &Routes) -> Vec<RouteMistake> {
        match self {
            Self::ByToken(_) if !routes.is_uniform() => vec![RouteMistake::OneRuleOnly],
            Self::ByRoute(_) => routes.inside_another(),
            Self::Off | Self::ByToken(_) | Self::ByPath(_) => Vec::new(),
        }
    }

    /// Whether the caller may do what the answer will be taken for.
    pub(super) fn permits(
        self,
        event: &Event,
        arn: &MethodArn,
        routes: &Routes,
        caller: &Principal,
    ) -> Result<bool, Failure> {
        let key = event.members.route_key.as_deref().unwrap_or_default();
        let route = match self {
            // One rule for all routes: whichever the gateway mixes up, the answer is the same.
            _ if routes.is_uniform() => routes.find(&arn.method, &arn.path),
            Self::Off | Self::ByToken(_) => routes.find(&arn.method, &arn.path),
            Self::ByRoute(_) => {
                if !event.is_keyed_by(key) {
                    return Err(Failure::WrongIdentitySource);
                }
                routes.by_key(key)
            }
            Self::ByPath(_) => {
                let raw = [
                    &event.members.raw_path,
                    &event.members.request_context.http.path,
                ];
                let path = raw
                    .into_iter()
                    .flatten()
                    .any(|path| event.is_keyed_by(path));
                if !path || !event.is_keyed_by(&arn.method) {
                    return Err(Failure::WrongIdentitySource);
                }
                routes.find(&arn.method, &arn.path)
            }
        };
        // The gateway may read a path (a slash at its end, `%6d`) as that of a narrower route: then both count.
        let narrower = |taken: &&Route| route.is_none_or(|route| taken.path.is_before(&route.path));
        let taken = routes.by_key(key).filter(narrower);
        Ok(route.is_some_and(|route| route.rule.permits(caller))
            && taken.is_none_or(|taken| taken.rule.permits(caller)))
    }
}
