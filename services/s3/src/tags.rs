//! Tags: what one may be, and those of objects, which are at most ten, from a header or a document.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-tagging.html>

use api_s3::{Tag, Tagging};
use kernel::{Fault, Map};
use percent_encoding::percent_decode_str;

use crate::{errors, limits};

const HEADER: &str = "x-amz-tagging";

/// The tags of a header, which is written like a query string.
pub fn of_header(header: Option<&str>) -> Result<Map<String, String>, Fault> {
    let Some(header) = header.filter(|header| !header.is_empty()) else { return Ok(Map::new()) };
    let malformed = || {
        let message = "The header 'x-amz-tagging' shall be encoded as UTF-8 then URLEncoded URL query parameters \
                       without tag name duplicates.";
        errors::invalid_argument(message, HEADER, header)
    };
    let decoded = |text: &str| {
        let text = text.replace('+', " ");
        percent_decode_str(&text).decode_utf8().map(|text| text.into_owned()).map_err(|_| malformed())
    };
    let mut tags = Map::new();
    for pair in header.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let (key, value) = (decoded(key)?, decoded(value)?);
        if key.is_empty() || pair.matches('=').count() > 1 {
            return Err(malformed());
        }
        check(&key, &value)?;
        if tags.insert(key, value).is_some() {
            return Err(malformed());
        }
    }
    if tags.len() > limits::OBJECT_TAGS { Err(too_many()) } else { Ok(tags) }
}

/// The tags of a document.
pub fn of_document(tagging: &Tagging) -> Result<Map<String, String>, Fault> {
    if tagging.tag_set.len() > limits::OBJECT_TAGS {
        return Err(too_many());
    }
    let mut tags = Map::new();
    for tag in &tagging.tag_set {
        check(&tag.key, &tag.value)?;
        if tags.insert(tag.key.clone(), tag.value.clone()).is_some() {
            return Err(errors::repeated_tag(&tag.key));
        }
    }
    Ok(tags)
}

/// As answers have them.
pub fn told(tags: &Map<String, String>) -> Vec<Tag> {
    tags.iter().map(|(key, value)| Tag { key: key.clone(), value: value.clone() }).collect()
}

fn too_many() -> Fault {
    Fault::client("BadRequest", "Object tags cannot be greater than 10")
}

fn check(key: &str, value: &str) -> Result<(), Fault> {
    check_text(key, value)?;
    if key.starts_with("aws:") {
        return Err(errors::invalid_tag("Your TagKey cannot be prefixed with aws:").field("TagKey", key));
    }
    Ok(())
}

/// Whether objects and buckets can have such a tag: letters, numbers and spaces of any script, and these signs.
pub fn check_text(key: &str, value: &str) -> Result<(), Fault> {
    let is_allowed = |one: char| one.is_alphanumeric() || one.is_whitespace() || "+-=._:/@".contains(one);
    let fits = |text: &str, most: usize| text.chars().count() <= most && text.chars().all(is_allowed);
    if key.is_empty() || !fits(key, limits::TAG_KEY) {
        return Err(errors::invalid_tag("The TagKey you have provided is invalid").field("TagKey", key));
    }
    if !fits(value, limits::TAG_VALUE) {
        let fault = errors::invalid_tag("The TagValue you have provided is invalid");
        return Err(fault.field("TagKey", key).field("TagValue", value));
    }
    Ok(())
}
