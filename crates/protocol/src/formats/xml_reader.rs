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

/// An element, or the value of an attribute.
#[derive(Clone, Copy)]
pub enum XmlNode<'a, 'i> {
    /// An element.
    Element(Element<'a, 'i>),
    /// An attribute's value.
    Attribute(&'a str),
}

impl<'a, 'i> XmlNode<'a, 'i> {
    /// The elements of that name below this one, in order; namespaces do not matter.
    fn named(self, name: &str) -> impl Iterator<Item = Element<'a, 'i>> {
        let children = match self {
            Self::Element(element) => Some(element.children()),
            Self::Attribute(_) => None,
        };
        children
            .into_iter()
            .flatten()
            .filter(move |child| child.is_element() && child.tag_name().name() == name)
    }

    /// The attribute of that name; one with a prefix must stand in some namespace.
    fn attribute(self, name: &str) -> Option<Self> {
        let Self::Element(element) = self else { return None };
        let (prefixed, name) = name.split_once(':').map_or((false, name), |(_, name)| (true, name));
        let found = element
            .attributes()
            .find(|attribute| attribute.name() == name && attribute.namespace().is_some() == prefixed);
        found.map(|attribute| Self::Attribute(attribute.value()))
    }
}

impl<'a, 'i> Node for XmlNode<'a, 'i> {
    fn text(&self) -> Option<String> {
        match self {
            Self::Element(element) => Some(
                element.children().filter(|child| child.is_text()).filter_map(|child| child.text()).collect(),
            ),
            Self::Attribute(value) => Some((*value).to_owned()),
        }
    }

    fn member(&self, member: &'static Member) -> Option<Self> {
        let name = member.xml_name.unwrap_or(member.wire);
        if member.attribute { self.attribute(name) } else { self.named(name).next().map(Self::Element) }
    }

    fn elements(&self, member: &'static Member) -> Vec<Self> {
        let element = member.target.members.first().map_or("member", |element| element.wire);
        let flat = member.xml_name.unwrap_or(member.wire);
        if !member.flattened {
            return self.named(element).map(Self::Element).collect();
        }
        let Self::Element(parent) = self else { return Vec::new() };
        let is_element = |child: &Element<'_, '_>| {
            let name = child.tag_name().name();
            child.is_element() && (name == flat || element != "member" && name == element)
        };
        parent.children().filter(is_element).map(Self::Element).collect()
    }

    fn entries(&self, member: &'static Member) -> Vec<(String, Self)> {
        let [key, value] = member.target.members else { return Vec::new() };
        let name = if member.flattened { member.xml_name.unwrap_or(member.wire) } else { "entry" };
        let entry = |node: Element<'a, 'i>| {
            let node = Self::Element(node);
            let key = node.named(key.wire).next().and_then(|key| Self::Element(key).text())?;
            Some((key, Self::Element(node.named(value.wire).next()?)))
        };
        self.named(name).filter_map(entry).collect()
    }
}
