//! One operation: what the route says of itself, and what follows from its rule and its input.

use std::collections::{BTreeMap, BTreeSet};

use countersign_domain::access::Rule;
use serde_json::json;
use utoipa::openapi::header::HeaderBuilder;
use utoipa::openapi::path::{
    Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn,
};
use utoipa::openapi::request_body::{RequestBody, RequestBodyBuilder};
use utoipa::openapi::schema::{AdditionalProperties, Object, ObjectBuilder, SchemaType, Type};
use utoipa::openapi::{
    Content, ContentBuilder, Ref, RefOr, Required, Response, ResponseBuilder, Responses, Schema,
    SecurityRequirement,
};

use super::doc::{Answer, Doc};
use crate::input::{Asked, JSON};
use crate::problem::{Code, PROBLEM_JSON};
use crate::rest::Route;

/// The name of the one security scheme.
pub(super) const BEARER: &str = "bearer";

pub(super) fn operation(route: &Route) -> Operation {
    let doc = &route.doc;
    let mut operation = OperationBuilder::new()
        .operation_id(Some(doc.id))
        .tag(doc.tag.name())
        .summary(Some(doc.summary))
        .description(about(route))
        .parameters(Some(parameters(route)))
        .request_body(request_body(doc))
        .responses(responses(route));
    operation = match route.rule {
        Rule::Public if doc.bearer => operation
            .security(SecurityRequirement::default())
            .security(SecurityRequirement::new(BEARER, Vec::<String>::new())),
        Rule::Public => operation,
        Rule::Scope(scope) | Rule::SessionWithScope(scope) => {
            operation.security(SecurityRequirement::new(BEARER, [scope]))
        }
    };
    operation.build()
}

fn about(route: &Route) -> Option<String> {
    let who = match route.rule {
        Rule::Public => String::new(),
        Rule::Scope(scope) => format!("Needs the scope `{scope}`."),
        Rule::SessionWithScope(scope) => {
            format!("Needs the scope `{scope}` and a login: no personal access token.")
        }
    };
    let parts = [route.doc.about, &who]
        .into_iter()
        .filter(|part| !part.is_empty());
    let about = parts.collect::<Vec<_>>().join(" ");
    (!about.is_empty()).then_some(about)
}

fn parameters(route: &Route) -> Vec<Parameter> {
    let string = || ObjectBuilder::new().schema_type(Type::String);
    let in_path = route.path.split('/').filter_map(|part| {
        let name = part.strip_prefix('{')?.strip_suffix('}')?;
        let parameter = ParameterBuilder::new()
            .name(name)
            .parameter_in(ParameterIn::Path)
            .required(Required::True)
            .schema(Some(string().build()));
        Some(parameter.build())
    });
    let in_query = route.doc.query.iter().map(|asked| {
        ParameterBuilder::new()
            .name(asked.name)
            .parameter_in(ParameterIn::Query)
            .required(if asked.required {
                Required::True
            } else {
                Required::False
            })
            .description(Some(asked.about))
            .schema(Some(asked.schema.clone()))
            .build()
    });
    let in_header = route.doc.headers.iter().map(|(name, about)| {
        ParameterBuilder::new()
            .name(*name)
            .parameter_in(ParameterIn::Header)
            .required(Required::False)
            .description(Some(*about))
            .schema(Some(string().build()))
            .build()
    });
    in_path.chain(in_query).chain(in_header).collect()
}

fn request_body(doc: &Doc) -> Option<RequestBody> {
    let asked = doc.body.as_ref()?;
    let schema = asked.iter().fold(
        ObjectBuilder::new().schema_type(Type::Object),
        |object, one| {
            let object = object.property(one.name, Schema::Object(member(one)));
            if one.required {
                object.required(one.name)
            } else {
                object
            }
        },
    );
    let schema = schema
        .additional_properties(Some(AdditionalProperties::FreeForm(false)))
        .build();
    let content = ContentBuilder::new()
        .schema(Some(schema))
        .example(doc.body_example())
        .build();
    let required = if doc.body_is_optional {
        Required::False
    } else {
        Required::True
    };
    Some(
        RequestBodyBuilder::new()
            .content(JSON, content)
            .required(Some(required))
            .build(),
    )
}

fn member(asked: &Asked) -> Object {
    let mut schema = asked.schema.clone();
    schema.description = Some(asked.about.to_owned());
    if asked.nullable
        && let SchemaType::Type(one) = &schema.schema_type
    {
        schema.schema_type = SchemaType::Array(vec![one.clone(), Type::Null]);
    }
    schema
}

fn responses(route: &Route) -> Responses {
    let mut responses = Responses::new();
    for answer in &route.doc.answers {
        let status = answer.status.as_str().to_owned();
        responses.responses.insert(status, success(answer).into());
    }
    for (status, codes) in failures(route) {
        let shared = Ref::from_response_name(name_of(&codes));
        responses
            .responses
            .insert(status.to_string(), RefOr::Ref(shared));
    }
    responses
}

/// The problems of a route by their status. Routes that have the same share a response.
fn failures(route: &Route) -> BTreeMap<u16, BTreeSet<Code>> {
    let mut by_status: BTreeMap<u16, BTreeSet<Code>> = BTreeMap::new();
    for code in problems(route) {
        by_status
            .entry(code.status().as_u16())
            .or_default()
            .insert(code);
    }
    by_status
}

/// The responses that the operations of these routes refer to.
pub(super) fn shared_responses(routes: &[Route]) -> BTreeMap<String, RefOr<Response>> {
    let all = routes
        .iter()
        .flat_map(|route| failures(route).into_values());
    all.map(|codes| (name_of(&codes), failure(&codes).into()))
        .collect()
}

fn name_of(codes: &BTreeSet<Code>) -> String {
    codes
        .iter()
        .map(|code| code.as_str())
        .collect::<Vec<_>>()
        .join("-or-")
}

fn problems(route: &Route) -> Vec<Code> {
    let doc = &route.doc;
    let mut codes = doc.problems.clone();
    codes.extend([
        Code::InvalidRequest,
        Code::Internal,
        Code::Unavailable,
        Code::Timeout,
    ]);
    match route.rule {
        Rule::Public => {}
        Rule::Scope(_) => {
            codes.extend([
                Code::Unauthenticated,
                Code::InvalidToken,
                Code::InsufficientScope,
            ]);
        }
        Rule::SessionWithScope(_) => codes.extend([
            Code::Unauthenticated,
            Code::InvalidToken,
            Code::InsufficientScope,
            Code::SessionRequired,
        ]),
    }
    if doc.body.is_some() {
        codes.extend([
            Code::InvalidJson,
            Code::TooLarge,
            Code::UnsupportedMediaType,
            Code::InvalidInput,
        ]);
    }
    if !doc.query.is_empty() {
        codes.push(Code::InvalidQuery);
    }
    codes
}

fn success(answer: &Answer) -> Response {
    let mut response = ResponseBuilder::new().description(answer.about);
    if let Some(name) = answer.body {
        let content = ContentBuilder::new()
            .schema(Some(Ref::from_schema_name(name)))
            .build();
        response = response.content(JSON, content);
    }
    for (name, about) in &answer.headers {
        response = response.header(*name, header(about, Type::String));
    }
    response.build()
}

fn failure(codes: &BTreeSet<Code>) -> Response {
    let names: Vec<String> = codes
        .iter()
        .map(|code| format!("`{}`", code.as_str()))
        .collect();
    let mut response = ResponseBuilder::new()
        .description(names.join(", "))
        .content(PROBLEM_JSON, problem(codes));
    let status = codes.iter().next().map_or(0, |code| code.status().as_u16());
    if matches!(status, 401 | 403) {
        response = response.header("WWW-Authenticate", header("RFC 6750 §3.", Type::String));
    }
    if matches!(status, 429 | 503) {
        response = response.header("Retry-After", header("Seconds to wait.", Type::Integer));
    }
    response.build()
}

fn problem(codes: &BTreeSet<Code>) -> Content {
    let example = codes.iter().next().map(|code| {
        json!({
            "type": format!("/problems/{}", code.as_str()),
            "title": code.title(),
            "status": code.status().as_u16(),
            "code": code.as_str(),
            "detail": code.meaning(),
        })
    });
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name("Problem")))
        .example(example)
        .build()
}

fn header(about: &str, kind: Type) -> utoipa::openapi::header::Header {
    let schema = ObjectBuilder::new().schema_type(kind).build();
    HeaderBuilder::new()
        .schema(Some(schema))
        .description(Some(about))
        .build()
}
