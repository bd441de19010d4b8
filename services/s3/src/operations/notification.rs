//! Who hears of changes: `PutBucketNotificationConfiguration`, `GetBucketNotificationConfiguration`.

use api_lambda::{GetFunctionConfiguration, GetFunctionConfigurationInput};
use api_s3::{
    GetBucketNotificationConfiguration, GetBucketNotificationConfigurationRequest, NotificationConfiguration,
    PutBucketNotificationConfiguration, PutBucketNotificationConfigurationInput,
    PutBucketNotificationConfigurationOutput, S3Error,
};
use kernel::{Bytes, Context, Fault, Handler};
use serde_json::json;

use crate::bucket::find;
use crate::notification_rules::{Rule, check, rules};
use crate::setting::NOTIFICATION;
use crate::{S3, names};

impl Handler<PutBucketNotificationConfiguration> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: PutBucketNotificationConfigurationInput,
    ) -> Result<PutBucketNotificationConfigurationOutput, S3Error> {
        let (name, owner) = (input.bucket.as_str(), input.expected_bucket_owner.as_deref());
        let bucket = self.store.read(&cx.scope, |tx| find(tx, name, owner))?;
        let mut asked = input.notification_configuration;
        let mut rules = rules(&mut asked);
        check(&mut rules, bucket.region.as_str(), &cx.ids)?;
        if input.skip_destination_validation != Some(true) {
            let there = cx.in_scope(bucket.home()).on_behalf_of("s3.amazonaws.com");
            check_destinations(&there, name, &rules).await?;
        }

        if asked == NotificationConfiguration::default() {
            self.unset(cx, &NOTIFICATION, name, owner).await?;
        } else {
            let written = self.store.write(&cx.scope, |tx| {
                let bucket = find(tx, name, owner)?;
                NOTIFICATION.put(tx, name, &bucket, &asked)
            });
            written.await?;
        }

        Ok(PutBucketNotificationConfigurationOutput {})
    }
}

impl Handler<GetBucketNotificationConfiguration> for S3 {
    async fn handle(
        &self,
        cx: &Context,
        input: GetBucketNotificationConfigurationRequest,
    ) -> Result<NotificationConfiguration, S3Error> {
        let set = self.setting(cx, &NOTIFICATION, &input.bucket, input.expected_bucket_owner.as_deref())?;
        Ok(set.unwrap_or_default())
    }
}

/// Queues and topics get a test event, which shows whether they are there; functions are looked up.
async fn check_destinations(cx: &Context, bucket: &str, rules: &[Rule<'_>]) -> Result<(), Fault> {
    let mut failures = Vec::new();
    for rule in rules {
        let (result, name, value) = match rule.service {
            "lambda" => {
                let input = GetFunctionConfigurationInput {
                    function_name: rule.arn.to_owned(),
                    ..Default::default()
                };
                let result = cx.call::<GetFunctionConfiguration>(input).await.map(drop);
                let value = format!("Not authorized to invoke function [{}]", rule.arn);
                (result, format!("{}, null", rule.arn), value)
            }
            service => {
                let result = background::deliver(cx, rule.arn, test_event(cx, bucket)).await;
                let noun = if service == "sns" { "topic" } else { "queue" };
                (result, rule.arn.to_owned(), format!("The destination {noun} does not exist"))
            }
        };
        if result.is_err() {
            failures.push((name, value));
        }
    }
    if failures.is_empty() {
        return Ok(());
    }
    let message = "Unable to validate the following destination configurations";
    let fault = Fault::client("InvalidArgument", message);
    Err(failures.into_iter().enumerate().fold(fault, |fault, (at, (name, value))| {
        let number = at + 1;
        fault.field(format!("ArgumentName{number}"), name).field(format!("ArgumentValue{number}"), value)
    }))
}

/// What destinations hear when they are named.
///
/// Source: <https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html>
fn test_event(cx: &Context, bucket: &str) -> Bytes {
    let now = cx.clock.now();
    let event = json!({
        "Service": "Amazon S3",
        "Event": "s3:TestEvent",
        "Time": format!("{}.{:03}Z", now.strftime("%Y-%m-%dT%H:%M:%S"), now.subsec_millisecond()),
        "Bucket": bucket,
        "RequestId": cx.request.id,
        "HostId": names::host_id(&cx.request.id),
    });
    Bytes::from(event.to_string())
}
