//! The wire protocols of AWS, server side: one folder each, written once over the schemas.
//!
//! A protocol turns a request into a typed input and an output or fault into a response. It knows no operation:
//! it walks the schema while the shape hands its members in or out. What formats share (JSON, XML, CBOR, forms)
//! lives in `formats`, what the REST protocols share in `http_binding`.

pub mod aws_json;
pub mod chunked;
pub mod ec2_query;
pub mod event_stream;
pub mod formats;
pub mod http_binding;
pub mod message;
mod printed;
pub mod query;
pub mod rest_json;
pub mod rest_xml;
pub mod rpc_v2_cbor;
pub mod stored;
pub mod validate;

use kernel::Fault;
use kernel::schema::{OperationSchema, ProtocolKind, ServiceSchema};
use kernel::shape::{ReadError, Shape};

pub use kernel::validation::Missing;
pub use message::{Body, Labels, RequestBody, Response, WireRequest};

/// One wire protocol, server side.
pub trait Protocol: Send + Sync {
    /// Reads the request into `input` and lists the required members it lacks.
    ///
    /// # Errors
    /// What is wrong with the bytes; services word it.
    fn decode(
        &self,
        operation: &'static OperationSchema,
        request: &mut WireRequest,
        input: &mut dyn Shape,
    ) -> Result<Vec<Missing>, ReadError>;

    /// Writes the answer.
    fn encode(
        &self,
        service: &'static ServiceSchema,
        operation: &'static OperationSchema,
        output: &dyn Shape,
        request_id: &str,
    ) -> Response;

    /// Writes an error.
    fn encode_fault(&self, service: &'static ServiceSchema, fault: &Fault, request_id: &str) -> Response;
}

/// The protocol of that kind.
pub fn of(kind: ProtocolKind) -> &'static dyn Protocol {
    match kind {
        ProtocolKind::AwsJson10 => &aws_json::AwsJson { version: "1.0" },
        ProtocolKind::AwsJson11 => &aws_json::AwsJson { version: "1.1" },
        ProtocolKind::Ec2Query => &ec2_query::Ec2Query,
        ProtocolKind::Query => &query::Query,
        ProtocolKind::RestJson => &rest_json::RestJson,
        ProtocolKind::RestXml => &rest_xml::RestXml,
        ProtocolKind::RpcV2Cbor => &rpc_v2_cbor::RpcV2Cbor,
    }
}
