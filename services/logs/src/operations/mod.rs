//! The operations, one file each or one for a family.

mod account_policies;
mod data_protection;
mod delivery_destinations;
mod delivery_sources;
mod destinations;
mod export_tasks;
mod filter_log_events;
mod get_log_events;
mod group_settings;
mod index_policies;
mod log_group;
mod log_stream;
mod metric_filters;
mod put_log_events;
mod queries;
mod query_definitions;
mod records;
mod resource_policies;
mod start_live_tail;
mod start_query;
mod subscription_filters;
mod tags;
mod transformers;

use api_logs::{
    AssociateKmsKey, CancelExportTask, CreateDelivery, CreateExportTask, CreateLogGroup, CreateLogStream,
    DeleteAccountPolicy, DeleteDataProtectionPolicy, DeleteDelivery, DeleteDeliveryDestination,
    DeleteDeliveryDestinationPolicy, DeleteDeliverySource, DeleteDestination, DeleteIndexPolicy,
    DeleteLogGroup, DeleteLogStream, DeleteMetricFilter, DeleteQueryDefinition, DeleteResourcePolicy,
    DeleteRetentionPolicy, DeleteSubscriptionFilter, DeleteTransformer, DescribeAccountPolicies,
    DescribeDeliveries, DescribeDeliveryDestinations, DescribeDeliverySources, DescribeDestinations,
    DescribeExportTasks, DescribeFieldIndexes, DescribeIndexPolicies, DescribeLogGroups, DescribeLogStreams,
    DescribeMetricFilters, DescribeQueries, DescribeQueryDefinitions, DescribeResourcePolicies,
    DescribeSubscriptionFilters, DisassociateKmsKey, FilterLogEvents, GetDataProtectionPolicy, GetDelivery,
    GetDeliveryDestination, GetDeliveryDestinationPolicy, GetDeliverySource, GetLogEvents, GetLogGroupFields,
    GetLogRecord, GetQueryResults, GetTransformer, ListLogGroups, ListLogGroupsForQuery, ListTagsForResource,
    ListTagsLogGroup, LogsError, PutAccountPolicy, PutDataProtectionPolicy, PutDeliveryDestination,
    PutDeliveryDestinationPolicy, PutDeliverySource, PutDestination, PutDestinationPolicy, PutIndexPolicy,
    PutLogEvents, PutLogGroupDeletionProtection, PutMetricFilter, PutQueryDefinition, PutResourcePolicy,
    PutRetentionPolicy, PutSubscriptionFilter, PutTransformer, StartLiveTail, StartQuery, StopQuery,
    TagLogGroup, TagResource, TestMetricFilter, TestTransformer, UntagLogGroup, UntagResource,
};
use kernel::page;
use kernel::service::ServiceBuilder;

use crate::{Logs, errors};

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Logs>) -> ServiceBuilder<Logs> {
    service
        .on::<DeleteAccountPolicy>()
        .on::<DeleteDataProtectionPolicy>()
        .on::<DeleteIndexPolicy>()
        .on::<DescribeAccountPolicies>()
        .on::<DescribeFieldIndexes>()
        .on::<DescribeIndexPolicies>()
        .on::<GetDataProtectionPolicy>()
        .on::<PutAccountPolicy>()
        .on::<PutDataProtectionPolicy>()
        .on::<PutIndexPolicy>()
        .on::<DeleteTransformer>()
        .on::<GetTransformer>()
        .on::<PutTransformer>()
        .on::<TestTransformer>()
        .on::<AssociateKmsKey>()
        .on::<CancelExportTask>()
        .on::<CreateDelivery>()
        .on::<CreateExportTask>()
        .on::<CreateLogGroup>()
        .on::<CreateLogStream>()
        .on::<DeleteDelivery>()
        .on::<DeleteDeliveryDestination>()
        .on::<DeleteDeliveryDestinationPolicy>()
        .on::<DeleteDeliverySource>()
        .on::<DeleteDestination>()
        .on::<DeleteLogGroup>()
        .on::<DeleteLogStream>()
        .on::<DeleteMetricFilter>()
        .on::<DeleteQueryDefinition>()
        .on::<DeleteResourcePolicy>()
        .on::<DeleteRetentionPolicy>()
        .on::<DeleteSubscriptionFilter>()
        .on::<DescribeDeliveries>()
        .on::<DescribeDeliveryDestinations>()
        .on::<DescribeDeliverySources>()
        .on::<DescribeDestinations>()
        .on::<DescribeExportTasks>()
        .on::<DescribeLogGroups>()
        .on::<DescribeLogStreams>()
        .on::<DescribeMetricFilters>()
        .on::<DescribeQueries>()
        .on::<DescribeQueryDefinitions>()
        .on::<DescribeResourcePolicies>()
        .on::<DescribeSubscriptionFilters>()
        .on::<DisassociateKmsKey>()
        .on::<FilterLogEvents>()
        .on::<GetDelivery>()
        .on::<GetDeliveryDestination>()
        .on::<GetDeliveryDestinationPolicy>()
        .on::<GetDeliverySource>()
        .on::<GetLogEvents>()
        .on::<GetLogGroupFields>()
        .on::<GetLogRecord>()
        .on::<GetQueryResults>()
        .on::<ListLogGroups>()
        .on::<ListLogGroupsForQuery>()
        .on::<ListTagsForResource>()
        .on::<ListTagsLogGroup>()
        .on::<PutDeliveryDestination>()
        .on::<PutDeliveryDestinationPolicy>()
        .on::<PutDeliverySource>()
        .on::<PutDestination>()
        .on::<PutDestinationPolicy>()
        .on::<PutLogEvents>()
        .on::<PutLogGroupDeletionProtection>()
        .on::<PutMetricFilter>()
        .on::<PutQueryDefinition>()
        .on::<PutResourcePolicy>()
        .on::<PutRetentionPolicy>()
        .on::<PutSubscriptionFilter>()
        .on::<StartLiveTail>()
        .on::<StartQuery>()
        .on::<StopQuery>()
        .on::<TagLogGroup>()
        .on::<TagResource>()
        .on::<TestMetricFilter>()
        .on::<UntagLogGroup>()
        .on::<UntagResource>()
}

/// The key after which a page starts.
fn after(list: &str, token: Option<String>) -> Result<Option<String>, LogsError> {
    token.map(|token| page::key(list, &token).ok_or_else(errors::invalid_token)).transpose()
}

/// The key of two names, as pages' tokens hold it.
fn pair_key((first, second): &(String, String)) -> String {
    format!("{first}\0{second}")
}

/// The two names after which a page starts.
fn pair_after(list: &str, token: Option<String>) -> Result<Option<(String, String)>, LogsError> {
    let key = after(list, token)?;
    let split =
        |key: String| key.split_once('\0').map(|(first, second)| (first.to_owned(), second.to_owned()));
    key.map(|key| split(key).ok_or_else(errors::invalid_token)).transpose()
}
