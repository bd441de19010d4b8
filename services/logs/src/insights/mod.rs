//! The query language of Logs Insights: commands with pipes between them.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CWL_QuerySyntax.html>

mod aggregate;
mod command;
mod expression;
mod functions;
mod lambda;
mod lexer;
mod period;
mod row;
mod run;
mod selection;
mod value;

pub use command::{Problem, Query};
pub use row::{Row, Source, pointer};
pub use run::{Outcome, run};
pub use selection::Selection;

use api_logs::LogsError;

use crate::errors;

/// Parses a query, or says what AWS would say of it.
pub fn parse(text: &str) -> Result<Query, LogsError> {
    Query::parse(text).map_err(|problem| match problem {
        Problem::Malformed(reason) => errors::malformed_query(&reason),
        Problem::NotEmulated(what) => errors::not_emulated(&what),
    })
}
