//! Requests: bound members, and a JSON object for the rest.

use kernel::schema::Member;
use kernel::shape::{ReadError, Shape};

use crate::formats::json_reader;
use crate::http_binding::{self, BodyFormat};
use crate::{Missing, WireRequest};

struct Json;

impl BodyFormat for Json {
    fn read(
        &self,
        body: &[u8],
        payload: Option<&'static Member>,
        into: &mut dyn Shape,
    ) -> Result<Vec<Missing>, ReadError> {
        json_reader::read(if body.is_empty() { b"{}" } else { body }, payload.is_none(), into)
    }
}

/// Reads the request.
pub fn decode(request: &mut WireRequest, input: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
    http_binding::decode(&Json, request, input)
}
