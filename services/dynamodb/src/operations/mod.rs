//! The operations, one file each.

mod backups;
mod batch_execute_statement;
mod batch_get_item;
mod batch_write_item;
mod continuous_backups;
mod create_table;
mod delete_item;
mod delete_table;
mod describe_table;
mod execute_statement;
mod execute_transaction;
mod get_item;
mod kinesis_destinations;
mod list_tables;
mod put_item;
mod query;
mod scan;
mod tags;
mod time_to_live;
mod transact_get_items;
mod transact_write_items;
mod update_item;
mod update_table;

use api_dynamodb::{
    BatchExecuteStatement, BatchGetItem, BatchWriteItem, CreateBackup, CreateTable, DeleteBackup, DeleteItem,
    DeleteTable, DescribeBackup, DescribeContinuousBackups, DescribeKinesisStreamingDestination,
    DescribeTable, DescribeTimeToLive, DisableKinesisStreamingDestination, EnableKinesisStreamingDestination,
    ExecuteStatement, ExecuteTransaction, GetItem, ListBackups, ListTables, ListTagsOfResource, PutItem,
    Query, RestoreTableFromBackup, RestoreTableToPointInTime, Scan, TagResource, TransactGetItems,
    TransactWriteItems, UntagResource, UpdateContinuousBackups, UpdateItem,
    UpdateKinesisStreamingDestination, UpdateTable, UpdateTimeToLive,
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
        .on::<CreateTable>()
        .on::<DeleteBackup>()
        .on::<DeleteItem>()
        .on::<DeleteTable>()
        .on::<DescribeBackup>()
        .on::<DescribeContinuousBackups>()
        .on::<DescribeKinesisStreamingDestination>()
        .on::<DescribeTable>()
        .on::<DescribeTimeToLive>()
        .on::<DisableKinesisStreamingDestination>()
        .on::<EnableKinesisStreamingDestination>()
        .on::<ExecuteStatement>()
        .on::<ExecuteTransaction>()
        .on::<GetItem>()
        .on::<ListBackups>()
        .on::<ListTables>()
        .on::<ListTagsOfResource>()
        .on::<PutItem>()
        .on::<Query>()
        .on::<RestoreTableFromBackup>()
        .on::<RestoreTableToPointInTime>()
        .on::<Scan>()
        .on::<TagResource>()
        .on::<TransactGetItems>()
        .on::<TransactWriteItems>()
        .on::<UntagResource>()
        .on::<UpdateContinuousBackups>()
        .on::<UpdateItem>()
        .on::<UpdateKinesisStreamingDestination>()
        .on::<UpdateTable>()
        .on::<UpdateTimeToLive>()
}
