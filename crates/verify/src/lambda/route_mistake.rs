//! What can be wrong with a map of routes, each with the way out.

/// What is wrong with a map of routes. The message says what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RouteMistake {
    /// Not a route.
    #[error(
        "{0:?} is no route: write a method or ANY and a path, such as \"GET /users/{{id}}\" or \"ANY /files/{{path+}}\", or $default, or $connect"
    )]
    Malformed(String),
    /// The same method and path as another route.
    #[error("{0:?} says the same as another route: keep one of them")]
    Twice(String),
    /// More routes than any API has.
    #[error("there are more than 300 routes: use parameters such as {{path+}}")]
    TooMany,
    /// A policy can't forbid the one and allow the other, since its wildcards cross slashes.
    #[error(
        "no policy can forbid {denied:?} and allow {allowed:?}, since `*` in it crosses slashes: give both the same rule; or, if the first ends in a parameter, list it with /{{path+}} behind it too, with a rule that asks for no less; or, if it ends in {{path+}}, leave it out"
    )]
    Inseparable {
        /// The route that some caller may call.
        allowed: String,
        /// The route that the same caller may not call.
        denied: String,
    },
    /// Simple answers, cached by token alone, that would have to differ by route.
    #[error(
        "the gateway would use a simple answer for one route on every other: keep one rule, for $default; or add $context.httpMethod and $context.path to the identity sources and say so; or answer with policies"
    )]
    OneRuleOnly,
    /// Simple answers, cached by token and route key, where a route stands inside another.
    #[error(
        "the gateway might serve {inner:?} as {outer:?} from its cache: give {outer:?} a rule that asks for no less, or use $context.httpMethod and $context.path as identity sources"
    )]
    InsideAnother {
        /// The wider route.
        outer: String,
        /// The narrower route, with a rule that the other's doesn't include.
        inner: String,
    },
}
