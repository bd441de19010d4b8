//! The operations, one file each.

mod bucket;
mod complete_multipart_upload;
mod copy_object;
mod create_bucket;
mod create_multipart_upload;
mod delete_object;
mod get_object;
mod get_object_attributes;
mod list_buckets;
mod list_objects;
mod list_uploads;
mod put_object;
mod upload_part;

use api_s3::{
    AbortMultipartUpload, CompleteMultipartUpload, CopyObject, CreateBucket, CreateMultipartUpload,
    DeleteBucket, DeleteObject, DeleteObjects, GetBucketLocation, GetObject, GetObjectAttributes, HeadBucket,
    HeadObject, ListBuckets, ListMultipartUploads, ListObjects, ListObjectsV2, ListParts, PutObject,
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
        .on::<DeleteObjects>()
        .on::<GetBucketLocation>()
        .on::<GetObject>()
        .on::<GetObjectAttributes>()
        .on::<HeadBucket>()
        .on::<HeadObject>()
        .on::<ListBuckets>()
        .on::<ListMultipartUploads>()
        .on::<ListObjects>()
        .on::<ListObjectsV2>()
        .on::<ListParts>()
        .on::<PutObject>()
        .on::<UploadPart>()
        .on::<UploadPartCopy>()
}
