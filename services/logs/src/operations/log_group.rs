//! `CreateLogGroup`, `DeleteLogGroup`, `DescribeLogGroups`.

use api_logs::{
    CreateLogGroup, CreateLogGroupInput, CreateLogGroupOutput, DeleteLogGroup, DeleteLogGroupInput,
    DeleteLogGroupOutput, DescribeLogGroups, DescribeLogGroupsInput, DescribeLogGroupsOutput, LogGroupClass,
    LogsError,
};
use kernel::{Context, Fault, Handler, page};

use crate::event::EVENTS;
use crate::group::{GROUPS, Group};
use crate::stream::STREAMS;
use crate::{Logs, errors, limits};

const LIST: &str = "logs.groups";

impl Handler<CreateLogGroup> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateLogGroupInput,
    ) -> Result<CreateLogGroupOutput, LogsError> {
        if input.tags.is_some_and(|tags| !tags.is_empty()) {
            return Err(errors::not_emulated("tags of log groups"));
        }
        if input.deletion_protection_enabled == Some(true) {
            return Err(errors::not_emulated("deletion protection of log groups"));
        }
        let class = input.log_group_class.unwrap_or(LogGroupClass::Standard);
        let group = Group { created: cx.clock.millis(), class, stored_bytes: 0 };

        self.store
            .write(&cx.scope, |tx| {
                if tx.contains(&GROUPS, &input.log_group_name)? {
                    return Err(errors::group_exists());
                }
                Ok(tx.put(&GROUPS, &input.log_group_name, &group)?)
            })
            .await?;

        Ok(CreateLogGroupOutput {})
    }
}

impl Handler<DeleteLogGroup> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteLogGroupInput,
    ) -> Result<DeleteLogGroupOutput, LogsError> {
        let name = input.log_group_name.as_str();

        self.store
            .write(&cx.scope, |tx| {
                if !tx.delete(&GROUPS, name)? {
                    return Err(errors::no_such_group());
                }
                let streams: Vec<_> = tx.prefix(&STREAMS, &(name,)).keys().collect::<Result<_, _>>()?;
                let events: Vec<_> = tx.prefix(&EVENTS, &(name,)).keys().collect::<Result<_, _>>()?;
                streams.iter().try_for_each(|key| tx.delete(&STREAMS, key).map(drop))?;
                Ok(events.iter().try_for_each(|key| tx.delete(&EVENTS, key).map(drop))?)
            })
            .await?;

        Ok(DeleteLogGroupOutput {})
    }
}

impl Handler<DescribeLogGroups> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeLogGroupsInput,
    ) -> Result<DescribeLogGroupsOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE);
        let prefix = input.log_group_name_prefix.unwrap_or_default();
        let pattern = input.log_group_name_pattern.unwrap_or_default().to_lowercase();
        if !prefix.is_empty() && !pattern.is_empty() {
            let message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
            return Err(LogsError::invalid_parameter_exception(message));
        }
        let after = input
            .next_token
            .map(|token| page::key(LIST, &token).ok_or_else(errors::invalid_token))
            .transpose()?;

        let rows: Vec<(String, Group)> = self.store.read(&cx.scope, |tx| {
            let rows = tx.starting_with(&GROUPS, prefix.as_str());
            let rows = match &after {
                Some(after) => rows.after(after.as_str()),
                None => rows,
            };
            let matching =
                rows.filter(|row| row.as_ref().is_ok_and(|(name, _)| name.to_lowercase().contains(&pattern)));
            matching.take(most + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(rows, most, LIST, |(name, _)| name.clone());
        let groups = page.items.into_iter().map(|(name, group)| group.describe(&cx.scope, name));
        Ok(DescribeLogGroupsOutput { log_groups: Some(groups.collect()), next_token: page.next })
    }
}
