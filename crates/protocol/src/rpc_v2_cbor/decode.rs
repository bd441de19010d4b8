//! Requests: the whole body is the input.

use kernel::shape::{ReadError, Shape};

use crate::formats::cbor_reader;
use crate::{Missing, WireRequest};

/// Reads the body.
pub fn decode(request: &WireRequest, input: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
    cbor_reader::read(request.body.whole(), input)
}
