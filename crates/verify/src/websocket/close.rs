//! Why a connection is closed, by the codes of the protocol `graphql-transport-ws` and of RFC 6455 §7.4.

use crate::authentication::Refusal;

/// Why a connection is closed. The reason never holds anything that the client sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Close {
    /// 4400: a message that is none of the protocol.
    InvalidMessage,
    /// 4401: there is no token, or it is not accepted and another try with it won't help.
    Unauthorized(Option<Refusal>),
    /// 4403: the token has ended.
    TokenExpired,
    /// 4403: the new token is of another caller, or allows less than the old one.
    TokenDiffers,
    /// 4408: no `connection_init` in time.
    InitTimeout,
    /// 4409: an operation of this id runs already.
    SubscriberExists,
    /// 4429: a second `connection_init`.
    TooManyInitRequests,
    /// 1013: whether the token is good can't be told now.
    TryAgainLater,
}

impl Close {
    /// The code of the close frame.
    pub const fn code(self) -> u16 {
        match self {
            Self::InvalidMessage => 4400,
            Self::Unauthorized(_) => 4401,
            Self::TokenExpired | Self::TokenDiffers => 4403,
            Self::InitTimeout => 4408,
            Self::SubscriberExists => 4409,
            Self::TooManyInitRequests => 4429,
            Self::TryAgainLater => 1013,
        }
    }

    /// The reason in the close frame; less than 123 bytes.
    pub fn reason(self) -> String {
        match self {
            Self::InvalidMessage => "the message is none of this protocol".to_owned(),
            Self::Unauthorized(None) => "log in first".to_owned(),
            Self::Unauthorized(Some(refusal)) => refusal.to_string(),
            Self::TokenExpired => "the token has expired".to_owned(),
            Self::TokenDiffers => {
                "the new token is of another caller or allows less than the old one".to_owned()
            }
            Self::InitTimeout => "connection initialisation timeout".to_owned(),
            Self::SubscriberExists => "a subscriber for this id already exists".to_owned(),
            Self::TooManyInitRequests => "too many initialisation requests".to_owned(),
            Self::TryAgainLater => "the token can't be verified now, try again soon".to_owned(),
        }
    }
}

impl From<Refusal> for Close {
    fn from(refusal: Refusal) -> Self {
        use countersign_token::Rejection::Expired;
        match refusal {
            Refusal::Token(Expired) => Self::TokenExpired,
            refusal if refusal.is_temporary() => Self::TryAgainLater,
            refusal => Self::Unauthorized(Some(refusal)),
        }
    }
}
