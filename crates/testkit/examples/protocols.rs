//! A server that answers from what it got, for the stories that prove the protocols with official clients:
//! `CloudWatch` (CBOR, JSON, query) and EC2 (its own query). It is no emulation of either.
#![allow(clippy::disallowed_macros, clippy::unwrap_used, reason = "it tells the stories where it listens")]

use std::sync::{Arc, Mutex};

use api_cloudwatch::*;
use api_ec2::{
    CreateTags, CreateTagsInput, CreateTagsOutput, DescribeInstances, DescribeInstancesInput,
    DescribeInstancesOutput, DescribeRegions, DescribeRegionsInput, DescribeRegionsOutput, Ec2Error, Filter,
    Instance, InstanceState, InstanceStateName, Region, Reservation, Tag,
};
use kernel::{Clock, Context, Fault, Handler, Ids, Service};
use testkit::Emulator;

#[tokio::main]
async fn main() {
    let watch = Service::new(&SERVICE).with(Arc::new(Watch::default()));
    let watch = watch.on::<PutMetricData>().on::<GetMetricStatistics>().on::<ListMetrics>();
    let watch = watch.on::<PutMetricAlarm>().on::<DescribeAlarms>().build();
    let cloud = Service::new(&api_ec2::SERVICE).with(Arc::new(Cloud::default()));
    let cloud = cloud.on::<CreateTags>().on::<DescribeInstances>().on::<DescribeRegions>().build();
    let emulator = Emulator::with(Clock::real(), Ids::random(), |_, _| vec![watch, cloud]).await;
    println!("Listening on http://{}\nReady.", emulator.address);
    std::future::pending::<()>().await;
}

type Answer<T> = Result<T, CloudwatchError>;

/// Data and alarms, as they came.
#[derive(Default)]
struct Watch {
    data: Mutex<Vec<(String, MetricDatum)>>,
    alarms: Mutex<Vec<MetricAlarm>>,
}

impl Handler<PutMetricData> for Watch {
    /// An entity's keys become dimensions of its data.
    async fn handle(&self, _: &Context, input: PutMetricDataInput) -> Answer<PutMetricDataOutput> {
        let entities = input.entity_metric_data.into_iter().flatten().flat_map(|data| {
            let keys = data.entity.and_then(|entity| entity.key_attributes).into_iter().flatten();
            let keys: Vec<Dimension> = keys.map(|(name, value)| Dimension { name, value }).collect();
            let data = data.metric_data.into_iter().flatten();
            data.map(move |datum| MetricDatum { dimensions: Some(keys.clone()), ..datum })
        });
        let data = input.metric_data.into_iter().flatten().chain(entities);
        self.data.lock().unwrap().extend(data.map(|datum| (input.namespace.clone(), datum)));
        Ok(PutMetricDataOutput {})
    }
}

impl Handler<GetMetricStatistics> for Watch {
    /// A point for each datum: its lists are the extended statistics `p0`, `p1`, ….
    async fn handle(
        &self,
        _: &Context,
        input: GetMetricStatisticsInput,
    ) -> Answer<GetMetricStatisticsOutput> {
        if input.start_time >= input.end_time {
            let message = "The parameter StartTime must be less than the parameter EndTime.";
            return Err(CloudwatchError::invalid_parameter_value_exception(message));
        }
        let span = input.start_time..input.end_time;
        let data = self.data.lock().unwrap();
        let wanted = data.iter().filter(|(namespace, datum)| {
            *namespace == input.namespace
                && datum.metric_name == input.metric_name
                && datum.dimensions == input.dimensions
                && datum.timestamp.is_some_and(|at| span.contains(&at))
        });
        let datapoints = wanted.map(|(_, datum)| point(datum)).collect();
        Ok(GetMetricStatisticsOutput { label: Some(input.metric_name.clone()), datapoints: Some(datapoints) })
    }
}

fn point(datum: &MetricDatum) -> Datapoint {
    let set = datum.statistic_values.as_ref();
    let named = |values: &Vec<f64>| (0..).zip(values).map(|(n, value)| (format!("p{n}"), *value)).collect();
    Datapoint {
        timestamp: datum.timestamp,
        sample_count: set.map(|set| set.sample_count),
        average: datum.value,
        sum: set.map(|set| set.sum),
        minimum: set.map(|set| set.minimum),
        maximum: set.map(|set| set.maximum),
        unit: datum.unit.clone(),
        extended_statistics: datum.values.as_ref().map(named),
    }
}

impl Handler<ListMetrics> for Watch {
    async fn handle(&self, _: &Context, input: ListMetricsInput) -> Answer<ListMetricsOutput> {
        if input.next_token.is_some() {
            return Err(CloudwatchError::invalid_next_token("The token is not one of ours: ä\r\n<&>"));
        }
        let data = self.data.lock().unwrap();
        let wanted = data.iter().filter(|(namespace, _)| input.namespace.as_ref() == Some(namespace));
        let metrics = wanted.map(|(namespace, datum)| Metric {
            namespace: Some(namespace.clone()),
            metric_name: Some(datum.metric_name.clone()),
            dimensions: datum.dimensions.clone(),
        });
        Ok(ListMetricsOutput { metrics: Some(metrics.collect()), ..Default::default() })
    }
}

impl Handler<PutMetricAlarm> for Watch {
    async fn handle(&self, cx: &Context, input: PutMetricAlarmInput) -> Answer<PutMetricAlarmOutput> {
        let alarm = MetricAlarm {
            alarm_name: Some(input.alarm_name),
            alarm_description: input.alarm_description,
            alarm_configuration_updated_timestamp: Some(cx.clock.now()),
            actions_enabled: input.actions_enabled,
            alarm_actions: input.alarm_actions,
            ok_actions: input.ok_actions,
            dimensions: input.dimensions,
            evaluation_periods: input.evaluation_periods,
            threshold: input.threshold,
            comparison_operator: input.comparison_operator,
            metrics: input.metrics,
            evaluation_criteria: input.evaluation_criteria,
            ..Default::default()
        };
        self.alarms.lock().unwrap().push(alarm);
        Ok(PutMetricAlarmOutput {})
    }
}

impl Handler<DescribeAlarms> for Watch {
    async fn handle(&self, _: &Context, input: DescribeAlarmsInput) -> Answer<DescribeAlarmsOutput> {
        let names = input.alarm_names.unwrap_or_default();
        let alarms = self.alarms.lock().unwrap();
        let wanted =
            alarms.iter().filter(|alarm| alarm.alarm_name.as_ref().is_some_and(|name| names.contains(name)));
        Ok(DescribeAlarmsOutput { metric_alarms: Some(wanted.cloned().collect()), ..Default::default() })
    }
}

/// The tags of resources.
#[derive(Default)]
struct Cloud(Mutex<Vec<(String, Vec<Tag>)>>);

impl Handler<CreateTags> for Cloud {
    async fn handle(&self, _: &Context, input: CreateTagsInput) -> Result<CreateTagsOutput, Ec2Error> {
        if let Some(id) = input.resources.iter().find(|id| !id.starts_with("i-")) {
            return Err(Fault::client("InvalidID", format!("The ID '{id}' is not valid")).into());
        }
        let tagged = input.resources.into_iter().map(|id| (id, input.tags.clone()));
        self.0.lock().unwrap().extend(tagged);
        Ok(CreateTagsOutput {})
    }
}

impl Handler<DescribeInstances> for Cloud {
    /// The instances asked for, with their tags and, as one tag for each value, the filters.
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeInstancesInput,
    ) -> Result<DescribeInstancesOutput, Ec2Error> {
        let filters = input.filters.unwrap_or_default().into_iter().flat_map(|Filter { name, values }| {
            values
                .unwrap_or_default()
                .into_iter()
                .map(move |value| Tag { key: name.clone(), value: Some(value) })
        });
        let filters: Vec<Tag> = filters.collect();
        let known = self.0.lock().unwrap();
        let tags = |id: &String| {
            let own = known.iter().filter(|(tagged, _)| tagged == id).flat_map(|(_, tags)| tags);
            own.chain(&filters).cloned().collect()
        };
        let instance = |id: String| Instance {
            tags: Some(tags(&id)),
            instance_id: Some(id),
            launch_time: Some(cx.clock.now()),
            state: Some(InstanceState { code: Some(16), name: Some(InstanceStateName::Running) }),
            ebs_optimized: input.dry_run,
            ami_launch_index: input.max_results,
            security_groups: Some(Vec::new()),
            ..Default::default()
        };
        let instances = input.instance_ids.unwrap_or_default().into_iter().map(instance).collect();
        let reservation = Reservation { instances: Some(instances), ..Default::default() };
        Ok(DescribeInstancesOutput { next_token: input.next_token, reservations: Some(vec![reservation]) })
    }
}

impl Handler<DescribeRegions> for Cloud {
    async fn handle(
        &self,
        _: &Context,
        input: DescribeRegionsInput,
    ) -> Result<DescribeRegionsOutput, Ec2Error> {
        let names = input.region_names.unwrap_or_default();
        let region = |name| Region { region_name: Some(name), ..Default::default() };
        Ok(DescribeRegionsOutput { regions: Some(names.into_iter().map(region).collect()) })
    }
}
