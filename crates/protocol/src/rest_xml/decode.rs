//! Requests: bound members, and an XML document for the rest.

use kernel::schema::Member;
use kernel::shape::{ReadError, ReadErrorKind, Shape};

use crate::formats::tree::{self, Members};
use crate::formats::xml_reader::{self, XmlNode};
use crate::http_binding::{self, BodyFormat};
use crate::{Missing, WireRequest};

struct Xml;

impl BodyFormat for Xml {
    fn read(
        &self,
        body: &[u8],
        payload: Option<&'static Member>,
        into: &mut dyn Shape,
    ) -> Result<Vec<Missing>, ReadError> {
        if body.is_empty() {
            return Ok(Vec::new());
        }
        let document = xml_reader::parse(body)?;
        let root = document.root_element();
        let name = root.tag_name().name();
        if payload.is_some_and(|payload| payload.xml_name.unwrap_or(payload.wire) != name) {
            let message = format!("the document is a {name}");
            return Err(ReadError::new(ReadErrorKind::Syntax, message));
        }
        let members = if payload.is_some() { Members::All } else { Members::Body };
        tree::read(XmlNode::Element(root), members, into)
    }
}

/// Reads the request.
pub fn decode(request: &mut WireRequest, input: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
    http_binding::decode(&Xml, request, input)
}
