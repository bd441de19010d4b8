//! A log group.

use api_logs::{LogGroup, LogGroupClass, LogsError};
use kernel::Scope;
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

use crate::{errors, names};

/// Groups by name.
pub static GROUPS: Table<String, Group> = Table::regional("logs.groups");

/// A log group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// `STANDARD` or another class.
    pub class: LogGroupClass,
    /// Bytes of all its events.
    pub stored_bytes: i64,
}

impl Group {
    /// Refuses unless there is a group of that name.
    pub fn require(tx: &ReadTx<'_>, name: &str) -> Result<(), LogsError> {
        if tx.contains(&GROUPS, name)? { Ok(()) } else { Err(errors::no_such_group()) }
    }

    /// The group as callers see it.
    pub fn describe(self, scope: &Scope, name: String) -> LogGroup {
        let arn = names::group_arn(scope, &name);
        LogGroup {
            log_group_name: Some(name),
            creation_time: Some(self.created),
            metric_filter_count: Some(0),
            arn: Some(format!("{arn}:*")),
            log_group_arn: Some(arn),
            stored_bytes: Some(self.stored_bytes),
            log_group_class: Some(self.class),
            ..LogGroup::default()
        }
    }
}
