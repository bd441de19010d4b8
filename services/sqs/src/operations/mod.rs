//! The operations, one file each.

mod create_queue;
mod delete_message;
mod delete_queue;
mod get_queue_url;
mod list_queues;
mod queue_attributes;
mod receive_message;
mod send_message;

use api_sqs::{
    CreateQueue, DeleteMessage, DeleteQueue, GetQueueAttributes, GetQueueUrl, ListQueues, ReceiveMessage,
    SendMessage, SetQueueAttributes,
};
use kernel::service::ServiceBuilder;

use crate::Sqs;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Sqs>) -> ServiceBuilder<Sqs> {
    service
        .on::<CreateQueue>()
        .on::<DeleteMessage>()
        .on::<DeleteQueue>()
        .on::<GetQueueAttributes>()
        .on::<GetQueueUrl>()
        .on::<ListQueues>()
        .on::<ReceiveMessage>()
        .on::<SendMessage>()
        .on::<SetQueueAttributes>()
}
