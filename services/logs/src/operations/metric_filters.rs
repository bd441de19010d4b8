//! `PutMetricFilter`, `DescribeMetricFilters`, `DeleteMetricFilter`, `TestMetricFilter`.

use api_logs::{
    DeleteMetricFilter, DeleteMetricFilterInput, DeleteMetricFilterOutput, DescribeMetricFilters,
    DescribeMetricFiltersInput, DescribeMetricFiltersOutput, LogsError, MetricFilterMatchRecord,
    PutMetricFilter, PutMetricFilterInput, PutMetricFilterOutput, TestMetricFilter, TestMetricFilterInput,
    TestMetricFilterOutput,
};
use kernel::{Context, Fault, Handler, page};

use crate::group::{GROUPS, Group};
use crate::metric_filter::{METRIC_FILTERS, Row};
use crate::pattern::Pattern;
use crate::{Logs, errors, limits};

const LIST: &str = "logs.metric_filters";

impl Handler<PutMetricFilter> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: PutMetricFilterInput,
    ) -> Result<PutMetricFilterOutput, LogsError> {
        Pattern::parse(&input.filter_pattern)?;
        if input.field_selection_criteria.is_some()
            || input.emit_system_field_dimensions.is_some_and(|fields| !fields.is_empty())
        {
            return Err(errors::not_emulated("metric filters on system fields"));
        }
        let key = (input.log_group_name, input.filter_name);
        let transformations = input.metric_transformations.into_iter().map(Into::into).collect();
        let mut row = Row {
            created: cx.clock.millis(),
            pattern: input.filter_pattern,
            transformations,
            on_transformed: input.apply_on_transformed_logs == Some(true),
        };

        self.store
            .write(&cx.scope, |tx| {
                let mut group = (*Group::standard(tx, &key.0)?).clone();
                if let Some(old) = tx.get(&METRIC_FILTERS, &key)? {
                    row.created = old.created;
                    return Ok(tx.put(&METRIC_FILTERS, &key, &row)?);
                }
                if group.metric_filters >= limits::METRIC_FILTERS {
                    return Err(errors::limit_exceeded());
                }
                group.metric_filters += 1;
                tx.put(&GROUPS, &key.0, &group)?;
                Ok(tx.put(&METRIC_FILTERS, &key, &row)?)
            })
            .await?;

        Ok(PutMetricFilterOutput {})
    }
}

impl Handler<DeleteMetricFilter> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteMetricFilterInput,
    ) -> Result<DeleteMetricFilterOutput, LogsError> {
        let key = (input.log_group_name, input.filter_name);

        self.store
            .write(&cx.scope, |tx| {
                let mut group = (*Group::get(tx, &key.0)?).clone();
                if !tx.delete(&METRIC_FILTERS, &key)? {
                    return Err(errors::no_such_metric_filter());
                }
                group.metric_filters = group.metric_filters.saturating_sub(1);
                Ok(tx.put(&GROUPS, &key.0, &group)?)
            })
            .await?;

        Ok(DeleteMetricFilterOutput {})
    }
}

impl Handler<DescribeMetricFilters> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeMetricFiltersInput,
    ) -> Result<DescribeMetricFiltersOutput, LogsError> {
        if input.metric_name.is_some() != input.metric_namespace.is_some() {
            let message = "metricName and metricNamespace must be specified together.";
            return Err(LogsError::invalid_parameter_exception(message));
        }
        let most = limits::page(input.limit, limits::PAGE);
        let metric = input.metric_name.zip(input.metric_namespace);
        let prefix = input.filter_name_prefix.unwrap_or_default();
        let after = super::pair_after(LIST, input.next_token)?;

        let mut rows: Vec<((String, String), Row)> = self.store.read(&cx.scope, |tx| {
            let rows = match &input.log_group_name {
                Some(group) => {
                    Group::require(tx, group)?;
                    tx.starting_with(&METRIC_FILTERS, &(group.as_str(), prefix.as_str()))
                }
                None => tx.range(&METRIC_FILTERS, ..),
            };
            let rows = rows.filter(|row| {
                row.as_ref().map_or(true, |((_, name), row)| {
                    name.starts_with(&prefix)
                        && metric.as_ref().is_none_or(|(name, namespace)| row.makes(name, namespace))
                })
            });
            Ok::<_, LogsError>(rows.collect::<Result<_, Fault>>()?)
        })?;
        rows.sort_by(|(left, _), (right, _)| (&left.1, &left.0).cmp(&(&right.1, &right.0)));
        if let Some((group, name)) = after {
            rows.retain(|(key, _)| (&key.1, &key.0) > (&name, &group));
        }

        let page = page::cut(rows, most, LIST, |(key, _)| super::pair_key(key));
        let filters = page.items.into_iter().map(|((group, name), row)| row.describe(group, name));
        Ok(DescribeMetricFiltersOutput { metric_filters: Some(filters.collect()), next_token: page.next })
    }
}

impl Handler<TestMetricFilter> for Logs {
    async fn handle(
        &self,
        _: &Context,
        input: TestMetricFilterInput,
    ) -> Result<TestMetricFilterOutput, LogsError> {
        let pattern = Pattern::parse(&input.filter_pattern)?;
        let numbered = (1..).zip(input.log_event_messages);
        let matches = numbered.filter(|(_, message)| pattern.matches(message)).map(|(number, message)| {
            MetricFilterMatchRecord {
                event_number: Some(number),
                extracted_values: Some(pattern.extract(&message).into_iter().collect()),
                event_message: Some(message),
            }
        });
        Ok(TestMetricFilterOutput { matches: Some(matches.collect()) })
    }
}
