//! Answers: bound members, and a JSON object for the rest.

use kernel::schema::OperationSchema;
use kernel::shape::Shape;

use crate::event_stream::{self, PayloadFormat};
use crate::formats::json_writer;
use crate::http_binding::{self, Payload};
use crate::message::{Body, Response, response, set_header, status_code};

const JSON: &str = "application/json";

/// Writes the output.
pub fn encode(operation: &'static OperationSchema, output: &dyn Shape, request_id: &str) -> Response {
    let outer = http_binding::encode(output, &|_, shape| json_writer::object(shape));
    let mut response = match outer.payload {
        Some(Payload::Bytes(bytes)) => response(operation.status, "application/octet-stream", bytes),
        Some(Payload::Text(text)) => response(operation.status, "text/plain", text.into_bytes()),
        Some(Payload::Document(bytes) | Payload::Structure(_, bytes)) => {
            response(operation.status, JSON, bytes)
        }
        Some(Payload::Stream(body)) => http::Response::new(body),
        Some(Payload::Events(events)) => event_stream::response(events, PayloadFormat::Json, None),
        None if outer.has_body_members => response(operation.status, JSON, json_writer::body(output)),
        None if output.schema().payload().is_some() => response(operation.status, "", Vec::new()),
        None if operation.result_wrapper.is_empty() => response(operation.status, "", Vec::new()),
        None => response(operation.status, JSON, b"{}".to_vec()),
    };
    *response.status_mut() = status_code(outer.status.unwrap_or(operation.status));
    response.headers_mut().extend(outer.headers);
    if matches!(response.status().as_u16(), 204 | 304) {
        *response.body_mut() = Body::empty();
        response.headers_mut().remove(http::header::CONTENT_TYPE);
    }
    set_header(response.headers_mut(), "x-amzn-requestid", request_id);
    response
}
