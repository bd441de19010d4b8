//! Cross-origin requests of browsers, answered as LocalStack answers them.

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use protocol::{Body, Response};

use crate::address::without_port;
use crate::body::Received;

const METHODS: &str = "HEAD,GET,PUT,POST,DELETE,OPTIONS,PATCH";
const ALLOWED: &str = "authorization,cache-control,content-length,content-md5,content-type,etag,location,\
    x-amz-acl,x-amz-content-sha256,x-amz-date,x-amz-request-id,x-amz-security-token,x-amz-tagging,x-amz-target,\
    x-amz-user-agent,x-amz-version-id,x-amzn-requestid,x-localstack-target,amz-sdk-invocation-id,amz-sdk-request";
const EXPOSED: &str = "etag,x-amz-version-id";

/// Hosts whose pages may call: this machine's own, and LocalStack's console, which our users know.
const TRUSTED: [&str; 5] =
    ["localhost", "127.0.0.1", "[::1]", "localhost.localstack.cloud", "app.localstack.cloud"];

/// The origin of a request that a page in a browser makes.
///
/// # Errors
/// The answer to pages of other sites: without it, any page could use an emulator that lets everybody in.
pub fn origin(received: &Received, allowed: &[String]) -> Result<Option<HeaderValue>, Response> {
    let Some(value) = received.parts.headers.get(http::header::ORIGIN) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default();
    if is_trusted(text) || allowed.iter().any(|known| known == text || known == "*") {
        return Ok(Some(value.clone()));
    }
    let mut refused = Response::new(Body::empty());
    *refused.status_mut() = StatusCode::FORBIDDEN;
    Err(refused)
}

fn is_trusted(origin: &str) -> bool {
    let Some((_, host)) = origin.split_once("://") else { return false };
    let host = without_port(host);
    TRUSTED
        .iter()
        .any(|known| host == *known || host.strip_suffix(known).is_some_and(|front| front.ends_with('.')))
}

/// The answer to a preflight request.
pub fn preflight(received: &Received) -> Option<Response> {
    let headers = &received.parts.headers;
    let is_preflight = received.parts.method == Method::OPTIONS
        && headers.contains_key(http::header::ORIGIN)
        && headers.contains_key(http::header::ACCESS_CONTROL_REQUEST_METHOD);
    is_preflight.then(|| Response::new(Body::empty()))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_this_machine_are_trusted() {
        for origin in
            ["http://localhost:3000", "https://127.0.0.1", "http://site.localhost:4566", "http://[::1]:8080"]
        {
            assert!(is_trusted(origin), "{origin}");
        }
        for origin in
            ["http://evil.example", "http://localhost.evil.example", "http://evillocalhost", "null", ""]
        {
            assert!(!is_trusted(origin), "{origin}");
        }
    }
}
