//! `UpdateTable`: changes a table's settings, and adds or removes its global indexes.

use api_dynamodb::{
    BillingMode, DynamodbError, IndexStatus, MultiRegionConsistency, UpdateTable, UpdateTableInput,
    UpdateTableOutput,
};
use kernel::{Context, Handler, Scope};
use store::WriteTx;

use crate::description::describe;
use crate::index_changes;
use crate::table::{Status, TABLES, TALLIES, Table, most, warm};
use crate::{Dynamodb, encryption, errors, names, replicas, stream, throughput};

impl Handler<UpdateTable> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateTableInput,
    ) -> Result<UpdateTableOutput, DynamodbError> {
        check(&input)?;
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let (table, tally, changed) = self
            .store
            .write(&scope, |tx| {
                let mut table = Table::idle(tx, &name)?;
                set_billing(cx, &mut table, &input)?;
                set_rest(cx, &scope, &mut table, &input);
                set_stream(cx, tx, &mut table, &input)?;
                let changed = set_indexes(cx, tx, &mut table, &input)?;
                table.status =
                    if is_quick(&input) { Status::Active } else { Status::Updating(self.end_of_state(cx)) };
                let tally = tx.get(&TALLIES, &table.number)?.unwrap_or_default();
                let updates = input.replica_updates.as_deref().unwrap_or_default();
                if replicas::update(tx, cx, &mut table, updates)? {
                    set_replicas(cx, tx, &table, &input)?;
                    tx.put(&TABLES, &name, &table)?;
                }
                Ok::<_, DynamodbError>((table, tally, changed))
            })
            .await?;
        self.settle_soon(&scope, &name).await?;

        let mut description = describe(&scope, &table, &tally);
        for index in description.global_secondary_indexes.iter_mut().flatten() {
            let state = changed.iter().find(|(name, _)| Some(name) == index.index_name.as_ref());
            if let Some((_, status)) = state {
                index.index_status = Some(status.clone());
                index.backfilling = (*status == IndexStatus::Creating).then_some(false);
            }
        }
        Ok(UpdateTableOutput { table_description: Some(description) })
    }
}

/// Deletion protection changes at once.
fn is_quick(input: &UpdateTableInput) -> bool {
    input.deletion_protection_enabled.is_some()
        && input.provisioned_throughput.is_none()
        && input.billing_mode.is_none()
        && input.table_class.is_none()
        && input.sse_specification.is_none()
        && input.stream_specification.is_none()
        && input.replica_updates.is_none()
        && input.global_secondary_index_updates.is_none()
}

/// Sets in the replicas what all of them share.
fn set_replicas(
    cx: &Context,
    tx: &mut WriteTx<'_>,
    table: &Table,
    input: &UpdateTableInput,
) -> Result<(), DynamodbError> {
    let is_shared = input.billing_mode.is_some()
        || input.provisioned_throughput.is_some()
        || input.global_secondary_index_updates.is_some();
    let here = tx.scope().clone();
    for scope in table.replica_scopes(&here).iter().filter(|_| is_shared) {
        let tx = &mut tx.in_scope(scope);
        let mut replica = Table::find(tx, &table.name)?;
        set_billing(cx, &mut replica, input)?;
        set_indexes(cx, tx, &mut replica, input)?;
        tx.put(&TABLES, &table.name, &replica)?;
    }
    Ok(())
}

fn set_stream(
    cx: &Context,
    tx: &mut WriteTx<'_>,
    table: &mut Table,
    input: &UpdateTableInput,
) -> Result<(), DynamodbError> {
    match &input.stream_specification {
        None => Ok(()),
        Some(wanted) => match stream::view(Some(wanted))? {
            Some(view) => stream::begin(tx, &cx.ids, table, view),
            None => stream::end(tx, table),
        },
    }
}

fn check(input: &UpdateTableInput) -> Result<(), DynamodbError> {
    let unsupported = [
        (
            "strongly consistent global tables",
            input.multi_region_consistency == Some(MultiRegionConsistency::Strong),
        ),
        ("witnesses of global tables", input.global_table_witness_updates.is_some()),
        ("global tables of several accounts", input.global_table_settings_replication_mode.is_some()),
        ("global tables of several accounts", input.disassociation_protection_enabled.is_some()),
        ("vector indexes", input.vector_index_updates.is_some()),
    ];
    if let Some((what, _)) = unsupported.iter().find(|(_, given)| *given) {
        return Err(errors::not_emulated(what));
    }
    let has_indexes =
        input.global_secondary_index_updates.as_ref().is_some_and(|updates| !updates.is_empty());
    let has_any = has_indexes
        || input.provisioned_throughput.is_some()
        || input.billing_mode.is_some()
        || input.sse_specification.is_some()
        || input.table_class.is_some()
        || input.deletion_protection_enabled.is_some()
        || input.stream_specification.is_some()
        || input.replica_updates.is_some()
        || input.on_demand_throughput.is_some()
        || input.warm_throughput.is_some();
    if !has_any {
        return Err(errors::validation(
            "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, GlobalSecondaryIndexUpdates or \
             SSESpecification or ReplicaUpdates is required",
        ));
    }
    if input.billing_mode == Some(BillingMode::Provisioned) && input.provisioned_throughput.is_none() {
        return Err(errors::invalid(
            "ProvisionedThroughput must be specified when BillingMode is PROVISIONED",
        ));
    }
    index_changes::check(input.global_secondary_index_updates.as_deref().unwrap_or_default())?;
    input.provisioned_throughput.as_ref().map_or(Ok(()), throughput::within)
}

fn set_billing(cx: &Context, table: &mut Table, input: &UpdateTableInput) -> Result<(), DynamodbError> {
    let was_on_demand = table.billing.on_demand;
    if let Some(mode) = &input.billing_mode {
        table.billing.on_demand = *mode == BillingMode::PayPerRequest;
        table.billing.named = true;
        if table.billing.on_demand && !was_on_demand {
            table.billing.on_demand_since = Some(cx.clock.now());
            table.billing.throughput = Default::default();
            table.indexes.iter_mut().for_each(|index| index.throughput = Default::default());
        }
    }
    if let Some(units) = &input.provisioned_throughput {
        if table.billing.on_demand {
            return Err(throughput::provisioned_on_demand());
        }
        if !was_on_demand
            && table.billing.throughput.is(units)
            && input.global_secondary_index_updates.is_none()
        {
            let (read, write) = (units.read_capacity_units, units.write_capacity_units);
            return Err(errors::validation(format!(
                "The provisioned throughput for the table will not change. The requested value equals the current \
                 value. Current ReadCapacityUnits provisioned for the table: {read}. Requested ReadCapacityUnits: \
                 {read}. Current WriteCapacityUnits provisioned for the table: {write}. Requested WriteCapacityUnits: \
                 {write}. Refer to the Amazon DynamoDB Developer Guide for current limits and how to request higher \
                 limits."
            )));
        }
        table.billing.throughput.set(units, cx.clock.now());
    }
    if input.on_demand_throughput.is_some() {
        table.billing.most = most(input.on_demand_throughput.as_ref());
    }
    if input.warm_throughput.is_some() {
        table.billing.warm = warm(input.warm_throughput.as_ref());
    }
    Ok(())
}

fn set_rest(cx: &Context, scope: &Scope, table: &mut Table, input: &UpdateTableInput) {
    if let Some(protected) = input.deletion_protection_enabled {
        table.deletion_protection = protected;
    }
    if let Some(class) = &input.table_class {
        table.class = Some((class.clone(), Some(cx.clock.now())));
    }
    if input.sse_specification.is_some() {
        table.encryption = encryption::of(scope, input.sse_specification.as_ref());
    }
}

/// Changes the global indexes and tells which are on their way.
fn set_indexes(
    cx: &Context,
    tx: &mut WriteTx<'_>,
    table: &mut Table,
    input: &UpdateTableInput,
) -> Result<Vec<(String, IndexStatus)>, DynamodbError> {
    let updates = input.global_secondary_index_updates.as_deref().unwrap_or_default();
    let mut changed = Vec::with_capacity(updates.len());
    for update in updates {
        if let Some(create) = &update.create {
            let given = input.attribute_definitions.as_deref().unwrap_or_default();
            index_changes::create(table, create, given)?;
            changed.push((create.index_name.clone(), IndexStatus::Creating));
        } else if let Some(delete) = &update.delete {
            index_changes::delete(tx, table, &delete.index_name)?;
            index_changes::forget_unused(table);
        } else if let Some(update) = &update.update {
            index_changes::update(table, update, cx.clock.now())?;
            changed.push((update.index_name.clone(), IndexStatus::Updating));
        }
    }
    Ok(changed)
}
