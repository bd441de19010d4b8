//! Cross-origin requests of browsers, answered as LocalStack answers them.

use std::sync::Arc;

use http::{HeaderMap, HeaderValue, Method, StatusCode};
use kernel::cross_origin::{CrossOriginHead, Ruling};
use kernel::{Fault, Service};
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

/// What becomes of a request because a page in a browser makes it.
pub enum Cross {
    /// No page makes it.
    None,
    /// The gateway's own rule lets the page in.
    Trusted(HeaderValue),
    /// A service's rules let the page in, or do not keep it out, as far as the request is for that service.
    Ruled(Arc<Service>, HeaderMap),
    /// A service's rules keep it out.
    Refused(Arc<Service>, Fault),
    /// Nobody lets it in. Without this, any page could use an emulator that lets everybody in.
    Untrusted,
}

impl Cross {
    /// The rule for the request; `service` is the one it seems to be for, with the path as it sees it.
    ///
    /// # Errors
    /// The store fails.
    pub fn of(
        received: &Received,
        allowed: &[String],
        service: Option<(&Arc<Service>, &str)>,
    ) -> Result<Self, Fault> {
        let (method, headers) = (&received.parts.method, &received.parts.headers);
        let origin = headers.get(http::header::ORIGIN);
        if origin.is_none() && method != Method::OPTIONS {
            return Ok(Self::None);
        }
        let text = origin.map_or("", |origin| origin.to_str().unwrap_or_default());
        let trusted = is_trusted(text) || allowed.iter().any(|known| known == text || known == "*");
        if let Some((service, path)) = service
            && let Some(rules) = &service.cross_origin
        {
            match rules.ruling(CrossOriginHead { method, path, headers, trusted })? {
                Ruling::Silent => {}
                Ruling::Allow(headers) => return Ok(Self::Ruled(service.clone(), headers)),
                Ruling::Refuse(fault) => return Ok(Self::Refused(service.clone(), fault)),
                // What only reads does no harm if the page cannot read the answer.
                Ruling::Unread if trusted || method.is_safe() => {
                    return Ok(Self::Ruled(service.clone(), HeaderMap::new()));
                }
                Ruling::Unread => {}
            }
        }
        Ok(match origin {
            Some(origin) if trusted => Self::Trusted(origin.clone()),
            Some(_) => Self::Untrusted,
            None => Self::None,
        })
    }

    /// Lets the browser read the answer, if the page may.
    pub fn finish(self, headers: &mut HeaderMap) {
        match self {
            Self::Trusted(origin) => allow(headers, origin),
            Self::Ruled(_, own) => headers.extend(own),
            Self::None | Self::Refused(..) | Self::Untrusted => {}
        }
    }
}

/// The answer to pages that nobody lets in.
pub fn refused() -> Response {
    let mut refused = Response::new(Body::empty());
    *refused.status_mut() = StatusCode::FORBIDDEN;
    refused
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
fn allow(headers: &mut HeaderMap, origin: HeaderValue) {
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
