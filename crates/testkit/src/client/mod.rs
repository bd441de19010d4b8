//! A small client of every protocol, driven by the schemas.

mod decode;
mod encode;
mod form;

use std::net::SocketAddr;

use kernel::schema::{OperationSchema, ProtocolKind, ServiceSchema};
use kernel::shape::Shape;

pub use decode::{Failure, decode};

/// An answer as it came.
pub struct Answer {
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

/// Sends one request. Blocks.
pub fn send(
    address: SocketAddr,
    service: &'static ServiceSchema,
    operation: &'static OperationSchema,
    protocol: ProtocolKind,
    input: &dyn Shape,
) -> Answer {
    let request = encode::encode(service, operation, protocol, input);
    let mut builder = http::Request::builder()
        .method(request.method)
        .uri(format!("http://{address}{}", request.target))
        .header("authorization", authorization(service));
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .max_redirects(0)
        .build()
        .into();
    let mut answer = agent.run(builder.body(request.body).unwrap()).unwrap();
    let body = answer.body_mut().read_to_vec().unwrap();
    Answer { status: answer.status().as_u16(), headers: answer.headers().clone(), body }
}

/// A signature that nobody checks: its scope tells the service.
fn authorization(service: &ServiceSchema) -> String {
    let scope = format!("test/20260102/us-east-1/{}/aws4_request", service.signing_name);
    format!("AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=00")
}
