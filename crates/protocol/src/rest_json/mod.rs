//! REST with JSON bodies.

mod decode;
mod encode;
mod error;

use kernel::Fault;
use kernel::schema::{OperationSchema, ServiceSchema};
use kernel::shape::{ReadError, Shape};

use crate::{Missing, Protocol, Response, WireRequest};

/// The protocol.
pub struct RestJson;

impl Protocol for RestJson {
    fn decode(
        &self,
        _: &'static OperationSchema,
        request: &mut WireRequest,
        input: &mut dyn Shape,
    ) -> Result<Vec<Missing>, ReadError> {
        decode::decode(request, input)
    }

    fn encode(
        &self,
        _: &'static ServiceSchema,
        operation: &'static OperationSchema,
        output: &dyn Shape,
        request_id: &str,
    ) -> Response {
        encode::encode(operation, output, request_id)
    }

    fn encode_fault(&self, service: &'static ServiceSchema, fault: &Fault, request_id: &str) -> Response {
        error::encode(service, fault, request_id)
    }
}
