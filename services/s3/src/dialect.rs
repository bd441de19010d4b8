//! How S3 words requests that cannot be read or lack something.

use kernel::Fault;
use kernel::schema::{Kind, Location, Member, OperationSchema, Schema};
use kernel::service::{Dialect, Verdict};
use kernel::shape::{ReadError, ReadErrorKind};
use kernel::validation::Problem;

use crate::errors;

/// S3 checks values itself and blames arguments by the names they have on the wire.
pub struct S3Dialect;

impl Dialect for S3Dialect {
    fn unreadable(&self, operation: &'static OperationSchema, error: &ReadError) -> Option<Fault> {
        if error.kind == ReadErrorKind::Syntax {
            return None;
        }
        let is_meant = |name: &str| name.eq_ignore_ascii_case(&error.path);
        let member = operation.input.members.iter().find(|member| is_meant(member.name))?;
        if !matches!(member.location, Location::Header | Location::QueryString) {
            return None;
        }
        // The value stands at the front of the sentence: `abc is not a valid integer`.
        let value = error.message.split_once(" is ").map_or("", |(value, _)| value);
        let message = match member.wire {
            "partNumber" => "Part number must be an integer between 1 and 10000, inclusive".to_owned(),
            wire => format!("Provided {wire} not an integer or within integer range"),
        };
        Some(errors::invalid_argument(&message, member.wire, value))
    }

    fn invalid(&self, operation: &'static OperationSchema, problems: &[Problem]) -> Verdict {
        let is_missing =
            |problem: &&Problem| problem.is_missing() && !is_list(operation.input, &problem.path);
        let Some(missing) = problems.iter().find(is_missing) else {
            return Verdict::Accept;
        };
        let is_payload = |name: &str| name.eq_ignore_ascii_case(&missing.path);
        let is_payload = |member: &&Member| member.location == Location::Payload && is_payload(member.name);
        match operation.input.members.iter().find(is_payload) {
            // A policy without a text is a bad policy.
            Some(member) if member.target.kind == Kind::String => return Verdict::Accept,
            Some(_) => return Verdict::Refuse(errors::missing_body()),
            None => {}
        }
        Verdict::Refuse(match operation.name {
            "PutBucketAcl" | "PutObjectAcl" => errors::settings::malformed_acl(),
            _ => errors::malformed_xml(),
        })
    }
}

/// Whether a list stands at the path. One without elements is not written in XML, so it is for handlers to tell
/// whether it may be empty.
fn is_list(input: &'static Schema, path: &str) -> bool {
    let mut schema = input;
    let mut parts = path.split('.');
    while let Some(part) = parts.next() {
        let element = part.bytes().all(|byte| byte.is_ascii_digit());
        let member = if element { schema.members.first() } else { named(schema, part) };
        let Some(member) = member else { return false };
        if element {
            parts.next();
        }
        schema = member.target;
    }
    schema.kind == Kind::List
}

fn named(schema: &'static Schema, name: &str) -> Option<&'static Member> {
    schema.members.iter().find(|member| member.name.eq_ignore_ascii_case(name))
}
