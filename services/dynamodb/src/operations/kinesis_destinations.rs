//! `EnableKinesisStreamingDestination` and its kin: data streams that get the changes of a table.

use api_dynamodb::{
    DescribeKinesisStreamingDestination, DescribeKinesisStreamingDestinationInput,
    DescribeKinesisStreamingDestinationOutput, DestinationStatus, DisableKinesisStreamingDestination,
    DynamodbError, EnableKinesisStreamingDestination, KinesisDataStreamDestination,
    KinesisStreamingDestinationInput, KinesisStreamingDestinationOutput, UpdateKinesisStreamingDestination,
    UpdateKinesisStreamingDestinationInput, UpdateKinesisStreamingDestinationOutput,
};
use api_kinesis::{DescribeStreamSummary, DescribeStreamSummaryInput};
use kernel::{Arn, Context, Handler};

use crate::kinesis::Destination;
use crate::table::{TABLES, Table};
use crate::{Dynamodb, errors, names};

/// What a table can have.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/kds.html>
const MOST: usize = 2;

fn not_in_state(verb: &str, why: impl std::fmt::Display) -> DynamodbError {
    errors::validation(format!(
        "Table is not in a valid state to {verb} Kinesis Streaming Destination: {why}"
    ))
}

impl Handler<EnableKinesisStreamingDestination> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: KinesisStreamingDestinationInput,
    ) -> Result<KinesisStreamingDestinationOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;
        self.store.read(&scope, |tx| Table::find(tx, &name))?;
        let there = Arn::parse(&input.stream_arn).map_or(scope.clone(), |arn| arn.scope(&cx.scope));
        let summary =
            DescribeStreamSummaryInput { stream_arn: Some(input.stream_arn.clone()), ..Default::default() };
        cx.in_scope(there).call::<DescribeStreamSummary>(summary).await?;
        let configuration = input.enable_kinesis_streaming_configuration;
        let precision =
            configuration.as_ref().and_then(|given| given.approximate_creation_date_time_precision.clone());

        self.store
            .write(&scope, |tx| {
                let mut table = Table::find(tx, &name)?;
                let active = table.kinesis.iter().filter(|destination| destination.is_active);
                if active.clone().any(|destination| destination.stream == input.stream_arn) {
                    return Err(not_in_state(
                        "enable",
                        "EnableKinesisStreamingDestination must be DISABLED or ENABLE_FAILED to perform ENABLE operation.",
                    ));
                }
                if active.count() == MOST {
                    return Err(DynamodbError::limit_exceeded_exception(format!(
                        "Table {name} already has {MOST} active streaming destinations"
                    )));
                }
                table.kinesis.retain(|destination| destination.stream != input.stream_arn);
                let stream = input.stream_arn.clone();
                table.kinesis.push(Destination { stream, is_active: true, precision: precision.clone() });
                Ok(tx.put(&TABLES, &name, &table)?)
            })
            .await?;

        Ok(KinesisStreamingDestinationOutput {
            table_name: Some(name),
            stream_arn: Some(input.stream_arn),
            destination_status: Some(DestinationStatus::Enabling),
            enable_kinesis_streaming_configuration: Some(configuration.unwrap_or_default()),
        })
    }
}

impl Handler<DisableKinesisStreamingDestination> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: KinesisStreamingDestinationInput,
    ) -> Result<KinesisStreamingDestinationOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;

        self.store
            .write(&scope, |tx| {
                let mut table = Table::find(tx, &name)?;
                let is_it = |destination: &&mut Destination| {
                    destination.is_active && destination.stream == input.stream_arn
                };
                let Some(destination) = table.kinesis.iter_mut().find(is_it) else {
                    return Err(not_in_state(
                        "disable",
                        "DisableKinesisStreamingDestination must be ACTIVE to perform DISABLE operation.",
                    ));
                };
                destination.is_active = false;
                Ok(tx.put(&TABLES, &name, &table)?)
            })
            .await?;

        Ok(KinesisStreamingDestinationOutput {
            table_name: Some(name),
            stream_arn: Some(input.stream_arn),
            destination_status: Some(DestinationStatus::Disabling),
            enable_kinesis_streaming_configuration: input.enable_kinesis_streaming_configuration,
        })
    }
}

impl Handler<UpdateKinesisStreamingDestination> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateKinesisStreamingDestinationInput,
    ) -> Result<UpdateKinesisStreamingDestinationOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;
        let configuration = input.update_kinesis_streaming_configuration;
        let precision =
            configuration.as_ref().and_then(|given| given.approximate_creation_date_time_precision.clone());
        let Some(precision) = precision else {
            return Err(errors::validation(
                "Streaming destination cannot be updated with given parameters: UpdateKinesisStreamingConfiguration \
                 cannot be null or contain only null values",
            ));
        };

        self.store
            .write(&scope, |tx| {
                let mut table = Table::find(tx, &name)?;
                let is_it = |destination: &&mut Destination| {
                    destination.is_active && destination.stream == input.stream_arn
                };
                let Some(destination) = table.kinesis.iter_mut().find(is_it) else {
                    return Err(not_in_state(
                        "enable",
                        format_args!(
                            "No streaming destination with streamArn: {} found for table with tableName: {name}",
                            input.stream_arn
                        ),
                    ));
                };
                if destination.precision.as_ref() == Some(&precision) {
                    return Err(errors::validation(format!(
                        "Invalid Request: Precision is already set to the desired value of {} for tableId: {}, kdsArn: {}",
                        precision.as_str(),
                        table.id,
                        input.stream_arn
                    )));
                }
                destination.precision = Some(precision.clone());
                Ok(tx.put(&TABLES, &name, &table)?)
            })
            .await?;

        Ok(UpdateKinesisStreamingDestinationOutput {
            table_name: Some(name),
            stream_arn: Some(input.stream_arn),
            destination_status: Some(DestinationStatus::Updating),
            update_kinesis_streaming_configuration: configuration,
        })
    }
}

impl Handler<DescribeKinesisStreamingDestination> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeKinesisStreamingDestinationInput,
    ) -> Result<DescribeKinesisStreamingDestinationOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let table = self.store.read(&scope, |tx| Table::find(tx, &name))?;

        let shown = table.kinesis.into_iter().map(|destination| KinesisDataStreamDestination {
            stream_arn: Some(destination.stream),
            destination_status: Some(if destination.is_active {
                DestinationStatus::Active
            } else {
                DestinationStatus::Disabled
            }),
            destination_status_description: None,
            approximate_creation_date_time_precision: destination.precision,
        });
        Ok(DescribeKinesisStreamingDestinationOutput {
            table_name: Some(name),
            kinesis_data_stream_destinations: Some(shown.collect()),
        })
    }
}
