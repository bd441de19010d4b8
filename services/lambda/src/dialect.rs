//! How Lambda words requests that break the model's constraints.

use kernel::Fault;
use kernel::schema::OperationSchema;
use kernel::service::{Dialect, Verdict};
use kernel::validation::Problem;

use crate::errors;

/// Unknown runtimes have a code of their own; all else is as everywhere.
pub struct LambdaDialect;

impl Dialect for LambdaDialect {
    fn invalid(&self, _: &'static OperationSchema, problems: &[Problem]) -> Verdict {
        match problems.iter().find(|problem| problem.path == "runtime") {
            Some(Problem { value: Some(value), constraint, .. }) => {
                let message = format!(
                    "Value {value} at 'runtime' failed to satisfy constraint: {constraint} or be a valid ARN"
                );
                Verdict::Refuse(
                    Fault::client("InvalidParameterValueException", message).field("Type", "User"),
                )
            }
            _ => weights(problems).map_or(Verdict::Common, Verdict::Refuse),
        }
    }
}

/// The shares of an alias are reported as the map they stand in.
fn weights(problems: &[Problem]) -> Option<Fault> {
    const MAP: &str = "routingConfig.additionalVersionWeights";
    let [problem] = problems else { return None };
    let version = problem.path.strip_prefix(MAP)?.strip_prefix('.')?.strip_suffix(".member")?;
    let weight: f64 = problem.value.as_ref()?.parse().ok()?;
    Some(errors::no_share(version, weight))
}
