//! Answers: the output as an object, or an event stream that starts with it.

use http::HeaderValue;
use kernel::schema::{Kind, OperationSchema, ServiceSchema};
use kernel::shape::Shape;

use crate::event_stream;
use crate::formats::json_writer;
use crate::http_binding::{self, Payload};
use crate::message::{Response, response, set_header};

/// Writes the output.
pub fn encode(
    content_type: &'static str,
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    output: &dyn Shape,
    request_id: &str,
) -> Response {
    let has_events = output.schema().members.iter().any(|member| member.target.kind == Kind::EventStream);
    let mut response = if has_events {
        events(content_type, output)
    } else if operation.result_wrapper.is_empty() {
        response(operation.status, content_type, Vec::new())
    } else {
        response(operation.status, content_type, json_writer::object(output))
    };
    finish(&mut response, service, request_id);
    response
}

/// The headers that every answer has.
pub fn finish(response: &mut Response, service: &'static ServiceSchema, request_id: &str) {
    if service.crc32
        && let crate::Body::Whole(body) = response.body()
    {
        let sum = HeaderValue::from(u64::from(crc32fast::hash(body)));
        response.headers_mut().insert("x-amz-crc32", sum);
    }
    set_header(response.headers_mut(), "x-amzn-requestid", request_id);
}

fn events(content_type: &'static str, output: &dyn Shape) -> Response {
    let initial = json_writer::object(output);
    let outer = http_binding::encode(output, &|_, shape| json_writer::object(shape));
    let Some(Payload::Events(events)) = outer.payload else {
        return response(200, content_type, initial);
    };
    event_stream::response(events, event_stream::PayloadFormat::Json, Some(initial))
}
