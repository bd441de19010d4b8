//! The operations, by their nouns.

mod access_point;
mod access_point_policy;
mod public_access_block;
mod tags;

use api_s3control::{
    CreateAccessPoint, DeleteAccessPoint, DeleteAccessPointPolicy, DeletePublicAccessBlock, GetAccessPoint,
    GetAccessPointPolicy, GetAccessPointPolicyStatus, GetPublicAccessBlock, ListAccessPoints,
    ListTagsForResource, PutAccessPointPolicy, PutPublicAccessBlock, TagResource, UntagResource,
};
use kernel::service::ServiceBuilder;

use crate::S3control;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<S3control>) -> ServiceBuilder<S3control> {
    service
        .on::<CreateAccessPoint>()
        .on::<DeleteAccessPoint>()
        .on::<DeleteAccessPointPolicy>()
        .on::<DeletePublicAccessBlock>()
        .on::<GetAccessPoint>()
        .on::<GetAccessPointPolicy>()
        .on::<GetAccessPointPolicyStatus>()
        .on::<GetPublicAccessBlock>()
        .on::<ListAccessPoints>()
        .on::<ListTagsForResource>()
        .on::<PutAccessPointPolicy>()
        .on::<PutPublicAccessBlock>()
        .on::<TagResource>()
        .on::<UntagResource>()
}
