//! Errors: `__type` and the error's members.

use kernel::Fault;
use kernel::schema::ServiceSchema;

use super::encode::finish;
use crate::formats::json_writer;
use crate::message::{Response, response, set_header};

/// Writes a fault.
pub fn encode(
    content_type: &'static str,
    service: &'static ServiceSchema,
    fault: &Fault,
    request_id: &str,
) -> Response {
    let mut response = response(fault.status(), content_type, body(service, fault));
    query_error(&mut response, service, fault);
    finish(&mut response, service, request_id);
    for (name, value) in fault.headers() {
        set_header(response.headers_mut(), name, value);
    }
    response
}

/// The JSON object of a fault, with the service's namespace before a modelled error's name.
pub fn body(service: &'static ServiceSchema, fault: &Fault) -> Vec<u8> {
    object(Some(&full_name(service, fault)), fault)
}

/// The fault's name in `__type`: services that have a namespace put it before modelled errors, and the framework's
/// before its own.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.LowLevelAPI.html>
pub fn full_name(service: &'static ServiceSchema, fault: &Fault) -> String {
    let name = type_name(fault);
    let namespace = match name {
        _ if service.error_namespace.is_empty() => "",
        _ if fault.shape().is_some() => service.error_namespace,
        "ValidationException" => "com.amazon.coral.validate#",
        "AccessDeniedException"
        | "IncompleteSignatureException"
        | "InvalidSignatureException"
        | "MissingAuthenticationTokenException"
        | "SerializationException"
        | "UnknownOperationException"
        | "UnrecognizedClientException" => "com.amazon.coral.service#",
        _ => "",
    };
    format!("{namespace}{name}")
}

/// The name JSON protocols give the fault: the shape's own, or the code.
pub fn type_name(fault: &Fault) -> &str {
    fault.shape().map_or(fault.code(), |shape| shape.schema().name)
}

/// `{"__type": …}` with the members of the error, or its message and fields where it is not modelled.
pub fn object(type_name: Option<&str>, fault: &Fault) -> Vec<u8> {
    let members = match fault.shape() {
        Some(shape) => json_writer::body(shape),
        None => {
            let mut fields = serde_json::Map::new();
            let message = fault.fields().iter().find(|(name, _)| name == "Message");
            if message.is_none() {
                fields.insert("message".to_owned(), fault.message().into());
            }
            fields
                .extend(fault.fields().iter().map(|(name, value)| (name.to_string(), value.as_str().into())));
            serde_json::to_vec(&fields).unwrap_or_default()
        }
    };
    let Some(type_name) = type_name else { return members };
    let mut body = serde_json::to_vec(&serde_json::json!({ "__type": type_name })).unwrap_or_default();
    if members.len() > 2 {
        body.pop();
        body.push(b',');
        body.extend_from_slice(&members[1..]);
    }
    body
}

/// The header that tells clients the query protocol's code, for services that moved from it.
pub fn query_error(response: &mut Response, service: &'static ServiceSchema, fault: &Fault) {
    if service.query_compatible {
        let side = if fault.is_sender() { "Sender" } else { "Receiver" };
        let value = format!("{};{side}", fault.code_in_query());
        set_header(response.headers_mut(), "x-amzn-query-error", &value);
    }
}
