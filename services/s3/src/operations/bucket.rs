//! `HeadBucket`, `GetBucketLocation` and `DeleteBucket`.

use api_s3::{
    DeleteBucket, DeleteBucketInput, DeleteBucketOutput, GetBucketLocation, GetBucketLocationInput,
    GetBucketLocationOutput, HeadBucket, HeadBucketInput, HeadBucketOutput, S3Error,
};
use api_s3control::{ListAccessPoints, ListAccessPointsInput};
use kernel::{Context, Fault, Handler, Operation};

use crate::bucket::{BUCKETS, OWNED, enter, find};
use crate::object::OBJECTS;
use crate::version::VERSIONS;
use crate::{S3, errors, setting, upload};

impl Handler<HeadBucket> for S3 {
    async fn handle(&self, cx: &Context, input: HeadBucketInput) -> Result<HeadBucketOutput, S3Error> {
        let expected = input.expected_bucket_owner.as_deref();
        let bucket = self.store.read(&cx.scope, |tx| enter(tx, cx, &input.bucket, expected))?;

        Ok(HeadBucketOutput {
            bucket_arn: Some(format!("arn:aws:s3:::{}", input.bucket)),
            bucket_region: Some(bucket.region.as_str().to_owned()),
            access_point_alias: Some(false),
            content_type: Some("application/xml".to_owned()),
            ..Default::default()
        })
    }
}

impl Handler<GetBucketLocation> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketLocationInput,
    ) -> Result<GetBucketLocationOutput, S3Error> {
        let expected = input.expected_bucket_owner.as_deref();
        let bucket = self.store.read(&cx.scope, |tx| find(tx, &input.bucket, expected))?;

        // The oldest region has no name here.
        let constraint = bucket.constraint.as_deref().map(Into::into);
        Ok(GetBucketLocationOutput { location_constraint: constraint })
    }
}

impl Handler<DeleteBucket> for S3 {
    async fn handle(&self, cx: &Context, input: DeleteBucketInput) -> Result<DeleteBucketOutput, S3Error> {
        let (name, expected) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());

        let bucket = self.store.read(&cx.scope, |tx| find(tx, name, expected))?;
        if has_access_points(&cx.in_scope(bucket.home()), name).await? {
            return Err(errors::settings::access_points_left(name).into());
        }

        let deleted = self.store.write(&cx.scope, |tx| {
            let bucket = find(tx, name, expected)?;
            if tx.prefix(&OBJECTS, &(name,)).keys().next().transpose()?.is_some() {
                return Err(errors::bucket_not_empty(name));
            }
            if tx.prefix(&VERSIONS, &(name,)).keys().next().transpose()?.is_some() {
                return Err(errors::versions_left(name));
            }
            // Unfinished uploads do not keep a bucket, and end with it.
            upload::remove_all(tx, name)?;
            setting::remove_all(tx, name)?;
            tx.delete(&BUCKETS, name)?;
            tx.in_scope(&bucket.home()).delete(&OWNED, name)
        });
        deleted.await?;

        Ok(DeleteBucketOutput {})
    }
}

/// Whether S3 Control, where it runs, has access points to the bucket.
async fn has_access_points(cx: &Context, bucket: &str) -> Result<bool, Fault> {
    if cx.calls.service(ListAccessPoints::SERVICE.name).is_none() {
        return Ok(false);
    }
    let input = ListAccessPointsInput {
        account_id: cx.scope.account.to_string(),
        bucket: Some(bucket.to_owned()),
        max_results: Some(1),
        ..Default::default()
    };
    let listed = cx.call::<ListAccessPoints>(input).await?;
    Ok(listed.access_point_list.is_some_and(|points| !points.is_empty()))
}
