//! The verifier: a token, or the headers of a request, to a principal. What it expects is an argument of
//! its constructor; there is no default, and none to switch off (RFC 8725 §3). With several issuers, the
//! token's `iss` chooses one of them, and that one alone verifies it (RFC 8725 §3.8).

use std::fmt;
use std::sync::Arc;

use countersign_token::{Expected, Issuer, Keys, Rejection, UnverifiedToken, token_hash};
use http::header::HeaderMap;

use crate::authentication::{Authentication, Refusal};
use crate::bearer::Bearer;
use crate::cache::{Cache, Entry};
use crate::clock::{Clock, SystemClock};
#[cfg(feature = "introspection")]
use crate::introspection::Introspection;
use crate::key_source::KeySource;
use crate::principal::Principal;
use crate::revocation::{AnyRevocation, Revocation, Standing};

/// Verifies access tokens. Cheap to clone; make one at start and share it.
#[derive(Clone)]
pub struct Verifier {
    // INVARIANT: at least one; no two of the same issuer.
    trusted: Arc<[Trusted]>,
    clock: Arc<dyn Clock>,
    /// All are asked.
    revocations: Vec<AnyRevocation>,
    cache: Option<Arc<Cache>>,
    #[cfg(feature = "introspection")]
    opaque: Vec<Introspection>,
}

/// One issuer, with all that belongs to it.
#[derive(Clone, Debug)]
struct Trusted {
    expected: Expected,
    keys: KeySource,
}

/// A token that verified, and by what.
struct Checked<'a> {
    principal: Principal,
    /// Which of the trusted issuers it is from.
    issuer: usize,
    expected: &'a Expected,
    keys: Arc<Keys>,
}

/// Two verifiers for one issuer can't be joined: which one decides would be a matter of chance.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("two verifiers are for the issuer {0}: make one, with all of its audiences and algorithms")]
pub struct IssuerTwice(pub Issuer);

impl Verifier {
    /// A verifier that insists on `expected`, with `keys` from a [`countersign_token::Keys`], a
    /// [`KeySource`] or a `JwksSource`. Issuer, audience and algorithm can't be left out:
    ///
    /// ```compile_fail
    /// # use countersign_verify::{Expected, Keys, Verifier};
    /// let verifier = Verifier::new(Expected::default(), Keys::new());
    /// ```
    pub fn new(expected: Expected, keys: impl Into<KeySource>) -> Self {
        let trusted = Trusted {
            expected,
            keys: keys.into(),
        };
        Self {
            trusted: Arc::new([trusted]),
            clock: Arc::new(SystemClock),
            revocations: Vec::new(),
            cache: None,
            #[cfg(feature = "introspection")]
            opaque: Vec::new(),
        }
    }

    /// Also takes the tokens of the issuers that `other` trusts. Each issuer keeps its own audiences,
    /// algorithms and keys: a key of one never verifies a token that names another. Whatever revocation either
    /// has is asked about all tokens. Clock and cache are this verifier's.
    ///
    /// Errors: [`IssuerTwice`].
    ///
    /// ```
    /// use countersign_verify::{Algorithm, Expected, Keys, Verifier};
    ///
    /// # fn example(ours: Keys, cognitos: Keys) -> Result<Verifier, Box<dyn std::error::Error>> {
    /// let countersign = Expected::new(
    ///     "https://id.example.com".parse()?,
    ///     "https://api.example.com".parse()?,
    ///     Algorithm::Es256,
    /// );
    /// let cognito = Expected::cognito(
    ///     "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example".parse()?,
    ///     "1example23456789".parse()?,
    /// );
    /// let verifier = Verifier::new(countersign, ours).or(Verifier::new(cognito, cognitos))?;
    /// # Ok(verifier)
    /// # }
    /// ```
    pub fn or(mut self, other: Self) -> Result<Self, IssuerTwice> {
        for new in other.trusted() {
            if self.trusted().any(|known| known.issuer() == new.issuer()) {
                return Err(IssuerTwice(new.issuer().clone()));
            }
        }
        let all = self.trusted.iter().chain(other.trusted.iter());
        self.trusted = all.cloned().collect();
        self.revocations.extend(other.revocations);
        // What a clone of this verifier remembers was true of its issuers, not of these.
        self.cache = self.cache.map(|cache| Arc::new(cache.anew()));
        #[cfg(feature = "introspection")]
        self.opaque.extend(other.opaque);
        Ok(self)
    }

    /// Also takes opaque tokens, about which `introspection` is asked: the first, if there are several, that
    /// [`Introspection::takes`] the token. A JWT never goes that way.
    ///
    /// ```
    /// use countersign_verify::{Introspection, Verifier};
    ///
    /// # fn example(verifier: Verifier) -> Result<Verifier, Box<dyn std::error::Error>> {
    /// // Countersign's personal access tokens, beside its JWTs.
    /// let issuer = "https://id.example.com";
    /// let personal = Introspection::countersign(issuer.parse()?, issuer.parse()?)?;
    /// let verifier = verifier.or_introspection(personal);
    /// # Ok(verifier)
    /// # }
    /// ```
    #[cfg(feature = "introspection")]
    #[must_use]
    pub fn or_introspection(mut self, introspection: Introspection) -> Self {
        self.opaque.push(introspection);
        self
    }

    /// Asks `revocation` about each token that verifies, besides any that was given before. If it can't tell,
    /// the token is not accepted: [`Refusal::StandingUnknown`].
    #[must_use]
    pub fn with_revocation(mut self, revocation: impl Revocation) -> Self {
        self.revocations.push(AnyRevocation::new(revocation));
        self
    }

    /// Remembers up to `tokens` tokens that verified, about 1 KiB each; 0 remembers none, as without.
    ///
    /// An entry counts until the token would be refused for its times, under the very key set that
    /// verified it: once keys are replaced or removed, every token is verified anew. Revocation is
    /// asked about each time all the same. Only tokens that verified are kept, by their SHA-256.
    #[must_use]
    pub fn with_cache(mut self, tokens: usize) -> Self {
        self.cache = (tokens > 0).then(|| Arc::new(Cache::of(tokens)));
        self
    }

    /// Reads the time elsewhere; for tests.
    #[must_use]
    pub fn with_clock(mut self, clock: impl Clock) -> Self {
        self.clock = Arc::new(clock);
        self
    }

    /// What the verifier insists on, for each issuer that it trusts; at least one.
    pub fn trusted(&self) -> impl Iterator<Item = &Expected> {
        self.trusted.iter().map(|trusted| &trusted.expected)
    }

    /// The time by the verifier's clock, in seconds since 1970-01-01 UTC: for whoever holds on to a
    /// principal, and must let go of it at its end.
    pub fn now(&self) -> i64 {
        self.clock.unix_seconds()
    }

    /// Verifies a token, without `Bearer` before it.
    ///
    /// Waits only if keys have to be fetched or the issuer of an opaque token asked, or for the
    /// revocation. Errors: any [`Refusal`] but [`Refusal::Bearer`].
    pub async fn verify(&self, token: &str) -> Result<Principal, Refusal> {
        let principal = self.judge(token, self.clock.unix_seconds()).await?;
        for revocation in &self.revocations {
            match revocation.standing(&principal).await {
                Ok(Standing::Good) => {}
                Ok(Standing::Revoked) => return Err(Refusal::Revoked),
                Err(_) => return Err(Refusal::StandingUnknown),
            }
        }
        Ok(principal)
    }

    /// All but the revocation.
    async fn judge(&self, token: &str, now: i64) -> Result<Principal, Refusal> {
        #[cfg(feature = "introspection")]
        if let Some(introspection) = self.opaque.iter().find(|one| one.takes(token)) {
            return introspection.verify_at(token, now).await;
        }
        match &self.cache {
            None => Ok(self
                .check(&UnverifiedToken::parse(token)?, now)
                .await?
                .principal),
            Some(cache) => self.check_or_find(cache, token, now).await,
        }
    }

    async fn check_or_find(
        &self,
        cache: &Cache,
        token: &str,
        now: i64,
    ) -> Result<Principal, Refusal> {
        if token.len() > countersign_token::MAX_TOKEN_BYTES {
            return Err(Rejection::TooLarge.into());
        }
        let hash = token_hash(token);
        if let Some(found) = cache.find(&hash, now)
            && let Some(trusted) = self.trusted.get(found.issuer)
        {
            let kid = found.kid.as_ref().map(AsRef::as_ref);
            let keys = trusted.keys.keys_for(kid, now).await?;
            if Arc::ptr_eq(&keys, &found.keys) {
                return Ok(found.principal);
            }
        }
        let token = UnverifiedToken::parse(token)?;
        let checked = self.check(&token, now).await?;
        let principal = checked.principal.clone();
        let entry = Entry {
            until: checked.expected.refused_from(principal.claims()),
            principal: checked.principal,
            issuer: checked.issuer,
            kid: token.kid().cloned(),
            keys: checked.keys,
            verified_at: now,
        };
        cache.keep(hash, entry);
        Ok(principal)
    }

    /// The checks of signature and claims.
    async fn check(&self, token: &UnverifiedToken<'_>, now: i64) -> Result<Checked<'_>, Refusal> {
        let (issuer, trusted) = self.trusted_by(token)?;
        let expected = &trusted.expected;
        // What is refused anyway shall not cause a fetch.
        token.check_header(expected)?;
        let kid = token.kid().map(AsRef::as_ref);
        let keys = trusted.keys.keys_for(kid, now).await?;
        let principal = token.verify(&keys, expected, now)?.into();
        Ok(Checked {
            principal,
            issuer,
            expected,
            keys,
        })
    }

    /// Which of the trusted issuers is to verify a token: the only one, or the one that it names. Nothing
    /// is believed by that: verifying insists on that issuer.
    fn trusted_by(&self, token: &UnverifiedToken<'_>) -> Result<(usize, &Trusted), Refusal> {
        if let [only] = &*self.trusted {
            return Ok((0, only));
        }
        let named = token.issuer()?;
        let is_named = |trusted: &Trusted| match (&named, trusted.expected.profile()) {
            (Some(named), Some(_)) => trusted.expected.issuer().as_str() == named,
            // Tokens that name no issuer are for the verifier that takes such tokens, if there is one.
            (None, None) => true,
            _ => false,
        };
        let mut all = self.trusted.iter().enumerate();
        let found = all.find(|(_, trusted)| is_named(trusted));
        let missing = match named {
            Some(_) => Rejection::WrongIssuer,
            None => Rejection::MissingClaim("iss"),
        };
        Ok(found.ok_or(missing)?)
    }

    /// Looks at the headers and the query (without its `?`) of a request.
    pub async fn authenticate(&self, headers: &HeaderMap, query: Option<&str>) -> Authentication {
        match Bearer::from_request(headers, query) {
            Bearer::Absent => Authentication::Absent,
            Bearer::Malformed(error) => Authentication::Invalid(error.into()),
            Bearer::Token(token) => match self.verify(token).await {
                Ok(principal) => Authentication::Valid(principal),
                Err(refusal) => Authentication::Invalid(refusal),
            },
        }
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("trusted", &self.trusted)
            .field("revocations", &self.revocations)
            .field("cache", &self.cache)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use countersign_token::{AccessTokenClaims, Algorithm, Keys, PrivateKey, Signer};

    use super::*;

    struct At(i64);

    impl Clock for At {
        fn unix_seconds(&self) -> i64 {
            self.0
        }
    }

    #[tokio::test]
    async fn a_cache_remembers_what_verified_and_by_default_there_is_none() {
        let key = PrivateKey::generate(Algorithm::Es256).unwrap();
        let keys = Keys::from_private_key(&key).unwrap();
        let claims = AccessTokenClaims {
            iss: "https://id.example.com".parse().unwrap(),
            aud: vec!["https://api.example.com".parse().unwrap()],
            sub: "user-1".into(),
            client_id: "web".into(),
            jti: "token-1".into(),
            iat: 1_000,
            exp: 2_000,
            scope: "".parse().unwrap(),
            roles: vec![],
            sid: None,
            auth_time: None,
            amr: vec![],
            acr: None,
        };
        let token = Signer::new(key).unwrap().sign(&claims).unwrap();
        let audience = claims.aud[0].clone();
        let expected = Expected::new(claims.iss.clone(), audience, Algorithm::Es256);
        let plain = Verifier::new(expected, keys).with_clock(At(1_500));
        assert!(plain.cache.is_none() && plain.clone().with_cache(0).cache.is_none());

        let cached = plain.with_cache(10);
        let found = |at| cached.cache.as_ref().unwrap().find(&token_hash(&token), at);
        assert!(found(1_500).is_none());
        let caller = cached.verify(&token).await.unwrap();
        let entry = found(1_500).unwrap();
        assert_eq!(entry.principal, caller);
        // The leeway is 30 seconds.
        assert_eq!((entry.verified_at, entry.until), (1_500, 2_030));
        let again = cached.verify(&token).await.unwrap();
        assert!(std::ptr::eq(again.claims(), caller.claims()));
    }
}
