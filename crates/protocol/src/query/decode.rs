//! Requests: parameters in the body of a POST or in the query string of a GET.

use std::borrow::Cow;

use kernel::shape::{ReadError, Shape};

use crate::formats::form_reader::{FormNode, Style};
use crate::formats::tree::{self, Members};
use crate::{Missing, WireRequest};

/// Reads the parameters.
pub fn decode(request: &WireRequest, input: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
    tree::read(FormNode::parse(&parameters(request), Style::Aws), Members::All, input)
}

/// The form: the body and the query string, joined.
pub fn parameters(request: &WireRequest) -> Cow<'_, [u8]> {
    let body = request.body.whole();
    match (body.is_empty(), request.query.is_empty()) {
        (_, true) => body.into(),
        (true, false) => request.query.as_bytes().into(),
        (false, false) => [body, b"&", request.query.as_bytes()].concat().into(),
    }
}
