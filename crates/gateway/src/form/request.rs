//! The `PutObject` that a form stands for.

use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use kernel::Fault;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use protocol::formats::xml_reader;
use protocol::{RequestBody, WireRequest};

use super::Form;
use crate::payload;

/// Fields that are headers of `PutObject` by the same names, beside those that start with `x-amz-`.
const HEADERS: [&str; 8] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "content-type",
    "expires",
    "if-none-match",
];

/// Fields of the signature, which mean nothing to `PutObject`.
const SIGNATURE: [&str; 5] =
    ["x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-security-token", "x-amz-signature"];

/// What the path of that request says.
pub fn labels(form: &Form) -> protocol::Labels {
    vec![("Key", form.key().to_owned()), ("Bucket", form.bucket.clone())]
}

/// The request to put the form's file.
pub fn put_object(form: Form, parts: &Parts) -> Result<WireRequest, Fault> {
    let headers = headers(&form, parts)?;
    let path = format!("/{}/{}", form.bucket, utf8_percent_encode(form.key(), NON_ALPHANUMERIC));
    Ok(WireRequest {
        method: Method::PUT,
        path,
        sent_path: parts.uri.path().to_owned(),
        query: String::new(),
        headers,
        labels: labels(&form),
        body: RequestBody::Streaming(form.file),
    })
}

fn headers(form: &Form, parts: &Parts) -> Result<HeaderMap, Fault> {
    let mut headers = HeaderMap::new();
    if let Some(host) = parts.headers.get(http::header::HOST) {
        headers.insert(http::header::HOST, host.clone());
    }
    for (field, value) in &form.fields {
        let name = field.to_ascii_lowercase();
        let header = match name.as_str() {
            "acl" => Some(("x-amz-acl".to_owned(), value.clone())),
            "tagging" => tags(value)?.map(|tags| ("x-amz-tagging".to_owned(), tags)),
            other if HEADERS.contains(&other) => Some((name, value.clone())),
            other if other.starts_with("x-amz-") && !SIGNATURE.contains(&other) => {
                Some((name, value.clone()))
            }
            _ => None,
        };
        if let Some((name, value)) = header {
            let (name, value) = parse(field, &name, &value)?;
            headers.append(name, value);
        }
    }
    Ok(headers)
}

fn parse(field: &str, name: &str, value: &str) -> Result<(HeaderName, HeaderValue), Fault> {
    let parsed = HeaderName::try_from(name).ok().zip(payload::header_value(name, value).ok());
    parsed.ok_or_else(|| {
        let fault = Fault::client("InvalidArgument", format!("The value of field '{field}' is invalid."));
        fault.field("ArgumentName", field).field("ArgumentValue", value)
    })
}

/// The tags of a document, as `x-amz-tagging` has them. A document of something else has none.
fn tags(document: &str) -> Result<Option<String>, Fault> {
    let message = "The XML you provided was not well-formed or did not validate against our published schema";
    let document =
        xml_reader::parse(document.as_bytes()).map_err(|_| Fault::client("MalformedXML", message))?;
    let mut tags = form_urlencoded::Serializer::new(String::new());
    let mut count = 0;
    for tag in document.descendants().filter(|node| node.has_tag_name("Tag")) {
        let child = |name: &str| tag.children().find(|node| node.tag_name().name() == name)?.text();
        tags.append_pair(child("Key").unwrap_or_default(), child("Value").unwrap_or_default());
        count += 1;
    }
    Ok((count > 0).then(|| tags.finish()))
}
