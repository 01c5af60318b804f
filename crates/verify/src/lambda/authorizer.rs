//! One question of a gateway to one answer: the token is found and verified, the rules are asked, and the answer is
//! made so that the gateway may keep it. Nothing here knows a runtime, a log or an environment.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::answer::{Answer, AppSyncAnswer, PolicyAnswer, SimpleAnswer, context};
use super::arn::MethodArn;
use super::decision::{Decision, Failure};
use super::event::{Event, Kind};
use super::fields::Fields;
use super::gateway_cache::GatewayCache;
use super::policy::Resources;
use super::presented::TokenPlaces;
use super::route_mistake::RouteMistake;
use super::routes::Routes;
use crate::authentication::Refusal;
use crate::principal::Principal;
use crate::verifier::Verifier;

/// Largest policy where nothing else is said, in bytes: what a gateway surely takes.
const MAX_POLICY_BYTES: usize = 8 * 1024;
/// How long `AppSync` may keep an answer where nothing else is said, in seconds.
const APPSYNC_SECONDS: u32 = 300;
/// Longest that `AppSync` keeps an answer, in seconds.
const LONGEST_APPSYNC_SECONDS: u32 = 3600;
/// Policies kept ready. They differ by which routes a caller may call, and there are few such sets.
const MAX_POLICIES: usize = 64;

/// Answers the questions of API Gateway and `AppSync`. Make one at the start of the function.
///
/// ```
/// use countersign_verify::lambda::{Authorizer, Event, Routes, Rule};
/// use countersign_verify::{Algorithm, Expected, JwkSet, Keys, Scope, Verifier};
///
/// # async fn example(jwks: &[u8], event: &[u8]) -> Result<(), Box<dyn std::error::Error>> {
/// let expected = Expected::new(
///     "https://id.example.com".parse()?,
///     "https://api.example.com".parse()?,
///     Algorithm::Es256,
/// );
/// let verifier = Verifier::new(expected, Keys::from_jwk_set(&JwkSet::parse(jwks)?)?);
/// let routes = Routes::new([
///     ("GET /me", Rule::authenticated()),
///     ("DELETE /users/{id}", Rule::scopes("users:delete".parse::<Scope>()?)),
/// ])
/// .map_err(|mistakes| mistakes[0].to_string())?;
/// let authorizer = Authorizer::new(verifier, routes).map_err(|mistakes| mistakes[0].to_string())?;
///
/// let decision = authorizer.authorize(&Event::from_slice(event)?).await;
/// // An `Err` goes to the runtime as the error of the invocation, with exactly this message.
/// let answer = decision.into_answer().map_err(|failure| failure.message())?;
/// println!("{}", serde_json::to_string(&answer)?);
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Authorizer {
    verifier: Verifier,
    routes: Routes,
    /// `None`: there is no `AppSync` before this.
    fields: Option<Fields>,
    places: TokenPlaces,
    /// `None`: policies.
    simple: Option<GatewayCache>,
    appsync_seconds: u32,
    max_policy_bytes: usize,
    /// Policies without the name of the API, by which routes they allow.
    ready: Mutex<HashMap<Vec<bool>, Arc<Resources>>>,
}

impl Authorizer {
    /// Answers with policies for a whole API; right with whatever cache the gateway has, or none.
    ///
    /// Errors: what of `routes` no policy can say.
    pub fn new(verifier: Verifier, routes: Routes) -> Result<Self, Vec<RouteMistake>> {
        none_of(routes.inseparable())?;
        Ok(Self::of(verifier, routes, None))
    }

    /// Answers an HTTP API with payload 2.0 by yes and no (`EnableSimpleResponses`), and all others with policies.
    /// A yes can't be limited to a time or a route, so how the gateway keeps it has to be known: see [`GatewayCache`].
    ///
    /// Errors: what of `routes` can't be answered so.
    pub fn with_simple_answers(
        verifier: Verifier,
        routes: Routes,
        cache: GatewayCache,
    ) -> Result<Self, Vec<RouteMistake>> {
        none_of(cache.mistakes(&routes))?;
        Ok(Self::of(verifier, routes, Some(cache)))
    }

    fn of(verifier: Verifier, routes: Routes, simple: Option<GatewayCache>) -> Self {
        Self {
            verifier,
            routes,
            fields: None,
            places: TokenPlaces::header_only(),
            simple,
            appsync_seconds: APPSYNC_SECONDS,
            max_policy_bytes: MAX_POLICY_BYTES,
            ready: Mutex::default(),
        }
    }

    /// What the fields of a schema take, for `AppSync`. Without them its questions fail: it knows no routes.
    #[must_use]
    pub fn with_fields(mut self, fields: Fields) -> Self {
        self.fields = Some(fields);
        self
    }

    /// Where the token may be, besides the `Authorization` header.
    #[must_use]
    pub fn with_token_places(mut self, places: TokenPlaces) -> Self {
        self.places = places;
        self
    }

    /// How long `AppSync` may keep an answer, in seconds, at most 3600 and never longer than the token lives; 300
    /// where nothing is said.
    #[must_use]
    pub fn with_appsync_seconds(mut self, seconds: u32) -> Self {
        self.appsync_seconds = seconds.min(LONGEST_APPSYNC_SECONDS);
        self
    }

    /// The largest policy to answer with, in bytes; 8192 where nothing is said. A larger one fails: half of a policy
    /// would refuse or allow the wrong calls.
    #[must_use]
    pub fn with_max_policy_bytes(mut self, bytes: usize) -> Self {
        self.max_policy_bytes = bytes;
        self
    }

    /// What is good to know of the routes, for people: where a policy can't deny a route that nobody has listed.
    pub fn notes(&self) -> Vec<String> {
        if self.simple.is_some() {
            return Vec::new();
        }
        let note = |route: &str| {
            format!(
                "list every route that is deployed below {route:?}: one that is missing would be allowed by a kept \
                 policy to whoever may call {route:?}, since `*` crosses slashes"
            )
        };
        self.routes.open().into_iter().map(note).collect()
    }

    /// Answers one question. Waits only where keys or an introspection have to be fetched.
    pub async fn authorize(&self, event: &Event) -> Decision {
        let route = self.route(event);
        let decision = match self.caller(event).await {
            Err(failure) => Decision::refused(event.kind(), failure),
            Ok(caller) => match &event.arn {
                None => match &self.fields {
                    Some(fields) => Decision::made(self.appsync(fields, &caller)),
                    None => Decision::refused(event.kind(), Failure::FieldsNotSet),
                },
                Some(arn) => self.call(event, arn, &caller),
            },
        };
        decision.on(route)
    }

    /// The route as the map has it; none if it has none.
    fn route(&self, event: &Event) -> Option<String> {
        let arn = event.arn.as_ref()?;
        if event.kind() == Kind::WebSocket {
            return self.routes.connect.as_ref().map(|_| "$connect".to_owned());
        }
        let route = self.routes.find(&arn.method, &arn.path)?;
        Some(route.text.clone())
    }

    async fn caller(&self, event: &Event) -> Result<Principal, Failure> {
        let token = self.places.token(event).map_err(Refusal::Bearer);
        let Some(token) = token.map_err(Failure::of)? else {
            return Err(Failure::Unauthorized("token_required"));
        };
        let caller = self.verifier.verify(&token).await.map_err(Failure::of)?;
        // The leeway is for clocks that differ when a token begins; an answer is never good beyond its end.
        if self.seconds_left(&caller) <= 0 {
            return Err(Failure::Unauthorized("expired"));
        }
        if self.simple != Some(GatewayCache::Off) && event.is_keyed_without(&token) {
            return Err(Failure::WrongIdentitySource);
        }
        Ok(caller)
    }

    fn seconds_left(&self, caller: &Principal) -> i64 {
        caller.expires_at().saturating_sub(self.verifier.now())
    }

    fn call(&self, event: &Event, arn: &MethodArn, caller: &Principal) -> Decision {
        match (event.kind(), &self.simple) {
            (Kind::WebSocket, _) => Decision::made(self.connect(arn, caller)),
            (Kind::Http2, Some(cache)) => {
                if self.seconds_left(caller) < i64::from(cache.seconds()) {
                    let failure = Failure::Unauthorized("ends_before_the_cache_does");
                    return Decision::refused(Kind::Http2, failure);
                }
                match cache.permits(event, arn, &self.routes, caller) {
                    Err(failure) => Decision::refused(Kind::Http2, failure),
                    Ok(is_authorized) => {
                        let answer = Answer::Simple(SimpleAnswer {
                            is_authorized,
                            context: context(caller),
                        });
                        Decision::made((answer, is_authorized))
                    }
                }
            }
            (kind, _) => match self.policy(arn, caller) {
                Err(failure) => Decision::refused(kind, failure),
                Ok(made) => Decision::made(made),
            },
        }
    }

    fn connect(&self, arn: &MethodArn, caller: &Principal) -> (Answer, bool) {
        let allowed = self
            .routes
            .connect
            .as_ref()
            .is_some_and(|rule| rule.permits(caller));
        let name = |end: &str| format!("{}{end}", arn.base);
        let allow = allowed.then(|| name("$connect")).into_iter().collect();
        let policy = PolicyAnswer::new(caller, allow, Vec::new(), name("*"));
        (Answer::Policy(policy), allowed)
    }

    fn policy(&self, arn: &MethodArn, caller: &Principal) -> Result<(Answer, bool), Failure> {
        let resources = self.resources(caller);
        let name = |end: &String| format!("{}{end}", arn.base);
        let mut allow: Vec<_> = resources.allow.iter().map(name).collect();
        let mut deny: Vec<_> = resources.deny.iter().map(name).collect();
        let route = self.routes.find(&arn.method, &arn.path);
        if route.is_none() {
            // A route that nobody has listed. The wildcard of another might take it.
            let call = format!("{}{}/{}", arn.base, arn.method, arn.path);
            if call.len() <= 512 && !call.contains(['*', '?', '{']) {
                deny.push(call);
            } else {
                allow.clear();
            }
        }
        let answer = PolicyAnswer::new(caller, allow, deny, name(&"*".to_owned()));
        if answer.policy_bytes() > self.max_policy_bytes {
            return Err(Failure::PolicyTooLarge(answer.policy_bytes()));
        }
        let allowed = route.is_some_and(|route| route.rule.permits(caller));
        Ok((Answer::Policy(answer), allowed))
    }

    fn resources(&self, caller: &Principal) -> Arc<Resources> {
        let routes = self.routes.routes.iter();
        let permitted: Vec<_> = routes.map(|route| route.rule.permits(caller)).collect();
        let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(resources) = ready.get(&permitted) {
            return Arc::clone(resources);
        }
        let permits = |route: &super::routes::Route| route.rule.permits(caller);
        let resources = Arc::new(Resources::new(&self.routes, &permits));
        if ready.len() >= MAX_POLICIES {
            ready.clear();
        }
        ready.insert(permitted, Arc::clone(&resources));
        resources
    }

    fn appsync(&self, fields: &Fields, caller: &Principal) -> (Answer, bool) {
        let allowed = fields.permits(caller);
        let longest = i64::from(self.appsync_seconds);
        let answer = AppSyncAnswer {
            is_authorized: allowed,
            resolver_context: context(caller),
            denied_fields: fields.denied(caller),
            ttl_override: self.seconds_left(caller).clamp(0, longest),
        };
        (Answer::AppSync(answer), allowed)
    }
}

fn none_of(mistakes: Vec<RouteMistake>) -> Result<(), Vec<RouteMistake>> {
    if mistakes.is_empty() {
        Ok(())
    } else {
        Err(mistakes)
    }
}
