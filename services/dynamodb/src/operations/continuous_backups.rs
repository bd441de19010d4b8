//! `UpdateContinuousBackups`, `DescribeContinuousBackups`, `RestoreTableToPointInTime`.

use api_dynamodb::{
    ContinuousBackupsDescription, ContinuousBackupsStatus, DescribeContinuousBackups,
    DescribeContinuousBackupsInput, DescribeContinuousBackupsOutput, DynamodbError,
    PointInTimeRecoveryDescription, PointInTimeRecoveryStatus, RestoreTableToPointInTime,
    RestoreTableToPointInTimeInput, RestoreTableToPointInTimeOutput, UpdateContinuousBackups,
    UpdateContinuousBackupsInput, UpdateContinuousBackupsOutput,
};
use kernel::{Context, Handler, Timestamp};

use crate::backup::{self, Overrides};
use crate::description::describe;
use crate::recovery::Recovery;
use crate::table::{Restored, TABLES, Table, Tally};
use crate::upkeep::leave_journal;
use crate::{Dynamodb, errors, names};

/// For how many days changes can be kept, and are unless the caller says so.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_PointInTimeRecoverySpecification.html>
const DAYS: u32 = 35;

impl Handler<UpdateContinuousBackups> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: UpdateContinuousBackupsInput,
    ) -> Result<UpdateContinuousBackupsOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;
        let wanted = input.point_in_time_recovery_specification;
        let given = wanted.recovery_period_in_days;
        if !wanted.point_in_time_recovery_enabled && given.is_some() {
            return Err(errors::invalid(
                "RecoveryPeriodInDays should not be specified when PointInTimeRecoveryEnabled is false",
            ));
        }
        let days = given.and_then(|days| u32::try_from(days).ok());
        let now = cx.clock.now();

        let table = self
            .store
            .write(&scope, |tx| {
                let table: Option<Table> = tx.get(&TABLES, &name)?;
                let mut table = table.ok_or_else(|| errors::table_not_found(&name))?;
                table.recovery = match table.recovery {
                    Some(recovery) if wanted.point_in_time_recovery_enabled => {
                        Some(Recovery { days: days.unwrap_or(recovery.days), ..recovery })
                    }
                    None if wanted.point_in_time_recovery_enabled => {
                        Some(Recovery { since: now, days: days.unwrap_or(DAYS) })
                    }
                    Some(_) => {
                        leave_journal(tx, &table)?;
                        None
                    }
                    None => None,
                };
                tx.put(&TABLES, &name, &table)?;
                Ok::<_, DynamodbError>(table)
            })
            .await?;
        self.recovery_set.notify_one();
        self.tables_changed.notify_one();

        let description = description(&table, now);
        Ok(UpdateContinuousBackupsOutput { continuous_backups_description: Some(description) })
    }
}

impl Handler<DescribeContinuousBackups> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeContinuousBackupsInput,
    ) -> Result<DescribeContinuousBackupsOutput, DynamodbError> {
        let (scope, name) = names::locate(cx, &input.table_name)?;

        let table: Option<Table> = self.store.read(&scope, |tx| tx.get(&TABLES, &name))?;

        let table = table.ok_or_else(|| errors::table_not_found(&name))?;
        let description = description(&table, cx.clock.now());
        Ok(DescribeContinuousBackupsOutput { continuous_backups_description: Some(description) })
    }
}

fn description(table: &Table, now: Timestamp) -> ContinuousBackupsDescription {
    let recovery = table.recovery;
    let status = match recovery {
        Some(_) => PointInTimeRecoveryStatus::Enabled,
        None => PointInTimeRecoveryStatus::Disabled,
    };
    ContinuousBackupsDescription {
        // AWS has continuous backups for every table; what can be switched is the recovery.
        continuous_backups_status: ContinuousBackupsStatus::Enabled,
        point_in_time_recovery_description: Some(PointInTimeRecoveryDescription {
            point_in_time_recovery_status: Some(status),
            recovery_period_in_days: recovery.and_then(|recovery| i32::try_from(recovery.days).ok()),
            earliest_restorable_date_time: recovery.map(|recovery| recovery.earliest(now)),
            latest_restorable_date_time: recovery.map(|_| now),
        }),
    }
}

impl Handler<RestoreTableToPointInTime> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: RestoreTableToPointInTimeInput,
    ) -> Result<RestoreTableToPointInTimeOutput, DynamodbError> {
        if input.vector_index_override.is_some() {
            return Err(errors::not_emulated("vector indexes"));
        }
        let source = match (&input.source_table_name, &input.source_table_arn) {
            (Some(name), None) => name,
            (None, Some(arn)) => arn,
            _ => {
                return Err(errors::validation(
                    "Exactly one of SourceTableName or SourceTableArn must be specified",
                ));
            }
        };
        let (there, source) = names::locate(cx, source)?;
        let (scope, name) = names::locate(cx, &input.target_table_name)?;
        let found: Option<Table> = self.store.read(&there, |tx| tx.get(&TABLES, &source))?;
        let found = found.ok_or_else(|| errors::table_not_found(&source))?;
        if self.store.read(&scope, |tx| tx.contains(&TABLES, &name))? {
            return Err(DynamodbError::table_already_exists_exception(format!(
                "Table already exists: {name}"
            )));
        }
        let at = instant(cx, &input, &found)?;
        let overrides = Overrides {
            billing: input.billing_mode_override.as_ref(),
            globals: input.global_secondary_index_override.as_deref(),
            locals: input.local_secondary_index_override.as_deref(),
            throughput: input.provisioned_throughput_override.as_ref(),
            most: input.on_demand_throughput_override.as_ref(),
            encryption: input.sse_specification_override.as_ref(),
        };
        let summary = Restored { backup: None, table: names::table_arn(&there, &source), at };
        let table = backup::restored(cx, &scope, &found, &name, &overrides, summary)?;

        let items = self.spool(&there, &found, Some(at)).await?;
        let made = self.store.write(&scope, |tx| backup::create(tx, &table, items.clone(), true)).await;
        let table = match made {
            Ok(table) => table,
            Err(error) => {
                self.store.blobs().discard(&items.blob.id).await?;
                return Err(error);
            }
        };
        self.settle_soon(&scope, &name).await?;

        let description = describe(&scope, &table, &Tally::default());
        Ok(RestoreTableToPointInTimeOutput { table_description: Some(description) })
    }
}

/// The instant to which the caller wants the table back.
fn instant(
    cx: &Context,
    input: &RestoreTableToPointInTimeInput,
    table: &Table,
) -> Result<Timestamp, DynamodbError> {
    let Some(recovery) = table.recovery else {
        return Err(DynamodbError::point_in_time_recovery_unavailable_exception(format!(
            "Point in time recovery is not enabled for table '{}'",
            table.name
        )));
    };
    let now = cx.clock.now();
    match (input.use_latest_restorable_time == Some(true), input.restore_date_time) {
        (true, None) => Ok(now),
        (false, Some(at)) if (recovery.earliest(now)..=now).contains(&at) => Ok(at),
        (false, Some(_)) => Err(DynamodbError::invalid_restore_time_exception(
            "The specified RestoreDateTime is not between EarliestRestorableDateTime and LatestRestorableDateTime.",
        )),
        (true, Some(_)) => {
            Err(errors::validation("RestoreDateTime and UseLatestRestorableTime cannot both be specified"))
        }
        (false, None) => {
            Err(errors::validation("Either RestoreDateTime or UseLatestRestorableTime must be specified"))
        }
    }
}
