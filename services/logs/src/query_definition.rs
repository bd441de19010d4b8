//! Saved queries.

use api_logs::{QueryDefinition, QueryLanguage};
use serde::{Deserialize, Serialize};
use store::Table;

/// Query definitions by id.
pub static QUERY_DEFINITIONS: Table<String, Row> = Table::regional("logs.query_definitions");

/// A saved query.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// Its name; folders are parts of it.
    pub name: String,
    /// The query.
    pub query: String,
    /// The groups it is for.
    pub groups: Vec<String>,
    /// When it was last put, in milliseconds since 1970.
    pub modified: i64,
}

impl Row {
    /// The definition as callers see it.
    pub fn describe(self, id: String) -> QueryDefinition {
        QueryDefinition {
            query_language: Some(QueryLanguage::Cwli),
            query_definition_id: Some(id),
            name: Some(self.name),
            query_string: Some(self.query),
            last_modified: Some(self.modified),
            log_group_names: Some(self.groups),
            parameters: None,
        }
    }
}
