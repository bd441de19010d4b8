//! The operations, one file each.

mod filter_log_events;
mod get_log_events;
mod log_group;
mod log_stream;
mod put_log_events;

use api_logs::{
    CreateLogGroup, CreateLogStream, DeleteLogGroup, DeleteLogStream, DescribeLogGroups, DescribeLogStreams,
    FilterLogEvents, GetLogEvents, PutLogEvents,
};
use kernel::service::ServiceBuilder;

use crate::Logs;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Logs>) -> ServiceBuilder<Logs> {
    service
        .on::<CreateLogGroup>()
        .on::<CreateLogStream>()
        .on::<DeleteLogGroup>()
        .on::<DeleteLogStream>()
        .on::<DescribeLogGroups>()
        .on::<DescribeLogStreams>()
        .on::<FilterLogEvents>()
        .on::<GetLogEvents>()
        .on::<PutLogEvents>()
}
