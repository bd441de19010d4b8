//! Lambda proxy integrations: the request as an event, the function's answer as the response.
//!
//! Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>

use std::time::Duration;

use api_lambda::{InvocationType, Invoke, InvokeInput};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use kernel::edge::{EdgeRequest, EdgeResponse};
use kernel::{ByteStream, Bytes, Context, Fault, Map};
use serde_json::{Value, json};

use crate::deployed::Match;
use crate::execute::{Call, Deployed, header, internal, message};
use crate::{limits, names};

/// Invokes the method's function and answers what it says.
pub async fn answer(
    cx: &Context,
    call: &Call,
    deployed: &Deployed,
    found: &Match<'_>,
    request: &EdgeRequest,
    body: Bytes,
) -> EdgeResponse {
    let integration = found.method.method_integration.as_ref();
    let uri = integration.and_then(|integration| integration.uri.as_deref()).unwrap_or_default();
    let uri = with_variables(uri, deployed.stage.variables.as_ref());
    let Some(function) = names::function_of(&uri) else {
        return internal(cx, &Fault::internal(format!("{uri} names no function")));
    };
    let event = event(cx, call, deployed, found, request, &body);
    let input = InvokeInput {
        function_name: function.to_owned(),
        invocation_type: Some(InvocationType::RequestResponse),
        payload: Some(event.to_string().into()),
        ..InvokeInput::default()
    };
    let timeout =
        integration.and_then(|integration| integration.timeout_in_millis).unwrap_or(limits::TIMEOUT);
    let timeout = Duration::from_millis(u64::try_from(timeout).unwrap_or_default());
    let output = tokio::select! {
        output = cx.call::<Invoke>(input) => output,
        () = cx.clock.sleep(timeout) => {
            return message(cx, StatusCode::GATEWAY_TIMEOUT, "InternalServerErrorException", "Endpoint request timed out");
        }
    };
    match output {
        Ok(output) if output.function_error.is_none() => {
            let payload = output.payload.unwrap_or_default();
            response(&payload).unwrap_or_else(|| malformed(cx))
        }
        Ok(_) => malformed(cx),
        Err(fault) => internal(cx, &fault),
    }
}

/// A function that fails or answers something else than a response.
fn malformed(cx: &Context) -> EdgeResponse {
    message(cx, StatusCode::BAD_GATEWAY, "InternalServerErrorException", "Internal server error")
}

/// `${stageVariables.name}` in a URI.
fn with_variables(uri: &str, variables: Option<&Map<String, String>>) -> String {
    let mut uri = uri.to_owned();
    for (name, value) in variables.into_iter().flatten() {
        uri = uri.replace(&format!("${{stageVariables.{name}}}"), value);
    }
    uri
}

fn event(
    cx: &Context,
    call: &Call,
    deployed: &Deployed,
    found: &Match<'_>,
    request: &EdgeRequest,
    body: &Bytes,
) -> Value {
    let path = if call.path.is_empty() { "/" } else { &call.path };
    let path = percent_encoding::percent_decode_str(path).decode_utf8_lossy();
    let (headers, multi_headers) = pairs(request.headers.iter().map(|(name, value)| {
        (original_name(name.as_str()), String::from_utf8_lossy(value.as_bytes()).into_owned())
    }));
    let parameters = form_urlencoded::parse(request.query.as_bytes()).into_owned();
    let (query, multi_query) = pairs(parameters);
    let is_binary = is_binary(&deployed.api.binary_media_types, header(&request.headers, "content-type"));
    let text = match (body.is_empty(), is_binary) {
        (true, _) => Value::Null,
        (false, true) => STANDARD.encode(body).into(),
        (false, false) => String::from_utf8_lossy(body).into(),
    };
    let none_if_empty = |map: Map<String, String>| if map.is_empty() { Value::Null } else { json!(map) };
    json!({
        "resource": found.resource.path,
        "path": path,
        "httpMethod": request.method.as_str(),
        "headers": headers,
        "multiValueHeaders": multi_headers,
        "queryStringParameters": query,
        "multiValueQueryStringParameters": multi_query,
        "pathParameters": none_if_empty(found.parameters.clone()),
        "stageVariables": deployed.stage.variables.clone().map_or(Value::Null, none_if_empty),
        "requestContext": context(cx, call, deployed, found, request, &path),
        "body": text,
        "isBase64Encoded": is_binary && !body.is_empty(),
    })
}

/// The last value of each name, and all values of each name; null where there are none.
fn pairs(all: impl Iterator<Item = (String, String)>) -> (Value, Value) {
    let (mut single, mut multi) = (serde_json::Map::new(), serde_json::Map::new());
    for (name, value) in all {
        single.insert(name.clone(), value.as_str().into());
        let list = multi.entry(name).or_insert_with(|| json!([]));
        if let Some(list) = list.as_array_mut() {
            list.push(value.into());
        }
    }
    if single.is_empty() { (Value::Null, Value::Null) } else { (single.into(), multi.into()) }
}

/// HTTP libraries read names in lower case; AWS hands on the usual spelling.
fn original_name(name: &str) -> String {
    let part =
        |part: &str| part[..part.len().min(1)].to_ascii_uppercase() + part.get(1..).unwrap_or_default();
    name.split('-').map(part).collect::<Vec<_>>().join("-")
}

fn is_binary(types: &[String], content_type: Option<&str>) -> bool {
    let Some(content_type) = content_type else { return false };
    let plain = content_type.split(';').next().unwrap_or_default().trim();
    types.iter().any(|known| {
        known == "*/*"
            || known == plain
            || known.strip_suffix("/*").is_some_and(|kind| plain.split('/').next() == Some(kind))
    })
}

fn context(
    cx: &Context,
    call: &Call,
    deployed: &Deployed,
    found: &Match<'_>,
    request: &EdgeRequest,
    path: &str,
) -> Value {
    let now = cx.clock.now();
    json!({
        "resourceId": found.resource.id,
        "resourcePath": found.resource.path,
        "httpMethod": request.method.as_str(),
        "extendedRequestId": cx.ids.base62(15) + "=",
        "requestTime": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
        "path": if call.by_path { path.to_owned() } else { format!("/{}{path}", call.stage) },
        "accountId": deployed.scope.account.as_str(),
        "protocol": "HTTP/1.1",
        "stage": call.stage,
        "domainPrefix": call.api,
        "requestTimeEpoch": now.as_millisecond(),
        "requestId": cx.request.id,
        "identity": {
            "cognitoIdentityPoolId": null,
            "accountId": null,
            "cognitoIdentityId": null,
            "caller": null,
            "sourceIp": request.source,
            "principalOrgId": null,
            "accessKey": null,
            "cognitoAuthenticationType": null,
            "cognitoAuthenticationProvider": null,
            "userArn": null,
            "userAgent": header(&request.headers, "user-agent"),
            "user": null,
        },
        "domainName": request.host,
        "deploymentId": deployed.stage.deployment_id,
        "apiId": call.api,
    })
}

/// The function's answer as a response; nothing when it is not of the form AWS asks for.
fn response(payload: &[u8]) -> Option<EdgeResponse> {
    let answer: Value = serde_json::from_slice(payload).ok()?;
    let answer = answer.as_object()?;
    let known = ["statusCode", "headers", "multiValueHeaders", "body", "isBase64Encoded"];
    if answer.keys().any(|key| !known.contains(&key.as_str())) {
        return None;
    }
    let status = match answer.get("statusCode") {
        None => 200,
        Some(Value::String(text)) => text.parse().ok()?,
        Some(number) => u16::try_from(number.as_u64()?).ok()?,
    };
    let body = match answer.get("body") {
        None | Some(Value::Null) => Bytes::new(),
        Some(Value::String(text)) if answer.get("isBase64Encoded") == Some(&Value::Bool(true)) => {
            STANDARD.decode(text).ok()?.into()
        }
        Some(Value::String(text)) => Bytes::from(text.clone()),
        Some(_) => return None,
    };
    let mut headers = HeaderMap::new();
    for (name, value) in answer.get("headers").and_then(Value::as_object).into_iter().flatten() {
        add(&mut headers, name, value)?;
    }
    for (name, values) in answer.get("multiValueHeaders").and_then(Value::as_object).into_iter().flatten() {
        headers.remove(name.as_str());
        values.as_array()?.iter().try_for_each(|value| add(&mut headers, name, value))?;
    }
    headers.remove(http::header::CONTENT_LENGTH);
    headers.remove(http::header::TRANSFER_ENCODING);
    headers.entry(http::header::CONTENT_TYPE).or_insert(HeaderValue::from_static("application/json"));
    Some(EdgeResponse {
        status: StatusCode::from_u16(status).ok()?,
        headers,
        body: ByteStream::from_bytes(body),
    })
}

fn add(headers: &mut HeaderMap, name: &str, value: &Value) -> Option<()> {
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Number(_) | Value::Bool(_) => value.to_string(),
        _ => return None,
    };
    headers.append(HeaderName::from_bytes(name.as_bytes()).ok()?, HeaderValue::from_str(&text).ok()?);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_of_the_wrong_form_are_refused() {
        for payload in
            ["null", "\"text\"", "{\"statusCode\":\"x\"}", "{\"body\":{}}", "{\"other\":1}", "not json"]
        {
            assert!(response(payload.as_bytes()).is_none(), "{payload}");
        }
        let answer =
            response(br#"{"statusCode":201,"headers":{"X-A":1},"body":"aGk=","isBase64Encoded":true}"#)
                .unwrap();
        assert_eq!((answer.status.as_u16(), &answer.headers["x-a"]), (201, &HeaderValue::from_static("1")));
    }

    #[test]
    fn stage_variables_stand_in_uris() {
        let variables = [("fn".to_owned(), "f".to_owned())].into_iter().collect();
        assert_eq!(with_variables("a:${stageVariables.fn}/b", Some(&variables)), "a:f/b");
    }
}
