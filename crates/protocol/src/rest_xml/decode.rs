//! Requests: bound members, and an XML document for the rest.

use kernel::shape::{ReadError, Shape};

use crate::formats::tree::{self, Members};
use crate::formats::xml_reader::{self, XmlNode};
use crate::http_binding::{self, BodyFormat};
use crate::{Missing, WireRequest};

struct Xml;

impl BodyFormat for Xml {
    fn read(&self, body: &[u8], body_only: bool, into: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
        if body.is_empty() {
            return Ok(Vec::new());
        }
        let document = xml_reader::parse(body)?;
        let members = if body_only { Members::Body } else { Members::All };
        tree::read(XmlNode::Element(document.root_element()), members, into)
    }
}

/// Reads the request.
pub fn decode(request: &mut WireRequest, input: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
    http_binding::decode(&Xml, request, input)
}
