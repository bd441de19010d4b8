//! REST with XML bodies.

mod decode;
mod encode;
mod error;

pub use encode::{host_id, request_ids};
use kernel::Fault;
use kernel::schema::{OperationSchema, ServiceSchema};
use kernel::shape::{ReadError, Shape};

use crate::{Missing, Protocol, Response, WireRequest};

/// The protocol.
pub struct RestXml;

impl Protocol for RestXml {
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
        service: &'static ServiceSchema,
        operation: &'static OperationSchema,
        output: &dyn Shape,
        request_id: &str,
    ) -> Response {
        encode::encode(service, operation, output, request_id)
    }

    fn encode_fault(&self, service: &'static ServiceSchema, fault: &Fault, request_id: &str) -> Response {
        error::encode(service, fault, request_id)
    }
}
