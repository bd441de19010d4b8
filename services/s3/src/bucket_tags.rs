//! The rules of bucket tags.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketTagging.html>

use std::collections::HashSet;

use api_s3::Tag;
use kernel::Fault;

use crate::{errors, limits, tags};

/// Tags that a bucket may have.
pub fn check(all: &[Tag]) -> Result<(), Fault> {
    let mut keys = HashSet::new();
    for tag in all {
        tags::check_text(&tag.key, &tag.value)?;
        if !keys.insert(tag.key.as_str()) {
            return Err(errors::repeated_tag(&tag.key));
        }
        if tag.key.starts_with("aws:") {
            let message = "System tags cannot be added/updated by requester";
            return Err(errors::invalid_tag(message).field("TagKey", &tag.key));
        }
    }
    check_count(all)
}

/// Tags that a bucket may be made with: AWS words one rule otherwise.
pub fn check_new(tags: &[Tag]) -> Result<(), Fault> {
    if tags.iter().any(|tag| tag.key.starts_with("aws:")) {
        let message = "User-defined tag keys can't start with \"aws:\". This prefix is reserved for system tags. \
                       Remove \"aws:\" from your tag keys and try again.";
        return Err(errors::invalid_tag(message));
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
