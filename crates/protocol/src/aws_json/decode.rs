//! Requests: the whole body is the input.

use kernel::shape::{ReadError, Shape};

use crate::formats::json_reader;
use crate::{Missing, WireRequest};

/// Reads the body; an empty one is an empty object.
pub fn decode(request: &WireRequest, input: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
    let body = request.body.whole();
    json_reader::read(if body.is_empty() { b"{}" } else { body }, false, input)
}
