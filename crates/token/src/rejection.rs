//! Why a token is refused. Every reason has a stable code and a message that is safe to show: neither
//! ever holds anything that the token says.

/// Why a token is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// More than 8 KiB, or a header of more than 1 KiB.
    #[error("the token is too large")]
    TooLarge,
    /// Not three base64url parts with JSON objects in the first two (RFC 7515 §3.1).
    #[error("the token is malformed")]
    Malformed,
    /// A member stands twice in one object (RFC 7515 §4, RFC 7519 §4).
    #[error("the token names a member twice")]
    DuplicateMember,
    /// The JSON nests deeper than eight levels.
    #[error("the token is nested too deeply")]
    TooDeep,
    /// The algorithm is unknown, not among those expected, or `none`.
    #[error("the token's algorithm is not accepted")]
    UnsupportedAlgorithm,
    /// It is no access token: `typ` is not what the profile asks for (RFC 9068 §4), or a claim shows
    /// that it is an ID token, a refresh token or a logout token (RFC 8725 §2.8), or bound to a key whose
    /// proof nobody checks here (`cnf`, RFC 7800 §3.1).
    #[error("the token is not an access token")]
    WrongType,
    /// The header has `crit` or `b64`: no extension is understood here (RFC 7515 §4.1.11, RFC 7797).
    #[error("the token needs an extension that is not supported")]
    CriticalHeader,
    /// The header brings its own key or says where to get one (`jwk`, `jku`, `x5u`, `x5c`), or is
    /// that of an encrypted or compressed token (`enc`, `zip`).
    #[error("the token's header has a member that is not accepted")]
    ForbiddenHeader,
    /// `kid` is absent, and the issuer has several keys that could be meant.
    #[error("the token names no key")]
    MissingKeyId,
    /// No trusted key has this `kid`.
    #[error("the token is signed with an unknown key")]
    UnknownKey,
    /// The key that `kid` names is for another algorithm than `alg`.
    #[error("the token's algorithm is not that of its key")]
    AlgorithmMismatch,
    /// The signature is not that of the key.
    #[error("the token's signature is invalid")]
    BadSignature,
    /// A required claim is absent (RFC 9068 §2.2).
    #[error("the token lacks the claim {0}")]
    MissingClaim(&'static str),
    /// A claim has the wrong type or form.
    #[error("the token's claim {0} is malformed")]
    MalformedClaim(&'static str),
    /// Another issuer.
    #[error("the token is from another issuer")]
    WrongIssuer,
    /// For another audience.
    #[error("the token is for another audience")]
    WrongAudience,
    /// Its time is over.
    #[error("the token has expired")]
    Expired,
    /// Its time has not come (`nbf`).
    #[error("the token is not valid yet")]
    NotYetValid,
    /// It was issued in the future (`iat`): a clock is wrong.
    #[error("the token was issued in the future")]
    IssuedInFuture,
    /// A claim that the verifier asks for is absent, or has another value.
    #[error("the token lacks a claim that is required here, or has another value for it")]
    UnacceptableClaim,
}

impl Rejection {
    /// A stable name for programs.
    pub const fn code(self) -> &'static str {
        match self {
            Self::TooLarge => "token_too_large",
            Self::Malformed => "malformed_token",
            Self::DuplicateMember => "duplicate_member",
            Self::TooDeep => "nested_too_deeply",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::WrongType => "wrong_type",
            Self::CriticalHeader => "critical_header",
            Self::ForbiddenHeader => "forbidden_header",
            Self::MissingKeyId => "missing_key_id",
            Self::UnknownKey => "unknown_key",
            Self::AlgorithmMismatch => "algorithm_mismatch",
            Self::BadSignature => "bad_signature",
            Self::MissingClaim(_) => "missing_claim",
            Self::MalformedClaim(_) => "malformed_claim",
            Self::WrongIssuer => "wrong_issuer",
            Self::WrongAudience => "wrong_audience",
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::IssuedInFuture => "issued_in_future",
            Self::UnacceptableClaim => "unacceptable_claim",
        }
    }
}
