//! Answers: the output as a map.

use http::HeaderValue;
use kernel::schema::OperationSchema;
use kernel::shape::Shape;

use crate::event_stream::{self, PayloadFormat};
use crate::formats::cbor_writer;
use crate::http_binding::{self, Payload};
use crate::message::{Response, response, set_header};

/// Writes the output.
pub fn encode(operation: &'static OperationSchema, output: &dyn Shape, request_id: &str) -> Response {
    let outer = http_binding::encode(output, &|_, shape| cbor_writer::object(shape));
    let mut response = match outer.payload {
        Some(Payload::Events(events)) => {
            event_stream::response(events, PayloadFormat::Cbor, Some(cbor_writer::object(output)))
        }
        _ if operation.result_wrapper.is_empty() => response(operation.status, "", Vec::new()),
        _ => response(operation.status, "application/cbor", cbor_writer::object(output)),
    };
    finish(&mut response, request_id);
    response
}

/// The headers that every answer has.
pub fn finish(response: &mut Response, request_id: &str) {
    response.headers_mut().insert("smithy-protocol", HeaderValue::from_static("rpc-v2-cbor"));
    set_header(response.headers_mut(), "x-amzn-requestid", request_id);
}
