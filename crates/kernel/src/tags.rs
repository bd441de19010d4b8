//! Tags: keys and values that callers attach to resources, under AWS's common limits.

use crate::Map;

/// A resource's tags, in the order in which they were set.
pub type Tags = Map<String, String>;

/// AWS's common limits: 50 tags, keys of 128 characters, values of 256.
///
/// Source: <https://docs.aws.amazon.com/tag-editor/latest/userguide/tagging.html#tag-conventions>
pub mod limits {
    /// Tags on one resource.
    pub const COUNT: usize = 50;
    /// Characters of a key.
    pub const KEY: usize = 128;
    /// Characters of a value.
    pub const VALUE: usize = 256;
}

/// What AWS refuses in a set of tags.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TagProblem {
    /// More tags than a resource may have.
    TooMany,
    /// A key that is empty or too long.
    Key(String),
    /// A value that is too long.
    Value(String),
    /// A key of AWS's own.
    Reserved(String),
}

/// The first thing AWS would refuse, if any.
pub fn check(tags: &Tags) -> Option<TagProblem> {
    if tags.len() > limits::COUNT {
        return Some(TagProblem::TooMany);
    }
    tags.iter().find_map(|(key, value)| {
        if key.is_empty() || key.chars().count() > limits::KEY {
            Some(TagProblem::Key(key.clone()))
        } else if key.starts_with("aws:") {
            Some(TagProblem::Reserved(key.clone()))
        } else if value.chars().count() > limits::VALUE {
            Some(TagProblem::Value(value.clone()))
        } else {
            None
        }
    })
}
