//! HTTP as functions see it: payloads of format 2.0, and answers made of what functions return.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/urls-invocation.html#urls-payloads>

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use kernel::edge::EdgeRequest;
use kernel::{Bytes, Context};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};

/// The event for a request.
pub fn of_request(cx: &Context, id: &str, request_id: &str, request: &EdgeRequest, body: &Bytes) -> Value {
    let now = cx.clock.now();
    let header = |name: &str| request.headers.get(name).and_then(|value| value.to_str().ok());
    let mut event = json!({
        "version": "2.0",
        "routeKey": "$default",
        // As it came, where HTTP APIs decode it.
        "rawPath": request.path,
        "rawQueryString": request.query,
        "headers": headers(cx, request),
        "requestContext": {
            "accountId": "anonymous",
            "apiId": id,
            "domainName": header("host").unwrap_or(&request.host),
            "domainPrefix": id,
            "http": {
                "method": request.method.as_str(),
                // Decoded, as a recorded answer shows.
                "path": percent_decode_str(&request.path).decode_utf8_lossy(),
                "protocol": "HTTP/1.1",
                "sourceIp": request.source.rsplit_once(':').map_or(request.source.as_str(), |(ip, _)| ip),
                "userAgent": header("user-agent").unwrap_or_default(),
            },
            "requestId": request_id,
            "routeKey": "$default",
            "stage": "$default",
            "time": now.strftime("%d/%b/%Y:%H:%M:%S +0000").to_string(),
            "timeEpoch": now.as_millisecond(),
        },
        "isBase64Encoded": false,
    });
    let cookies: Vec<&str> = header("cookie").map(|all| all.split("; ").collect()).unwrap_or_default();
    if !cookies.is_empty() {
        event["cookies"] = json!(cookies);
    }
    let query = query(&request.query);
    if !query.is_empty() {
        event["queryStringParameters"] = Value::Object(query);
    }
    if !body.is_empty() {
        let is_binary = !is_text(header("content-type").unwrap_or_default());
        let text = if is_binary { None } else { std::str::from_utf8(body).ok() };
        event["isBase64Encoded"] = json!(text.is_none());
        event["body"] = json!(text.map_or_else(|| STANDARD.encode(body), str::to_owned));
    }
    event
}

/// Bodies of these types are text; all others come as base64.
fn is_text(content_type: &str) -> bool {
    let kind = content_type.split(';').next().unwrap_or_default().trim();
    kind.is_empty()
        || kind.starts_with("text/")
        || matches!(
            kind,
            "application/json"
                | "application/javascript"
                | "application/xml"
                | "application/x-www-form-urlencoded"
        )
        || kind.ends_with("+json")
        || kind.ends_with("+xml")
}

/// Names in lower case; values of the same name are joined. Cookies come apart.
fn headers(cx: &Context, request: &EdgeRequest) -> Map<String, Value> {
    let headers = &request.headers;
    let mut all = Map::new();
    let (ip, _) = request.source.rsplit_once(':').unwrap_or((&request.source, ""));
    let host = headers.get("host").and_then(|host| host.to_str().ok()).unwrap_or_default();
    let port = host.rsplit_once(':').map_or("80", |(_, port)| port);
    let trace = format!("Root=1-{:08x}-{}", cx.clock.now().as_second(), cx.ids.hex(24));
    for (name, value) in [
        // What most clients agree on with AWS. Here they speak without TLS, but functions may rely on the headers.
        ("x-amzn-tls-cipher-suite", "TLS_AES_128_GCM_SHA256"),
        ("x-amzn-tls-version", "TLSv1.3"),
        ("x-amzn-trace-id", trace.as_str()),
        ("x-forwarded-for", ip),
        ("x-forwarded-port", port),
        ("x-forwarded-proto", "http"),
    ] {
        all.insert(name.to_owned(), json!(value));
    }
    let is_passed = |name: &&HeaderName| **name != http::header::COOKIE && **name != http::header::CONNECTION;
    for name in headers.keys().filter(is_passed) {
        let values: Vec<_> = headers.get_all(name).iter().filter_map(|value| value.to_str().ok()).collect();
        all.insert(name.as_str().to_owned(), json!(values.join(",")));
    }
    all
}

fn query(text: &str) -> Map<String, Value> {
    let mut all = Map::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let joined = match all.get(name.as_ref()).and_then(Value::as_str) {
            Some(before) => format!("{before},{value}"),
            None => value.into_owned(),
        };
        all.insert(name.into_owned(), json!(joined));
    }
    all
}

/// What a function returned, as HTTP.
pub struct Answer {
    /// The status.
    pub status: StatusCode,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Bytes,
}

/// Makes an answer of a function's payload: of one with a `statusCode` as it says, of any other the body.
pub fn of_payload(payload: &Bytes) -> Option<Answer> {
    let value: Value = serde_json::from_slice(payload).ok()?;
    let mut headers = HeaderMap::new();
    let json = HeaderValue::from_static("application/json");
    let Some(status) = value.get("statusCode") else {
        headers.insert(http::header::CONTENT_TYPE, json);
        let body = match value {
            Value::String(text) => Bytes::from(text),
            other => Bytes::from(other.to_string()),
        };
        return Some(Answer { status: StatusCode::OK, headers, body });
    };
    let status = status.as_u64().or_else(|| status.as_str()?.parse().ok())?;
    let status = StatusCode::from_u16(u16::try_from(status).ok()?).ok()?;
    headers.insert(http::header::CONTENT_TYPE, json);
    for (name, value) in value["headers"].as_object().into_iter().flatten() {
        let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        headers.insert(name, HeaderValue::from_str(&text).ok()?);
    }
    for cookie in value["cookies"].as_array().into_iter().flatten().filter_map(Value::as_str) {
        headers.append(http::header::SET_COOKIE, HeaderValue::from_str(cookie).ok()?);
    }
    Some(Answer { status, headers, body: body(&value)? })
}

/// The status and headers that a streamed answer begins with.
pub fn of_prelude(prelude: &[u8]) -> Option<Answer> {
    let mut prelude: Value = serde_json::from_slice(prelude).ok()?;
    if prelude.get("statusCode").is_none() {
        prelude["statusCode"] = json!(200);
    }
    of_payload(&Bytes::from(prelude.to_string()))
}

fn body(value: &Value) -> Option<Bytes> {
    let is_encoded = value["isBase64Encoded"].as_bool().unwrap_or(false);
    match &value["body"] {
        Value::Null => Some(Bytes::new()),
        Value::String(text) if is_encoded => STANDARD.decode(text).ok().map(Bytes::from),
        Value::String(text) => Some(Bytes::from(text.clone())),
        other => Some(Bytes::from(other.to_string())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_no_status_is_a_body() {
        let answer = of_payload(&Bytes::from_static(b"\"hello\"")).unwrap();
        assert_eq!((answer.status, answer.body.as_ref()), (StatusCode::OK, b"hello".as_slice()));
        let answer = of_payload(&Bytes::from_static(
            br#"{"statusCode":201,"headers":{"X-A":"b"},"body":"eA==","isBase64Encoded":true}"#,
        ))
        .unwrap();
        assert_eq!((answer.status.as_u16(), answer.body.as_ref()), (201, b"x".as_slice()));
        assert_eq!(answer.headers["x-a"], "b");
        assert!(of_payload(&Bytes::from_static(br#"{"statusCode":"never"}"#)).is_none());
    }

    #[test]
    fn parameters_of_the_same_name_are_joined() {
        assert_eq!(Value::Object(query("a=1&b=x%20y&a=2")), json!({"a": "1,2", "b": "x y"}));
    }
}
