//! What callers may ask of a mapping.

use api_dynamodbstreams::{DescribeStream, DescribeStreamInput};
use api_lambda::{
    CreateEventSourceMappingInput, DestinationConfig, EventSourceMappingConfiguration, EventSourcePosition,
    FilterCriteria, GetFunctionConfiguration, GetFunctionConfigurationInput, LambdaError, OnFailure,
};
use api_sqs::{GetQueueAttributes, GetQueueAttributesInput, QueueAttributeName};
use kernel::{Arn, Context};

use super::filter;
use crate::errors;

/// What can be read.
#[derive(Clone, Debug)]
pub enum Source {
    /// A queue.
    Queue(Arn),
    /// A stream of a table.
    Stream(Arn),
}

/// The ranges of what can be set, in seconds and counts.
mod limits {
    /// Seconds that records may be gathered.
    pub const WINDOW: (i32, i32) = (0, 300);
    /// Records of a batch.
    pub const BATCH: (i32, i32) = (1, 10_000);
    /// Records of a batch that needs no window, and of any batch of a FIFO queue.
    pub const SMALL_BATCH: i32 = 10;
    /// Batches of one shard at once.
    pub const PARALLEL: (i32, i32) = (1, 10);
    /// Seconds of a tumbling window; none if zero.
    pub const TUMBLING: (i32, i32) = (0, 900);
    /// Batches of one queue at once.
    pub const CONCURRENCY: (i32, i32) = (2, 1000);
    /// Retries; -1 is for ever.
    pub const RETRIES: (i32, i32) = (-1, 10_000);
    /// Seconds that records may be old; -1 is for ever.
    pub const AGE: (i32, i32) = (-1, 604_800);
}

impl Source {
    /// The source that an ARN names.
    pub fn of(arn: Option<&str>) -> Result<Self, LambdaError> {
        let unknown = || errors::invalid("Unrecognized event source.");
        let arn = Arn::parse(arn.ok_or_else(unknown)?).ok_or_else(unknown)?;
        match arn.service.as_str() {
            "sqs" => Ok(Self::Queue(arn)),
            "dynamodb" if arn.resource.contains("/stream/") => Ok(Self::Stream(arn)),
            "kinesis" | "kafka" | "mq" | "rds" => {
                Err(errors::not_emulated(&format!("event source mappings of {}", arn.service)))
            }
            _ => Err(unknown()),
        }
    }

    /// The most records of a batch where nothing was said.
    pub fn default_batch(&self) -> i32 {
        if matches!(self, Self::Queue(_)) { 10 } else { 100 }
    }
}

/// What a new mapping is, as far as the request tells.
pub fn new(
    source: &Source,
    input: &CreateEventSourceMappingInput,
) -> Result<EventSourceMappingConfiguration, LambdaError> {
    if input.destination_config.as_ref().is_some_and(|config| config.on_success.is_some()) {
        return Err(errors::invalid(
            "Unsupported DestinationConfig parameter for given event source mapping type.",
        ));
    }
    let shared = EventSourceMappingConfiguration {
        batch_size: Some(input.batch_size.unwrap_or_else(|| source.default_batch())),
        maximum_batching_window_in_seconds: Some(input.maximum_batching_window_in_seconds.unwrap_or(0)),
        event_source_arn: input.event_source_arn.clone(),
        filter_criteria: input.filter_criteria.clone().filter(has_filters),
        function_response_types: Some(input.function_response_types.clone().unwrap_or_default()),
        kms_key_arn: input.kms_key_arn.clone(),
        metrics_config: input.metrics_config.clone(),
        ..EventSourceMappingConfiguration::default()
    };
    let configuration = match source {
        Source::Queue(_) => EventSourceMappingConfiguration {
            scaling_config: input.scaling_config.clone(),
            state_transition_reason: Some("USER_INITIATED".to_owned()),
            ..shared
        },
        Source::Stream(arn) => {
            let position = starting(arn, input)?;
            let destination = input.destination_config.clone();
            EventSourceMappingConfiguration {
                starting_position: Some(position),
                bisect_batch_on_function_error: Some(input.bisect_batch_on_function_error == Some(true)),
                destination_config: Some(destination.unwrap_or_else(no_destination)),
                last_processing_result: Some("No records processed".to_owned()),
                maximum_record_age_in_seconds: Some(input.maximum_record_age_in_seconds.unwrap_or(-1)),
                maximum_retry_attempts: Some(input.maximum_retry_attempts.unwrap_or(-1)),
                parallelization_factor: Some(input.parallelization_factor.unwrap_or(1)),
                tumbling_window_in_seconds: Some(input.tumbling_window_in_seconds.unwrap_or(0)),
                state_transition_reason: Some("User action".to_owned()),
                ..shared
            }
        }
    };
    check(source, &configuration)?;
    Ok(configuration)
}

fn starting(arn: &Arn, input: &CreateEventSourceMappingInput) -> Result<EventSourcePosition, LambdaError> {
    match &input.starting_position {
        None => Err(errors::invalid(
            "1 validation error detected: Value null at 'startingPosition' failed to satisfy constraint: Member must not be null.",
        )),
        Some(EventSourcePosition::AtTimestamp) => {
            Err(errors::invalid(format!("Unsupported starting position for arn type: {arn}")))
        }
        Some(position) => Ok(position.clone()),
    }
}

fn no_destination() -> DestinationConfig {
    DestinationConfig { on_failure: Some(OnFailure::default()), ..DestinationConfig::default() }
}

/// Criteria without filters are none.
pub fn has_filters(criteria: &FilterCriteria) -> bool {
    criteria.filters.as_ref().is_some_and(|filters| !filters.is_empty())
}

/// Checks a whole configuration, new or changed.
pub fn check(source: &Source, configuration: &EventSourceMappingConfiguration) -> Result<(), LambdaError> {
    let within = |name: &str, value: Option<i32>, (least, most): (i32, i32)| match value {
        Some(value) if value < least || value > most => {
            Err(errors::invalid(format!("{name} must be between {least} and {most}, but is {value}.")))
        }
        _ => Ok(()),
    };
    let of = configuration;
    within("BatchSize", of.batch_size, limits::BATCH)?;
    within("MaximumBatchingWindowInSeconds", of.maximum_batching_window_in_seconds, limits::WINDOW)?;
    within("ParallelizationFactor", of.parallelization_factor, limits::PARALLEL)?;
    within("MaximumRetryAttempts", of.maximum_retry_attempts, limits::RETRIES)?;
    within("MaximumRecordAgeInSeconds", of.maximum_record_age_in_seconds, limits::AGE)?;
    let concurrency = of.scaling_config.as_ref().and_then(|scaling| scaling.maximum_concurrency);
    within("MaximumConcurrency", concurrency, limits::CONCURRENCY)?;
    within("TumblingWindowInSeconds", of.tumbling_window_in_seconds, limits::TUMBLING)?;
    if let Source::Queue(arn) = source {
        let (batch, window) =
            (of.batch_size.unwrap_or(0), of.maximum_batching_window_in_seconds.unwrap_or(0));
        if arn.resource.ends_with(".fifo") {
            within("BatchSize", of.batch_size, (1, limits::SMALL_BATCH))?;
            if window > 0 {
                return Err(errors::invalid("Batching window is not supported for FIFO queues"));
            }
        } else if batch > limits::SMALL_BATCH && window == 0 {
            return Err(errors::invalid(
                "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10",
            ));
        }
    }
    filter::Filters::parse(of.filter_criteria.as_ref())
        .map(drop)
        .map_err(|_| errors::invalid("Invalid filter pattern definition."))
}

/// Checks that there is a function; answers how many seconds it may take.
pub async fn function(cx: &Context, arn: &str) -> Result<i32, LambdaError> {
    let input = GetFunctionConfigurationInput {
        function_name: arn.to_owned(),
        ..GetFunctionConfigurationInput::default()
    };
    match cx.call::<GetFunctionConfiguration>(input).await {
        Ok(found) if found.tenancy_config.is_some() => Err(errors::not_for_tenants("Event source mappings")),
        Ok(found) => Ok(found.timeout.unwrap_or(3)),
        Err(fault) if fault.status() == 404 => Err(errors::invalid("Function does not exist")),
        Err(fault) => Err(fault.into()),
    }
}

/// Checks that there is something to read.
pub async fn exists(cx: &Context, source: &Source, timeout: i32) -> Result<(), LambdaError> {
    match source {
        Source::Queue(arn) => {
            let input = GetQueueAttributesInput {
                queue_url: super::queue::url(arn),
                attribute_names: Some(vec![QueueAttributeName::VisibilityTimeout]),
            };
            let there = cx.in_scope(arn.scope(&cx.scope));
            let found = there.call::<GetQueueAttributes>(input).await.map_err(|fault| {
                errors::invalid(format!(
                    "Error occurred while ReceiveMessage. SQS Error Code: {}. SQS Error Message: {}",
                    fault.code_in_query(),
                    fault.message()
                ))
            })?;
            let visible: Option<i32> =
                found.attributes.as_ref().and_then(|all| all.get("VisibilityTimeout")?.parse().ok());
            match visible {
                Some(visible) if visible < timeout => Err(errors::invalid(format!(
                    "Queue visibility timeout: {visible} seconds is less than Function timeout: {timeout} seconds"
                ))),
                _ => Ok(()),
            }
        }
        Source::Stream(arn) => {
            let input = DescribeStreamInput { stream_arn: arn.to_string(), ..DescribeStreamInput::default() };
            let there = cx.in_scope(arn.scope(&cx.scope));
            let found = there.call::<DescribeStream>(input).await;
            found.map(drop).map_err(|_| errors::invalid(format!("Stream not found: {arn}")))
        }
    }
}
