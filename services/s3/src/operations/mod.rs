//! The operations, one file each.

mod bucket;
mod create_bucket;
mod delete_object;
mod get_object;
mod list_buckets;
mod list_objects;
mod put_object;

use api_s3::{
    CreateBucket, DeleteBucket, DeleteObject, DeleteObjects, GetBucketLocation, GetObject, HeadBucket,
    HeadObject, ListBuckets, ListObjects, ListObjectsV2, PutObject,
};
use kernel::service::ServiceBuilder;

use crate::S3;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<S3>) -> ServiceBuilder<S3> {
    service
        .on::<CreateBucket>()
        .on::<DeleteBucket>()
        .on::<DeleteObject>()
        .on::<DeleteObjects>()
        .on::<GetBucketLocation>()
        .on::<GetObject>()
        .on::<HeadBucket>()
        .on::<HeadObject>()
        .on::<ListBuckets>()
        .on::<ListObjects>()
        .on::<ListObjectsV2>()
        .on::<PutObject>()
}
