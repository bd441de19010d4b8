//! `DescribeGlobalTableSettings`, `UpdateGlobalTableSettings`, `DescribeTableReplicaAutoScaling`.
//!
//! Nothing here scales by itself: settings that would are refused, and shown as switched off.

use api_dynamodb::{
    AutoScalingSettingsDescription, BillingMode, BillingModeSummary, DescribeGlobalTableSettings,
    DescribeGlobalTableSettingsInput, DescribeGlobalTableSettingsOutput, DescribeTableReplicaAutoScaling,
    DescribeTableReplicaAutoScalingInput, DescribeTableReplicaAutoScalingOutput, DynamodbError, IndexStatus,
    ReplicaAutoScalingDescription, ReplicaGlobalSecondaryIndexAutoScalingDescription,
    ReplicaGlobalSecondaryIndexSettingsDescription, ReplicaSettingsDescription, ReplicaStatus,
    TableAutoScalingDescription, TableClassSummary, TableStatus, UpdateGlobalTableSettings,
    UpdateGlobalTableSettingsInput, UpdateGlobalTableSettingsOutput,
};
use kernel::{Context, Handler};
use store::ReadTx;

use crate::global_table::{GlobalTable, there};
use crate::table::{TABLES, Table, Throughput};
use crate::{Dynamodb, errors, names};

impl Handler<DescribeGlobalTableSettings> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeGlobalTableSettingsInput,
    ) -> Result<DescribeGlobalTableSettingsOutput, DynamodbError> {
        let name = input.global_table_name;

        let settings = self.store.read(&cx.scope, |tx| {
            let global = GlobalTable::find(tx, &name)?;
            settings(tx, &global)
        })?;

        Ok(DescribeGlobalTableSettingsOutput {
            global_table_name: Some(name),
            replica_settings: Some(settings),
        })
    }
}

impl Handler<UpdateGlobalTableSettings> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateGlobalTableSettingsInput,
    ) -> Result<UpdateGlobalTableSettingsOutput, DynamodbError> {
        if scales(&input) {
            return Err(errors::not_emulated("auto scaling"));
        }
        let name = input.global_table_name.clone();

        let settings = self
            .store
            .write(&cx.scope, |tx| {
                let global = GlobalTable::find(tx, &name)?;
                let here = tx.scope().clone();
                for region in &global.regions {
                    let tx = &mut tx.in_scope(&there(&here, region));
                    let Some(mut table): Option<Table> = tx.get(&TABLES, &name)? else { continue };
                    apply(&mut table, region, &input, tx.now())?;
                    tx.put(&TABLES, &name, &table)?;
                }
                settings(tx, &global)
            })
            .await?;

        Ok(UpdateGlobalTableSettingsOutput {
            global_table_name: Some(name),
            replica_settings: Some(settings),
        })
    }
}

fn scales(input: &UpdateGlobalTableSettingsInput) -> bool {
    let of_indexes = input.global_table_global_secondary_index_settings_update.iter().flatten();
    let of_replicas = input.replica_settings_update.iter().flatten();
    input.global_table_provisioned_write_capacity_auto_scaling_settings_update.is_some()
        || of_indexes
            .into_iter()
            .any(|index| index.provisioned_write_capacity_auto_scaling_settings_update.is_some())
        || of_replicas.into_iter().any(|replica| {
            let indexes = replica.replica_global_secondary_index_settings_update.iter().flatten();
            replica.replica_provisioned_read_capacity_auto_scaling_settings_update.is_some()
                || indexes
                    .into_iter()
                    .any(|index| index.provisioned_read_capacity_auto_scaling_settings_update.is_some())
        })
}

fn apply(
    table: &mut Table,
    region: &str,
    input: &UpdateGlobalTableSettingsInput,
    now: kernel::Timestamp,
) -> Result<(), DynamodbError> {
    if let Some(mode) = &input.global_table_billing_mode {
        let on_demand = *mode == BillingMode::PayPerRequest;
        table.billing.on_demand = on_demand;
        table.billing.named = true;
        if on_demand {
            table.billing.on_demand_since = Some(now);
            table.billing.throughput = Throughput::default();
        }
    }
    if let Some(units) = input.global_table_provisioned_write_capacity_units {
        table.billing.throughput.write = units;
    }
    for given in input.global_table_global_secondary_index_settings_update.iter().flatten() {
        let units = given.provisioned_write_capacity_units;
        if let Some(units) = units {
            index(table, &given.index_name)?.write = units;
        }
    }
    let replicas = input.replica_settings_update.iter().flatten();
    for given in replicas.filter(|given| given.region_name == region) {
        if let Some(units) = given.replica_provisioned_read_capacity_units {
            table.billing.throughput.read = units;
        }
        if let Some(class) = &given.replica_table_class {
            table.class = Some((class.clone(), Some(now)));
        }
        for given in given.replica_global_secondary_index_settings_update.iter().flatten() {
            if let Some(units) = given.provisioned_read_capacity_units {
                index(table, &given.index_name)?.read = units;
            }
        }
    }
    Ok(())
}

fn index<'t>(table: &'t mut Table, name: &str) -> Result<&'t mut Throughput, DynamodbError> {
    let found = table.indexes.iter_mut().find(|index| index.is_global && index.name == name);
    found
        .map(|index| &mut index.throughput)
        .ok_or_else(|| DynamodbError::index_not_found_exception(format!("Index not found: {name}")))
}

fn settings(tx: &ReadTx<'_>, global: &GlobalTable) -> Result<Vec<ReplicaSettingsDescription>, DynamodbError> {
    let here = tx.scope().clone();
    let mut all = Vec::new();
    for region in &global.regions {
        let found: Option<Table> = tx.in_scope(&there(&here, region)).get(&TABLES, &global.name)?;
        let Some(table) = found else { continue };
        all.push(of_replica(region, &table));
    }
    Ok(all)
}

fn of_replica(region: &str, table: &Table) -> ReplicaSettingsDescription {
    let billing = &table.billing;
    let indexes = table.indexes_of(true).map(|index| ReplicaGlobalSecondaryIndexSettingsDescription {
        index_name: index.name.clone(),
        index_status: Some(IndexStatus::Active),
        provisioned_read_capacity_units: Some(index.throughput.read),
        provisioned_read_capacity_auto_scaling_settings: off(table),
        provisioned_write_capacity_units: Some(index.throughput.write),
        provisioned_write_capacity_auto_scaling_settings: off(table),
    });
    ReplicaSettingsDescription {
        region_name: region.to_owned(),
        replica_status: Some(ReplicaStatus::Active),
        replica_billing_mode_summary: billing.on_demand.then(|| BillingModeSummary {
            billing_mode: Some(billing.mode()),
            last_update_to_pay_per_request_date_time: billing.on_demand_since,
        }),
        replica_provisioned_read_capacity_units: Some(billing.throughput.read),
        replica_provisioned_read_capacity_auto_scaling_settings: off(table),
        replica_provisioned_write_capacity_units: Some(billing.throughput.write),
        replica_provisioned_write_capacity_auto_scaling_settings: off(table),
        replica_global_secondary_index_settings: crate::description::some(indexes.collect()),
        replica_table_class_summary: table.class.as_ref().map(|(class, changed)| TableClassSummary {
            table_class: Some(class.clone()),
            last_update_date_time: *changed,
        }),
    }
}

/// Only provisioned throughput could scale.
fn off(table: &Table) -> Option<AutoScalingSettingsDescription> {
    let is_provisioned = !table.billing.on_demand;
    is_provisioned
        .then(|| AutoScalingSettingsDescription { auto_scaling_disabled: Some(true), ..Default::default() })
}

impl Handler<DescribeTableReplicaAutoScaling> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeTableReplicaAutoScalingInput,
    ) -> Result<DescribeTableReplicaAutoScalingOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let table = self.store.read(&scope, |tx| Table::find(tx, &name))?;

        let regions = std::iter::once(scope.region.as_str())
            .chain(table.replicas.iter().map(|replica| replica.region.as_str()));
        let index = |name: &String| ReplicaGlobalSecondaryIndexAutoScalingDescription {
            index_name: Some(name.clone()),
            index_status: Some(IndexStatus::Active),
            provisioned_read_capacity_auto_scaling_settings: off(&table),
            provisioned_write_capacity_auto_scaling_settings: off(&table),
        };
        let replicas = regions.map(|region| ReplicaAutoScalingDescription {
            region_name: Some(region.to_owned()),
            global_secondary_indexes: Some(table.indexes_of(true).map(|one| index(&one.name)).collect()),
            replica_provisioned_read_capacity_auto_scaling_settings: off(&table),
            replica_provisioned_write_capacity_auto_scaling_settings: off(&table),
            replica_status: Some(ReplicaStatus::Active),
        });
        Ok(DescribeTableReplicaAutoScalingOutput {
            table_auto_scaling_description: Some(TableAutoScalingDescription {
                replicas: Some(replicas.collect()),
                table_name: Some(name),
                table_status: Some(TableStatus::Active),
            }),
        })
    }
}
