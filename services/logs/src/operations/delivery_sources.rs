//! Delivery sources and deliveries: no service here delivers logs of its own this way, so there are none.

use api_logs::{
    CreateDelivery, CreateDeliveryInput, CreateDeliveryOutput, DeleteDelivery, DeleteDeliveryInput,
    DeleteDeliveryOutput, DeleteDeliverySource, DeleteDeliverySourceInput, DeleteDeliverySourceOutput,
    DescribeDeliveries, DescribeDeliveriesInput, DescribeDeliveriesOutput, DescribeDeliverySources,
    DescribeDeliverySourcesInput, DescribeDeliverySourcesOutput, GetDelivery, GetDeliveryInput,
    GetDeliveryOutput, GetDeliverySource, GetDeliverySourceInput, GetDeliverySourceOutput, LogsError,
    PutDeliverySource, PutDeliverySourceInput, PutDeliverySourceOutput,
};
use kernel::{Arn, Context, Handler};

use crate::{Logs, errors};

/// Services whose logs AWS delivers this way.
///
/// Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/AWS-logs-and-resource-policy.html>
const SOURCES: [&str; 18] = [
    "bedrock",
    "bedrock-agentcore",
    "cloudfront",
    "codewhisperer",
    "deadline",
    "elemental-mediatailor",
    "entityresolution",
    "events",
    "iam-identity-center",
    "ivs",
    "mediapackagev2",
    "mediatailor",
    "pcs",
    "qbusiness",
    "rtbfabric",
    "ses",
    "transfer",
    "workmail",
];

impl Handler<PutDeliverySource> for Logs {
    async fn handle(
        &self,
        _: &Context,
        input: PutDeliverySourceInput,
    ) -> Result<PutDeliverySourceOutput, LogsError> {
        let service = Arn::parse(&input.resource_arn).map(|arn| arn.service).unwrap_or_default();
        if SOURCES.contains(&service.as_str()) {
            return Err(errors::not_emulated(&format!("deliveries of the logs of {service}")));
        }
        Err(LogsError::resource_not_found_exception("Cannot access provided service."))
    }
}

impl Handler<GetDeliverySource> for Logs {
    async fn handle(
        &self,
        _: &Context,
        _: GetDeliverySourceInput,
    ) -> Result<GetDeliverySourceOutput, LogsError> {
        Err(errors::not_in_account("Delivery Source"))
    }
}

impl Handler<DescribeDeliverySources> for Logs {
    async fn handle(
        &self,
        _: &Context,
        _: DescribeDeliverySourcesInput,
    ) -> Result<DescribeDeliverySourcesOutput, LogsError> {
        Ok(DescribeDeliverySourcesOutput { delivery_sources: Some(Vec::new()), next_token: None })
    }
}

impl Handler<DeleteDeliverySource> for Logs {
    async fn handle(
        &self,
        _: &Context,
        _: DeleteDeliverySourceInput,
    ) -> Result<DeleteDeliverySourceOutput, LogsError> {
        Err(errors::not_in_account("Delivery Source"))
    }
}

impl Handler<CreateDelivery> for Logs {
    async fn handle(&self, _: &Context, _: CreateDeliveryInput) -> Result<CreateDeliveryOutput, LogsError> {
        Err(errors::not_in_account("Delivery Source"))
    }
}

impl Handler<GetDelivery> for Logs {
    async fn handle(&self, _: &Context, _: GetDeliveryInput) -> Result<GetDeliveryOutput, LogsError> {
        Err(errors::not_in_account("Delivery"))
    }
}

impl Handler<DescribeDeliveries> for Logs {
    async fn handle(
        &self,
        _: &Context,
        _: DescribeDeliveriesInput,
    ) -> Result<DescribeDeliveriesOutput, LogsError> {
        Ok(DescribeDeliveriesOutput { deliveries: Some(Vec::new()), next_token: None })
    }
}

impl Handler<DeleteDelivery> for Logs {
    async fn handle(&self, _: &Context, _: DeleteDeliveryInput) -> Result<DeleteDeliveryOutput, LogsError> {
        Err(errors::not_in_account("Delivery"))
    }
}
