//! The operations, one file each.

mod change_message_visibility;
mod create_queue;
mod dead_letter_sources;
mod delete_message;
mod delete_queue;
mod get_queue_url;
mod list_queues;
mod move_tasks;
mod permissions;
mod purge_queue;
mod queue_attributes;
mod receive_message;
mod send_message;
mod send_message_batch;
mod tags;

use api_sqs::*;
use kernel::service::ServiceBuilder;

use crate::Sqs;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Sqs>) -> ServiceBuilder<Sqs> {
    service
        .on::<AddPermission>()
        .on::<CancelMessageMoveTask>()
        .on::<ChangeMessageVisibility>()
        .on::<ChangeMessageVisibilityBatch>()
        .on::<CreateQueue>()
        .on::<DeleteMessage>()
        .on::<DeleteMessageBatch>()
        .on::<DeleteQueue>()
        .on::<GetQueueAttributes>()
        .on::<GetQueueUrl>()
        .on::<ListDeadLetterSourceQueues>()
        .on::<ListMessageMoveTasks>()
        .on::<ListQueueTags>()
        .on::<ListQueues>()
        .on::<PurgeQueue>()
        .on::<ReceiveMessage>()
        .on::<RemovePermission>()
        .on::<SendMessage>()
        .on::<SendMessageBatch>()
        .on::<SetQueueAttributes>()
        .on::<StartMessageMoveTask>()
        .on::<TagQueue>()
        .on::<UntagQueue>()
}
