//! The principal as an argument of an axum handler: `Principal` insists on one and denies without;
//! `Option<Principal>` takes whom [`crate::AuthenticateLayer`] let through.

use std::convert::Infallible;

use axum_core::body::Body;
use axum_core::extract::{FromRequestParts, OptionalFromRequestParts};
use axum_core::response::{IntoResponse, Response};
use http::request::Parts;

use crate::challenge::Challenge;
use crate::principal::Principal;

impl<S: Sync> FromRequestParts<S> for Principal {
    type Rejection = Challenge;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Challenge> {
        parts
            .extensions
            .get()
            .cloned()
            .ok_or(Challenge::TokenRequired)
    }
}

impl<S: Sync> OptionalFromRequestParts<S> for Principal {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get().cloned())
    }
}

impl IntoResponse for Challenge {
    fn into_response(self) -> Response {
        Challenge::into_response::<Body>(self)
    }
}
