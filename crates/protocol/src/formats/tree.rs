//! Reading from a tree of text nodes: forms and XML are both read this way, scalars by the same rules.

use kernel::schema::{Kind, Member};
use kernel::shape::{ReadError, ReadErrorKind, Reader, Shape};
use kernel::stream::ByteStream;
use kernel::{Bytes, Document, Timestamp};

use super::text;
use kernel::validation::Missing;

use crate::validate::{self, Path};

/// One node of a tree that holds text: a form parameter's part, an XML element.
pub trait Node: Clone {
    /// The text of the node itself.
    fn text(&self) -> Option<String>;
    /// The node of a structure's member.
    fn member(&self, member: &'static Member) -> Option<Self>;
    /// The elements of a list that this member is.
    fn elements(&self, member: &'static Member) -> Vec<Self>;
    /// The entries of a map that this member is.
    fn entries(&self, member: &'static Member) -> Vec<(String, Self)>;
}

/// Reads a node.
pub struct TreeReader<'a, N> {
    node: N,
    path: &'a mut Path,
    missing: &'a mut Vec<Missing>,
}

/// Reads a whole input structure from the root node.
///
/// # Errors
/// The first value that cannot be read, with its path.
pub fn read<N: Node>(root: N, members: Members, input: &mut dyn Shape) -> Result<Vec<Missing>, ReadError> {
    let mut path = Path::default();
    let mut missing = Vec::new();
    let mut reader = TreeReader { node: root, path: &mut path, missing: &mut missing };
    reader.read_members(members, input)?;
    Ok(missing)
}

/// Which members of a structure are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Members {
    /// All.
    All,
    /// Those that stand in an HTTP body.
    Body,
}

impl<N: Node> TreeReader<'_, N> {
    fn read_members(&mut self, members: Members, into: &mut dyn Shape) -> Result<(), ReadError> {
        let schema = into.schema();
        for (index, member) in schema.members.iter().enumerate() {
            if members == Members::Body && member.location != kernel::schema::Location::Body {
                continue;
            }
            let is_flat = member.flattened && matches!(member.target.kind, Kind::List | Kind::Map);
            let node = if is_flat { Some(self.node.clone()) } else { self.node.member(member) };
            let present = match &node {
                Some(node) if member.target.kind == Kind::List && is_flat => {
                    !node.elements(member).is_empty()
                }
                Some(node) if is_flat => !node.entries(member).is_empty(),
                other => other.is_some(),
            };
            self.path.push(member);
            if let (true, Some(node)) = (present, node) {
                let mut reader = TreeReader { node, path: self.path, missing: self.missing };
                let read = into.read_member(index, &mut reader);
                read.map_err(|error| self.path.locate(error))?;
            } else if member.required {
                self.missing.push(validate::missing(self.path));
            }
            self.path.pop();
        }
        Ok(())
    }

    fn text(&self) -> String {
        self.node.text().unwrap_or_default()
    }
}

impl<N: Node> Reader for TreeReader<'_, N> {
    fn null(&mut self) -> Result<bool, ReadError> {
        Ok(false)
    }

    fn blob(&mut self, _: &'static Member) -> Result<Bytes, ReadError> {
        text::parse_base64(&self.text())
    }

    fn boolean(&mut self, _: &'static Member) -> Result<bool, ReadError> {
        text::parse_boolean(&self.text())
    }

    fn document(&mut self, _: &'static Member) -> Result<Document, ReadError> {
        Err(ReadError::new(ReadErrorKind::Type, "documents cannot be written here"))
    }

    fn float(&mut self, _: &'static Member) -> Result<f64, ReadError> {
        text::parse_float(&self.text())
    }

    fn integer(&mut self, member: &'static Member) -> Result<i64, ReadError> {
        text::parse_integer(member, &self.text())
    }

    fn list(
        &mut self,
        member: &'static Member,
        each: &mut dyn FnMut(&mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        for (index, node) in self.node.elements(member).into_iter().enumerate() {
            self.path.push_index(index);
            let mut reader = TreeReader { node, path: self.path, missing: self.missing };
            let read = each(&mut reader);
            read.map_err(|error| self.path.locate(error))?;
            self.path.pop();
        }
        Ok(())
    }

    fn map(
        &mut self,
        member: &'static Member,
        each: &mut dyn FnMut(String, &mut dyn Reader) -> Result<(), ReadError>,
    ) -> Result<(), ReadError> {
        for (key, node) in self.node.entries(member) {
            self.path.push_key(&key);
            let mut reader = TreeReader { node, path: self.path, missing: self.missing };
            let read = each(key, &mut reader);
            read.map_err(|error| self.path.locate(error))?;
            self.path.pop();
        }
        Ok(())
    }

    fn stream(&mut self, _: &'static Member) -> Result<ByteStream, ReadError> {
        Ok(ByteStream::default())
    }

    fn string(&mut self, _: &'static Member) -> Result<String, ReadError> {
        Ok(self.text())
    }

    fn structure(&mut self, _: &'static Member, into: &mut dyn Shape) -> Result<(), ReadError> {
        self.read_members(Members::All, into)
    }

    fn timestamp(&mut self, _: &'static Member) -> Result<Timestamp, ReadError> {
        text::parse_timestamp(&self.text())
    }
}
