//! How SQS words requests that lack something.

use kernel::Fault;
use kernel::schema::OperationSchema;
use kernel::service::{Dialect, Verdict};
use kernel::validation::Problem;

/// SQS checks values itself and names the first parameter that is missing.
pub struct SqsDialect;

impl Dialect for SqsDialect {
    fn invalid(&self, _: &'static OperationSchema, problems: &[Problem]) -> Verdict {
        let Some(missing) = problems.iter().find(|problem| problem.is_missing()) else {
            return Verdict::Accept;
        };
        let name = missing.path.rsplit('.').next().unwrap_or_default();
        let name = name[..1].to_ascii_uppercase() + &name[1..];
        let message = format!("The request must contain the parameter {name}.");
        Verdict::Refuse(Fault::client("MissingParameter", message))
    }
}
