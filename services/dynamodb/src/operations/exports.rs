//! `ExportTableToPointInTime`, `DescribeExport`, `ListExports`: tables that are written to S3.

use std::time::Duration;

use api_dynamodb::{
    DescribeExport, DescribeExportInput, DescribeExportOutput, DynamodbError, ExportFormat,
    ExportTableToPointInTime, ExportTableToPointInTimeInput, ExportTableToPointInTimeOutput, ExportType,
    ExportViewType, IncrementalExportSpecification, ListExports, ListExportsInput, ListExportsOutput,
};
use kernel::{Context, Fault, Handler, Timestamp};

use crate::recovery::Recovery;
use crate::table::{TABLES, Table};
use crate::transfer::{EXPORTS, Export, Kind, Window, locate, table_of};
use crate::{Dynamodb, errors};

/// The most lines of a page, and how many there are unless the caller says so.
const PAGE: i32 = 25;

/// For how long a token stands for the export it was first used for, and how long the time of an incremental one may be.
///
/// Source: <https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_ExportTableToPointInTime.html>
const TOKEN: Duration = Duration::from_hours(8);
const SHORTEST: Duration = Duration::from_mins(15);
const LONGEST: Duration = Duration::from_hours(24);

impl Handler<ExportTableToPointInTime> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: ExportTableToPointInTimeInput,
    ) -> Result<ExportTableToPointInTimeOutput, DynamodbError> {
        if input.filter_specification.is_some() {
            return Err(errors::not_emulated("filters of exports"));
        }
        let (scope, name) = table_of(cx, &input.table_arn)?;
        let request = format!("{input:?}");
        if let Some(known) = self.known_export(cx, &scope, &name, &input, &request)? {
            return Ok(ExportTableToPointInTimeOutput { export_description: Some(known.describe(&scope)) });
        }
        let table: Option<Table> = self.store.read(&scope, |tx| tx.get(&TABLES, &name))?;
        let table = table.ok_or_else(|| errors::table_not_found(&name))?;
        let kind = kind(cx, &input, &table)?;

        let items = match &kind {
            Kind::Full(at) => self.spool(&scope, &table, Some(*at)).await?,
            Kind::Incremental(window) => self.spool_changes(&scope, &table, window).await?,
        };
        let now = cx.clock.now();
        let export = Export {
            id: format!("{:014}-{}", now.as_millisecond(), cx.ids.hex(8)),
            table: name.clone(),
            table_id: table.id,
            request,
            token: input.client_token,
            kind,
            format: input.export_format.unwrap_or(ExportFormat::DynamodbJson),
            bucket: input.s3_bucket,
            owner: input.s3_bucket_owner,
            prefix: input.s3_prefix,
            encryption: input.s3_sse_algorithm,
            kms_key: input.s3_sse_kms_key_id,
            started: now,
            ended: None,
            failure: None,
            items,
        };
        self.store
            .write(&scope, |tx| {
                tx.keep_blob(&export.items.blob.id)?;
                tx.put(&EXPORTS, &(name.as_str(), export.id.as_str()), &export)
            })
            .await?;
        self.transfers_asked.notify_one();

        Ok(ExportTableToPointInTimeOutput { export_description: Some(export.describe(&scope)) })
    }
}

impl Dynamodb {
    /// The export that the caller's token stands for already.
    fn known_export(
        &self,
        cx: &Context,
        scope: &kernel::Scope,
        table: &str,
        input: &ExportTableToPointInTimeInput,
        request: &str,
    ) -> Result<Option<Export>, DynamodbError> {
        if input.client_token.is_none() {
            return Ok(None);
        }
        let since = cx.clock.now() - TOKEN;
        let known: Option<Export> = self.store.read(scope, |tx| {
            let all = tx.range(&EXPORTS, ..).map(|row| row.map(|(_, export)| export));
            let mut same = all.filter(|row| {
                row.as_ref().map_or(true, |export| {
                    export.table == table && export.token == input.client_token && export.started > since
                })
            });
            same.next().transpose()
        })?;
        match known {
            Some(known) if known.request != request => Err(DynamodbError::export_conflict_exception(
                "There was a conflict when attempting to export the table: the client token was used with other parameters",
            )),
            known => Ok(known),
        }
    }
}

fn kind(cx: &Context, input: &ExportTableToPointInTimeInput, table: &Table) -> Result<Kind, DynamodbError> {
    let recovery = table.recovery.ok_or_else(|| {
        DynamodbError::point_in_time_recovery_unavailable_exception(format!(
            "Point in time recovery is not enabled for table '{}'",
            table.name
        ))
    })?;
    let now = cx.clock.now();
    let is_incremental = input.export_type == Some(ExportType::IncrementalExport);
    match &input.incremental_export_specification {
        Some(given) if is_incremental => window(given, recovery, now).map(Kind::Incremental),
        None if is_incremental => {
            Err(errors::validation("IncrementalExportSpecification is required for an incremental export"))
        }
        Some(_) => Err(errors::validation(
            "IncrementalExportSpecification can only be specified when ExportType is INCREMENTAL_EXPORT",
        )),
        None => {
            let at = input.export_time.unwrap_or(now);
            within(recovery, now, at).map(Kind::Full)
        }
    }
}

fn window(
    given: &IncrementalExportSpecification,
    recovery: Recovery,
    now: Timestamp,
) -> Result<Window, DynamodbError> {
    let Some(from) = given.export_from_time else {
        return Err(errors::validation("ExportFromTime is required for an incremental export"));
    };
    let from = within(recovery, now, from)?;
    let to = within(recovery, now, given.export_to_time.unwrap_or(now))?;
    if to < from + SHORTEST || to > from + LONGEST {
        return Err(errors::validation("The export period must be at least 15 minutes and at most 24 hours"));
    }
    let view = given.export_view_type.clone().unwrap_or(ExportViewType::NewAndOldImages);
    Ok(Window { from, to, view })
}

fn within(recovery: Recovery, now: Timestamp, at: Timestamp) -> Result<Timestamp, DynamodbError> {
    if (recovery.earliest(now)..=now).contains(&at) {
        return Ok(at);
    }
    Err(DynamodbError::invalid_export_time_exception(
        "The specified ExportTime is outside of the point in time recovery window",
    ))
}

impl Handler<DescribeExport> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeExportInput,
    ) -> Result<DescribeExportOutput, DynamodbError> {
        let arn = &input.export_arn;
        let not_found = || DynamodbError::export_not_found_exception(format!("Export not found: {arn}"));
        let (scope, table, id) = locate(cx, arn, "export").ok_or_else(not_found)?;

        let export: Option<Export> =
            self.store.read(&scope, |tx| tx.get(&EXPORTS, &(table.as_str(), id.as_str())))?;

        let export = export.ok_or_else(not_found)?;
        Ok(DescribeExportOutput { export_description: Some(export.describe(&scope)) })
    }
}

impl Handler<ListExports> for Dynamodb {
    async fn handle(
        &self,
        cx: &Context,
        input: ListExportsInput,
    ) -> Result<ListExportsOutput, DynamodbError> {
        let (scope, only) = match &input.table_arn {
            Some(arn) => table_of(cx, arn).map(|(scope, name)| (scope, Some(name)))?,
            None => (cx.scope.clone(), None),
        };
        let most = usize::try_from(input.max_results.unwrap_or(PAGE)).unwrap_or_default();
        let after = match &input.next_token {
            Some(token) => {
                Some(token.split_once('/').ok_or_else(|| errors::validation("Invalid NextToken"))?)
            }
            None => None,
        };

        let mut exports: Vec<Export> = self.store.read(&scope, |tx| {
            let mut rows = tx.range(&EXPORTS, ..);
            if let Some(after) = after {
                rows = rows.after(&after);
            }
            let all = rows.map(|row| row.map(|(_, export)| export));
            let is_wanted = |export: &Export| only.as_ref().is_none_or(|name| *name == export.table);
            all.filter(|row| row.as_ref().map_or(true, is_wanted))
                .take(most + 1)
                .collect::<Result<_, Fault>>()
        })?;

        let has_more = exports.len() > most;
        exports.truncate(most);
        let last = exports.last().filter(|_| has_more);
        Ok(ListExportsOutput {
            next_token: last.map(|export| format!("{}/{}", export.table, export.id)),
            export_summaries: Some(exports.iter().map(|export| export.summary(&scope)).collect()),
        })
    }
}
