//! Conditional requests: which of the conditions count, and what their failing answers.
//!
//! Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-requests.html>

use kernel::{Fault, Timestamp};

use crate::errors;
use crate::names::{quoted, unquoted};
use crate::object::Object;

/// The conditions of a read, or of a copy's source.
pub struct Reading<'a> {
    /// `If-Match`.
    pub matches: Option<&'a str>,
    /// `If-None-Match`.
    pub none_matches: Option<&'a str>,
    /// `If-Modified-Since`.
    pub modified_since: Option<Timestamp>,
    /// `If-Unmodified-Since`.
    pub unmodified_since: Option<Timestamp>,
}

/// A condition that does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Broken {
    Match,
    NoneMatch,
    ModifiedSince,
    UnmodifiedSince,
}

/// The conditions of an input.
macro_rules! reading {
    ($input:ident) => {
        $crate::conditions::Reading {
            matches: $input.if_match.as_deref(),
            none_matches: $input.if_none_match.as_deref(),
            modified_since: $input.if_modified_since,
            unmodified_since: $input.if_unmodified_since,
        }
    };
}

/// The conditions on the source of an input.
macro_rules! copying {
    ($input:ident) => {
        $crate::conditions::Reading {
            matches: $input.copy_source_if_match.as_deref(),
            none_matches: $input.copy_source_if_none_match.as_deref(),
            modified_since: $input.copy_source_if_modified_since,
            unmodified_since: $input.copy_source_if_unmodified_since,
        }
    };
}

pub(crate) use {copying, reading};

impl Reading<'_> {
    /// Whether `GetObject` and `HeadObject` go on.
    pub fn check(&self, object: &Object, now: Timestamp) -> Result<(), Fault> {
        match self.broken(&object.etag, object.modified(), now) {
            None => Ok(()),
            Some(Broken::Match) => Err(errors::precondition_failed("If-Match")),
            Some(Broken::UnmodifiedSince) => Err(errors::precondition_failed("If-Unmodified-Since")),
            Some(Broken::NoneMatch | Broken::ModifiedSince) => {
                let modified = object.modified().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
                let fault = errors::not_modified().header("etag", quoted(&object.etag));
                Err(fault.header("last-modified", modified))
            }
        }
    }

    /// Whether a copy goes on: every failing is one of the request.
    pub fn check_source(&self, object: &Object, now: Timestamp) -> Result<(), Fault> {
        let name = match self.broken(&object.etag, object.modified(), now) {
            None => return Ok(()),
            Some(Broken::Match) => "x-amz-copy-source-If-Match",
            Some(Broken::UnmodifiedSince) => "x-amz-copy-source-If-Unmodified-Since",
            Some(Broken::NoneMatch) => "x-amz-copy-source-If-None-Match",
            Some(Broken::ModifiedSince) => "x-amz-copy-source-If-Modified-Since",
        };
        Err(errors::precondition_failed(name))
    }

    /// The first broken condition. Entity tags outdo dates; dates to come are no conditions.
    fn broken(&self, etag: &str, modified: Timestamp, now: Timestamp) -> Option<Broken> {
        match (self.matches, self.unmodified_since) {
            (Some(tags), _) if !lists(tags, etag) => return Some(Broken::Match),
            (None, Some(since)) if modified > since => return Some(Broken::UnmodifiedSince),
            _ => {}
        }
        match (self.none_matches, self.modified_since) {
            (Some(tags), _) if lists(tags, etag) => Some(Broken::NoneMatch),
            (None, Some(since)) if modified <= since && since <= now => Some(Broken::ModifiedSince),
            _ => None,
        }
    }
}

/// Whether a list of entity tags has this one, or is `*`.
fn lists(tags: &str, etag: &str) -> bool {
    tags.trim() == "*" || tags.split(',').any(|tag| unquoted(tag) == etag)
}

/// Whether the conditions of a write are such as S3 takes.
pub fn check_writing(if_match: Option<&str>, if_none_match: Option<&str>) -> Result<(), Fault> {
    let refuse = |header: &str| {
        let message = format!("We don't accept the provided value of {header} header for this API");
        Err(errors::not_implemented(header, &message))
    };
    match (if_match, if_none_match) {
        (Some(_), Some(_)) => {
            let message = "Multiple conditional request headers present in the request";
            Err(errors::not_implemented("If-Match,If-None-Match", message))
        }
        (Some("*"), None) => refuse("If-Match"),
        (None, Some(tag)) if tag != "*" => refuse("If-None-Match"),
        _ => Ok(()),
    }
}

/// Whether a write goes on, given what it would replace.
pub fn check_replaced(
    key: &str,
    old: Option<&Object>,
    if_match: Option<&str>,
    if_none_match: Option<&str>,
) -> Result<(), Fault> {
    match (old, if_match, if_none_match) {
        (Some(_), _, Some(_)) => Err(errors::precondition_failed("If-None-Match")),
        (None, Some(_), _) => Err(errors::no_such_key(key)),
        (Some(old), Some(tag), _) if unquoted(tag) != old.etag => {
            Err(errors::precondition_failed("If-Match"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(
        matches: Option<&str>,
        none_matches: Option<&str>,
        modified_since: Option<i64>,
        unmodified_since: Option<i64>,
    ) -> Option<Broken> {
        let at = |second| Timestamp::from_second(second).unwrap();
        let reading = Reading {
            matches,
            none_matches,
            modified_since: modified_since.map(at),
            unmodified_since: unmodified_since.map(at),
        };
        reading.broken("e", at(100), at(200))
    }

    #[test]
    fn each_condition_alone() {
        assert_eq!(broken(None, None, None, None), None);
        assert_eq!(broken(Some("\"e\""), None, None, None), None);
        assert_eq!(broken(Some("\"x\""), None, None, None), Some(Broken::Match));
        assert_eq!(broken(None, Some("\"x\", \"e\""), None, None), Some(Broken::NoneMatch));
        assert_eq!(broken(None, Some("*"), None, None), Some(Broken::NoneMatch));
        assert_eq!(broken(None, None, Some(100), None), Some(Broken::ModifiedSince));
        assert_eq!(broken(None, None, Some(99), None), None);
        assert_eq!(broken(None, None, Some(201), None), None, "a date to come");
        assert_eq!(broken(None, None, None, Some(99)), Some(Broken::UnmodifiedSince));
        assert_eq!(broken(None, None, None, Some(100)), None);
    }

    #[test]
    fn tags_outdo_dates() {
        assert_eq!(broken(Some("e"), None, None, Some(99)), None);
        assert_eq!(broken(None, Some("x"), Some(100), None), None);
        assert_eq!(broken(None, Some("e"), Some(99), None), Some(Broken::NoneMatch));
        assert_eq!(broken(Some("x"), Some("e"), None, None), Some(Broken::Match));
    }
}
