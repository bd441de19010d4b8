//! `ListBuckets`: the caller's own buckets, in all regions or one.

use api_s3::{
    Bucket as Listed, BucketLocationConstraint, ListBuckets, ListBucketsInput, ListBucketsOutput, S3Error,
};
use kernel::{Context, Fault, Handler, page};

use crate::bucket::{OWNED, Owned};
use crate::{S3, errors, limits, names};

const LIST: &str = "s3.buckets";

impl Handler<ListBuckets> for S3 {
    async fn handle(&self, cx: &Context, input: ListBucketsInput) -> Result<ListBucketsOutput, S3Error> {
        let limit = limit(input.max_buckets)?;
        let token = input.continuation_token.as_deref().filter(|token| !token.is_empty());
        let after = token.map(after).transpose()?;
        check_region(input.bucket_region.as_deref())?;
        let prefix = input.prefix.as_deref().unwrap_or_default();

        let rows: Vec<_> = self.store.read(&cx.scope, |tx| {
            let mut rows = tx.starting_with(&OWNED, prefix);
            if let Some(after) = &after {
                rows = rows.after(after);
            }
            let is_wanted = |row: &Result<(String, Owned), Fault>| match (&input.bucket_region, row) {
                (Some(region), Ok((_, bucket))) => bucket.region.as_str() == region,
                _ => true,
            };
            rows.filter(is_wanted).take(limit + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(rows, limit, LIST, |(name, _)| name.clone());
        // Requests that ask for no page get the short answer of old.
        let is_paged = input.max_buckets.is_some() || input.prefix.is_some() || input.bucket_region.is_some();
        let buckets = page.items.into_iter().map(|(name, bucket)| Listed {
            creation_date: Some(bucket.created()),
            bucket_region: is_paged.then(|| bucket.region.as_str().to_owned()),
            bucket_arn: Some(format!("arn:aws:s3:::{name}")),
            name: Some(name),
        });
        Ok(ListBucketsOutput {
            buckets: Some(buckets.collect()),
            owner: Some(names::owner(&cx.scope.account)),
            continuation_token: page.next,
            prefix: input.prefix.clone(),
        })
    }
}

fn limit(asked: Option<i32>) -> Result<usize, Fault> {
    let Some(asked) = asked else { return Ok(limits::BUCKETS_PAGE) };
    let limit = usize::try_from(asked).ok().filter(|limit| (1..=limits::BUCKETS_PAGE).contains(limit));
    limit.ok_or_else(|| {
        let message = "Argument max-buckets must be an integer between 1 and 10000";
        errors::invalid_argument(message, "max-buckets", &asked.to_string())
    })
}

/// Regions are checked, unlike prefixes.
fn check_region(region: Option<&str>) -> Result<(), Fault> {
    match region {
        Some(region) if region != "us-east-1" && !BucketLocationConstraint::VALUES.contains(&region) => {
            let message = format!("Argument value {region} is not a valid AWS Region");
            Err(Fault::client("InvalidArgument", message).field("ArgumentName", "bucket-region"))
        }
        _ => Ok(()),
    }
}

fn after(token: &str) -> Result<String, Fault> {
    page::key(LIST, token).ok_or_else(|| {
        errors::invalid_argument("The continuation token provided is incorrect", "continuation-token", token)
    })
}
