//! A log group.

use std::sync::Arc;

use api_logs::{DataProtectionStatus, LogGroup, LogGroupClass, LogGroupSummary, LogsError};
use kernel::Scope;
use serde::{Deserialize, Serialize};
use store::{Decoded, ReadTx, Table};

use crate::{errors, names};

/// Groups by name.
pub static GROUPS: Table<String, Group> = Table::regional("logs.groups");

/// Groups are read with every batch of events and seldom change.
static DECODED: Decoded<Group> = Decoded::new();

/// What changes with every batch of events, by the group's name.
pub static TALLIES: Table<String, Tally> = Table::regional("logs.tallies");

/// A log group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Group {
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// `STANDARD` or another class.
    pub class: LogGroupClass,
    /// For how many days events are kept; for ever where nothing is said.
    #[serde(default)]
    pub retention: Option<i32>,
    /// The ARN of the key that it is said to be encrypted with.
    #[serde(default)]
    pub kms_key: Option<String>,
    /// Whether it cannot be deleted.
    #[serde(default)]
    pub is_protected: bool,
    /// How many metric filters it has.
    #[serde(default)]
    pub metric_filters: u32,
    /// How many subscription filters it has.
    #[serde(default)]
    pub subscriptions: u32,
    /// Whether it has a data protection policy of its own.
    #[serde(default)]
    pub masking: Masking,
    /// Whether it has a transformer of its own.
    #[serde(default)]
    pub transforms: bool,
}

/// Whether a group has a data protection policy of its own.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Masking {
    /// It never had one.
    #[default]
    Never,
    /// It has one.
    Active,
    /// It had one.
    Deleted,
}

/// What has arrived in a group.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// How many events: their number tells apart those of one millisecond, in whatever stream.
    pub arrived: u64,
    /// Bytes of all its events.
    pub stored_bytes: i64,
}

impl Group {
    /// Refuses unless there is a group of that name.
    pub fn require(tx: &ReadTx<'_>, name: &str) -> Result<(), LogsError> {
        if tx.contains(&GROUPS, name)? { Ok(()) } else { Err(errors::no_such_group()) }
    }

    /// The group of that name.
    pub fn get(tx: &ReadTx<'_>, name: &str) -> Result<Arc<Self>, LogsError> {
        tx.get_shared(&GROUPS, &DECODED, name)?.ok_or_else(errors::no_such_group)
    }

    /// The group of that name, if its class has more than queries.
    pub fn standard(tx: &ReadTx<'_>, name: &str) -> Result<Arc<Self>, LogsError> {
        let group = Self::get(tx, name)?;
        if group.class == LogGroupClass::InfrequentAccess {
            return Err(errors::infrequent_access());
        }
        Ok(group)
    }

    /// The ARN, name and class.
    pub fn summary(&self, scope: &Scope, name: String) -> LogGroupSummary {
        LogGroupSummary {
            log_group_arn: Some(names::group_arn(scope, &name)),
            log_group_name: Some(name),
            log_group_class: Some(self.class.clone()),
        }
    }

    /// The group as callers see it.
    pub fn describe(self, scope: &Scope, name: String, tally: &Tally) -> LogGroup {
        let arn = names::group_arn(scope, &name);
        LogGroup {
            log_group_name: Some(name),
            creation_time: Some(self.created),
            retention_in_days: self.retention,
            metric_filter_count: i32::try_from(self.metric_filters).ok(),
            arn: Some(format!("{arn}:*")),
            log_group_arn: Some(arn),
            stored_bytes: Some(tally.stored_bytes),
            kms_key_id: self.kms_key,
            log_group_class: Some(self.class),
            deletion_protection_enabled: Some(self.is_protected),
            data_protection_status: match self.masking {
                Masking::Never => None,
                Masking::Active => Some(DataProtectionStatus::Activated),
                Masking::Deleted => Some(DataProtectionStatus::Deleted),
            },
            ..LogGroup::default()
        }
    }
}
