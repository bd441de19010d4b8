//! The rules of bucket tags.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html>

use std::collections::HashSet;

use api_s3::Tag;
use kernel::Fault;

use crate::{errors, limits};

/// Tags that a bucket may have.
pub fn check(tags: &[Tag]) -> Result<(), Fault> {
    let mut keys = HashSet::new();
    for tag in tags {
        check_text(tag)?;
        if !keys.insert(tag.key.as_str()) {
            let message = "Cannot provide multiple Tags with the same key";
            return Err(errors::settings::invalid_tag(message).field("TagKey", &tag.key));
        }
        if tag.key.starts_with("aws:") {
            let message = "System tags cannot be added/updated by requester";
            return Err(errors::settings::invalid_tag(message).field("TagKey", &tag.key));
        }
    }
    check_count(tags)
}

/// Tags that a bucket may be made with: AWS words one rule otherwise.
pub fn check_new(tags: &[Tag]) -> Result<(), Fault> {
    if tags.iter().any(|tag| tag.key.starts_with("aws:")) {
        let message = "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. \
                       Remove \"aws:\" from your tag keys and try again.";
        return Err(errors::settings::invalid_tag(message));
    }
    check(tags)
}

fn check_count(tags: &[Tag]) -> Result<(), Fault> {
    if tags.len() > limits::BUCKET_TAGS {
        let message = format!("Bucket tag count cannot be greater than {}", limits::BUCKET_TAGS);
        return Err(Fault::client("BadRequest", message));
    }
    Ok(())
}

fn check_text(tag: &Tag) -> Result<(), Fault> {
    let fits = |text: &str, most: usize| text.chars().count() <= most && text.chars().all(is_allowed);
    if tag.key.is_empty() || !fits(&tag.key, limits::TAG_KEY_CHARS) {
        let message = "The TagKey you have provided is invalid";
        return Err(errors::settings::invalid_tag(message).field("TagKey", &tag.key));
    }
    if !fits(&tag.value, limits::TAG_VALUE_CHARS) {
        let fault = errors::settings::invalid_tag("The TagValue you have provided is invalid");
        return Err(fault.field("TagKey", &tag.key).field("TagValue", &tag.value));
    }
    Ok(())
}

/// Letters, numbers and spaces of any script, and these signs.
fn is_allowed(letter: char) -> bool {
    letter.is_alphanumeric() || letter.is_whitespace() || "_.:/=+-@".contains(letter)
}
