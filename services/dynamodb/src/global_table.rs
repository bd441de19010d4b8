//! Global tables of the first version (2017.11.29): tables that were made one by one and then joined.
//!
//! Once they are joined they are replicas of each other, as those of the second version are.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/globaltables.V1.html>

use api_dynamodb::{
    DynamodbError, GlobalTableDescription, GlobalTableStatus, ReplicaDescription, ReplicaStatus,
    StreamViewType,
};
use kernel::{Arn, Fault, Scope, Timestamp};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table as Rows, WriteTx};

use crate::errors;
use crate::replicas::{Overrides, Replica};
use crate::table::{Filling, TABLES, TALLIES, Table, Tally};

/// Global tables of the first version, by name.
pub static GLOBAL_TABLES: Rows<String, GlobalTable> = Rows::account("dynamodb.global-tables");

/// A global table.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct GlobalTable {
    /// Its name, and that of all its tables.
    pub name: String,
    /// When it was made.
    pub created: Timestamp,
    /// The regions of its tables.
    pub regions: Vec<String>,
}

/// The scope of a region.
pub fn there(scope: &Scope, region: &str) -> Scope {
    Scope { account: scope.account.clone(), region: region.into() }
}

impl GlobalTable {
    /// The global table of that name.
    pub fn find(tx: &ReadTx<'_>, name: &str) -> Result<Self, DynamodbError> {
        tx.get(&GLOBAL_TABLES, name)?.ok_or_else(|| {
            DynamodbError::global_table_not_found_exception(format!(
                "Global table not found: Global table with name: '{name}' does not exist."
            ))
        })
    }

    /// Adds the table of a region.
    pub fn join(&mut self, tx: &mut WriteTx<'_>, region: &str) -> Result<(), DynamodbError> {
        let here = tx.scope().clone();
        let name = &self.name;
        let mut table: Table = tx.in_scope(&there(&here, region)).get(&TABLES, name)?.ok_or_else(|| {
            DynamodbError::table_not_found_exception(format!(
                "Table not found: Table with name: '{name}' does not exist in region: '{region}'."
            ))
        })?;
        if !table.replicas.is_empty() {
            return Err(errors::validation(format!(
                "Table with name: '{name}' in region: '{region}' is already part of a global table."
            )));
        }
        if table.stream != Some(StreamViewType::NewAndOldImages) {
            return Err(errors::validation(format!(
                "StreamSpecification of table with name: '{name}' in region: '{region}' must be enabled with \
                 NEW_AND_OLD_IMAGES."
            )));
        }
        let tally: Option<Tally> = tx.in_scope(&there(&here, region)).get(&TALLIES, &table.number)?;
        if tally.is_some_and(|tally| tally.counts.get(&0).is_some_and(|(items, _)| *items != 0)) {
            return Err(errors::validation(format!(
                "Table with name: '{name}' in region: '{region}' must be empty."
            )));
        }
        for other in &self.regions {
            let tx = &mut tx.in_scope(&there(&here, other));
            let Some(mut known): Option<Table> = tx.get(&TABLES, name)? else { continue };
            if known.key != table.key {
                return Err(errors::validation(format!(
                    "The key schema of table with name: '{name}' in region: '{region}' differs from the other replicas."
                )));
            }
            known.replicas.push(replica(region));
            known.is_first_version = true;
            tx.put(&TABLES, name, &known)?;
            table.replicas.push(replica(other));
        }
        table.is_first_version = true;
        tx.in_scope(&there(&here, region)).put(&TABLES, name, &table)?;
        self.regions.push(region.to_owned());
        Ok(())
    }

    /// Lets the table of a region go, which stays as a table by itself.
    pub fn part(&mut self, tx: &mut WriteTx<'_>, region: &str) -> Result<(), Fault> {
        let here = tx.scope().clone();
        for other in &self.regions {
            let tx = &mut tx.in_scope(&there(&here, other));
            let Some(mut table): Option<Table> = tx.get(&TABLES, &self.name)? else { continue };
            if other == region {
                table.replicas.clear();
                table.is_first_version = false;
            }
            table.replicas.retain(|replica| replica.region != region);
            tx.put(&TABLES, &self.name, &table)?;
        }
        self.regions.retain(|known| known != region);
        Ok(())
    }

    /// What is told of it.
    pub fn describe(&self, scope: &Scope, status: GlobalTableStatus) -> GlobalTableDescription {
        let is_new = status == GlobalTableStatus::Creating;
        let replica = |region: &String| ReplicaDescription {
            region_name: Some(region.clone()),
            replica_status: Some(if is_new { ReplicaStatus::Creating } else { ReplicaStatus::Active }),
            ..Default::default()
        };
        // A global table has no region.
        let arn = Arn::new("dynamodb", &there(scope, ""), format!("global-table/{}", self.name));
        GlobalTableDescription {
            replication_group: Some(self.regions.iter().map(replica).collect()),
            global_table_arn: Some(arn.to_string()),
            creation_date_time: Some(self.created),
            global_table_status: Some(status),
            global_table_name: Some(self.name.clone()),
        }
    }
}

fn replica(region: &str) -> Replica {
    Replica { region: region.to_owned(), filling: Filling::Done, overrides: Overrides::default() }
}

/// A table that goes leaves its global table.
pub fn forget(tx: &mut WriteTx<'_>, table: &Table) -> Result<(), Fault> {
    let Some(mut global): Option<GlobalTable> = tx.get(&GLOBAL_TABLES, &table.name)? else { return Ok(()) };
    let here = tx.scope().region.as_str().to_owned();
    global.regions.retain(|region| *region != here);
    if global.regions.is_empty() {
        return tx.delete(&GLOBAL_TABLES, &table.name).map(drop);
    }
    tx.put(&GLOBAL_TABLES, &table.name, &global)
}
