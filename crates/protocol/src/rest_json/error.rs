//! Errors: the name in `X-Amzn-ErrorType`, the members in the body.

use kernel::Fault;
use kernel::schema::ServiceSchema;

use crate::aws_json::error::{object, query_error, type_name};
use crate::http_binding;
use crate::message::{Response, response, set_header};

/// Writes a fault.
pub fn encode(service: &'static ServiceSchema, fault: &Fault, request_id: &str) -> Response {
    let mut response = response(fault.status(), "application/json", object(None, fault));
    if let Some(shape) = fault.shape() {
        response.headers_mut().extend(http_binding::encode(shape, &|_, _| Vec::new()).headers);
    }
    set_header(response.headers_mut(), "x-amzn-errortype", type_name(fault));
    query_error(&mut response, service, fault);
    set_header(response.headers_mut(), "x-amzn-requestid", request_id);
    for (name, value) in fault.headers() {
        set_header(response.headers_mut(), name, value);
    }
    response
}
