//! Delivery destinations and their policies.

use api_logs::{
    DeleteDeliveryDestination, DeleteDeliveryDestinationInput, DeleteDeliveryDestinationOutput,
    DeleteDeliveryDestinationPolicy, DeleteDeliveryDestinationPolicyInput,
    DeleteDeliveryDestinationPolicyOutput, DeliveryDestinationType, DescribeDeliveryDestinations,
    DescribeDeliveryDestinationsInput, DescribeDeliveryDestinationsOutput, GetDeliveryDestination,
    GetDeliveryDestinationInput, GetDeliveryDestinationOutput, GetDeliveryDestinationPolicy,
    GetDeliveryDestinationPolicyInput, GetDeliveryDestinationPolicyOutput, LogsError, Policy,
    PutDeliveryDestination, PutDeliveryDestinationInput, PutDeliveryDestinationOutput,
    PutDeliveryDestinationPolicy, PutDeliveryDestinationPolicyInput, PutDeliveryDestinationPolicyOutput,
};
use kernel::{Arn, Context, Fault, Handler, page};

use crate::delivery::{DELIVERY_DESTINATIONS, Row};
use crate::tags::{self, TAGS};
use crate::{Logs, errors, limits};

const LIST: &str = "logs.delivery_destinations";
const WHAT: &str = "Delivery Destination";

fn tags_key(name: &str) -> String {
    format!("delivery-destination:{name}")
}

/// What an ARN is to a delivery.
fn kind(resource: &str) -> Result<DeliveryDestinationType, LogsError> {
    match Arn::parse(resource).map(|arn| arn.service).as_deref() {
        Some("s3") => Ok(DeliveryDestinationType::S3),
        Some("logs") => Ok(DeliveryDestinationType::Cwl),
        Some("firehose") => Err(errors::not_emulated("Firehose, where the deliveries go")),
        _ => Err(LogsError::validation_exception("Invalid destinationResourceArn.")),
    }
}

impl Handler<PutDeliveryDestination> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutDeliveryDestinationInput,
    ) -> Result<PutDeliveryDestinationOutput, LogsError> {
        let Some(configuration) = input.delivery_destination_configuration else {
            return Err(errors::not_emulated("deliveries to X-Ray"));
        };
        let resource = configuration.destination_resource_arn;
        let tags = tags::checked(input.tags.unwrap_or_default())?;
        let created = cx.clock.now().as_microsecond();
        let kind = kind(&resource)?;
        let mut row = Row { created, kind, resource, format: input.output_format, policy: None };

        let row = self
            .store
            .write(&cx.scope, |tx| {
                if let Some(old) = tx.get(&DELIVERY_DESTINATIONS, &input.name)? {
                    (row.created, row.policy) = (old.created, old.policy);
                }
                if !tags.is_empty() {
                    tx.put(&TAGS, &tags_key(&input.name), &tags)?;
                }
                tx.put(&DELIVERY_DESTINATIONS, &input.name, &row)?;
                Ok::<_, Fault>(row.clone())
            })
            .await?;

        let destination = row.describe(&cx.scope, input.name);
        Ok(PutDeliveryDestinationOutput { delivery_destination: Some(destination) })
    }
}

impl Logs {
    fn delivery_destination(&self, cx: &Context, name: &str) -> Result<Row, LogsError> {
        let row = self.store.read(&cx.scope, |tx| tx.get(&DELIVERY_DESTINATIONS, name))?;
        row.ok_or_else(|| errors::not_in_account(WHAT))
    }

    async fn put_delivery_policy(
        &self,
        cx: &Context,
        name: &str,
        policy: Option<String>,
    ) -> Result<(), LogsError> {
        self.store
            .write(&cx.scope, |tx| {
                let row = tx.get(&DELIVERY_DESTINATIONS, name)?;
                let mut row = row.ok_or_else(|| errors::not_in_account(WHAT))?;
                row.policy.clone_from(&policy);
                Ok(tx.put(&DELIVERY_DESTINATIONS, name, &row)?)
            })
            .await
    }
}

impl Handler<GetDeliveryDestination> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: GetDeliveryDestinationInput,
    ) -> Result<GetDeliveryDestinationOutput, LogsError> {
        let row = self.delivery_destination(cx, &input.name)?;
        let destination = row.describe(&cx.scope, input.name);
        Ok(GetDeliveryDestinationOutput { delivery_destination: Some(destination) })
    }
}

impl Handler<DescribeDeliveryDestinations> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeDeliveryDestinationsInput,
    ) -> Result<DescribeDeliveryDestinationsOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE);
        let after = super::pair_after(LIST, input.next_token)?;

        let mut rows: Vec<(String, Row)> = self
            .store
            .read(&cx.scope, |tx| tx.range(&DELIVERY_DESTINATIONS, ..).collect::<Result<_, Fault>>())?;
        rows.retain(|(name, _)| input.names.as_ref().is_none_or(|names| names.contains(name)));
        let key = |(name, row): &(String, Row)| (format!("{:020}", row.created), name.clone());
        rows.sort_by_key(key);
        if let Some(after) = after {
            rows.retain(|row| key(row) > after);
        }

        let page = page::cut(rows, most, LIST, |row| super::pair_key(&key(row)));
        let all = page.items.into_iter().map(|(name, row)| row.describe(&cx.scope, name));
        Ok(DescribeDeliveryDestinationsOutput {
            delivery_destinations: Some(all.collect()),
            next_token: page.next,
        })
    }
}

impl Handler<DeleteDeliveryDestination> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteDeliveryDestinationInput,
    ) -> Result<DeleteDeliveryDestinationOutput, LogsError> {
        self.store
            .write(&cx.scope, |tx| {
                if !tx.delete(&DELIVERY_DESTINATIONS, &input.name)? {
                    return Err(errors::not_in_account(WHAT));
                }
                Ok(tx.delete(&TAGS, &tags_key(&input.name)).map(drop)?)
            })
            .await?;
        Ok(DeleteDeliveryDestinationOutput {})
    }
}

impl Handler<PutDeliveryDestinationPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutDeliveryDestinationPolicyInput,
    ) -> Result<PutDeliveryDestinationPolicyOutput, LogsError> {
        let policy = input.delivery_destination_policy;
        if serde_json::from_str::<serde_json::Value>(&policy).is_err() {
            return Err(LogsError::validation_exception("Policy document is not valid JSON."));
        }
        self.put_delivery_policy(cx, &input.delivery_destination_name, Some(policy.clone())).await?;
        let policy = Policy { delivery_destination_policy: Some(policy) };
        Ok(PutDeliveryDestinationPolicyOutput { policy: Some(policy) })
    }
}

impl Handler<GetDeliveryDestinationPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: GetDeliveryDestinationPolicyInput,
    ) -> Result<GetDeliveryDestinationPolicyOutput, LogsError> {
        let row = self.delivery_destination(cx, &input.delivery_destination_name)?;
        let policy = Policy { delivery_destination_policy: row.policy };
        Ok(GetDeliveryDestinationPolicyOutput { policy: Some(policy) })
    }
}

impl Handler<DeleteDeliveryDestinationPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteDeliveryDestinationPolicyInput,
    ) -> Result<DeleteDeliveryDestinationPolicyOutput, LogsError> {
        self.put_delivery_policy(cx, &input.delivery_destination_name, None).await?;
        Ok(DeleteDeliveryDestinationPolicyOutput {})
    }
}
