//! The operations, one file each.

mod backups;
mod batch_execute_statement;
mod batch_get_item;
mod batch_write_item;
mod continuous_backups;
mod contributor_insights;
mod create_table;
mod delete_item;
mod delete_table;
mod describe_table;
mod execute_statement;
mod execute_transaction;
mod exports;
mod get_item;
mod global_table_settings;
mod global_tables;
mod imports;
mod kinesis_destinations;
mod limits;
mod list_tables;
mod put_item;
mod query;
mod resource_policies;
mod scan;
mod tags;
mod time_to_live;
mod transact_get_items;
mod transact_write_items;
mod update_item;
mod update_table;

use api_dynamodb::{
    BatchExecuteStatement, BatchGetItem, BatchWriteItem, CreateBackup, CreateGlobalTable, CreateTable,
    DeleteBackup, DeleteItem, DeleteResourcePolicy, DeleteTable, DescribeBackup, DescribeContinuousBackups,
    DescribeContributorInsights, DescribeEndpoints, DescribeExport, DescribeGlobalTable,
    DescribeGlobalTableSettings, DescribeImport, DescribeKinesisStreamingDestination, DescribeLimits,
    DescribeTable, DescribeTableReplicaAutoScaling, DescribeTimeToLive, DisableKinesisStreamingDestination,
    EnableKinesisStreamingDestination, ExecuteStatement, ExecuteTransaction, ExportTableToPointInTime,
    GetItem, GetResourcePolicy, ImportTable, ListBackups, ListContributorInsights, ListExports,
    ListGlobalTables, ListImports, ListTables, ListTagsOfResource, PutItem, PutResourcePolicy, Query,
    RestoreTableFromBackup, RestoreTableToPointInTime, Scan, TagResource, TransactGetItems,
    TransactWriteItems, UntagResource, UpdateContinuousBackups, UpdateContributorInsights, UpdateGlobalTable,
    UpdateGlobalTableSettings, UpdateItem, UpdateKinesisStreamingDestination, UpdateTable, UpdateTimeToLive,
};
use kernel::service::ServiceBuilder;

use crate::Dynamodb;

pub use query::range as query_range;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Dynamodb>) -> ServiceBuilder<Dynamodb> {
    service
        .on::<BatchExecuteStatement>()
        .on::<BatchGetItem>()
        .on::<BatchWriteItem>()
        .on::<CreateBackup>()
        .on::<CreateGlobalTable>()
        .on::<CreateTable>()
        .on::<DeleteBackup>()
        .on::<DeleteItem>()
        .on::<DeleteResourcePolicy>()
        .on::<DeleteTable>()
        .on::<DescribeBackup>()
        .on::<DescribeContinuousBackups>()
        .on::<DescribeContributorInsights>()
        .on::<DescribeEndpoints>()
        .on::<DescribeExport>()
        .on::<DescribeGlobalTable>()
        .on::<DescribeGlobalTableSettings>()
        .on::<DescribeImport>()
        .on::<DescribeKinesisStreamingDestination>()
        .on::<DescribeLimits>()
        .on::<DescribeTable>()
        .on::<DescribeTableReplicaAutoScaling>()
        .on::<DescribeTimeToLive>()
        .on::<DisableKinesisStreamingDestination>()
        .on::<EnableKinesisStreamingDestination>()
        .on::<ExecuteStatement>()
        .on::<ExecuteTransaction>()
        .on::<ExportTableToPointInTime>()
        .on::<GetItem>()
        .on::<GetResourcePolicy>()
        .on::<ImportTable>()
        .on::<ListBackups>()
        .on::<ListContributorInsights>()
        .on::<ListExports>()
        .on::<ListGlobalTables>()
        .on::<ListImports>()
        .on::<ListTables>()
        .on::<ListTagsOfResource>()
        .on::<PutItem>()
        .on::<PutResourcePolicy>()
        .on::<Query>()
        .on::<RestoreTableFromBackup>()
        .on::<RestoreTableToPointInTime>()
        .on::<Scan>()
        .on::<TagResource>()
        .on::<TransactGetItems>()
        .on::<TransactWriteItems>()
        .on::<UntagResource>()
        .on::<UpdateContinuousBackups>()
        .on::<UpdateContributorInsights>()
        .on::<UpdateGlobalTable>()
        .on::<UpdateGlobalTableSettings>()
        .on::<UpdateItem>()
        .on::<UpdateKinesisStreamingDestination>()
        .on::<UpdateTable>()
        .on::<UpdateTimeToLive>()
}
