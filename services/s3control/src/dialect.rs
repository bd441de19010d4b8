//! How S3 Control words requests that lack something.

use kernel::schema::OperationSchema;
use kernel::service::{Dialect, Verdict};
use kernel::validation::Problem;

use crate::errors;

/// S3 Control checks values itself, as S3 does.
pub struct S3controlDialect;

impl Dialect for S3controlDialect {
    fn invalid(&self, operation: &'static OperationSchema, problems: &[Problem]) -> Verdict {
        // An empty block is a request that asks for nothing, and empty lists are not written in XML.
        let is_missing = |problem: &Problem| problem.is_missing() && problem.path.contains('.');
        if operation.name != "PutPublicAccessBlock" && problems.iter().any(is_missing) {
            return Verdict::Refuse(errors::malformed_xml());
        }
        Verdict::Accept
    }
}
