//! The operations, one file each.

mod abac;
mod accelerate;
mod bucket;
mod bucket_acl;
mod bucket_tagging;
mod complete_multipart_upload;
mod configurations;
mod copy_object;
mod cors;
mod create_bucket;
mod create_multipart_upload;
pub mod delete_object;
mod encryption;
mod get_object;
mod get_object_attributes;
mod lifecycle;
mod list_buckets;
mod list_object_versions;
mod list_objects;
mod list_uploads;
mod logging;
mod notification;
mod object_acl;
mod object_lock;
mod object_tagging;
mod ownership;
mod policy;
mod public_access;
mod put_object;
mod replication;
mod request_payment;
mod restore_object;
mod retention;
mod upload_part;
mod versioning;
mod website;

use api_s3::{
    AbortMultipartUpload, CompleteMultipartUpload, CopyObject, CreateBucket, CreateMultipartUpload,
    DeleteBucket, DeleteBucketAnalyticsConfiguration, DeleteBucketCors, DeleteBucketEncryption,
    DeleteBucketIntelligentTieringConfiguration, DeleteBucketInventoryConfiguration, DeleteBucketLifecycle,
    DeleteBucketMetricsConfiguration, DeleteBucketOwnershipControls, DeleteBucketPolicy,
    DeleteBucketReplication, DeleteBucketTagging, DeleteBucketWebsite, DeleteObject, DeleteObjectTagging,
    DeleteObjects, DeletePublicAccessBlock, GetBucketAbac, GetBucketAccelerateConfiguration, GetBucketAcl,
    GetBucketAnalyticsConfiguration, GetBucketCors, GetBucketEncryption,
    GetBucketIntelligentTieringConfiguration, GetBucketInventoryConfiguration,
    GetBucketLifecycleConfiguration, GetBucketLocation, GetBucketLogging, GetBucketMetricsConfiguration,
    GetBucketNotificationConfiguration, GetBucketOwnershipControls, GetBucketPolicy, GetBucketPolicyStatus,
    GetBucketReplication, GetBucketRequestPayment, GetBucketTagging, GetBucketVersioning, GetBucketWebsite,
    GetObject, GetObjectAcl, GetObjectAttributes, GetObjectLegalHold, GetObjectLockConfiguration,
    GetObjectRetention, GetObjectTagging, GetPublicAccessBlock, HeadBucket, HeadObject,
    ListBucketAnalyticsConfigurations, ListBucketIntelligentTieringConfigurations,
    ListBucketInventoryConfigurations, ListBucketMetricsConfigurations, ListBuckets, ListMultipartUploads,
    ListObjectVersions, ListObjects, ListObjectsV2, ListParts, PutBucketAbac,
    PutBucketAccelerateConfiguration, PutBucketAcl, PutBucketAnalyticsConfiguration, PutBucketCors,
    PutBucketEncryption, PutBucketIntelligentTieringConfiguration, PutBucketInventoryConfiguration,
    PutBucketLifecycleConfiguration, PutBucketLogging, PutBucketMetricsConfiguration,
    PutBucketNotificationConfiguration, PutBucketOwnershipControls, PutBucketPolicy, PutBucketReplication,
    PutBucketRequestPayment, PutBucketTagging, PutBucketVersioning, PutBucketWebsite, PutObject,
    PutObjectAcl, PutObjectLegalHold, PutObjectLockConfiguration, PutObjectRetention, PutObjectTagging,
    PutPublicAccessBlock, RestoreObject, UploadPart, UploadPartCopy,
};
use kernel::service::ServiceBuilder;

use crate::S3;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<S3>) -> ServiceBuilder<S3> {
    settings(service)
        .on::<AbortMultipartUpload>()
        .on::<CompleteMultipartUpload>()
        .on::<CopyObject>()
        .on::<CreateBucket>()
        .on::<CreateMultipartUpload>()
        .on::<DeleteBucket>()
        .on::<DeleteObject>()
        .on::<DeleteObjectTagging>()
        .on::<DeleteObjects>()
        .on::<GetBucketLocation>()
        .on::<GetObject>()
        .on::<GetObjectAcl>()
        .on::<GetObjectAttributes>()
        .on::<GetObjectLegalHold>()
        .on::<GetObjectRetention>()
        .on::<GetObjectTagging>()
        .on::<HeadBucket>()
        .on::<HeadObject>()
        .on::<ListBuckets>()
        .on::<ListMultipartUploads>()
        .on::<ListObjectVersions>()
        .on::<ListObjects>()
        .on::<ListObjectsV2>()
        .on::<ListParts>()
        .on::<PutObject>()
        .on::<PutObjectAcl>()
        .on::<PutObjectLegalHold>()
        .on::<PutObjectRetention>()
        .on::<PutObjectTagging>()
        .on::<RestoreObject>()
        .on::<UploadPart>()
        .on::<UploadPartCopy>()
}

/// Those on the settings of buckets.
fn settings(service: ServiceBuilder<S3>) -> ServiceBuilder<S3> {
    service
        .on::<DeleteBucketAnalyticsConfiguration>()
        .on::<DeleteBucketCors>()
        .on::<DeleteBucketEncryption>()
        .on::<DeleteBucketIntelligentTieringConfiguration>()
        .on::<DeleteBucketInventoryConfiguration>()
        .on::<DeleteBucketLifecycle>()
        .on::<DeleteBucketMetricsConfiguration>()
        .on::<DeleteBucketOwnershipControls>()
        .on::<DeleteBucketPolicy>()
        .on::<DeleteBucketReplication>()
        .on::<DeleteBucketTagging>()
        .on::<DeleteBucketWebsite>()
        .on::<DeletePublicAccessBlock>()
        .on::<GetBucketAbac>()
        .on::<GetBucketAccelerateConfiguration>()
        .on::<GetBucketAcl>()
        .on::<GetBucketAnalyticsConfiguration>()
        .on::<GetBucketCors>()
        .on::<GetBucketEncryption>()
        .on::<GetBucketIntelligentTieringConfiguration>()
        .on::<GetBucketInventoryConfiguration>()
        .on::<GetBucketLifecycleConfiguration>()
        .on::<GetBucketLogging>()
        .on::<GetBucketMetricsConfiguration>()
        .on::<GetBucketNotificationConfiguration>()
        .on::<GetBucketOwnershipControls>()
        .on::<GetBucketPolicy>()
        .on::<GetBucketPolicyStatus>()
        .on::<GetBucketReplication>()
        .on::<GetBucketRequestPayment>()
        .on::<GetBucketTagging>()
        .on::<GetBucketVersioning>()
        .on::<GetBucketWebsite>()
        .on::<GetObjectLockConfiguration>()
        .on::<GetPublicAccessBlock>()
        .on::<ListBucketAnalyticsConfigurations>()
        .on::<ListBucketIntelligentTieringConfigurations>()
        .on::<ListBucketInventoryConfigurations>()
        .on::<ListBucketMetricsConfigurations>()
        .on::<PutBucketAbac>()
        .on::<PutBucketAccelerateConfiguration>()
        .on::<PutBucketAcl>()
        .on::<PutBucketAnalyticsConfiguration>()
        .on::<PutBucketCors>()
        .on::<PutBucketEncryption>()
        .on::<PutBucketIntelligentTieringConfiguration>()
        .on::<PutBucketInventoryConfiguration>()
        .on::<PutBucketLifecycleConfiguration>()
        .on::<PutBucketLogging>()
        .on::<PutBucketMetricsConfiguration>()
        .on::<PutBucketNotificationConfiguration>()
        .on::<PutBucketOwnershipControls>()
        .on::<PutBucketPolicy>()
        .on::<PutBucketReplication>()
        .on::<PutBucketRequestPayment>()
        .on::<PutBucketTagging>()
        .on::<PutBucketVersioning>()
        .on::<PutBucketWebsite>()
        .on::<PutObjectLockConfiguration>()
        .on::<PutPublicAccessBlock>()
}
