//! `PutDestination`, `PutDestinationPolicy`, `DescribeDestinations`, `DeleteDestination`.

use api_logs::{
    DeleteDestination, DeleteDestinationInput, DeleteDestinationOutput, DescribeDestinations,
    DescribeDestinationsInput, DescribeDestinationsOutput, LogsError, PutDestination, PutDestinationInput,
    PutDestinationOutput, PutDestinationPolicy, PutDestinationPolicyInput, PutDestinationPolicyOutput,
};
use kernel::{Arn, Context, Fault, Handler, page};

use crate::destination::{DESTINATIONS, Row};
use crate::subscription::Target;
use crate::tags::{self, TAGS};
use crate::{Logs, errors, limits};

const LIST: &str = "logs.destinations";

impl Handler<PutDestination> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutDestinationInput,
    ) -> Result<PutDestinationOutput, LogsError> {
        let target = Arn::parse(&input.target_arn).ok_or_else(errors::invalid_destination_arn)?;
        match target.service.as_str() {
            "kinesis" => Target::Stream(target).verify(cx).await?,
            "firehose" => return Err(errors::not_emulated("Firehose, where the destination leads")),
            _ => return Err(errors::invalid_destination_arn()),
        }
        let name = input.destination_name;
        let tags = tags::checked(input.tags.unwrap_or_default())?;
        let mut row =
            Row { created: cx.clock.millis(), target: input.target_arn, role: input.role_arn, policy: None };

        let row = self
            .store
            .write(&cx.scope, |tx| {
                match tx.get(&DESTINATIONS, &name)? {
                    Some(old) => (row.created, row.policy) = (old.created, old.policy),
                    None if tags.is_empty() => {}
                    None => tx.put(&TAGS, &format!("destination:{name}"), &tags)?,
                }
                tx.put(&DESTINATIONS, &name, &row)?;
                Ok::<_, Fault>(row.clone())
            })
            .await?;

        // Its policy is told by DescribeDestinations alone.
        let destination = Row { policy: None, ..row }.describe(&cx.scope, name);
        Ok(PutDestinationOutput { destination: Some(destination) })
    }
}

impl Handler<PutDestinationPolicy> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutDestinationPolicyInput,
    ) -> Result<PutDestinationPolicyOutput, LogsError> {
        if serde_json::from_str::<serde_json::Value>(&input.access_policy).is_err() {
            return Err(errors::invalid_policy());
        }
        let name = input.destination_name.as_str();

        self.store
            .write(&cx.scope, |tx| {
                let mut row = tx.get(&DESTINATIONS, name)?.ok_or_else(errors::no_such_destination)?;
                row.policy = Some(input.access_policy.clone());
                Ok::<_, LogsError>(tx.put(&DESTINATIONS, name, &row)?)
            })
            .await?;

        Ok(PutDestinationPolicyOutput {})
    }
}

impl Handler<DescribeDestinations> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeDestinationsInput,
    ) -> Result<DescribeDestinationsOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE);
        let prefix = input.destination_name_prefix.unwrap_or_default();
        let after = super::after(LIST, input.next_token)?;

        let rows: Vec<(String, Row)> = self.store.read(&cx.scope, |tx| {
            let rows = tx.starting_with(&DESTINATIONS, prefix.as_str());
            let rows = match &after {
                Some(after) => rows.after(after.as_str()),
                None => rows,
            };
            rows.take(most + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(rows, most, LIST, |(name, _)| name.clone());
        let all = page.items.into_iter().map(|(name, row)| row.describe(&cx.scope, name));
        Ok(DescribeDestinationsOutput { destinations: Some(all.collect()), next_token: page.next })
    }
}

impl Handler<DeleteDestination> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteDestinationInput,
    ) -> Result<DeleteDestinationOutput, LogsError> {
        let name = input.destination_name.as_str();

        self.store
            .write(&cx.scope, |tx| {
                if !tx.delete(&DESTINATIONS, name)? {
                    return Err(errors::no_such_destination());
                }
                Ok(tx.delete(&TAGS, &format!("destination:{name}")).map(drop)?)
            })
            .await?;

        Ok(DeleteDestinationOutput {})
    }
}
