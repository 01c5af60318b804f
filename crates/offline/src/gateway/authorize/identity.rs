//! What identifies a caller: the values of the identity sources, all of which have to be there.

use crate::gateway::event::Call;
use crate::stack::IdentitySource;

/// The values in their order, or the name of the first source that is missing or empty.
pub(super) fn values(call: &Call<'_>, sources: &[IdentitySource]) -> Result<Vec<String>, String> {
    sources.iter().map(|source| value(call, source)).collect()
}

fn value(call: &Call<'_>, source: &IdentitySource) -> Result<String, String> {
    let (kind, name, found) = match source {
        IdentitySource::Header(name) => {
            ("header", name, call.request.header(name).map(str::to_owned))
        }
        IdentitySource::Query(name) => {
            let mut pairs = call.request.parameters().into_iter();
            (
                "query parameter",
                name,
                pairs.find(|(own, _)| own == name).map(|(_, value)| value),
            )
        }
        IdentitySource::StageVariable(name) => (
            "stage variable",
            name,
            call.api.variables.get(name).cloned(),
        ),
        IdentitySource::Context(name) => ("context variable", name, context(call, name)),
    };
    found
        .filter(|value| !value.is_empty())
        .ok_or_else(|| format!("the identity source is missing: {kind} {name}"))
}

fn context(call: &Call<'_>, name: &str) -> Option<String> {
    Some(match name {
        "routeKey" => call.route_key.clone(),
        "httpMethod" | "http.method" => call.method.clone(),
        "path" | "http.path" => call.request.path.clone(),
        "resourcePath" => call.resource.clone(),
        "stage" => call.api.stage.clone(),
        "apiId" => call.api_id(),
        "domainName" => call.domain().to_owned(),
        "identity.sourceIp" | "http.sourceIp" => call.request.peer.ip().to_string(),
        "identity.userAgent" | "http.userAgent" => call.user_agent().to_owned(),
        _ => return None,
    })
}
