//! The whole document.

use std::collections::BTreeMap;

use utoipa::openapi::path::HttpMethod;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    Components, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, OpenApiVersion, PathItem,
    PathsBuilder, Server,
};
use utoipa::{PartialSchema, ToSchema};

use super::Tag;
use super::operation::{BEARER, operation, shared_responses};
use crate::problem::ProblemBody;
use crate::rest::{Route, routes};

/// The `OpenAPI` 3.1 document of the REST interface, as it is served and committed: JSON, two spaces
/// of indent, a line feed at the end.
pub fn document() -> String {
    written(&open_api(&routes()))
}

/// The same for an instance below a path.
pub(crate) fn document_below(base: &str) -> String {
    let mut document = open_api(&routes());
    document.servers = Some(vec![Server::new(base)]);
    written(&document)
}

fn written(document: &OpenApi) -> String {
    let mut text = document.to_pretty_json().unwrap_or_default();
    text.push('\n');
    text
}

fn open_api(routes: &[Route]) -> OpenApi {
    let license = LicenseBuilder::new()
        .name("MIT OR Apache-2.0")
        .identifier(Some("MIT OR Apache-2.0"));
    let info = InfoBuilder::new()
        .title("Countersign")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(
            "Authentication and authorization over REST. Errors are problem details (RFC 9457): \
             go by `code`. Unknown members of a body and unknown parameters are refused.",
        ))
        .license(Some(license.build()))
        .build();
    let tags = Tag::ALL.map(|(_, name, about)| {
        TagBuilder::new()
            .name(name)
            .description(Some(about))
            .build()
    });
    let paths = routes.iter().fold(PathsBuilder::new(), |paths, route| {
        paths.path(
            route.path,
            PathItem::new(http_method(route), operation(route)),
        )
    });
    OpenApiBuilder::new()
        .openapi(OpenApiVersion::Version31)
        .info(info)
        .tags(Some(tags))
        .paths(paths)
        .components(Some(components(routes)))
        .build()
}

fn components(routes: &[Route]) -> Components {
    let mut schemas = BTreeMap::new();
    let mut of_problems = Vec::new();
    <ProblemBody<'_> as ToSchema>::schemas(&mut of_problems);
    schemas.insert(
        "Problem".to_owned(),
        <ProblemBody<'_> as PartialSchema>::schema(),
    );
    for (name, schema) in routes
        .iter()
        .flat_map(|route| &route.doc.schemas)
        .chain(&of_problems)
    {
        schemas
            .entry(name.clone())
            .or_insert_with(|| schema.clone());
    }
    let mut components = Components::new();
    components.schemas = schemas.into_iter().collect();
    components.responses = shared_responses(routes).into_iter().collect();
    let mut bearer = Http::new(HttpAuthScheme::Bearer);
    bearer.description =
        Some("An access token from a login, or a personal access token.".to_owned());
    components.add_security_scheme(BEARER, SecurityScheme::Http(bearer));
    components
}

fn http_method(route: &Route) -> HttpMethod {
    match route.method {
        http::Method::POST => HttpMethod::Post,
        http::Method::PUT => HttpMethod::Put,
        http::Method::PATCH => HttpMethod::Patch,
        http::Method::DELETE => HttpMethod::Delete,
        _ => HttpMethod::Get,
    }
}
