//! What a verifier insists on. Issuer, audience and algorithm are arguments of the constructors: there
//! is no default that could be forgotten (RFC 8725 §3.1, §3.8, §3.9). The profile says how the issuer
//! writes its tokens.

use crate::algorithm::Algorithm;
use crate::claims::AccessTokenClaims;
use crate::names::{Audience, Issuer};
use crate::profile::Profile;
use crate::required_claims::RequiredClaims;

/// Leeway where none is set, in seconds.
const DEFAULT_LEEWAY: u32 = 30;
/// Most leeway that can be set, in seconds (RFC 7519 §4.1.4: "no more than a few minutes").
const MAX_LEEWAY: u32 = 300;

/// What a token must match.
#[derive(Clone, Debug, PartialEq)]
pub struct Expected {
    issuer: Issuer,
    // INVARIANT: at least one, save in `Form::WithoutIssuer`; the constructors take one by value.
    audiences: Vec<Audience>,
    // INVARIANT: at least one.
    algorithms: Vec<Algorithm>,
    leeway_seconds: u32,
    max_age_seconds: Option<u32>,
    pub(crate) form: Form,
    pub(crate) claims: RequiredClaims,
}

/// How a token is read.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Form {
    Profile(Profile),
    /// Tokens that name neither issuer nor audience; the claim that holds the user.
    WithoutIssuer(String),
}

/// Why [`Expected::any_of`] and [`Expected::of_profile`] refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ExpectedError {
    /// The list of audiences is empty.
    #[error("name at least one audience")]
    NoAudience,
    /// The list of algorithms is empty.
    #[error("name at least one algorithm")]
    NoAlgorithm,
}

impl ExpectedError {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NoAudience => "no_audience",
            Self::NoAlgorithm => "no_algorithm",
        }
    }
}

impl Expected {
    /// Tokens of a Countersign, or of another issuer that follows RFC 9068: of `issuer`, for
    /// `audience`, signed with `algorithm`. Clocks may differ by 30 seconds.
    pub fn new(issuer: Issuer, audience: Audience, algorithm: Algorithm) -> Self {
        Self::made(
            Form::Profile(Profile::Rfc9068),
            issuer,
            vec![audience],
            vec![algorithm],
        )
    }

    /// Access tokens of Auth0 ([`Profile::Auth0`]). The issuer is `https://<tenant>/`, with the slash
    /// at its end; the audience is the identifier of the API.
    ///
    /// ```
    /// use countersign_token::{Algorithm, Expected};
    ///
    /// let expected = Expected::auth0(
    ///     "https://example.eu.auth0.com/".parse()?,
    ///     "https://api.example.com".parse()?,
    ///     Algorithm::Rs256,
    /// );
    /// # Ok::<(), countersign_token::InvalidName>(())
    /// ```
    pub fn auth0(issuer: Issuer, audience: Audience, algorithm: Algorithm) -> Self {
        Self::made(
            Form::Profile(Profile::Auth0),
            issuer,
            vec![audience],
            vec![algorithm],
        )
    }

    /// Access tokens of an Amazon Cognito user pool ([`Profile::Cognito`]), which signs with RS256.
    /// The issuer is `https://cognito-idp.<region>.amazonaws.com/<pool>`; `app_client` is the id of an
    /// app client, or the resource server for tokens that are bound to one.
    ///
    /// ```
    /// use countersign_token::Expected;
    ///
    /// let expected = Expected::cognito(
    ///     "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_example".parse()?,
    ///     "1example23456789".parse()?,
    /// );
    /// # Ok::<(), countersign_token::InvalidName>(())
    /// ```
    pub fn cognito(issuer: Issuer, app_client: Audience) -> Self {
        Self::made(
            Form::Profile(Profile::Cognito),
            issuer,
            vec![app_client],
            vec![Algorithm::Rs256],
        )
    }

    /// Access tokens of another issuer of OIDC or OAuth 2.0 ([`Profile::OpenId`]). Give the
    /// API an audience that is not the id of a client, so that no ID token is ever made for it.
    pub fn openid(issuer: Issuer, audience: Audience, algorithm: Algorithm) -> Self {
        Self::made(
            Form::Profile(Profile::OpenId),
            issuer,
            vec![audience],
            vec![algorithm],
        )
    }

    /// Like [`Expected::new`], with lists that come from a configuration.
    pub fn any_of(
        issuer: Issuer,
        audiences: Vec<Audience>,
        algorithms: Vec<Algorithm>,
    ) -> Result<Self, ExpectedError> {
        Self::of_profile(Profile::Rfc9068, issuer, audiences, algorithms)
    }

    /// Tokens of any profile, with lists that come from a configuration. Errors: [`ExpectedError`].
    pub fn of_profile(
        profile: Profile,
        issuer: Issuer,
        audiences: Vec<Audience>,
        algorithms: Vec<Algorithm>,
    ) -> Result<Self, ExpectedError> {
        if audiences.is_empty() {
            return Err(ExpectedError::NoAudience);
        }
        if algorithms.is_empty() {
            return Err(ExpectedError::NoAlgorithm);
        }
        Ok(Self::made(
            Form::Profile(profile),
            issuer,
            audiences,
            algorithms,
        ))
    }

    /// Tokens that name neither issuer nor audience, as tutorials make them: for the time in which an
    /// API moves from such tokens to ones that say whom they are for. Anybody who has the secret can
    /// make them, for any API that shares it.
    ///
    /// The user stands in the claim `subject` (`sub`, `id`, `userId` …), as a text or a whole number.
    /// Callers are known as users of `known_as`. `exp` and `iat` are required all the same, and a token
    /// is refused `max_age_seconds` after `iat`, however late it expires. A token that does name an
    /// issuer or an audience is refused: it belongs to another verifier. `reason` is there to be read
    /// where the call stands.
    ///
    /// ```
    /// use countersign_token::{Algorithm, Expected};
    ///
    /// let expected = Expected::dangerous_without_issuer(
    ///     "legacy".parse()?,
    ///     Algorithm::Hs256,
    ///     "id",
    ///     24 * 3_600,
    ///     "tokens of the old login are good until the apps are updated",
    /// );
    /// # Ok::<(), countersign_token::InvalidName>(())
    /// ```
    pub fn dangerous_without_issuer(
        known_as: Issuer,
        algorithm: Algorithm,
        subject: &str,
        max_age_seconds: u32,
        reason: &'static str,
    ) -> Self {
        debug_assert!(!reason.is_empty(), "say why no issuer is needed");
        let form = Form::WithoutIssuer(subject.to_owned());
        Self::made(form, known_as, vec![], vec![algorithm]).with_max_age_seconds(max_age_seconds)
    }

    fn made(
        form: Form,
        issuer: Issuer,
        audiences: Vec<Audience>,
        algorithms: Vec<Algorithm>,
    ) -> Self {
        Self {
            issuer,
            audiences,
            algorithms,
            leeway_seconds: DEFAULT_LEEWAY,
            max_age_seconds: None,
            form,
            claims: RequiredClaims::default(),
        }
    }

    /// Also takes tokens for `audience`.
    #[must_use]
    pub fn or_audience(mut self, audience: Audience) -> Self {
        self.audiences.push(audience);
        self
    }

    /// Also takes tokens signed with `algorithm`.
    #[must_use]
    pub fn or_algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithms.push(algorithm);
        self
    }

    /// How far the clocks of issuer and verifier may differ, in seconds; more than 300 counts as 300.
    #[must_use]
    pub fn with_leeway_seconds(mut self, seconds: u32) -> Self {
        self.leeway_seconds = seconds.min(MAX_LEEWAY);
        self
    }

    /// Refuses a token `seconds` after it was issued, however late it expires.
    #[must_use]
    pub fn with_max_age_seconds(mut self, seconds: u32) -> Self {
        self.max_age_seconds = Some(seconds);
        self
    }

    /// The issuer.
    pub fn issuer(&self) -> &Issuer {
        &self.issuer
    }

    /// The profile; `None` for [`Expected::dangerous_without_issuer`].
    pub fn profile(&self) -> Option<Profile> {
        match self.form {
            Form::Profile(profile) => Some(profile),
            Form::WithoutIssuer(_) => None,
        }
    }

    /// The audiences, at least one; a token must name one of them. None for
    /// [`Expected::dangerous_without_issuer`], whose tokens must not name any.
    pub fn audiences(&self) -> &[Audience] {
        &self.audiences
    }

    /// The algorithms, at least one.
    pub fn algorithms(&self) -> &[Algorithm] {
        &self.algorithms
    }

    /// The leeway in seconds, 0 to 300.
    pub fn leeway_seconds(&self) -> u32 {
        self.leeway_seconds
    }

    /// The second from which a token with these claims is refused for its age: `exp`, or `iat` and the
    /// maximal age, and the leeway. For whoever remembers that it verified.
    pub fn refused_from(&self, claims: &AccessTokenClaims) -> i64 {
        let oldest = self
            .max_age_seconds
            .map_or(i64::MAX, |age| claims.iat.saturating_add(i64::from(age)));
        claims
            .exp
            .min(oldest)
            .saturating_add(i64::from(self.leeway_seconds))
    }

    /// How old a token may be, in seconds; `None` if only its own `exp` counts.
    pub fn max_age_seconds(&self) -> Option<u32> {
        self.max_age_seconds
    }
}
