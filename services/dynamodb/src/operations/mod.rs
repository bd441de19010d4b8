//! The operations, one file each.

mod batch_get_item;
mod batch_write_item;
mod create_table;
mod delete_item;
mod delete_table;
mod describe_table;
mod get_item;
mod list_tables;
mod put_item;
mod query;
mod scan;
mod tags;
mod time_to_live;
mod update_item;
mod update_table;

use api_dynamodb::{
    BatchGetItem, BatchWriteItem, CreateTable, DeleteItem, DeleteTable, DescribeTable, DescribeTimeToLive,
    GetItem, ListTables, ListTagsOfResource, PutItem, Query, Scan, TagResource, UntagResource, UpdateItem,
    UpdateTable, UpdateTimeToLive,
};
use kernel::service::ServiceBuilder;

use crate::Dynamodb;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Dynamodb>) -> ServiceBuilder<Dynamodb> {
    service
        .on::<BatchGetItem>()
        .on::<BatchWriteItem>()
        .on::<CreateTable>()
        .on::<DeleteItem>()
        .on::<DeleteTable>()
        .on::<DescribeTable>()
        .on::<DescribeTimeToLive>()
        .on::<GetItem>()
        .on::<ListTables>()
        .on::<ListTagsOfResource>()
        .on::<PutItem>()
        .on::<Query>()
        .on::<Scan>()
        .on::<TagResource>()
        .on::<UntagResource>()
        .on::<UpdateItem>()
        .on::<UpdateTable>()
        .on::<UpdateTimeToLive>()
}
