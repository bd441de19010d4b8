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
mod transact_get_items;
mod transact_write_items;
mod update_item;
mod update_table;

use api_dynamodb::{
    BatchGetItem, BatchWriteItem, CreateTable, DeleteItem, DeleteTable, DescribeTable, GetItem, ListTables,
    ListTagsOfResource, PutItem, Query, Scan, TagResource, TransactGetItems, TransactWriteItems,
    UntagResource, UpdateItem, UpdateTable,
};
use kernel::service::ServiceBuilder;

use crate::Dynamodb;

pub use delete_table::remove_rows;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Dynamodb>) -> ServiceBuilder<Dynamodb> {
    service
        .on::<BatchGetItem>()
        .on::<BatchWriteItem>()
        .on::<CreateTable>()
        .on::<DeleteItem>()
        .on::<DeleteTable>()
        .on::<DescribeTable>()
        .on::<GetItem>()
        .on::<ListTables>()
        .on::<ListTagsOfResource>()
        .on::<PutItem>()
        .on::<Query>()
        .on::<Scan>()
        .on::<TagResource>()
        .on::<TransactGetItems>()
        .on::<TransactWriteItems>()
        .on::<UntagResource>()
        .on::<UpdateItem>()
        .on::<UpdateTable>()
}
