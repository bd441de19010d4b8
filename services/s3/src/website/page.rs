//! The pages that S3 itself shows on websites.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/CustomErrorDocSupport.html>

use http::{HeaderMap, HeaderValue, StatusCode};
use kernel::edge::EdgeResponse;
use kernel::{ByteStream, Fault};
use protocol::message::{set_header, status_code};

use crate::names;

/// An answer without a body.
pub fn empty(status: StatusCode) -> EdgeResponse {
    EdgeResponse { status, headers: HeaderMap::new(), body: ByteStream::default() }
}

/// An answer that leads elsewhere.
pub fn redirect(code: u16, location: &str) -> EdgeResponse {
    let mut answer = empty(status_code(code));
    set_header(&mut answer.headers, "location", location);
    answer
}

/// The page of an error; `second` is why the bucket's own page for errors is not shown.
pub fn of(fault: &Fault, second: Option<&Fault>, id: &str) -> EdgeResponse {
    let status = status_code(fault.status());
    if status == StatusCode::NOT_MODIFIED {
        return empty(status);
    }
    let title = format!("{} {}", status.as_str(), status.canonical_reason().unwrap_or_default());
    let ids = [("RequestId", id.to_owned()), ("HostId", names::host_id(id))];
    let mut html = format!(
        "<html>\n<head><title>{title}</title></head>\n<body>\n<h1>{title}</h1>\n{}",
        list(fault, &ids)
    );
    if let Some(second) = second {
        html.push_str("<h3>An Error Occurred While Attempting to Retrieve a Custom Error Document</h3>\n");
        html.push_str(&list(second, &[]));
    }
    html.push_str("<hr/>\n</body>\n</html>\n");
    let mut headers = HeaderMap::new();
    headers.insert(http::header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
    error_headers(&mut headers, fault.code(), fault.message());
    EdgeResponse { status, headers, body: ByteStream::from_bytes(html.into()) }
}

/// The error, for clients that do not read pages.
pub fn error_headers(headers: &mut HeaderMap, code: &str, message: &str) {
    set_header(headers, "x-amz-error-code", code);
    set_header(headers, "x-amz-error-message", message);
}

/// The headers that identify an answer.
pub fn identify(answer: &mut EdgeResponse, id: &str) {
    set_header(&mut answer.headers, "x-amz-request-id", id);
    set_header(&mut answer.headers, "x-amz-id-2", &names::host_id(id));
    answer.headers.insert(http::header::SERVER, HeaderValue::from_static("AmazonS3"));
}

fn list(fault: &Fault, more: &[(&str, String)]) -> String {
    let mut html = format!("<ul>\n{}{}", item("Code", fault.code()), item("Message", fault.message()));
    for (name, value) in fault.fields() {
        html.push_str(&item(name, value));
    }
    for (name, value) in more {
        html.push_str(&item(name, value));
    }
    html + "</ul>\n"
}

fn item(name: &str, value: &str) -> String {
    let value = value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    format!("<li>{name}: {value}</li>\n")
}
