//! Global tables: tables of one name in several regions that have the same items.
//!
//! A change goes to all replicas in the transaction that makes it. DynamoDB takes about a second for that and lets the
//! last writer win; here every writer sees the one before, so the last one wins without a conflict.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/V2globaltables_HowItWorks.html>

use api_dynamodb::{
    CreateReplicationGroupMemberAction, DynamodbError, OnDemandThroughputOverride,
    ProvisionedThroughputOverride, ReplicaDescription, ReplicaGlobalSecondaryIndex,
    ReplicaGlobalSecondaryIndexDescription, ReplicaStatus, ReplicationGroupUpdate, StreamViewType,
    TableClass, TableClassSummary, UpdateReplicationGroupMemberAction,
};
use kernel::{Context, Fault, Scope};
use serde::{Deserialize, Serialize};
use store::WriteTx;

use crate::change::{Cause, Change};
use crate::item::{ITEMS, Item};
use crate::table::{Filling, Status, TABLES, TAGS, Table};
use crate::upkeep::remove_table;
use crate::{errors, global_table, stream, writing};

/// Another region's copy of a table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replica {
    /// Its region.
    pub region: String,
    /// Whether it has every item.
    pub filling: Filling,
    /// What is set for it alone.
    pub overrides: Overrides,
}

/// What is set for one replica alone.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overrides {
    /// The key that encrypts it.
    pub key: Option<String>,
    /// Its units of reads.
    pub read: Option<i64>,
    /// The most units of reads by request.
    pub most_read: Option<i64>,
    /// Its class.
    pub class: Option<TableClass>,
    /// The units of reads of its indexes, and the most by request.
    pub indexes: Vec<(String, Option<i64>, Option<i64>)>,
}

impl Table {
    /// The scopes of the table's replicas.
    pub fn replica_scopes(&self, scope: &Scope) -> Vec<Scope> {
        let place = |replica: &Replica| Scope {
            account: scope.account.clone(),
            region: replica.region.as_str().into(),
        };
        self.replicas.iter().map(place).collect()
    }

    fn replica(&mut self, region: &str) -> Option<&mut Replica> {
        self.replicas.iter_mut().find(|replica| replica.region == region)
    }
}

/// Makes a change in the replicas that have the item already.
pub fn spread(tx: &mut WriteTx<'_>, table: &Table, change: &Change<'_>) -> Result<(), Fault> {
    if change.cause == Cause::Replication {
        return Ok(());
    }
    let scope = tx.scope().clone();
    for (replica, there) in table.replicas.iter().zip(table.replica_scopes(&scope)) {
        if replica.filling.covers(change.address) {
            apply(&mut tx.in_scope(&there), &table.name, change.before, change.after)?;
        }
    }
    Ok(())
}

/// Makes a change in one replica, whatever item it has.
fn apply(tx: &mut WriteTx<'_>, name: &str, before: Option<&Item>, after: Option<&Item>) -> Result<(), Fault> {
    let Some(table): Option<Table> = tx.get(&TABLES, name)? else { return Ok(()) };
    let Some(item) = after.or(before) else { return Ok(()) };
    let address = table.address(&item.0)?;
    let old: Option<Item> = tx.get(&ITEMS, &address)?;
    let change = Change { address: &address, before: old.as_ref(), after, cause: Cause::Replication };
    writing::carry_out(tx, &table, &change).map(drop)
}

/// Copies items to a replica that is being made.
pub fn copy(tx: &mut WriteTx<'_>, name: &str, region: &str, items: &[&Item]) -> Result<(), Fault> {
    let there = Scope { account: tx.scope().account.clone(), region: region.into() };
    let tx = &mut tx.in_scope(&there);
    items.iter().try_for_each(|item| apply(tx, name, None, Some(item)))
}

/// A replica that has every item can be used.
pub fn open(tx: &mut WriteTx<'_>, name: &str, region: &str) -> Result<(), Fault> {
    let there = Scope { account: tx.scope().account.clone(), region: region.into() };
    let tx = &mut tx.in_scope(&there);
    let Some(mut table): Option<Table> = tx.get(&TABLES, name)? else { return Ok(()) };
    table.status = Status::Active;
    tx.put(&TABLES, name, &table)
}

/// Changes the group of replicas of a table, whose row the caller writes unless it is gone; false if it is.
pub fn update(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    table: &mut Table,
    updates: &[ReplicationGroupUpdate],
) -> Result<bool, DynamodbError> {
    if table.is_first_version && !updates.is_empty() {
        return Err(errors::validation(
            "Replicas of a global table of version 2017.11.29 can only be updated with UpdateGlobalTable",
        ));
    }
    for update in updates {
        match (&update.create, &update.update, &update.delete, &update.disassociate) {
            (Some(create), None, None, None) => join(tx, cx, table, create)?,
            (None, Some(update), None, None) => change(tx, table, update)?,
            (None, None, Some(delete), None) => {
                if !leave(tx, table, &delete.region_name)? {
                    return Ok(false);
                }
            }
            (None, None, None, Some(_)) => return Err(errors::not_emulated("replicas that leave and stay")),
            _ => {
                return Err(errors::invalid(
                    "One of ReplicationGroupUpdate.Create, ReplicationGroupUpdate.Update, \
                     ReplicationGroupUpdate.Delete must not be null",
                ));
            }
        }
    }
    Ok(true)
}

/// Adds a replica, which gets the items by and by.
fn join(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    table: &mut Table,
    create: &CreateReplicationGroupMemberAction,
) -> Result<(), DynamodbError> {
    let here = tx.scope().clone();
    let there = Scope { account: here.account.clone(), region: create.region_name.as_str().into() };
    if tx.in_scope(&there).contains(&TABLES, &table.name)? {
        return Err(errors::validation(format!(
            "Failed to create a the new replica of table with name: '{}' because one or more replicas already existed \
             as tables.",
            table.name
        )));
    }
    if table.stream.is_none() {
        stream::begin(tx, &cx.ids, table, StreamViewType::NewAndOldImages)?;
    }
    let overrides = Overrides {
        key: create.kms_master_key_id.clone(),
        read: read(create.provisioned_throughput_override.as_ref()),
        most_read: most_read(create.on_demand_throughput_override.as_ref()),
        class: create.table_class_override.clone(),
        indexes: indexes(create.global_secondary_indexes.as_deref()),
    };
    let new = Replica { region: create.region_name.clone(), filling: Filling::Done, overrides };
    let mut others = Vec::new();
    let mut own = Overrides::default();
    for scope in table.replica_scopes(&here) {
        let tx = &mut tx.in_scope(&scope);
        let Some(mut other): Option<Table> = tx.get(&TABLES, &table.name)? else { continue };
        if let Some(known) = other.replica(here.region.as_str()) {
            own = known.overrides.clone();
        }
        other.replicas.push(new.clone());
        tx.put(&TABLES, &table.name, &other)?;
    }
    others.push(Replica { region: here.region.as_str().to_owned(), filling: Filling::Done, overrides: own });
    others.extend(table.replicas.iter().cloned());
    create_table(&mut tx.in_scope(&there), cx, table, &new.overrides, others)?;
    table.replicas.push(Replica { filling: Filling::UpTo(None), ..new });
    Ok(())
}

/// The table of a new replica, with the settings that all replicas share.
fn create_table(
    tx: &mut WriteTx<'_>,
    cx: &Context,
    table: &Table,
    overrides: &Overrides,
    replicas: Vec<Replica>,
) -> Result<(), DynamodbError> {
    let mut new = Table {
        number: Table::next_number(tx)?,
        id: cx.ids.uuid(),
        created: cx.clock.now(),
        // Whoever fills it makes it active.
        status: Status::Creating(None),
        class: overrides.class.clone().map(|class| (class, None)),
        deletion_protection: false,
        stream: None,
        stream_label: None,
        kinesis: Vec::new(),
        recovery: None,
        loading: None,
        restored: None,
        insights: Vec::new(),
        is_first_version: false,
        replicas,
        ..table.clone()
    };
    for index in &mut new.indexes {
        index.filling = Filling::Done;
    }
    if let Some(expiry) = &mut new.expiry {
        expiry.filling = Filling::Done;
    }
    overrides.set(&mut new);
    let view = table.stream.clone().unwrap_or(StreamViewType::NewAndOldImages);
    stream::begin(tx, &cx.ids, &mut new, view)?;
    tx.delete(&TAGS, &new.name)?;
    Ok(tx.put(&TABLES, &new.name, &new)?)
}

impl Overrides {
    /// Sets what is the replica's alone.
    fn set(&self, table: &mut Table) {
        if let Some(read) = self.read {
            table.billing.throughput.read = read;
        }
        if let Some(most) = self.most_read {
            let write = table.billing.most.and_then(|(_, write)| write);
            table.billing.most = Some((Some(most), write));
        }
        for (name, read, most) in &self.indexes {
            let Some(index) = table.indexes.iter_mut().find(|index| index.name == *name) else { continue };
            if let Some(read) = read {
                index.throughput.read = *read;
            }
            if most.is_some() {
                index.most = Some((*most, index.most.and_then(|(_, write)| write)));
            }
        }
    }
}

/// Changes what is set for one replica alone.
fn change(
    tx: &mut WriteTx<'_>,
    table: &mut Table,
    update: &UpdateReplicationGroupMemberAction,
) -> Result<(), DynamodbError> {
    let here = tx.scope().clone();
    let replica = table.replica(&update.region_name).ok_or_else(not_part)?;
    let overrides = &mut replica.overrides;
    overrides.key = update.kms_master_key_id.clone().or(overrides.key.take());
    overrides.read = read(update.provisioned_throughput_override.as_ref()).or(overrides.read);
    overrides.most_read = most_read(update.on_demand_throughput_override.as_ref()).or(overrides.most_read);
    overrides.class = update.table_class_override.clone().or(overrides.class.take());
    if update.global_secondary_indexes.is_some() {
        overrides.indexes = indexes(update.global_secondary_indexes.as_deref());
    }
    let changed = replica.clone();
    let now = tx.now();
    for scope in table.replica_scopes(&here) {
        let tx = &mut tx.in_scope(&scope);
        let Some(mut other): Option<Table> = tx.get(&TABLES, &table.name)? else { continue };
        if scope.region.as_str() == changed.region {
            changed.overrides.set(&mut other);
            if let Some(class) = &update.table_class_override {
                other.class = Some((class.clone(), Some(now)));
            }
        } else if let Some(known) = other.replica(&changed.region) {
            known.overrides = changed.overrides.clone();
        }
        tx.put(&TABLES, &table.name, &other)?;
    }
    Ok(())
}

/// Removes a replica with its table; false if that was this table itself.
fn leave(tx: &mut WriteTx<'_>, table: &mut Table, region: &str) -> Result<bool, DynamodbError> {
    let here = tx.scope().clone();
    if here.region.as_str() == region && !table.replicas.is_empty() {
        remove_table(tx, table.clone())?;
        return Ok(false);
    }
    if table.replica(region).is_none() {
        return Err(not_part());
    }
    let there = Scope { account: here.account, region: region.into() };
    let tx = &mut tx.in_scope(&there);
    if let Some(replica) = tx.get(&TABLES, &table.name)? {
        remove_table(tx, replica)?;
    }
    table.replicas.retain(|replica| replica.region != region);
    Ok(true)
}

/// Source: the sentence that people report, and that a recorded test expects.
fn not_part() -> DynamodbError {
    errors::validation(
        "Update global table operation failed because one or more replicas were not part of the global table.",
    )
}

/// Makes the others forget a replica that goes.
pub fn forget(tx: &mut WriteTx<'_>, table: &Table) -> Result<(), Fault> {
    if table.is_first_version {
        global_table::forget(tx, table)?;
    }
    let here = tx.scope().clone();
    for scope in table.replica_scopes(&here) {
        let tx = &mut tx.in_scope(&scope);
        let Some(mut other): Option<Table> = tx.get(&TABLES, &table.name)? else { continue };
        other.replicas.retain(|replica| replica.region != here.region.as_str());
        // What had nobody else to fill it has all it will get.
        if matches!(other.status, Status::Creating(None)) {
            other.status = Status::Active;
        }
        tx.put(&TABLES, &table.name, &other)?;
    }
    Ok(())
}

/// The replicas as `DescribeTable` shows them.
pub fn describe(table: &Table) -> Option<Vec<ReplicaDescription>> {
    // Those of the first version are told by `DescribeGlobalTable`.
    if table.is_first_version {
        return None;
    }
    let shown = table.replicas.iter().map(|replica| {
        let overrides = &replica.overrides;
        let indexes =
            overrides.indexes.iter().map(|(name, read, most)| ReplicaGlobalSecondaryIndexDescription {
                index_name: Some(name.clone()),
                provisioned_throughput_override: read_override(*read),
                on_demand_throughput_override: most_override(*most),
                ..Default::default()
            });
        ReplicaDescription {
            region_name: Some(replica.region.clone()),
            replica_status: Some(match replica.filling {
                Filling::Done => ReplicaStatus::Active,
                Filling::UpTo(_) => ReplicaStatus::Creating,
            }),
            kms_master_key_id: overrides.key.clone(),
            provisioned_throughput_override: read_override(overrides.read),
            on_demand_throughput_override: most_override(overrides.most_read),
            global_secondary_indexes: Some(indexes.collect::<Vec<_>>()).filter(|all| !all.is_empty()),
            replica_table_class_summary: overrides
                .class
                .clone()
                .map(|class| TableClassSummary { table_class: Some(class), last_update_date_time: None }),
            ..Default::default()
        }
    });
    Some(shown.collect::<Vec<_>>()).filter(|all| !all.is_empty())
}

fn read(given: Option<&ProvisionedThroughputOverride>) -> Option<i64> {
    given.and_then(|given| given.read_capacity_units)
}

fn most_read(given: Option<&OnDemandThroughputOverride>) -> Option<i64> {
    given.and_then(|given| given.max_read_request_units)
}

fn read_override(units: Option<i64>) -> Option<ProvisionedThroughputOverride> {
    units.map(|units| ProvisionedThroughputOverride { read_capacity_units: Some(units) })
}

fn most_override(units: Option<i64>) -> Option<OnDemandThroughputOverride> {
    units.map(|units| OnDemandThroughputOverride { max_read_request_units: Some(units) })
}

fn indexes(given: Option<&[ReplicaGlobalSecondaryIndex]>) -> Vec<(String, Option<i64>, Option<i64>)> {
    let one = |index: &ReplicaGlobalSecondaryIndex| {
        let units = read(index.provisioned_throughput_override.as_ref());
        (index.index_name.clone(), units, most_read(index.on_demand_throughput_override.as_ref()))
    };
    given.unwrap_or_default().iter().map(one).collect()
}
