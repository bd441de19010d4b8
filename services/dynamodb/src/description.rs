//! A table as `DescribeTable` shows it.

use api_dynamodb::{
    AttributeDefinition, BillingMode, BillingModeSummary, GlobalSecondaryIndexDescription,
    GlobalSecondaryIndexWarmThroughputDescription, IndexStatus, KeySchemaElement, KeyType,
    LocalSecondaryIndexDescription, OnDemandThroughput, Projection, ProvisionedThroughputDescription,
    SSEDescription, SSEStatus, ScalarAttributeType, TableClassSummary, TableDescription, TableStatus,
    TableWarmThroughputDescription,
};
use kernel::Scope;

use crate::key::KeySchema;
use crate::names;
use crate::table::{Counts, Index, Table, Throughput};
use crate::throughput::ready;

/// The description of a table in that state.
pub fn describe(scope: &Scope, table: &Table, counts: &Counts, status: TableStatus) -> TableDescription {
    let (items, bytes) = counts.get(&0).copied().unwrap_or_default();
    TableDescription {
        attribute_definitions: Some(table.definitions.iter().map(definition).collect()),
        table_name: Some(table.name.clone()),
        key_schema: Some(key_schema(&table.key)),
        table_status: Some(status),
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
        sse_description: table.encryption.as_ref().map(|encryption| SSEDescription {
            status: Some(SSEStatus::Enabled),
            sse_type: Some(encryption.kind.clone()),
            kms_master_key_arn: Some(encryption.key.clone()),
            inaccessible_encryption_date_time: None,
        }),
        table_class_summary: table.class.as_ref().map(|(class, changed)| TableClassSummary {
            table_class: Some(class.clone()),
            last_update_date_time: *changed,
        }),
        deletion_protection_enabled: Some(table.deletion_protection),
        on_demand_throughput: on_demand(table.billing.most),
        warm_throughput: Some(warm(table)),
        ..Default::default()
    }
}

fn some<T>(list: Vec<T>) -> Option<Vec<T>> {
    (!list.is_empty()).then_some(list)
}

fn definition(attribute: &crate::key::KeyAttribute) -> AttributeDefinition {
    AttributeDefinition {
        attribute_name: attribute.name.clone(),
        attribute_type: ScalarAttributeType::from(attribute.kind.as_str()),
    }
}

fn key_schema(key: &KeySchema) -> Vec<KeySchemaElement> {
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

fn on_demand(most: Option<(Option<i64>, Option<i64>)>) -> Option<OnDemandThroughput> {
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

fn projection(index: &Index) -> Projection {
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
    GlobalSecondaryIndexDescription {
        index_name: Some(index.name.clone()),
        key_schema: Some(key_schema(&index.key)),
        projection: Some(projection(index)),
        index_status: Some(IndexStatus::Active),
        backfilling: None,
        provisioned_throughput: Some(throughput(&index.throughput)),
        index_size_bytes: Some(bytes),
        item_count: Some(items),
        index_arn: Some(names::index_arn(scope, &table.name, &index.name)),
        on_demand_throughput: on_demand(index.most),
        warm_throughput: Some(warm_index(table, index)),
    }
}
