//! Tags of topics.

use api_sns::{SnsError, Tag};
use kernel::tags::{self, TagProblem, Tags};

use crate::{errors, limits};

/// Tags as they are given, each key once.
pub fn new(given: &[Tag]) -> Result<Tags, SnsError> {
    let tags: Tags = given.iter().map(|tag| (tag.key.clone(), tag.value.clone())).collect();
    if tags.len() < given.len() {
        return Err(errors::invalid("Duplicated keys are not allowed."));
    }
    check(&tags)?;
    Ok(tags)
}

/// Checks all tags of a topic together.
pub fn check(tags: &Tags) -> Result<(), SnsError> {
    match tags::check(tags) {
        None => Ok(()),
        Some(TagProblem::TooMany) => Err(SnsError::tag_limit_exceeded_exception(format!(
            "Could not complete request: tag quota of per resource exceeded ({} tags)",
            limits::TAGS
        ))),
        Some(TagProblem::Key(_)) => Err(errors::invalid("Tag key")),
        Some(TagProblem::Value(_)) => Err(errors::invalid("Tag value")),
        Some(TagProblem::Reserved(_)) => Err(errors::invalid("Tag keys must not begin with aws:")),
    }
}
