//! Why a caller is not let in, as a problem. The only place that maps [`Denied`],
//! [`InvalidBearer`] and [`BearerError`] to HTTP.

use countersign_app::authenticate::InvalidBearer;
use countersign_domain::access::Denied;
use countersign_verify::BearerError;

use super::{Challenge, Code, Problem};

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated => Self::new(Code::Unauthenticated).challenge(Challenge::Plain),
            Denied::MissingScope(scope) => Self::new(Code::InsufficientScope)
                .detail(format!("this takes an access token with the scope {scope}"))
                .challenge(Challenge::InsufficientScope(scope)),
            Denied::NeedsSession => Self::new(Code::SessionRequired),
        }
    }
}

impl From<InvalidBearer> for Problem {
    fn from(invalid: InvalidBearer) -> Self {
        let why = match invalid {
            InvalidBearer::Token(rejection) => rejection.to_string(),
            InvalidBearer::Unknown => "the token is none of this instance, or is revoked".into(),
            InvalidBearer::Expired => "the token has expired".into(),
            InvalidBearer::SessionEnded => "the session of the token has ended".into(),
            InvalidBearer::UserShut => "the account of the token is shut".into(),
        };
        Self::new(Code::InvalidToken)
            .detail(why.clone())
            .reason(invalid.code())
            .challenge(Challenge::InvalidToken(why))
    }
}

impl From<BearerError> for Problem {
    /// A token in the wrong place, or two, is a wrong request; what is no token at all is a token
    /// that is not good (RFC 6750 §3.1).
    fn from(error: BearerError) -> Self {
        let why = error.to_string();
        match error {
            BearerError::TwoTokens | BearerError::InParameter => Self::new(Code::InvalidRequest)
                .detail(why.clone())
                .reason(error.code())
                .challenge(Challenge::InvalidRequest(why)),
            _ => Self::new(Code::InvalidToken)
                .detail(why.clone())
                .reason(error.code())
                .challenge(Challenge::InvalidToken(why)),
        }
    }
}
