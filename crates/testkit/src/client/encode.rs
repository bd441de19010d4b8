//! Requests of every protocol.

use kernel::schema::{Kind, Location, Member, OperationSchema, ProtocolKind, ServiceSchema};
use kernel::shape::Shape;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use protocol::formats::{cbor_writer, json_writer, xml_writer};
use serde_json::Value;

use super::form;
use crate::values;

const ENCODED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A request, ready to be sent.
#[derive(Default)]
pub struct Request {
    /// The method.
    pub method: &'static str,
    /// Path and query string.
    pub target: String,
    /// The headers.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

/// The request of an operation.
pub fn encode(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    protocol: ProtocolKind,
    input: &dyn Shape,
) -> Request {
    match protocol {
        ProtocolKind::AwsJson10 => json(service, operation, "1.0", input),
        ProtocolKind::AwsJson11 => json(service, operation, "1.1", input),
        ProtocolKind::Ec2Query | ProtocolKind::Query => query(service, operation, protocol, input),
        ProtocolKind::RpcV2Cbor => cbor(service, operation, input),
        ProtocolKind::RestJson | ProtocolKind::RestXml => rest(service, operation, protocol, input),
    }
}

fn post(target: String, content_type: &str, body: Vec<u8>) -> Request {
    let headers = vec![("content-type".to_owned(), content_type.to_owned())];
    Request { method: "POST", target, headers, body }
}

fn json(service: &ServiceSchema, operation: &OperationSchema, version: &str, input: &dyn Shape) -> Request {
    let mut request =
        post("/".to_owned(), &format!("application/x-amz-json-{version}"), json_writer::object(input));
    let target = format!("{}.{}", service.target_prefix, operation.name);
    request.headers.push(("x-amz-target".to_owned(), target));
    request
}

fn query(
    service: &ServiceSchema,
    operation: &OperationSchema,
    protocol: ProtocolKind,
    input: &dyn Shape,
) -> Request {
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("Action", operation.name).append_pair("Version", service.api_version);
    form.extend_pairs(form::parameters(input, protocol == ProtocolKind::Ec2Query));
    post("/".to_owned(), "application/x-www-form-urlencoded; charset=utf-8", form.finish().into_bytes())
}

fn cbor(service: &ServiceSchema, operation: &OperationSchema, input: &dyn Shape) -> Request {
    let target = format!("/service/{}/operation/{}", service.target_prefix, operation.name);
    let mut request = post(target, "application/cbor", cbor_writer::object(input));
    request.headers.push(("smithy-protocol".to_owned(), "rpc-v2-cbor".to_owned()));
    request
}

/// Bound members go where they belong; the values are read by the model's names.
fn rest(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    protocol: ProtocolKind,
    input: &dyn Shape,
) -> Request {
    let all = values::write(input);
    let (path, query) = operation.uri.split_once('?').unwrap_or((operation.uri, ""));
    let mut path = path.to_owned();
    let mut query: Vec<String> =
        query.split('&').filter(|part| !part.is_empty()).map(str::to_owned).collect();
    let mut request = Request { method: operation.method, ..Request::default() };
    for member in operation.input.members {
        let Some(value) = all.get(member.name) else { continue };
        match member.location {
            Location::Uri => {
                path = path.replace(&format!("{{{}}}", member.wire), &encoded(text(value)));
                let greedy: Vec<String> = text(value).split('/').map(encoded).collect();
                path = path.replace(&format!("{{{}+}}", member.wire), &greedy.join("/"));
            }
            Location::QueryString => {
                query.extend(list(value).iter().map(|value| format!("{}={}", member.wire, encoded(value))))
            }
            Location::Header => request.headers.push((member.wire.to_owned(), list(value).join(","))),
            Location::Headers => request.headers.extend(
                value
                    .as_object()
                    .into_iter()
                    .flatten()
                    .map(|(key, value)| (format!("{}{key}", member.wire), text(value))),
            ),
            _ => {}
        }
    }
    request.body = body(service, operation, protocol, input, &all);
    request.target = if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) };
    request
}

fn body(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    protocol: ProtocolKind,
    input: &dyn Shape,
    all: &Value,
) -> Vec<u8> {
    let is_json = protocol == ProtocolKind::RestJson;
    let payload = operation.input.members.iter().find(|member| is_payload(member));
    if let Some(member) = payload {
        return match member.target.kind {
            Kind::Structure | Kind::Union => {
                let structure = |_: &'static Member, shape: &dyn Shape| match is_json {
                    true => json_writer::object(shape),
                    false => xml_writer::document(member.wire, service.xml_namespace, shape),
                };
                match protocol::http_binding::encode(input, &structure).payload {
                    Some(protocol::http_binding::Payload::Structure(_, bytes)) => bytes,
                    _ => Vec::new(),
                }
            }
            _ => all.get(member.name).map(text).unwrap_or_default().into_bytes(),
        };
    }
    let has_body = operation.input.members.iter().any(|member| member.location == Location::Body);
    match (has_body, is_json) {
        (false, _) => Vec::new(),
        (true, true) => json_writer::body(input),
        (true, false) => xml_writer::document(input.schema().name, service.xml_namespace, input),
    }
}

fn is_payload(member: &Member) -> bool {
    member.location == Location::Payload || member.target.kind == Kind::Stream
}

fn encoded(text: impl AsRef<str>) -> String {
    utf8_percent_encode(text.as_ref(), ENCODED).to_string()
}

fn list(value: &Value) -> Vec<String> {
    value.as_array().map_or_else(|| vec![text(value)], |values| values.iter().map(text).collect())
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}
