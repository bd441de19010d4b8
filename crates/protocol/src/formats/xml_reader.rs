//! XML bodies as trees of elements.

use kernel::schema::Member;
use kernel::shape::{ReadError, ReadErrorKind};
use roxmltree::{Document, Node as Element};

use super::tree::Node;

/// Parses a body; document type declarations are refused.
///
/// # Errors
/// It is not well-formed XML in UTF-8.
pub fn parse(body: &[u8]) -> Result<Document<'_>, ReadError> {
    let syntax = |error: String| ReadError::new(ReadErrorKind::Syntax, error);
    let text = std::str::from_utf8(body).map_err(|error| syntax(error.to_string()))?;
    Document::parse(text.trim_start()).map_err(|error| syntax(error.to_string()))
}

impl Node for Element<'_, '_> {
    fn text(&self) -> Option<String> {
        if self.is_attribute_holder() {
            return None;
        }
        let pieces = self.children().filter(|child| child.is_text()).filter_map(|child| child.text());
        Some(pieces.collect())
    }

    fn member(&self, member: &'static Member) -> Option<Self> {
        if member.attribute {
            return None;
        }
        let name = member.xml_name.unwrap_or(member.wire);
        self.children().find(|child| child.has_local_name(name))
    }

    fn elements(&self, member: &'static Member) -> Vec<Self> {
        let element = member.target.members.first().map_or("member", |element| element.wire);
        let name = match (member.flattened, element) {
            (true, "member") => member.xml_name.unwrap_or(member.wire),
            (_, name) => name,
        };
        let flat = member.xml_name.unwrap_or(member.wire);
        let is_element =
            |child: &Self| child.has_local_name(name) || member.flattened && child.has_local_name(flat);
        self.children().filter(is_element).collect()
    }

    fn entries(&self, member: &'static Member) -> Vec<(String, Self)> {
        let [key, value] = member.target.members else { return Vec::new() };
        let name = if member.flattened { member.xml_name.unwrap_or(member.wire) } else { "entry" };
        let find = |node: &Self, name: &str| node.children().find(|child| child.has_local_name(name));
        let entry = |node: Self| Some((Node::text(&find(&node, key.wire)?)?, find(&node, value.wire)?));
        self.children().filter(|child| child.has_local_name(name)).filter_map(entry).collect()
    }
}

trait LocalName {
    fn has_local_name(&self, name: &str) -> bool;
    fn is_attribute_holder(&self) -> bool;
}

impl LocalName for Element<'_, '_> {
    fn has_local_name(&self, name: &str) -> bool {
        self.is_element() && self.tag_name().name() == name
    }

    fn is_attribute_holder(&self) -> bool {
        !self.is_element()
    }
}
