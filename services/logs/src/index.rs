//! Field indexes: which fields queries find fast on AWS. Here, all are found alike, and the policies are told.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatchLogs-Field-Indexing.html>

use api_logs::LogsError;
use kernel::Fault;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{ReadTx, Table};

use crate::account_policy::{ACCOUNT_POLICIES, FIELD_INDEX};

/// Policies of single groups, by the group's name.
pub static INDEX_POLICIES: Table<String, Row> = Table::regional("logs.index_policies");

/// Fields of one policy, and characters of a name.
const FIELDS: usize = 20;
const NAME: usize = 100;

/// A policy of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The document.
    pub document: String,
    /// When it was last put, in milliseconds since 1970.
    pub updated: i64,
}

/// Fields that all groups have indexes of.
const DEFAULTS: [&str; 10] = [
    "@logStream",
    "@aws.region",
    "@aws.account",
    "@source.log",
    "@data_source_name",
    "@data_source_type",
    "@data_format",
    "traceId",
    "severityText",
    "attributes.session.id",
];

/// Whether a group has indexes of all these fields, by its own policy or else the account's.
pub fn covers(tx: &ReadTx<'_>, group: &str, names: &[impl AsRef<str>]) -> Result<bool, Fault> {
    if names.is_empty() {
        return Ok(true);
    }
    let mut document = tx.get(&INDEX_POLICIES, group)?.map(|row| row.document);
    if document.is_none() {
        for row in tx.prefix(&ACCOUNT_POLICIES, &(FIELD_INDEX,)) {
            let (_, row) = row?;
            if row.covers(group) {
                document = Some(row.document);
            }
        }
    }
    let known = document.map_or(Ok(Vec::new()), |document| fields(&document))?;
    let is_known = |name: &str| DEFAULTS.contains(&name) || known.iter().any(|known| known == name);
    Ok(names.iter().all(|name| is_known(name.as_ref())))
}

/// The fields that a policy names: `{"Fields": ["a", "b"]}`.
pub fn fields(document: &str) -> Result<Vec<String>, LogsError> {
    let invalid = || LogsError::invalid_parameter_exception("Invalid field index policy document.");
    let document: Value = serde_json::from_str(document).map_err(|_| invalid())?;
    let list = document["Fields"].as_array().ok_or_else(invalid)?;
    let names = list.iter().map(|name| name.as_str().map(str::to_owned)).collect::<Option<Vec<_>>>();
    let names = names.filter(|names| !names.is_empty() && names.len() <= FIELDS).ok_or_else(invalid)?;
    if names.iter().any(|name| name.is_empty() || name.chars().count() > NAME) {
        return Err(invalid());
    }
    Ok(names)
}
