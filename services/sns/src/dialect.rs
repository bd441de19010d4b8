//! How SNS words requests that lack something.

use kernel::schema::OperationSchema;
use kernel::service::{Dialect, Verdict};
use kernel::validation::Problem;

use crate::errors;

/// SNS checks most of what it needs itself.
pub struct SnsDialect;

impl Dialect for SnsDialect {
    fn invalid(&self, operation: &'static OperationSchema, problems: &[Problem]) -> Verdict {
        let Some(missing) = problems.iter().find(|problem| problem.is_missing()) else {
            return Verdict::Accept;
        };
        match (operation.name, missing.path.as_str()) {
            // An empty map does not reach the wire, and an empty text is looked at by the handler.
            ("Unsubscribe", _) => {
                Verdict::Refuse(errors::because("SubscriptionArn", "no value for required parameter").into())
            }
            // Whose attributes are looked at first.
            ("SetEndpointAttributes" | "SetPlatformApplicationAttributes", "attributes") => Verdict::Accept,
            _ => Verdict::Common,
        }
    }
}
