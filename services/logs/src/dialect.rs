//! How CloudWatch Logs words requests that break the model's constraints.

use api_logs::LogsError;
use kernel::schema::OperationSchema;
use kernel::service::{Dialect, Verdict};
use kernel::validation::{self, Problem};

use crate::errors;

/// The common sentence under a code of its own.
pub struct LogsDialect;

impl Dialect for LogsDialect {
    fn invalid(&self, operation: &'static OperationSchema, problems: &[Problem]) -> Verdict {
        let is_long_name = |problem: &Problem| {
            matches!(problem.path.as_str(), "logGroupName" | "logStreamName")
                && problem.constraint.contains("less than or equal to")
        };
        if problems.iter().any(is_long_name) {
            return Verdict::Refuse(errors::name_too_long().into());
        }
        let message = validation::message(problems);
        // Deliveries are younger than the rest, and word it so.
        let is_delivery = operation.name.contains("Deliver");
        let refuse = if is_delivery {
            LogsError::validation_exception
        } else {
            LogsError::invalid_parameter_exception
        };
        Verdict::Refuse(refuse(message).into())
    }
}
