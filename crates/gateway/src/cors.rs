//! Cross-origin requests of browsers, answered as LocalStack answers them.

use http::{HeaderMap, HeaderValue, Method};
use protocol::{Body, Response};

use crate::body::Received;

const METHODS: &str = "HEAD,GET,PUT,POST,DELETE,OPTIONS,PATCH";
const ALLOWED: &str = "authorization,cache-control,content-length,content-md5,content-type,etag,location,\
    x-amz-acl,x-amz-content-sha256,x-amz-date,x-amz-request-id,x-amz-security-token,x-amz-tagging,x-amz-target,\
    x-amz-user-agent,x-amz-version-id,x-amzn-requestid,x-localstack-target,amz-sdk-invocation-id,amz-sdk-request";
const EXPOSED: &str = "etag,x-amz-version-id";

/// The origin of a cross-origin request.
pub fn origin(received: &Received) -> Option<HeaderValue> {
    received.parts.headers.get(http::header::ORIGIN).cloned()
}

/// The answer to a preflight request, unless a service answers it itself (S3's own CORS rules, API Gateway).
pub fn preflight(received: &Received) -> Option<Response> {
    let headers = &received.parts.headers;
    let is_preflight = received.parts.method == Method::OPTIONS
        && headers.contains_key(http::header::ORIGIN)
        && headers.contains_key(http::header::ACCESS_CONTROL_REQUEST_METHOD);
    let is_internal = received.path().starts_with("/_localstack") || received.path().starts_with("/_fogbank");
    (is_preflight && (is_internal || headers.contains_key("x-amz-target") || received.path() == "/"))
        .then(|| Response::new(Body::empty()))
}

/// Adds the headers that let a browser read the answer.
pub fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
    if headers.contains_key(http::header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        return;
    }
    headers.insert(http::header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(http::header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static(METHODS));
    headers.insert(http::header::ACCESS_CONTROL_ALLOW_HEADERS, HeaderValue::from_static(ALLOWED));
    headers.insert(http::header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED));
}
