//! `CreateLogGroup`, `DeleteLogGroup`, `DescribeLogGroups`, `ListLogGroups`.

use api_logs::{
    CreateLogGroup, CreateLogGroupInput, CreateLogGroupOutput, DeleteLogGroup, DeleteLogGroupInput,
    DeleteLogGroupOutput, DescribeLogGroups, DescribeLogGroupsInput, DescribeLogGroupsOutput,
    InheritedProperty, ListLogGroups, ListLogGroupsInput, ListLogGroupsOutput, LogGroupClass, LogsError,
};
use kernel::{Context, Fault, Handler, page};
use store::{ReadTx, WriteTx};

use crate::account_policy::{ACCOUNT_POLICIES, DATA_PROTECTION};
use crate::event::EVENTS;
use crate::group::{GROUPS, Group, Masking, TALLIES, Tally};
use crate::index::INDEX_POLICIES;
use crate::metric_filter::METRIC_FILTERS;
use crate::protection::POLICIES;
use crate::resource_policy::GROUP_POLICIES;
use crate::stream::STREAMS;
use crate::subscription::{DELIVERIES, SUBSCRIPTIONS};
use crate::tags::{self, TAGS};
use crate::transformer::TRANSFORMERS;
use crate::{Logs, errors, index, limits, names};

const LIST: &str = "logs.groups";

impl Handler<CreateLogGroup> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateLogGroupInput,
    ) -> Result<CreateLogGroupOutput, LogsError> {
        let tags = tags::checked(input.tags.unwrap_or_default())?;
        let group = Group {
            created: cx.clock.millis(),
            class: input.log_group_class.unwrap_or(LogGroupClass::Standard),
            retention: None,
            kms_key: input.kms_key_id,
            is_protected: input.deletion_protection_enabled.unwrap_or(false),
            metric_filters: 0,
            subscriptions: 0,
            masking: Masking::Never,
            transforms: false,
        };

        self.store
            .write(&cx.scope, |tx| {
                if tx.contains(&GROUPS, &input.log_group_name)? {
                    return Err(errors::group_exists());
                }
                tx.put(&GROUPS, &input.log_group_name, &group)?;
                if !tags.is_empty() {
                    tx.put(&TAGS, &tags::of_group(&input.log_group_name), &tags)?;
                }
                Ok(())
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
                if Group::get(tx, name)?.is_protected {
                    return Err(errors::is_protected());
                }
                Ok(delete(tx, name)?)
            })
            .await?;

        Ok(DeleteLogGroupOutput {})
    }
}

/// Deletes a group and all that is in it.
fn delete(tx: &mut WriteTx<'_>, name: &str) -> Result<(), Fault> {
    let streams: Vec<_> = tx.prefix(&STREAMS, &(name,)).keys().collect::<Result<_, _>>()?;
    let events: Vec<_> = tx.prefix(&EVENTS, &(name,)).keys().collect::<Result<_, _>>()?;
    let metrics: Vec<_> = tx.prefix(&METRIC_FILTERS, &(name,)).keys().collect::<Result<_, _>>()?;
    let subscriptions: Vec<_> = tx.prefix(&SUBSCRIPTIONS, &(name,)).keys().collect::<Result<_, _>>()?;
    let deliveries: Vec<_> = tx.prefix(&DELIVERIES, &(name,)).keys().collect::<Result<_, _>>()?;
    streams.iter().try_for_each(|key| tx.delete(&STREAMS, key).map(drop))?;
    events.iter().try_for_each(|key| tx.delete(&EVENTS, key).map(drop))?;
    metrics.iter().try_for_each(|key| tx.delete(&METRIC_FILTERS, key).map(drop))?;
    subscriptions.iter().try_for_each(|key| tx.delete(&SUBSCRIPTIONS, key).map(drop))?;
    deliveries.iter().try_for_each(|key| tx.delete(&DELIVERIES, key).map(drop))?;
    tx.delete(&TAGS, &tags::of_group(name))?;
    tx.delete(&POLICIES, name)?;
    tx.delete(&INDEX_POLICIES, name)?;
    tx.delete(&TRANSFORMERS, name)?;
    tx.delete(&GROUP_POLICIES, name)?;
    tx.delete(&TALLIES, name)?;
    tx.delete(&GROUPS, name).map(drop)
}

/// Which groups are asked for.
#[derive(Default)]
struct Wanted {
    prefix: String,
    pattern: String,
    class: Option<LogGroupClass>,
    names: Option<Vec<String>>,
    /// Fields that they have indexes of.
    indexed: Vec<String>,
    after: Option<String>,
}

impl Wanted {
    fn find(&self, tx: &ReadTx<'_>, most: usize) -> Result<Vec<(String, Group, Tally)>, Fault> {
        let rows = tx.starting_with(&GROUPS, self.prefix.as_str());
        let rows = match &self.after {
            Some(after) => rows.after(after.as_str()),
            None => rows,
        };
        let mut found = Vec::new();
        for row in rows {
            let (name, group) = row?;
            if !self.covers(&name, &group) || !index::covers(tx, &name, &self.indexed)? {
                continue;
            }
            let tally = tx.get(&TALLIES, &name)?.unwrap_or_default();
            found.push((name, group, tally));
            if found.len() == most {
                break;
            }
        }
        Ok(found)
    }

    fn covers(&self, name: &str, group: &Group) -> bool {
        name.to_lowercase().contains(&self.pattern)
            && self.class.as_ref().is_none_or(|class| *class == group.class)
            && self.names.as_ref().is_none_or(|names| names.iter().any(|wanted| wanted == name))
    }
}

fn after(token: Option<String>) -> Result<Option<String>, LogsError> {
    token.map(|token| page::key(LIST, &token).ok_or_else(errors::invalid_token)).transpose()
}

impl Handler<DescribeLogGroups> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeLogGroupsInput,
    ) -> Result<DescribeLogGroupsOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE);
        let is_by_pattern = input.log_group_name_pattern.is_some();
        if input.log_group_name_prefix.is_some() && is_by_pattern {
            let message = "LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.";
            return Err(LogsError::invalid_parameter_exception(message));
        }
        let names = |all: Vec<String>| all.iter().map(|name| names::from_identifier(name)).collect();
        let wanted = Wanted {
            prefix: input.log_group_name_prefix.unwrap_or_default(),
            pattern: input.log_group_name_pattern.unwrap_or_default().to_lowercase(),
            class: input.log_group_class,
            names: input.log_group_identifiers.map(names),
            indexed: Vec::new(),
            after: after(input.next_token)?,
        };

        let (rows, is_masked) = self.store.read(&cx.scope, |tx| {
            let is_masked = tx.prefix(&ACCOUNT_POLICIES, &(DATA_PROTECTION,)).next().is_some();
            Ok::<_, Fault>((wanted.find(tx, most + 1)?, is_masked))
        })?;

        let page = page::cut(rows, most, LIST, |(name, ..)| name.clone());
        let groups = page.items.into_iter().map(|(name, group, tally)| {
            let mut group = group.describe(&cx.scope, name, &tally);
            group.inherited_properties = is_masked.then(|| vec![InheritedProperty::AccountDataProtection]);
            if is_by_pattern {
                // Searched by pattern, AWS knows less of them.
                (group.stored_bytes, group.deletion_protection_enabled) = (None, None);
            }
            group
        });
        Ok(DescribeLogGroupsOutput { log_groups: Some(groups.collect()), next_token: page.next })
    }
}

impl Handler<ListLogGroups> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: ListLogGroupsInput,
    ) -> Result<ListLogGroupsOutput, LogsError> {
        if input.data_sources.is_some() {
            return Err(errors::not_emulated("lists of log groups by data source"));
        }
        let most = limits::page(input.limit, limits::PAGE);
        let (prefix, pattern) = match input.log_group_name_pattern {
            // `^` asks for the beginning of the name.
            Some(pattern) => match pattern.strip_prefix('^') {
                Some(prefix) => (prefix.to_owned(), String::new()),
                None => (String::new(), pattern.to_lowercase()),
            },
            None => Default::default(),
        };
        let wanted = Wanted {
            prefix,
            pattern,
            class: input.log_group_class,
            after: after(input.next_token)?,
            names: None,
            indexed: input.field_index_names.unwrap_or_default(),
        };
        if input.log_group_tags.is_some() {
            return Err(errors::not_emulated("lists of log groups by tags"));
        }

        let rows = self.store.read(&cx.scope, |tx| wanted.find(tx, most + 1))?;

        let page = page::cut(rows, most, LIST, |(name, ..)| name.clone());
        let groups = page.items.into_iter().map(|(name, group, _)| group.summary(&cx.scope, name));
        Ok(ListLogGroupsOutput { log_groups: Some(groups.collect()), next_token: page.next })
    }
}
