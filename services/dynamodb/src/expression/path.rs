//! Document paths: `a.b[2].c`.

use std::fmt;

use api_dynamodb::AttributeValue;

use crate::item::Attributes;

/// The way to an attribute or into one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path<'a> {
    /// The attribute.
    pub head: &'a str,
    /// The way on.
    pub rest: Vec<Step<'a>>,
}

/// One step into a map or list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// An entry of a map.
    Name(&'a str),
    /// An element of a list.
    Index(usize),
}

/// How two paths disturb each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clash {
    /// One leads into the other.
    Overlap,
    /// They take the same value for a map and for a list.
    Conflict,
}

impl Clash {
    /// The word by which AWS tells it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overlap => "overlap",
            Self::Conflict => "conflict",
        }
    }
}

impl<'a> Path<'a> {
    /// The path of a whole attribute.
    pub fn attribute(head: &'a str) -> Self {
        Self { head, rest: Vec::new() }
    }

    /// Whether the path is that whole attribute.
    pub fn is_attribute(&self, name: &str) -> bool {
        self.head == name && !self.is_nested()
    }

    /// Whether the path leads into an attribute.
    pub fn is_nested(&self) -> bool {
        !self.rest.is_empty()
    }

    /// The value at the end of the path.
    pub fn get<'v>(&self, item: &'v Attributes) -> Option<&'v AttributeValue> {
        self.rest.iter().try_fold(item.get(self.head)?, |value, step| step.into(value))
    }

    /// How the path disturbs another, if it does.
    pub fn clash(&self, other: &Self) -> Option<Clash> {
        if self.head != other.head {
            return None;
        }
        for pair in self.rest.iter().zip(&other.rest) {
            match pair {
                (Step::Name(_), Step::Index(_)) | (Step::Index(_), Step::Name(_)) => {
                    return Some(Clash::Conflict);
                }
                (one, two) if one != two => return None,
                _ => {}
            }
        }
        Some(Clash::Overlap)
    }
}

impl Step<'_> {
    /// The value one step on.
    fn into<'v>(&self, value: &'v AttributeValue) -> Option<&'v AttributeValue> {
        match (self, value) {
            (Step::Name(name), AttributeValue::M(map)) => map.get(*name),
            (Step::Index(index), AttributeValue::L(list)) => list.get(*index),
            _ => None,
        }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{}", self.head)?;
        for step in &self.rest {
            match step {
                Step::Name(name) => write!(f, ", {name}")?,
                Step::Index(index) => write!(f, ", [{index}]")?,
            }
        }
        f.write_str("]")
    }
}
