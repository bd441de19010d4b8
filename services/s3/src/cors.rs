//! What buckets say to pages of other sites.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/cors.html>

use api_s3::CORSRule;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method};
use kernel::cross_origin::{CrossOrigin, CrossOriginHead, Ruling};
use kernel::{Fault, Scope};
use percent_encoding::percent_decode_str;

use crate::bucket::BUCKETS;
use crate::setting::CORS;
use crate::{S3, names};

const VARIES: &str = "Origin, Access-Control-Request-Headers, Access-Control-Request-Method";

impl CrossOrigin for S3 {
    fn ruling(&self, head: CrossOriginHead<'_>) -> Result<Ruling, Fault> {
        let path = percent_decode_str(head.path.trim_start_matches('/')).decode_utf8_lossy();
        let (name, key) = path.split_once('/').unwrap_or((&path, ""));
        if names::bucket(name).is_err() {
            return Ok(Ruling::Silent);
        }
        let asked = Asked::of(&head);
        let Some(origin) = asked.origin else {
            return Ok(Ruling::Refuse(Fault::client(
                "BadRequest",
                "Insufficient information. Origin request header needed.",
            )));
        };
        let rules = self.store.read(&Scope::default(), |tx| {
            let Some(bucket) = tx.get(&BUCKETS, name)? else { return Ok(None) };
            Ok::<_, Fault>(Some(CORS.of(tx, name, &bucket)?))
        })?;
        let rules = match rules {
            Some(Some(rules)) => rules.cors_rules,
            // Pages of this machine may read buckets that say nothing, as all else of the emulator.
            _ if head.trusted => return Ok(Ruling::Silent),
            Some(None) => return Ok(asked.refused("CORS is not enabled for this bucket.", "BUCKET")),
            None => return Ok(asked.refused("Bucket not found", "BUCKET")),
        };
        if asked.is_preflight && !head.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD) {
            let message = "Invalid Access-Control-Request-Method: null";
            return Ok(Ruling::Refuse(Fault::client("BadRequest", message)));
        }
        Ok(match rules.iter().find(|rule| asked.fits(rule, origin)) {
            Some(rule) => Ruling::Allow(asked.headers(rule, origin)),
            None => {
                let message = "This CORS request is not allowed. This is usually because the evalution of Origin, \
                               request method / Access-Control-Request-Method or Access-Control-Request-Headers are \
                               not whitelisted by the resource's CORS spec.";
                asked.refused(message, if key.is_empty() { "BUCKET" } else { "OBJECT" })
            }
        })
    }
}

/// What a page asks for.
struct Asked<'a> {
    origin: Option<&'a str>,
    method: &'a str,
    headers: Vec<String>,
    is_preflight: bool,
}

impl<'a> Asked<'a> {
    fn of(head: &CrossOriginHead<'a>) -> Self {
        let text = |name: HeaderName| head.headers.get(name).and_then(|value| value.to_str().ok());
        let headers = text(ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default().split(',');
        let headers = headers.map(|name| name.trim().to_ascii_lowercase()).filter(|name| !name.is_empty());
        Self {
            origin: text(ORIGIN),
            method: text(ACCESS_CONTROL_REQUEST_METHOD).unwrap_or(head.method.as_str()),
            headers: headers.collect(),
            is_preflight: head.method == Method::OPTIONS,
        }
    }

    fn fits(&self, rule: &CORSRule, origin: &str) -> bool {
        let allows = |name: &String| {
            let mut patterns = rule.allowed_headers.iter().flatten();
            patterns.any(|pattern| matches(&pattern.to_ascii_lowercase(), name))
        };
        rule.allowed_origins.iter().any(|pattern| matches(pattern, origin))
            && rule.allowed_methods.iter().any(|method| method == self.method)
            && self.headers.iter().all(allows)
    }

    /// A preflight is refused; other requests are answered without leave to read.
    fn refused(&self, message: &str, resource: &str) -> Ruling {
        if !self.is_preflight {
            return Ruling::Unread;
        }
        Ruling::Refuse(
            Fault::new("AccessForbidden", 403, format!("CORSResponse: {message}"))
                .field("Method", self.method)
                .field("ResourceType", resource),
        )
    }

    fn headers(&self, rule: &CORSRule, origin: &str) -> HeaderMap {
        let mut headers = HeaderMap::new();
        let mut set = |name: HeaderName, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(name, value);
            }
        };
        if rule.allowed_origins.iter().any(|pattern| pattern == "*") {
            set(ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        } else {
            set(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
            set(ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
        }
        set(ACCESS_CONTROL_ALLOW_METHODS, &rule.allowed_methods.join(", "));
        if !self.headers.is_empty() {
            set(ACCESS_CONTROL_ALLOW_HEADERS, &self.headers.join(", "));
        }
        if let Some(exposed) = rule.expose_headers.as_ref().filter(|exposed| !exposed.is_empty()) {
            set(ACCESS_CONTROL_EXPOSE_HEADERS, &exposed.join(", "));
        }
        if let Some(age) = rule.max_age_seconds {
            set(ACCESS_CONTROL_MAX_AGE, &age.to_string());
        }
        set(VARY, VARIES);
        headers
    }
}

/// Whether a pattern with at most one `*` fits.
fn matches(pattern: &str, text: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == text,
        Some((front, back)) => {
            text.len() >= front.len() + back.len() && text.starts_with(front) && text.ends_with(back)
        }
    }
}
