//! Metric filters: what is counted in a group's events.

use api_cloudwatch::{Dimension, MetricDatum, PutMetricData, PutMetricDataInput};
use api_logs::{LogsError, MetricFilter, MetricTransformation, StandardUnit};
use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Context, Fault, Map, Timestamp};
use serde::{Deserialize, Serialize};
use store::{Table, WriteTx};

use crate::Logs;
use crate::event::Event;
use crate::pattern::Pattern;

/// Metric filters by group and name.
pub static METRIC_FILTERS: Table<(String, String), Row> = Table::regional("logs.metric_filters");

/// The kind of events in the outbox.
const KIND: &str = "logs.metrics";

/// A metric filter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// What is counted.
    pub pattern: String,
    /// The metrics made of it.
    pub transformations: Vec<Transformation>,
    /// Whether it looks at transformed events.
    #[serde(default)]
    pub on_transformed: bool,
}

/// A metric.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transformation {
    name: String,
    namespace: String,
    value: String,
    default: Option<f64>,
    dimensions: Option<Map<String, String>>,
    unit: Option<StandardUnit>,
}

/// What an event was worth.
#[derive(Debug, Serialize, Deserialize)]
struct Measured {
    namespace: String,
    name: String,
    value: f64,
    at: i64,
    dimensions: Vec<(String, String)>,
    unit: Option<StandardUnit>,
}

impl From<MetricTransformation> for Transformation {
    fn from(given: MetricTransformation) -> Self {
        Self {
            name: given.metric_name,
            namespace: given.metric_namespace,
            value: given.metric_value,
            default: given.default_value,
            dimensions: given.dimensions,
            unit: given.unit,
        }
    }
}

impl Row {
    /// Whether one of its metrics has that name and namespace.
    pub fn makes(&self, name: &str, namespace: &str) -> bool {
        self.transformations.iter().any(|made| made.name == name && made.namespace == namespace)
    }

    /// The filter as callers see it.
    pub fn describe(self, group: String, name: String) -> MetricFilter {
        let transformations = self.transformations.into_iter().map(|made| MetricTransformation {
            metric_name: made.name,
            metric_namespace: made.namespace,
            metric_value: made.value,
            default_value: made.default,
            dimensions: made.dimensions,
            unit: made.unit,
        });
        MetricFilter {
            filter_name: Some(name),
            filter_pattern: Some(self.pattern),
            metric_transformations: Some(transformations.collect()),
            creation_time: Some(self.created),
            log_group_name: Some(group),
            apply_on_transformed_logs: Some(self.on_transformed),
            ..MetricFilter::default()
        }
    }
}

impl Transformation {
    /// What an event is worth, if it is worth a number.
    fn measure(&self, pattern: &Pattern, at: i64, message: &str) -> Option<Measured> {
        let text = if self.value.starts_with('$') {
            pattern.select(message, &self.value)?
        } else {
            self.value.clone()
        };
        let dimensions = self
            .dimensions
            .iter()
            .flatten()
            .map(|(name, selector)| pattern.select(message, selector).map(|value| (name.clone(), value)));
        Some(self.measured(text.parse().ok()?, at, dimensions.collect::<Option<_>>()?))
    }

    fn measured(&self, value: f64, at: i64, dimensions: Vec<(String, String)>) -> Measured {
        let (namespace, name, unit) = (self.namespace.clone(), self.name.clone(), self.unit.clone());
        Measured { namespace, name, value, at, dimensions, unit }
    }
}

impl Logs {
    /// Notes what events are worth, with the commit that writes them.
    pub fn measure(
        &self,
        tx: &mut WriteTx<'_>,
        group: &str,
        events: &[(i64, Event)],
    ) -> Result<(), LogsError> {
        let filters: Vec<_> = tx.prefix(&METRIC_FILTERS, &(group,)).collect::<Result<_, _>>()?;
        let mut all = Vec::new();
        for (_, filter) in &filters {
            let pattern = self.patterns.get(&filter.pattern)?;
            let seen =
                events.iter().filter_map(|(at, event)| Some((*at, event.seen(filter.on_transformed)?)));
            let matching: Vec<_> = seen.filter(|(_, text)| pattern.matches(text)).collect();
            for made in &filter.transformations {
                let found = matching.iter().filter_map(|(at, text)| made.measure(&pattern, *at, text));
                all.extend(found);
                // Where events came and none of them counts, the metric has its default.
                if let (true, Some(default), Some((at, _))) =
                    (matching.is_empty(), made.default, events.last())
                {
                    all.push(made.measured(default, *at, Vec::new()));
                }
            }
        }
        if all.is_empty() { Ok(()) } else { Ok(tx.emit(KIND, &all)?) }
    }
}

/// Takes measurements to CloudWatch.
pub struct Meter;

impl Consumer for Meter {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move { Consumed::of(put(cx, payload).await) })
    }
}

async fn put(cx: &Context, payload: &[u8]) -> Result<(), Fault> {
    let all: Vec<Measured> = store::decode_event(payload)?;
    let mut by_namespace: Map<String, Vec<MetricDatum>> = Map::new();
    for measured in all {
        let dimensions = measured.dimensions.into_iter().map(|(name, value)| Dimension { name, value });
        let datum = MetricDatum {
            metric_name: measured.name,
            value: Some(measured.value),
            timestamp: Timestamp::from_millisecond(measured.at).ok(),
            dimensions: Some(dimensions.collect()),
            unit: measured.unit.map(|unit| unit.as_str().into()),
            ..MetricDatum::default()
        };
        by_namespace.entry(measured.namespace).or_default().push(datum);
    }
    for (namespace, data) in by_namespace {
        for some in data.chunks(1000) {
            let metric_data = Some(some.to_vec());
            let input =
                PutMetricDataInput { namespace: namespace.clone(), metric_data, ..Default::default() };
            cx.on_behalf_of("logs.amazonaws.com").call::<PutMetricData>(input).await?;
        }
    }
    Ok(())
}
