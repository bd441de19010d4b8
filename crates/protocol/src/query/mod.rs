//! AWS query: form-encoded requests with an `Action`, XML answers.

mod decode;
mod encode;
pub mod error;
mod json;

use kernel::Fault;
use kernel::schema::{OperationSchema, ServiceSchema};
use kernel::shape::{ReadError, Shape};

use crate::{Missing, Protocol, Response, WireRequest};

pub use decode::parameters;
pub use json::{as_json, wants_json};

/// The protocol.
pub struct Query;

impl Protocol for Query {
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
