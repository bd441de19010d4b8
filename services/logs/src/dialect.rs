//! How CloudWatch Logs words requests that break the model's constraints.

use api_logs::LogsError;
use kernel::schema::OperationSchema;
use kernel::service::{Dialect, Verdict};
use kernel::validation::{self, Problem};

/// The common sentence under a code of its own.
pub struct LogsDialect;

impl Dialect for LogsDialect {
    fn invalid(&self, _: &'static OperationSchema, problems: &[Problem]) -> Verdict {
        Verdict::Refuse(LogsError::invalid_parameter_exception(validation::message(problems)).into())
    }
}
