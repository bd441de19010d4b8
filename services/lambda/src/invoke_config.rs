//! What becomes of asynchronous events: how often and how long they are tried, and where their outcome goes.

use api_lambda::{DestinationConfig, FunctionEventInvokeConfig, OnFailure, OnSuccess};
use kernel::{Fault, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Table, WriteTx};

use crate::names::FunctionName;

/// By function and qualifier.
pub static INVOKE_CONFIGS: Table<(String, String), InvokeConfig> = Table::regional("lambda.invoke_configs");

/// The settings of a function, a version or an alias.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct InvokeConfig {
    /// When it was last changed.
    pub modified: Timestamp,
    /// How often a failed event is tried again.
    pub retries: Option<i32>,
    /// Seconds after which an event is given up.
    pub age: Option<i32>,
    /// Where outcomes of events that succeeded go.
    pub on_success: Option<String>,
    /// Where events that were given up go.
    pub on_failure: Option<String>,
}

impl InvokeConfig {
    /// The settings as callers see them.
    pub fn describe(&self, name: &FunctionName) -> FunctionEventInvokeConfig {
        FunctionEventInvokeConfig {
            last_modified: Some(self.modified),
            function_arn: Some(name.with(name.key()).arn()),
            maximum_retry_attempts: self.retries,
            maximum_event_age_in_seconds: self.age,
            destination_config: Some(DestinationConfig {
                on_success: Some(OnSuccess { destination: self.on_success.clone() }),
                on_failure: Some(OnFailure { destination: self.on_failure.clone() }),
            }),
        }
    }
}

/// Forgets what a function has, or one of its qualifiers.
pub fn forget(tx: &mut WriteTx<'_>, function: &str, qualifier: Option<&str>) -> Result<(), Fault> {
    if let Some(qualifier) = qualifier {
        return tx.delete(&INVOKE_CONFIGS, &(function, qualifier)).map(drop);
    }
    let keys = tx.prefix(&INVOKE_CONFIGS, &(function,)).keys().collect::<Result<Vec<_>, Fault>>()?;
    keys.iter().try_for_each(|key| tx.delete(&INVOKE_CONFIGS, key).map(drop))
}
