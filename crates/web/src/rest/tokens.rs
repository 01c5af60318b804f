//! `/v1/tokens`: one's own personal access tokens.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use countersign_app::authenticate::InvalidBearer;
use countersign_app::personal_tokens::{CreatePersonalToken, PersonalTokenOutcome};
use countersign_domain::id::PersonalTokenId;
use http::StatusCode;
use http::header::LOCATION;

use super::path::Named;
use super::shapes::{NewPersonalToken, PersonalTokens};
use crate::WebState;
use crate::input::{Fields, Seconds};
use crate::kernel::Known;
use crate::kernel::base_path::link;
use crate::openapi::{Doc, Tag};
use crate::problem::{Code, Problem};

/// `GET /v1/tokens`.
pub(super) async fn list(
    State(web): State<WebState>,
    known: Known,
) -> Result<Json<PersonalTokens>, Problem> {
    let tokens = web.app.personal_tokens(&known.caller.principal).await?;
    Ok(Json(PersonalTokens::new(&tokens)))
}

/// `POST /v1/tokens`.
pub(super) async fn create(
    State(web): State<WebState>,
    known: Known,
    body: Fields,
) -> Result<Response, Problem> {
    let command = body.read(command)?;
    let caller = &known.caller;
    let created = web
        .app
        .create_personal_token(
            &caller.principal,
            &caller.account,
            command,
            &known.call.origin,
        )
        .await?;
    match created {
        PersonalTokenOutcome::Created { token, secret } => {
            let location = link(&format!("/v1/tokens/{}", token.id));
            let body = Json(NewPersonalToken::new(&token, &secret));
            Ok((StatusCode::CREATED, [(LOCATION, location)], body).into_response())
        }
        PersonalTokenOutcome::ScopesNotHeld(scopes) => Err(Problem::new(Code::ScopesNotHeld)
            .detail(format!("your own token lacks {scopes}"))
            .at("/scope")),
        PersonalTokenOutcome::NoScopes => Err(Problem::new(Code::InvalidInput)
            .detail("a token without scopes could do nothing: name at least one")
            .at("/scope")),
        PersonalTokenOutcome::TooLong(longest) => Err(Problem::new(Code::InvalidInput)
            .detail(format!(
                "a token lives {} seconds at most",
                longest.as_secs()
            ))
            .at("/expires_in")),
        PersonalTokenOutcome::TooMany(most) => Err(Problem::new(Code::TooManyTokens).detail(
            format!("an account has at most {most} tokens: revoke one first"),
        )),
        PersonalTokenOutcome::Refused(refusal) => Err(InvalidBearer::from(refusal).into()),
    }
}

/// `DELETE /v1/tokens/{id}`.
pub(super) async fn revoke(
    State(web): State<WebState>,
    known: Known,
    Named(id): Named<PersonalTokenId>,
) -> Result<StatusCode, Problem> {
    let principal = &known.caller.principal;
    if web
        .app
        .revoke_personal_token(principal, id, &known.call.origin)
        .await?
    {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::new(Code::NotFound))
    }
}

fn command(body: &mut Fields) -> Option<CreatePersonalToken> {
    let name = body.required("name", "What to call it.");
    let scopes = body.required(
        "scope",
        "What it may do: no more than the caller's own token.",
    );
    let lifetime = body.optional::<Seconds>("expires_in", "Seconds it works; else the longest.");
    let lifetime = lifetime.map(|seconds| seconds.0);
    Some(CreatePersonalToken {
        name: name?,
        scopes: scopes?,
        lifetime,
    })
}

pub(super) fn list_doc() -> Doc {
    Doc::new(
        "personal_tokens",
        Tag::Tokens,
        "List one's own personal access tokens",
    )
    .gives::<PersonalTokens>(StatusCode::OK, "The working ones, the newest first.")
}

pub(super) fn create_doc() -> Doc {
    Doc::new(
        "create_personal_token",
        Tag::Tokens,
        "Make a personal access token",
    )
    .about("For scripts: accepted wherever an access token is. Shown once.")
    .body(command)
    .gives::<NewPersonalToken>(StatusCode::CREATED, "It is made.")
    .with_header("Location", "The address to revoke it at.")
    .problems(&[Code::ScopesNotHeld, Code::TooManyTokens])
}

pub(super) fn revoke_doc() -> Doc {
    Doc::new(
        "revoke_personal_token",
        Tag::Tokens,
        "Revoke a personal access token",
    )
    .gives_nothing(StatusCode::NO_CONTENT, "It is revoked.")
    .problems(&[Code::NotFound])
}
