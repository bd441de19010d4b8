//! EC2 query: as AWS query, with flat lists, capitalised names and no wrapping elements.

mod decode;
mod encode;
mod error;

use kernel::Fault;
use kernel::schema::{OperationSchema, ServiceSchema};
use kernel::shape::{ReadError, Shape};

use crate::{Missing, Protocol, Response, WireRequest};

/// The protocol.
pub struct Ec2Query;

impl Protocol for Ec2Query {
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

    fn encode_fault(&self, _: &'static ServiceSchema, fault: &Fault, request_id: &str) -> Response {
        error::encode(fault, request_id)
    }
}
