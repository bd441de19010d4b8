//! What the REST protocols share: members in labels, headers, query parameters, status codes and payloads.

mod decode;
mod encode;

pub use decode::{BodyFormat, decode};
pub use encode::{Outer, Payload, encode};
