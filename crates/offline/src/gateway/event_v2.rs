//! Events in payload format 2.0: HTTP APIs and function URLs; for functions and for authorizers.
//! What is empty is absent.

use serde_json::{Map, Value, json};

use super::event::{Call, common_log_time, object_or_null};
use super::route::decoded;
use crate::stack::ApiKind;

/// The event of a function.
pub(super) fn function(call: &Call<'_>, authorizer: Option<Value>) -> Value {
    let mut event = common(call, authorizer);
    let (body, is_base64) = call.body();
    insert(&mut event, "body", json!(body));
    event.insert("isBase64Encoded".to_owned(), json!(is_base64));
    Value::Object(event)
}

/// The event of an authorizer: the request without its body.
pub(super) fn authorizer(call: &Call<'_>, identity: &[String]) -> Value {
    let mut event = common(call, None);
    event.insert("type".to_owned(), json!("REQUEST"));
    event.insert("routeArn".to_owned(), json!(call.arn()));
    event.insert("identitySource".to_owned(), json!(identity));
    Value::Object(event)
}

fn common(call: &Call<'_>, authorizer: Option<Value>) -> Map<String, Value> {
    let request = call.request;
    let groups = request.grouped();
    let cookies: Vec<&str> = groups
        .iter()
        .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
        .flat_map(|(_, values)| values)
        .flat_map(|value| value.split(';'))
        .map(str::trim)
        .filter(|cookie| !cookie.is_empty())
        .collect();
    let headers: Map<String, Value> = groups
        .iter()
        .map(|(name, values)| (name.to_ascii_lowercase(), json!(values.join(","))))
        .filter(|(name, _)| name != "cookie")
        .collect();
    let mut query: Vec<(String, String)> = Vec::new();
    for (name, value) in request.parameters() {
        match query.iter_mut().find(|(own, _)| *own == name) {
            Some((_, values)) => *values = format!("{values},{value}"),
            None => query.push((name, value)),
        }
    }
    let mut event = Map::new();
    let path = path(call);
    insert(&mut event, "version", json!("2.0"));
    insert(&mut event, "routeKey", json!(call.route_key));
    insert(&mut event, "rawPath", json!(path));
    insert(
        &mut event,
        "rawQueryString",
        json!(request.query.as_deref().unwrap_or_default()),
    );
    insert(
        &mut event,
        "cookies",
        if cookies.is_empty() {
            Value::Null
        } else {
            json!(cookies)
        },
    );
    insert(&mut event, "headers", Value::Object(headers));
    insert(&mut event, "queryStringParameters", object_or_null(&query));
    insert(
        &mut event,
        "pathParameters",
        object_or_null(&call.parameters),
    );
    insert(&mut event, "stageVariables", call.stage_variables());
    insert(
        &mut event,
        "requestContext",
        context(call, &path, authorizer),
    );
    event
}

/// HTTP APIs decode the path; function URLs leave it as it came.
fn path(call: &Call<'_>) -> String {
    match call.api.kind {
        ApiKind::FunctionUrl => call.request.path.clone(),
        _ => decoded(&call.request.path),
    }
}

fn context(call: &Call<'_>, path: &str, authorizer: Option<Value>) -> Value {
    let request = call.request;
    let is_url = call.api.kind == ApiKind::FunctionUrl;
    let account = crate::template::Place::default().account;
    let mut context = Map::new();
    insert(
        &mut context,
        "accountId",
        json!(if is_url {
            "anonymous".to_owned()
        } else {
            account
        }),
    );
    insert(&mut context, "apiId", json!(call.api_id()));
    insert(&mut context, "authorizer", authorizer.unwrap_or_default());
    insert(&mut context, "domainName", json!(call.domain()));
    let prefix = call.domain().split(['.', ':']).next();
    insert(&mut context, "domainPrefix", json!(prefix));
    let http = json!({
        "method": call.method, "path": path, "protocol": "HTTP/1.1",
        "sourceIp": request.peer.ip().to_string(), "userAgent": call.user_agent(),
    });
    insert(&mut context, "http", http);
    insert(&mut context, "requestId", json!(request.id));
    insert(&mut context, "routeKey", json!(call.route_key));
    insert(&mut context, "stage", json!(call.api.stage));
    insert(
        &mut context,
        "time",
        json!(common_log_time(request.received)),
    );
    insert(
        &mut context,
        "timeEpoch",
        json!(request.received.as_millisecond()),
    );
    Value::Object(context)
}

fn insert(event: &mut Map<String, Value>, name: &str, value: Value) {
    if !value.is_null() {
        event.insert(name.to_owned(), value);
    }
}
