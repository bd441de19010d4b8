//! Event source mappings: what reads queues and streams and hands what it finds to functions.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/invocation-eventsourcemapping.html>

mod checks;
mod discard;
mod filter;
mod invocation;
mod manager;
mod queue;
mod record;
mod retry;
mod shards;
mod stream;
mod window;

use api_lambda::{EventSourceMappingConfiguration, LambdaError};
use kernel::{Arn, Map, Scope};
use protocol::stored::Stored;
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

pub use checks::{Source, check, exists, function, has_filters, new};
pub use manager::Mappings;
pub use window::Window;

use crate::errors;

/// The mappings, by their ids.
pub static MAPPINGS: Table<String, Mapping> = Table::regional("lambda.mappings");
/// How far streams are read, by mapping and shard: the number of the last record that is done with.
pub static POSITIONS: Table<(String, String), String> = Table::regional("lambda.mappings.positions");
/// Windows that are open, by mapping and shard.
pub static WINDOWS: Table<(String, String), Window> = Table::regional("lambda.mappings.windows");

/// A mapping.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Mapping {
    /// As callers see it.
    pub configuration: Stored<EventSourceMappingConfiguration>,
    /// Its tags.
    pub tags: Map<String, String>,
    /// Grows with every change that a caller made.
    pub revision: u64,
}

impl Mapping {
    /// The mapping of that id.
    pub fn get(tx: &ReadTx<'_>, id: &str) -> Result<Self, LambdaError> {
        tx.get(&MAPPINGS, id)?.ok_or_else(no_mapping)
    }

    /// Whether it is to work.
    pub fn is_enabled(&self) -> bool {
        self.configuration.0.state.as_deref() == Some("Enabled")
    }

    /// Its id.
    pub fn id(&self) -> &str {
        self.configuration.0.uuid.as_deref().unwrap_or_default()
    }

    /// The ARN of what it reads.
    pub fn source(&self) -> &str {
        self.configuration.0.event_source_arn.as_deref().unwrap_or_default()
    }

    /// The ARN of its function.
    pub fn function(&self) -> &str {
        self.configuration.0.function_arn.as_deref().unwrap_or_default()
    }

    /// Whether functions tell which records of a batch failed.
    pub fn reports_failures(&self) -> bool {
        let types = self.configuration.0.function_response_types.iter().flatten();
        types.into_iter().any(|kind| kind.as_str() == "ReportBatchItemFailures")
    }
}

/// The ARN of a mapping.
pub fn arn(scope: &Scope, id: &str) -> String {
    Arn::new("lambda", scope, format!("event-source-mapping:{id}")).to_string()
}

fn no_mapping() -> LambdaError {
    errors::not_found("The resource you requested does not exist.".to_owned())
}
