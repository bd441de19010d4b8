//! The operations, one file each; families of one noun share the noun's.
//!
//! The operations of the sandbox for text messages are AWS's own business with phone companies: nobody answers them.

mod applications;
mod confirm_subscription;
mod create_topic;
mod data_protection;
mod delete_topic;
mod endpoints;
mod list_subscriptions;
mod list_topics;
mod permissions;
mod phones;
mod publish;
mod publish_batch;
mod subscribe;
mod subscription_attributes;
mod tags;
mod topic_attributes;
mod unsubscribe;

use api_sns::{
    AddPermission, CheckIfPhoneNumberIsOptedOut, ConfirmSubscription, CreatePlatformApplication,
    CreatePlatformEndpoint, CreateTopic, DeleteEndpoint, DeletePlatformApplication, DeleteTopic,
    GetDataProtectionPolicy, GetEndpointAttributes, GetPlatformApplicationAttributes, GetSMSAttributes,
    GetSubscriptionAttributes, GetTopicAttributes, ListEndpointsByPlatformApplication,
    ListPhoneNumbersOptedOut, ListPlatformApplications, ListSubscriptions, ListSubscriptionsByTopic,
    ListTagsForResource, ListTopics, OptInPhoneNumber, Publish, PublishBatch, PutDataProtectionPolicy,
    RemovePermission, SetEndpointAttributes, SetPlatformApplicationAttributes, SetSMSAttributes,
    SetSubscriptionAttributes, SetTopicAttributes, Subscribe, TagResource, Unsubscribe, UntagResource,
};
use kernel::service::ServiceBuilder;

use crate::Sns;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Sns>) -> ServiceBuilder<Sns> {
    service
        .on::<AddPermission>()
        .on::<CheckIfPhoneNumberIsOptedOut>()
        .on::<ConfirmSubscription>()
        .on::<CreatePlatformApplication>()
        .on::<CreatePlatformEndpoint>()
        .on::<CreateTopic>()
        .on::<DeleteEndpoint>()
        .on::<DeletePlatformApplication>()
        .on::<DeleteTopic>()
        .on::<GetDataProtectionPolicy>()
        .on::<GetEndpointAttributes>()
        .on::<GetPlatformApplicationAttributes>()
        .on::<GetSMSAttributes>()
        .on::<GetSubscriptionAttributes>()
        .on::<GetTopicAttributes>()
        .on::<ListEndpointsByPlatformApplication>()
        .on::<ListPhoneNumbersOptedOut>()
        .on::<ListPlatformApplications>()
        .on::<ListSubscriptions>()
        .on::<ListSubscriptionsByTopic>()
        .on::<ListTagsForResource>()
        .on::<ListTopics>()
        .on::<OptInPhoneNumber>()
        .on::<Publish>()
        .on::<PublishBatch>()
        .on::<PutDataProtectionPolicy>()
        .on::<RemovePermission>()
        .on::<SetEndpointAttributes>()
        .on::<SetPlatformApplicationAttributes>()
        .on::<SetSMSAttributes>()
        .on::<SetSubscriptionAttributes>()
        .on::<SetTopicAttributes>()
        .on::<Subscribe>()
        .on::<TagResource>()
        .on::<Unsubscribe>()
        .on::<UntagResource>()
}
