//! How S3 words requests that cannot be read or lack something.

use kernel::Fault;
use kernel::schema::{Location, OperationSchema};
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
        let Some(missing) = problems.iter().find(|problem| problem.is_missing()) else {
            return Verdict::Accept;
        };
        let is_payload = |name: &str| name.eq_ignore_ascii_case(&missing.path);
        let mut members = operation.input.members.iter();
        if members.any(|member| member.location == Location::Payload && is_payload(member.name)) {
            return Verdict::Refuse(errors::missing_body());
        }
        Verdict::Refuse(errors::malformed_xml())
    }
}
