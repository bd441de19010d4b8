//! AWS JSON 1.0 and 1.1: one JSON object each way, the operation in `X-Amz-Target`.

mod decode;
mod encode;
pub mod error;

use kernel::Fault;
use kernel::schema::{OperationSchema, ServiceSchema};
use kernel::shape::{ReadError, Shape};

use crate::{Missing, Protocol, Response, WireRequest};

/// The protocol; its two versions differ in the content type alone.
pub struct AwsJson {
    /// `1.0` or `1.1`.
    pub version: &'static str,
}

impl AwsJson {
    fn content_type(&self) -> &'static str {
        if self.version == "1.0" { "application/x-amz-json-1.0" } else { "application/x-amz-json-1.1" }
    }
}

impl Protocol for AwsJson {
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
        encode::encode(self.content_type(), service, operation, output, request_id)
    }

    fn encode_fault(&self, service: &'static ServiceSchema, fault: &Fault, request_id: &str) -> Response {
        error::encode(self.content_type(), service, fault, request_id)
    }
}
