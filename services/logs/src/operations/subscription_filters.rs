//! `PutSubscriptionFilter`, `DescribeSubscriptionFilters`, `DeleteSubscriptionFilter`.

use api_logs::{
    DeleteSubscriptionFilter, DeleteSubscriptionFilterInput, DeleteSubscriptionFilterOutput,
    DescribeSubscriptionFilters, DescribeSubscriptionFiltersInput, DescribeSubscriptionFiltersOutput,
    Distribution, LogsError, PutSubscriptionFilter, PutSubscriptionFilterInput, PutSubscriptionFilterOutput,
};
use kernel::{Context, Fault, Handler, page};

use crate::group::{GROUPS, Group};
use crate::pattern::Pattern;
use crate::subscription::{self, DELIVERIES, Delivery, SUBSCRIPTIONS, Subscription, Target};
use crate::{Logs, errors, limits};

const LIST: &str = "logs.subscription_filters";

impl Handler<PutSubscriptionFilter> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutSubscriptionFilterInput,
    ) -> Result<PutSubscriptionFilterOutput, LogsError> {
        subscription::check(cx, &input.destination_arn, input.role_arn.as_deref())?;
        Pattern::parse(&input.filter_pattern)?;
        if input.field_selection_criteria.is_some()
            || input.emit_system_fields.is_some_and(|fields| !fields.is_empty())
        {
            return Err(errors::not_emulated("subscription filters on system fields"));
        }
        let key = (input.log_group_name, input.filter_name);
        self.store.read(&cx.scope, |tx| {
            let is_full = Group::standard(tx, &key.0)?.subscriptions >= limits::SUBSCRIPTIONS;
            if is_full && !tx.contains(&SUBSCRIPTIONS, &key)? {
                Err(errors::limit_exceeded())
            } else {
                Ok(())
            }
        })?;
        let target = self.target(cx, &input.destination_arn)?;
        target.verify(cx).await?;
        let created = cx.clock.millis();
        let mut row = Subscription {
            created,
            pattern: input.filter_pattern,
            destination: input.destination_arn,
            role: input.role_arn,
            distribution: input.distribution.unwrap_or(Distribution::ByLogStream),
            on_transformed: input.apply_on_transformed_logs == Some(true),
        };
        let control = Delivery { stream: None, ingested: created, events: Vec::new() };

        self.store
            .write(&cx.scope, |tx| {
                let mut group = (*Group::get(tx, &key.0)?).clone();
                if let Some(old) = tx.get(&SUBSCRIPTIONS, &key)? {
                    row.created = old.created;
                    return Ok(tx.put(&SUBSCRIPTIONS, &key, &row)?);
                }
                if group.subscriptions >= limits::SUBSCRIPTIONS {
                    return Err(errors::limit_exceeded());
                }
                group.subscriptions += 1;
                tx.put(&GROUPS, &key.0, &group)?;
                tx.put(&SUBSCRIPTIONS, &key, &row)?;
                // Streams are told of the filter before any event; functions are not.
                if matches!(target, Target::Stream(_)) {
                    subscription::enqueue(tx, &key.0, &key.1, 0, &control)?;
                }
                Ok(())
            })
            .await?;

        Ok(PutSubscriptionFilterOutput {})
    }
}

impl Handler<DeleteSubscriptionFilter> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteSubscriptionFilterInput,
    ) -> Result<DeleteSubscriptionFilterOutput, LogsError> {
        let key = (input.log_group_name, input.filter_name);

        self.store
            .write(&cx.scope, |tx| {
                let mut group = (*Group::get(tx, &key.0)?).clone();
                if !tx.delete(&SUBSCRIPTIONS, &key)? {
                    return Err(errors::no_such_subscription_filter());
                }
                let waiting: Vec<_> = tx
                    .prefix(&DELIVERIES, &(key.0.as_str(), key.1.as_str()))
                    .keys()
                    .collect::<Result<_, Fault>>()?;
                waiting.iter().try_for_each(|key| tx.delete(&DELIVERIES, key).map(drop))?;
                group.subscriptions = group.subscriptions.saturating_sub(1);
                Ok(tx.put(&GROUPS, &key.0, &group)?)
            })
            .await?;

        Ok(DeleteSubscriptionFilterOutput {})
    }
}

impl Handler<DescribeSubscriptionFilters> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeSubscriptionFiltersInput,
    ) -> Result<DescribeSubscriptionFiltersOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE);
        let prefix = input.filter_name_prefix.unwrap_or_default();
        let group = input.log_group_name.as_str();
        let after = super::pair_after(LIST, input.next_token)?;

        let rows: Vec<((String, String), Subscription)> = self.store.read(&cx.scope, |tx| {
            Group::require(tx, group)?;
            let rows = tx.starting_with(&SUBSCRIPTIONS, &(group, prefix.as_str()));
            let rows = match &after {
                Some(after) => rows.after(after),
                None => rows,
            };
            Ok::<_, LogsError>(rows.take(most + 1).collect::<Result<_, Fault>>()?)
        })?;

        let page = page::cut(rows, most, LIST, |(key, _)| super::pair_key(key));
        let filters = page.items.into_iter().map(|((group, name), row)| row.describe(group, name));
        Ok(DescribeSubscriptionFiltersOutput {
            subscription_filters: Some(filters.collect()),
            next_token: page.next,
        })
    }
}
