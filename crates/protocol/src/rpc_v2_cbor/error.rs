//! Errors: `__type` and the error's members.

use kernel::Fault;
use kernel::schema::ServiceSchema;

use super::encode::finish;
use crate::aws_json::error::{full_name, query_error};
use crate::formats::cbor_writer;
use crate::message::{Response, response, set_header};

/// Writes a fault.
pub fn encode(service: &'static ServiceSchema, fault: &Fault, request_id: &str) -> Response {
    let body = cbor_writer::error(&full_name(service, fault), fault);
    let mut response = response(fault.status(), "application/cbor", body);
    query_error(&mut response, service, fault);
    finish(&mut response, request_id);
    for (name, value) in fault.headers() {
        set_header(response.headers_mut(), name, value);
    }
    response
}
