//! The operations, one file each.

mod bucket;
mod complete_multipart_upload;
mod copy_object;
mod create_bucket;
mod create_multipart_upload;
pub mod delete_object;
mod get_object;
mod get_object_attributes;
mod list_buckets;
mod list_object_versions;
mod list_objects;
mod list_uploads;
mod object_acl;
mod object_lock;
mod object_tagging;
mod put_object;
mod restore_object;
mod upload_part;

use api_s3::{
    AbortMultipartUpload, CompleteMultipartUpload, CopyObject, CreateBucket, CreateMultipartUpload,
    DeleteBucket, DeleteObject, DeleteObjectTagging, DeleteObjects, GetBucketLocation, GetObject,
    GetObjectAcl, GetObjectAttributes, GetObjectLegalHold, GetObjectRetention, GetObjectTagging, HeadBucket,
    HeadObject, ListBuckets, ListMultipartUploads, ListObjectVersions, ListObjects, ListObjectsV2, ListParts,
    PutObject, PutObjectAcl, PutObjectLegalHold, PutObjectRetention, PutObjectTagging, RestoreObject,
    UploadPart, UploadPartCopy,
};
use kernel::service::ServiceBuilder;

use crate::S3;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<S3>) -> ServiceBuilder<S3> {
    service
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
