//! Answers: bound members, and an XML document for the rest.

use http::header::{CONTENT_RANGE, SERVER};
use http::{HeaderValue, StatusCode};
use kernel::schema::{Location, Member, OperationSchema, ServiceSchema};
use kernel::shape::Shape;

use crate::event_stream::{self, PayloadFormat};
use crate::formats::xml_writer::XmlWriter;
use crate::http_binding::{self, Payload};
use crate::message::{Body, Response, response, set_header, status_code};

const XML: &str = "application/xml";

/// Writes the output.
pub fn encode(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    output: &dyn Shape,
    request_id: &str,
) -> Response {
    let structure = |member: &'static Member, shape: &dyn Shape| {
        // The root of a payload is the member's own name where the model gives one, else the shape's.
        let name = if member.wire == member.name { shape.schema().name } else { member.wire };
        root(service, shape.schema().xml_name.unwrap_or(name), shape)
    };
    let outer = http_binding::encode(output, &structure);
    let mut response = match outer.payload {
        Some(Payload::Bytes(bytes) | Payload::Document(bytes)) => {
            response(operation.status, "application/octet-stream", bytes)
        }
        Some(Payload::Text(text)) => response(operation.status, "", text.into_bytes()),
        Some(Payload::Structure(_, bytes)) => response(operation.status, XML, bytes),
        Some(Payload::Stream(body)) => http::Response::new(body),
        Some(Payload::Events(events)) => event_stream::response(events, PayloadFormat::Xml, None),
        None if outer.has_body_members => {
            response(operation.status, XML, document(service, operation, output))
        }
        None => response(operation.status, "", Vec::new()),
    };
    *response.status_mut() = status_code(outer.status.unwrap_or(operation.status));
    response.headers_mut().extend(outer.headers);
    // The model has no status for it: an answer with a part of an object says so in its status too.
    if response.status() == StatusCode::OK && response.headers().contains_key(CONTENT_RANGE) {
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    if matches!(response.status().as_u16(), 204 | 304) {
        *response.body_mut() = Body::empty();
    }
    request_ids(&mut response, service, request_id);
    response
}

/// A document whose root has that name.
fn root(service: &'static ServiceSchema, name: &str, shape: &dyn Shape) -> Vec<u8> {
    let writer = XmlWriter::new(true);
    let mut writer = if service.bare_errors { writer.lists_last() } else { writer };
    writer.declaration();
    writer.root(name, service.xml_namespace, shape);
    writer.finish()
}

fn document(
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    output: &dyn Shape,
) -> Vec<u8> {
    let schema = output.schema();
    if !operation.unwrapped_xml {
        return root(service, schema.xml_name.unwrap_or(schema.name), output);
    }
    let mut writer = XmlWriter::new(true);
    writer.declaration();
    let before = writer.length();
    output.write_members(&mut writer);
    let name = schema
        .members
        .iter()
        .find(|member| member.location == Location::Body)
        .map_or("", |member| member.wire);
    writer.add_namespace(before, name, service.xml_namespace);
    writer.finish()
}

/// The headers that identify an answer: S3's own, or AWS's common one.
pub fn request_ids(response: &mut Response, service: &'static ServiceSchema, request_id: &str) {
    if service.bare_errors {
        set_header(response.headers_mut(), "x-amz-request-id", request_id);
        set_header(response.headers_mut(), "x-amz-id-2", &host_id(request_id));
        response.headers_mut().insert(SERVER, HeaderValue::from_static("AmazonS3"));
    } else {
        set_header(response.headers_mut(), "x-amzn-requestid", request_id);
    }
}

/// S3's second id, which names the host that answered.
pub fn host_id(request_id: &str) -> String {
    crate::formats::text::base64(format!("fogbank-host-{request_id}-0123456789abcdef").as_bytes())
}
