//! `CreateAccessPoint`, `GetAccessPoint`, `ListAccessPoints`, `DeleteAccessPoint`.

use api_s3::{HeadBucket, HeadBucketInput};
use api_s3control::{
    CreateAccessPoint, CreateAccessPointInput, CreateAccessPointOutput, DeleteAccessPoint,
    DeleteAccessPointInput, DeleteAccessPointOutput, GetAccessPoint, GetAccessPointInput,
    GetAccessPointOutput, ListAccessPoints, ListAccessPointsInput, ListAccessPointsOutput,
    PublicAccessBlockConfiguration, S3controlError,
};
use kernel::{Context, Fault, Handler, Map, Timestamp, page};
use protocol::stored::Stored;

use super::public_access_block::whole;
use super::tags;
use crate::access_point::{ACCESS_POINTS, ALIASES, AccessPoint, BUCKETS, find};
use crate::{S3control, check_account, errors, names};

/// The most access points of a page.
const PAGE: usize = 1000;

impl Handler<CreateAccessPoint> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateAccessPointInput,
    ) -> Result<CreateAccessPointOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        names::check(&input.name)?;
        if input.scope.is_some() {
            return Err(errors::not_emulated("scopes of access points").into());
        }
        let tags = input.tags.unwrap_or_default();
        tags::check(&tags)?;
        let owner = input.bucket_account_id.clone();
        let bucket = HeadBucketInput { bucket: input.bucket.clone(), expected_bucket_owner: owner };
        cx.call::<HeadBucket>(bucket).await.map_err(|_| {
            errors::invalid_request("Amazon S3 AccessPoint can only be created for existing bucket")
        })?;

        let block = input.public_access_block_configuration.map_or_else(all, whole);
        let point = AccessPoint {
            bucket: input.bucket,
            bucket_account: input.bucket_account_id.unwrap_or(input.account_id),
            alias: names::alias(&input.name, &cx.ids),
            created: cx.clock.millis(),
            vpc: input.vpc_configuration.map(|network| network.vpc_id),
            block: Stored(block),
            policy: None,
            tags: tags.into_iter().map(Stored).collect(),
        };
        let name = input.name.as_str();
        let (account, region) = (cx.scope.account.as_str(), cx.scope.region.as_str());
        let written = self.store.write(&cx.scope, |tx| {
            if tx.contains(&ACCESS_POINTS, name)? {
                return Err(errors::already_owned());
            }
            tx.put(&ACCESS_POINTS, name, &point)?;
            tx.put(&BUCKETS, &(account, name, region), &point.bucket)?;
            tx.put(&ALIASES, point.alias.as_str(), &point.bucket)
        });
        written.await?;

        let access_point_arn = Some(names::arn(&cx.scope, name));
        Ok(CreateAccessPointOutput { access_point_arn, alias: Some(point.alias) })
    }
}

impl Handler<GetAccessPoint> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: GetAccessPointInput,
    ) -> Result<GetAccessPointOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        let point = self.store.read(&cx.scope, |tx| find(tx, &input.name))?;
        let (origin, network) = (point.origin(), point.network());

        Ok(GetAccessPointOutput {
            access_point_arn: Some(names::arn(&cx.scope, &input.name)),
            name: Some(input.name),
            bucket: Some(point.bucket),
            network_origin: Some(origin),
            vpc_configuration: network,
            public_access_block_configuration: Some(point.block.0),
            creation_date: Timestamp::from_millisecond(point.created).ok(),
            alias: Some(point.alias),
            endpoints: Some(endpoints(cx.scope.region.as_str())),
            bucket_account_id: Some(point.bucket_account),
            ..Default::default()
        })
    }
}

impl Handler<ListAccessPoints> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: ListAccessPointsInput,
    ) -> Result<ListAccessPointsOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        let limit =
            input.max_results.and_then(|most| usize::try_from(most).ok()).unwrap_or(PAGE).clamp(1, PAGE);
        let after = input.next_token.as_deref().map(|token| {
            page::key("s3control.access-points", token)
                .ok_or_else(|| errors::invalid_request("The continuation token provided is incorrect"))
        });
        let after = after.transpose()?;

        let rows: Vec<(String, AccessPoint)> = self.store.read(&cx.scope, |tx| {
            let mut rows = tx.starting_with(&ACCESS_POINTS, "");
            if let Some(after) = &after {
                rows = rows.after(after);
            }
            let is_wanted = |row: &Result<(String, AccessPoint), Fault>| match (&input.bucket, row) {
                (Some(bucket), Ok((_, point))) => point.bucket == *bucket,
                _ => true,
            };
            rows.filter(is_wanted).take(limit + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(rows, limit, "s3control.access-points", |(name, _)| name.clone());
        let listed = page.items.into_iter().map(|(name, point)| point.listed(&cx.scope, name));
        Ok(ListAccessPointsOutput { access_point_list: Some(listed.collect()), next_token: page.next })
    }
}

impl Handler<DeleteAccessPoint> for S3control {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteAccessPointInput,
    ) -> Result<DeleteAccessPointOutput, S3controlError> {
        check_account(cx, &input.account_id)?;
        let name = input.name.as_str();
        let (account, region) = (cx.scope.account.as_str(), cx.scope.region.as_str());

        let deleted = self.store.write(&cx.scope, |tx| {
            let point = find(tx, name)?;
            tx.delete(&ACCESS_POINTS, name)?;
            tx.delete(&BUCKETS, &(account, name, region))?;
            tx.delete(&ALIASES, point.alias.as_str())
        });
        deleted.await?;

        Ok(DeleteAccessPointOutput {})
    }
}

/// What access points block unless asked otherwise.
fn all() -> PublicAccessBlockConfiguration {
    let blocked = Some(true);
    PublicAccessBlockConfiguration {
        block_public_acls: blocked,
        ignore_public_acls: blocked,
        block_public_policy: blocked,
        restrict_public_buckets: blocked,
    }
}

fn endpoints(region: &str) -> Map<String, String> {
    let kinds = [
        ("ipv4", "s3-accesspoint"),
        ("fips", "s3-accesspoint-fips"),
        ("fips_dualstack", "s3-accesspoint-fips.dualstack"),
        ("dualstack", "s3-accesspoint.dualstack"),
    ];
    kinds
        .map(|(kind, host)| (kind.to_owned(), format!("{host}.{region}.amazonaws.com")))
        .into_iter()
        .collect()
}
