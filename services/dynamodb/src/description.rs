//! A table as `DescribeTable` shows it.

use api_dynamodb::{
    AttributeDefinition, BillingMode, BillingModeSummary, GlobalSecondaryIndexDescription,
    GlobalSecondaryIndexWarmThroughputDescription, IndexStatus, KeySchemaElement, KeyType,
    LocalSecondaryIndexDescription, OnDemandThroughput, Projection, ProvisionedThroughputDescription,
    RestoreSummary, SSEDescription, SSEStatus, ScalarAttributeType, StreamSpecification, TableClassSummary,
    TableDescription, TableStatus, TableWarmThroughputDescription,
};
use kernel::Scope;

use crate::key::KeySchema;
use crate::table::{Counts, Filling, Index, Status, Table, Tally, Throughput};
use crate::throughput::ready;
use crate::{names, replicas, stream};

/// The description of a table in that state.
pub fn describe(scope: &Scope, table: &Table, tally: &Tally) -> TableDescription {
    let counts = &tally.counts;
    let (items, bytes) = counts.get(&0).copied().unwrap_or_default();
    TableDescription {
        attribute_definitions: Some(table.definitions.iter().map(definition).collect()),
        table_name: Some(table.name.clone()),
        key_schema: Some(key_schema(&table.key)),
        table_status: Some(status(table)),
        creation_date_time: Some(table.created),
        provisioned_throughput: Some(throughput(&table.billing.throughput)),
        table_size_bytes: Some(bytes),
        item_count: Some(items),
        table_arn: Some(names::table_arn(scope, &table.name)),
        table_id: Some(table.id.clone()),
        billing_mode_summary: billing(table),
        local_secondary_indexes: some(
            table.indexes_of(false).map(|index| local(scope, table, index, counts)).collect(),
        ),
        global_secondary_indexes: some(
            table.indexes_of(true).map(|index| global(scope, table, index, counts)).collect(),
        ),
        restore_summary: table.restored.as_ref().map(|restored| RestoreSummary {
            source_backup_arn: restored.backup.clone(),
            source_table_arn: Some(restored.table.clone()),
            restore_date_time: restored.at,
            restore_in_progress: table.loading.is_some(),
        }),
        sse_description: encryption_description(table),
        table_class_summary: table.class.as_ref().map(|(class, changed)| TableClassSummary {
            table_class: Some(class.clone()),
            last_update_date_time: *changed,
        }),
        deletion_protection_enabled: Some(table.deletion_protection),
        on_demand_throughput: on_demand(table.billing.most),
        warm_throughput: Some(warm(table)),
        stream_specification: table
            .stream
            .clone()
            .map(|view| StreamSpecification { stream_enabled: true, stream_view_type: Some(view) }),
        global_table_version: (!table.replicas.is_empty())
            .then(|| if table.is_first_version { "2017.11.29" } else { "2019.11.21" }.to_owned()),
        replicas: replicas::describe(table),
        latest_stream_label: table.stream_label.clone(),
        latest_stream_arn: table.stream_label.as_ref().map(|label| stream::arn(scope, &table.name, label)),
        ..Default::default()
    }
}

/// The state as AWS writes it.
fn status(table: &Table) -> TableStatus {
    match table.status {
        Status::Creating(_) => TableStatus::Creating,
        Status::Active => TableStatus::Active,
        Status::Updating(_) => TableStatus::Updating,
        Status::Deleting(_) => TableStatus::Deleting,
    }
}

/// The state of a global index: that of its table while it is made, or its own.
fn index_status(table: &Table, index: &Index) -> (IndexStatus, Option<bool>) {
    match (table.status, &index.filling) {
        (Status::Creating(_), _) => (IndexStatus::Creating, None),
        (Status::Deleting(_), _) => (IndexStatus::Deleting, None),
        (_, Filling::UpTo(last)) => (IndexStatus::Creating, Some(last.is_some())),
        (_, Filling::Done) => (IndexStatus::Active, None),
    }
}

/// The encryption of a table, if the account sees its key.
pub fn encryption_description(table: &Table) -> Option<SSEDescription> {
    table.encryption.as_ref().map(|encryption| SSEDescription {
        status: Some(SSEStatus::Enabled),
        sse_type: Some(encryption.kind.clone()),
        kms_master_key_arn: Some(encryption.key.clone()),
        inaccessible_encryption_date_time: None,
    })
}

/// The list, unless it is empty.
pub fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn definition(attribute: &crate::key::KeyAttribute) -> AttributeDefinition {
    AttributeDefinition {
        attribute_name: attribute.name.clone(),
        attribute_type: ScalarAttributeType::from(attribute.kind.as_str()),
    }
}

/// A key as AWS writes it.
pub fn key_schema(key: &KeySchema) -> Vec<KeySchemaElement> {
    let element = |name: &String, key_type| KeySchemaElement { attribute_name: name.clone(), key_type };
    let mut schema = vec![element(&key.hash.name, KeyType::Hash)];
    schema.extend(key.range.iter().map(|range| element(&range.name, KeyType::Range)));
    schema
}

fn throughput(units: &Throughput) -> ProvisionedThroughputDescription {
    ProvisionedThroughputDescription {
        last_increase_date_time: units.increased,
        last_decrease_date_time: units.decreased,
        number_of_decreases_today: Some(0),
        read_capacity_units: Some(units.read),
        write_capacity_units: Some(units.write),
    }
}

fn billing(table: &Table) -> Option<BillingModeSummary> {
    let billing = &table.billing;
    // A table that was always provisioned has no summary.
    (billing.mode() == BillingMode::PayPerRequest || billing.named).then(|| BillingModeSummary {
        billing_mode: Some(billing.mode()),
        last_update_to_pay_per_request_date_time: billing.on_demand_since,
    })
}

/// The most units by request as AWS writes them.
pub fn on_demand(most: Option<(Option<i64>, Option<i64>)>) -> Option<OnDemandThroughput> {
    most.map(|(read, write)| OnDemandThroughput {
        max_read_request_units: read,
        max_write_request_units: write,
    })
}

fn warm(table: &Table) -> TableWarmThroughputDescription {
    let billing = &table.billing;
    let (read, write) = ready(billing.on_demand, &billing.throughput, billing.warm);
    TableWarmThroughputDescription {
        read_units_per_second: Some(read),
        write_units_per_second: Some(write),
        status: Some(TableStatus::Active),
    }
}

fn warm_index(table: &Table, index: &Index) -> GlobalSecondaryIndexWarmThroughputDescription {
    let (read, write) = ready(table.billing.on_demand, &index.throughput, index.warm);
    GlobalSecondaryIndexWarmThroughputDescription {
        read_units_per_second: Some(read),
        write_units_per_second: Some(write),
        status: Some(IndexStatus::Active),
    }
}

/// A projection as AWS writes it.
pub fn projection(index: &Index) -> Projection {
    Projection {
        projection_type: Some(index.projection.clone()),
        non_key_attributes: some(index.included.clone()),
    }
}

fn local(scope: &Scope, table: &Table, index: &Index, counts: &Counts) -> LocalSecondaryIndexDescription {
    let (items, bytes) = counts.get(&index.id).copied().unwrap_or_default();
    LocalSecondaryIndexDescription {
        index_name: Some(index.name.clone()),
        key_schema: Some(key_schema(&index.key)),
        projection: Some(projection(index)),
        index_size_bytes: Some(bytes),
        item_count: Some(items),
        index_arn: Some(names::index_arn(scope, &table.name, &index.name)),
    }
}

fn global(scope: &Scope, table: &Table, index: &Index, counts: &Counts) -> GlobalSecondaryIndexDescription {
    let (items, bytes) = counts.get(&index.id).copied().unwrap_or_default();
    let (index_status, backfilling) = index_status(table, index);
    GlobalSecondaryIndexDescription {
        index_name: Some(index.name.clone()),
        key_schema: Some(key_schema(&index.key)),
        projection: Some(projection(index)),
        index_status: Some(index_status),
        backfilling,
        provisioned_throughput: Some(throughput(&index.throughput)),
        index_size_bytes: Some(bytes),
        item_count: Some(items),
        index_arn: Some(names::index_arn(scope, &table.name, &index.name)),
        on_demand_throughput: on_demand(index.most),
        warm_throughput: Some(warm_index(table, index)),
    }
}
