//! What a bucket has many of: configurations of analytics, inventory, metrics and Intelligent-Tiering.
//!
//! They are kept and told, and do nothing else here: their reports come a day later on AWS.

use api_s3::{
    AnalyticsConfiguration, DeleteBucketAnalyticsConfiguration, DeleteBucketAnalyticsConfigurationInput,
    DeleteBucketAnalyticsConfigurationOutput, DeleteBucketIntelligentTieringConfiguration,
    DeleteBucketIntelligentTieringConfigurationInput, DeleteBucketIntelligentTieringConfigurationOutput,
    DeleteBucketInventoryConfiguration, DeleteBucketInventoryConfigurationInput,
    DeleteBucketInventoryConfigurationOutput, DeleteBucketMetricsConfiguration,
    DeleteBucketMetricsConfigurationInput, DeleteBucketMetricsConfigurationOutput,
    GetBucketAnalyticsConfiguration, GetBucketAnalyticsConfigurationInput,
    GetBucketAnalyticsConfigurationOutput, GetBucketIntelligentTieringConfiguration,
    GetBucketIntelligentTieringConfigurationInput, GetBucketIntelligentTieringConfigurationOutput,
    GetBucketInventoryConfiguration, GetBucketInventoryConfigurationInput,
    GetBucketInventoryConfigurationOutput, GetBucketMetricsConfiguration, GetBucketMetricsConfigurationInput,
    GetBucketMetricsConfigurationOutput, IntelligentTieringConfiguration, InventoryConfiguration,
    ListBucketAnalyticsConfigurations, ListBucketAnalyticsConfigurationsInput,
    ListBucketAnalyticsConfigurationsOutput, ListBucketIntelligentTieringConfigurations,
    ListBucketIntelligentTieringConfigurationsInput, ListBucketIntelligentTieringConfigurationsOutput,
    ListBucketInventoryConfigurations, ListBucketInventoryConfigurationsInput,
    ListBucketInventoryConfigurationsOutput, ListBucketMetricsConfigurations,
    ListBucketMetricsConfigurationsInput, ListBucketMetricsConfigurationsOutput, MetricsConfiguration,
    PutBucketAnalyticsConfiguration, PutBucketAnalyticsConfigurationInput,
    PutBucketAnalyticsConfigurationOutput, PutBucketIntelligentTieringConfiguration,
    PutBucketIntelligentTieringConfigurationInput, PutBucketIntelligentTieringConfigurationOutput,
    PutBucketInventoryConfiguration, PutBucketInventoryConfigurationInput,
    PutBucketInventoryConfigurationOutput, PutBucketMetricsConfiguration, PutBucketMetricsConfigurationInput,
    PutBucketMetricsConfigurationOutput, S3Error,
};
use kernel::shape::Shape;
use kernel::{Arn, Context, Fault, Handler, page};

use crate::bucket::find;
use crate::errors::settings::{id_mismatch, no_such_configuration, too_many_configurations};
use crate::setting::{ANALYTICS, INVENTORY, METRICS, Settings, TIERING, well_formed};
use crate::{S3, errors, limits};

/// The four operations of one kind of configuration.
macro_rules! configurations {
    ($settings:ident, $member:ident, $list:ident, $check:ident, $mismatch:path:
     $put:ident($put_input:ident) -> $put_output:ident, $get:ident($get_input:ident) -> $get_output:ident,
     $delete:ident($delete_input:ident) -> $delete_output:ident,
     $all:ident($all_input:ident) -> $all_output:ident) => {
        impl Handler<$put> for S3 {
            async fn handle(&self, cx: &Context, input: $put_input) -> Result<$put_output, S3Error> {
                let place =
                    (input.bucket.as_str(), input.expected_bucket_owner.as_deref(), input.id.as_str());
                if input.$member.id != input.id {
                    self.store.read(&cx.scope, |tx| find(tx, place.0, place.1))?;
                    return Err($mismatch().into());
                }
                self.put_configuration(cx, &$settings, place, &input.$member, $check).await?;
                Ok($put_output {})
            }
        }

        impl Handler<$get> for S3 {
            async fn handle(&self, cx: &Context, input: $get_input) -> Result<$get_output, S3Error> {
                let owner = input.expected_bucket_owner.as_deref();
                let found = self.store.read(&cx.scope, |tx| {
                    find(tx, &input.bucket, owner)?;
                    $settings.get(tx, &input.bucket, &input.id)
                })?;
                let found = found.ok_or_else(no_such_configuration)?;
                Ok($get_output { $member: Some(found) })
            }
        }

        impl Handler<$delete> for S3 {
            async fn handle(&self, cx: &Context, input: $delete_input) -> Result<$delete_output, S3Error> {
                let owner = input.expected_bucket_owner.as_deref();
                let removed = self.store.write(&cx.scope, |tx| {
                    find(tx, &input.bucket, owner)?;
                    $settings.remove(tx, &input.bucket, &input.id)
                });
                if removed.await? { Ok($delete_output {}) } else { Err(no_such_configuration().into()) }
            }
        }

        impl Handler<$all> for S3 {
            async fn handle(&self, cx: &Context, input: $all_input) -> Result<$all_output, S3Error> {
                let place = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
                let page =
                    self.list_configurations(cx, &$settings, place, input.continuation_token.as_deref())?;
                Ok($all_output {
                    is_truncated: Some(page.next.is_some()),
                    continuation_token: input.continuation_token,
                    next_continuation_token: page.next,
                    $list: (!page.items.is_empty())
                        .then(|| page.items.into_iter().map(|(_, one)| one).collect()),
                })
            }
        }
    };
}

configurations! {
    ANALYTICS, analytics_configuration, analytics_configuration_list, check_analytics, errors::malformed_xml:
    PutBucketAnalyticsConfiguration(PutBucketAnalyticsConfigurationInput)
        -> PutBucketAnalyticsConfigurationOutput,
    GetBucketAnalyticsConfiguration(GetBucketAnalyticsConfigurationInput)
        -> GetBucketAnalyticsConfigurationOutput,
    DeleteBucketAnalyticsConfiguration(DeleteBucketAnalyticsConfigurationInput)
        -> DeleteBucketAnalyticsConfigurationOutput,
    ListBucketAnalyticsConfigurations(ListBucketAnalyticsConfigurationsInput)
        -> ListBucketAnalyticsConfigurationsOutput
}

configurations! {
    INVENTORY, inventory_configuration, inventory_configuration_list, check_inventory, id_mismatch:
    PutBucketInventoryConfiguration(PutBucketInventoryConfigurationInput)
        -> PutBucketInventoryConfigurationOutput,
    GetBucketInventoryConfiguration(GetBucketInventoryConfigurationInput)
        -> GetBucketInventoryConfigurationOutput,
    DeleteBucketInventoryConfiguration(DeleteBucketInventoryConfigurationInput)
        -> DeleteBucketInventoryConfigurationOutput,
    ListBucketInventoryConfigurations(ListBucketInventoryConfigurationsInput)
        -> ListBucketInventoryConfigurationsOutput
}

configurations! {
    METRICS, metrics_configuration, metrics_configuration_list, check_metrics, errors::malformed_xml:
    PutBucketMetricsConfiguration(PutBucketMetricsConfigurationInput) -> PutBucketMetricsConfigurationOutput,
    GetBucketMetricsConfiguration(GetBucketMetricsConfigurationInput) -> GetBucketMetricsConfigurationOutput,
    DeleteBucketMetricsConfiguration(DeleteBucketMetricsConfigurationInput)
        -> DeleteBucketMetricsConfigurationOutput,
    ListBucketMetricsConfigurations(ListBucketMetricsConfigurationsInput)
        -> ListBucketMetricsConfigurationsOutput
}

configurations! {
    TIERING, intelligent_tiering_configuration, intelligent_tiering_configuration_list, check_tiering, errors::malformed_xml:
    PutBucketIntelligentTieringConfiguration(PutBucketIntelligentTieringConfigurationInput)
        -> PutBucketIntelligentTieringConfigurationOutput,
    GetBucketIntelligentTieringConfiguration(GetBucketIntelligentTieringConfigurationInput)
        -> GetBucketIntelligentTieringConfigurationOutput,
    DeleteBucketIntelligentTieringConfiguration(DeleteBucketIntelligentTieringConfigurationInput)
        -> DeleteBucketIntelligentTieringConfigurationOutput,
    ListBucketIntelligentTieringConfigurations(ListBucketIntelligentTieringConfigurationsInput)
        -> ListBucketIntelligentTieringConfigurationsOutput
}

impl S3 {
    async fn put_configuration<T: Shape + Default + Clone>(
        &self,
        cx: &Context,
        settings: &Settings<T>,
        (bucket, owner, id): (&str, Option<&str>, &str),
        asked: &T,
        check: fn(&T) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let written = self.store.write(&cx.scope, |tx| {
            find(tx, bucket, owner)?;
            well_formed(asked)?;
            check(asked)?;
            let is_new = settings.get(tx, bucket, id)?.is_none();
            if is_new && settings.all(tx, bucket)?.len() >= limits::CONFIGURATIONS {
                return Err(too_many_configurations());
            }
            settings.put(tx, bucket, id, asked)
        });
        written.await
    }

    fn list_configurations<T: Shape + Default + Clone>(
        &self,
        cx: &Context,
        settings: &Settings<T>,
        (bucket, owner): (&str, Option<&str>),
        token: Option<&str>,
    ) -> Result<page::Page<(String, T)>, Fault> {
        let list = format!("s3.{}.{bucket}", settings.name());
        let all = self.store.read(&cx.scope, |tx| {
            find(tx, bucket, owner)?;
            settings.all(tx, bucket)
        })?;
        let invalid = |token| {
            let message = "The continuation token provided is incorrect";
            errors::invalid_argument(message, "continuation-token", token)
        };
        let after = token.map(|token| page::key(&list, token).ok_or_else(|| invalid(token))).transpose()?;
        let rest = all.into_iter().filter(|(id, _)| after.as_ref().is_none_or(|after| id > after)).collect();
        Ok(page::cut(rest, limits::CONFIGURATIONS_PAGE, &list, |(id, _)| id.clone()))
    }
}

/// At most one condition; more stand in `And`.
fn check_filter(conditions: &[bool]) -> Result<(), Fault> {
    let count = conditions.iter().filter(|is_set| **is_set).count();
    if count == 1 { Ok(()) } else { Err(errors::malformed_xml()) }
}

fn check_analytics(asked: &AnalyticsConfiguration) -> Result<(), Fault> {
    let Some(filter) = &asked.filter else { return Ok(()) };
    check_filter(&[filter.prefix.is_some(), filter.tag.is_some(), filter.and.is_some()])
}

/// Reports go to a bucket named by its ARN.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutBucketInventoryConfiguration.html>
fn check_inventory(asked: &InventoryConfiguration) -> Result<(), Fault> {
    let bucket = &asked.destination.s3_bucket_destination.bucket;
    if Arn::parse(bucket).is_some_and(|arn| arn.service == "s3" && !arn.resource.is_empty()) {
        return Ok(());
    }
    Err(Fault::client("InvalidS3DestinationBucket", "Invalid bucket ARN."))
}

fn check_metrics(asked: &MetricsConfiguration) -> Result<(), Fault> {
    let Some(filter) = &asked.filter else { return Ok(()) };
    check_filter(&[
        filter.prefix.is_some(),
        filter.tag.is_some(),
        filter.access_point_arn.is_some(),
        filter.and.is_some(),
    ])
}

/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/API/API_Tiering.html>
fn check_tiering(asked: &IntelligentTieringConfiguration) -> Result<(), Fault> {
    let least = |tier: &str| if tier == "DEEP_ARCHIVE_ACCESS" { 180 } else { 90 };
    let fits = |days: i32, tier: &str| (least(tier)..=730).contains(&days);
    if asked.tierings.is_empty() {
        return Err(errors::malformed_xml());
    }
    if !asked.tierings.iter().all(|tiering| fits(tiering.days, tiering.access_tier.as_str())) {
        return Err(Fault::client("InvalidArgument", "The number of days is not valid for the access tier"));
    }
    let Some(filter) = &asked.filter else { return Ok(()) };
    check_filter(&[filter.prefix.is_some(), filter.tag.is_some(), filter.and.is_some()])
}
