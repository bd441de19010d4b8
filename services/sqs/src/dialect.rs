//! How SQS words requests that lack something.

use kernel::Fault;
use kernel::schema::OperationSchema;
use kernel::service::{Dialect, Verdict};
use kernel::validation::Problem;

use crate::errors;

/// SQS checks values itself and names the first parameter that is missing.
pub struct SqsDialect;

impl Dialect for SqsDialect {
    fn unknown_action(&self, action: &str) -> Option<Fault> {
        Some(errors::invalid_action(action))
    }

    fn invalid(&self, _: &'static OperationSchema, problems: &[Problem]) -> Verdict {
        // A queue may be named by the path alone: `names::locate` sees to it. Batches have an error of their own.
        let is_wanted = |problem: &&Problem| {
            problem.is_missing() && !matches!(problem.path.as_str(), "queueUrl" | "entries")
        };
        let Some(missing) = problems.iter().find(is_wanted) else {
            return Verdict::Accept;
        };
        let name = missing.path.rsplit('.').next().unwrap_or_default();
        let name = name[..1].to_ascii_uppercase() + &name[1..];
        Verdict::Refuse(errors::missing_parameter(&name).into())
    }
}
