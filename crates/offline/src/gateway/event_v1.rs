//! Events of REST APIs, and of HTTP APIs in payload format 1.0; for functions and for authorizers.

use serde_json::{Map, Value, json};

use super::event::{Call, common_log_time, object_or_null};
use crate::stack::ApiKind;

/// The event of a function.
pub(super) fn function(call: &Call<'_>, authorizer: Option<Value>) -> Value {
    let mut event = common(call, authorizer);
    let (body, is_base64) = call.body();
    event.insert("body".to_owned(), json!(body));
    event.insert("isBase64Encoded".to_owned(), json!(is_base64));
    Value::Object(event)
}

/// The event of a `REQUEST` authorizer: the request without its body. HTTP APIs say besides what
/// identified the caller.
pub(super) fn authorizer(call: &Call<'_>, identity: &[String]) -> Value {
    let mut event = common(call, None);
    event.insert("type".to_owned(), json!("REQUEST"));
    event.insert("methodArn".to_owned(), json!(call.arn()));
    if call.api.kind != ApiKind::Rest {
        let identity = identity.join(",");
        event.insert("identitySource".to_owned(), json!(identity));
        event.insert("authorizationToken".to_owned(), json!(identity));
    }
    Value::Object(event)
}

/// The event of a `TOKEN` authorizer.
pub(super) fn token(call: &Call<'_>, token: &str) -> Value {
    json!({"type": "TOKEN", "methodArn": call.arn(), "authorizationToken": token})
}

fn common(call: &Call<'_>, authorizer: Option<Value>) -> Map<String, Value> {
    let groups = call.request.grouped();
    let last = |(name, values): &(String, Vec<String>)| (name.clone(), json!(values.last()));
    let headers: Map<_, _> = groups.iter().map(last).collect();
    let all: Map<_, _> = groups
        .iter()
        .map(|(name, values)| (name.clone(), json!(values)))
        .collect();
    let pairs = call.request.parameters();
    let mut query: Map<String, Value> = Map::new();
    for (name, value) in &pairs {
        let values = query.entry(name.clone()).or_insert_with(|| json!([]));
        if let Value::Array(values) = values {
            values.push(json!(value));
        }
    }
    let is_rest = call.api.kind == ApiKind::Rest;
    let path = if is_rest {
        call.path.clone()
    } else {
        super::route::decoded(&call.request.path)
    };
    let event = json!({
        "resource": call.resource,
        "path": path,
        "httpMethod": call.method,
        "headers": headers,
        "multiValueHeaders": all,
        "queryStringParameters": object_or_null(&pairs),
        "multiValueQueryStringParameters": if query.is_empty() { Value::Null } else { Value::Object(query) },
        "pathParameters": object_or_null(&call.parameters),
        "stageVariables": call.stage_variables(),
        "requestContext": context(call, authorizer),
    });
    let mut event = match event {
        Value::Object(event) => event,
        _ => Map::new(),
    };
    if !is_rest {
        event.insert("version".to_owned(), json!("1.0"));
    }
    event
}

fn context(call: &Call<'_>, authorizer: Option<Value>) -> Value {
    let request = call.request;
    let prefix = call.domain().split(['.', ':']).next().unwrap_or_default();
    let mut context = json!({
        "accountId": crate::template::Place::default().account,
        "apiId": call.api_id(),
        "domainName": call.domain(),
        "domainPrefix": prefix,
        "extendedRequestId": request.id,
        "httpMethod": call.method,
        "identity": {
            "accessKey": null, "accountId": null, "caller": null,
            "cognitoAuthenticationProvider": null, "cognitoAuthenticationType": null,
            "cognitoIdentityId": null, "cognitoIdentityPoolId": null, "principalOrgId": null,
            "sourceIp": request.peer.ip().to_string(),
            "user": null, "userAgent": call.user_agent(), "userArn": null,
        },
        "path": request.path,
        "protocol": "HTTP/1.1",
        "requestId": request.id,
        "requestTime": common_log_time(request.received),
        "requestTimeEpoch": request.received.as_millisecond(),
        "resourceId": "offline",
        "resourcePath": call.resource,
        "stage": call.api.stage,
    });
    if let Some(authorizer) = authorizer
        && let Value::Object(context) = &mut context
    {
        context.insert("authorizer".to_owned(), authorizer);
    }
    context
}
