//! Requests: parameters in the body of a POST or in the query string of a GET.

use kernel::shape::{ReadError, Shape};

use crate::formats::form_reader::{FormNode, Style};
use crate::formats::tree::{self, Members};
use crate::{Missing, WireRequest, query};

/// Reads the parameters.
pub fn decode(request: &WireRequest, input: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
    tree::read(FormNode::parse(&query::parameters(request), Style::Ec2), Members::All, input)
}
