//! Every number AWS documents.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html>

use kernel::Fault;

use crate::errors;

/// The longest key, in bytes of UTF-8.
pub const KEY_BYTES: usize = 1024;
/// All user metadata of an object, names and values together.
pub const METADATA_BYTES: usize = 2048;
/// The most entries of a page of a listing.
pub const PAGE: usize = 1000;
/// The most buckets of a page.
pub const BUCKETS_PAGE: usize = 10_000;
/// The most keys of one `DeleteObjects`.
pub const DELETED_AT_ONCE: usize = 1000;
/// The largest body that one request brings: 5 GiB.
pub const BODY_BYTES: u64 = 5 << 30;
/// The least size of every part but the last: 5 MiB.
pub const PART_BYTES: u64 = 5 << 20;
/// The highest number of a part.
pub const PART_NUMBER: i32 = 10_000;
/// The most tags of an object.
pub const OBJECT_TAGS: usize = 10;
/// The longest key of a tag, in characters.
pub const TAG_KEY: usize = 128;
/// The longest value of a tag, in characters.
pub const TAG_VALUE: usize = 256;
/// The largest body that lives in a row; larger ones are blobs.
pub const INLINE_BYTES: usize = 16 * 1024;

/// The most tags of a bucket.
pub const BUCKET_TAGS: usize = 50;
/// The largest bucket policy, in bytes.
pub const POLICY_BYTES: usize = 20 * 1024;
/// The most CORS rules of a bucket.
pub const CORS_RULES: usize = 100;
/// The most lifecycle rules of a bucket, and the most replication rules.
pub const LIFECYCLE_RULES: usize = 1000;
/// The longest id of a rule.
pub const RULE_ID_CHARS: usize = 255;
/// The most routing rules of a website.
pub const ROUTING_RULES: usize = 50;
/// The most events notified by one configuration of a bucket.
pub const NOTIFICATIONS: usize = 100;
/// The most configurations of one kind, for analytics, inventory, metrics and tiering.
pub const CONFIGURATIONS: usize = 1000;
/// The most of them on one page.
pub const CONFIGURATIONS_PAGE: usize = 100;
/// The longest default retention, in days.
pub const RETENTION_DAYS: i32 = 36_500;
/// The longest default retention, in years.
pub const RETENTION_YEARS: i32 = 100;

/// A key that is not too long.
pub fn key(key: &str) -> Result<(), Fault> {
    if key.len() > KEY_BYTES { Err(errors::key_too_long(key.len())) } else { Ok(()) }
}

/// A source, or a part of one, that one request may copy.
pub fn copied(size: u64) -> Result<(), Fault> {
    if size <= BODY_BYTES {
        return Ok(());
    }
    Err(errors::invalid_request(format!(
        "The specified copy source is larger than the maximum allowable size for a copy source: {BODY_BYTES}"
    )))
}

/// How many entries a page has, from what the client asks for.
pub fn page(asked: Option<i32>, argument: &'static str) -> Result<usize, Fault> {
    let Some(asked) = asked else { return Ok(PAGE) };
    usize::try_from(asked).map(|asked| asked.min(PAGE)).map_err(|_| {
        let name = match argument {
            "max-keys" => "maxKeys",
            "max-uploads" => "max-uploads",
            _ => "maxParts",
        };
        let message = format!("Argument {name} must be an integer between 0 and 2147483647");
        errors::invalid_argument(&message, name, &asked.to_string())
    })
}

/// The number of a part.
pub fn part_number(number: i32) -> Result<u32, Fault> {
    let valid = (1..=PART_NUMBER).contains(&number);
    u32::try_from(number).ok().filter(|_| valid).ok_or_else(|| {
        let message = "Part number must be an integer between 1 and 10000, inclusive";
        errors::invalid_argument(message, "partNumber", &number.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_sources_are_copied_in_parts() {
        assert!(copied(5_368_709_120).is_ok());
        assert_eq!(copied(5_368_709_121).unwrap_err().code(), "InvalidRequest");
    }
}
