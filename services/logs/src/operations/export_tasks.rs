//! `CreateExportTask`, `DescribeExportTasks`, `CancelExportTask`.

use api_logs::{
    CancelExportTask, CancelExportTaskInput, CancelExportTaskOutput, CreateExportTask, CreateExportTaskInput,
    CreateExportTaskOutput, DescribeExportTasks, DescribeExportTasksInput, DescribeExportTasksOutput,
    ExportTaskStatusCode, LogsError,
};
use api_s3::{HeadBucket, HeadBucketInput};
use kernel::{Context, Fault, Handler, page};

use crate::export::{EXPORTS, KIND, Row};
use crate::group::Group;
use crate::{Logs, errors, limits};

const LIST: &str = "logs.exports";

impl Handler<CreateExportTask> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateExportTaskInput,
    ) -> Result<CreateExportTaskOutput, LogsError> {
        if input.from >= input.to {
            let message = "Invalid time range: from must be before to.";
            return Err(LogsError::invalid_parameter_exception(message));
        }
        self.store.read(&cx.scope, |tx| Group::standard(tx, &input.log_group_name).map(drop))?;
        let bucket = HeadBucketInput { bucket: input.destination.clone(), ..HeadBucketInput::default() };
        cx.call::<HeadBucket>(bucket).await.map_err(|_| errors::no_such_bucket())?;
        let id = cx.ids.uuid();
        let row = Row {
            name: input.task_name,
            group: input.log_group_name,
            stream_prefix: input.log_stream_name_prefix,
            from: input.from,
            to: input.to,
            bucket: input.destination,
            prefix: input.destination_prefix.unwrap_or_else(|| "exportedlogs".to_owned()),
            status: ExportTaskStatusCode::Pending,
            message: None,
            created: cx.clock.millis(),
            completed: None,
        };

        self.store
            .write(&cx.scope, |tx| {
                // One export at a time.
                if tx.range(&EXPORTS, ..).any(|row| row.is_ok_and(|(_, row)| row.is_open())) {
                    return Err(errors::limit_exceeded());
                }
                tx.put(&EXPORTS, &id, &row)?;
                Ok(tx.emit(KIND, &id)?)
            })
            .await?;

        Ok(CreateExportTaskOutput { task_id: Some(id) })
    }
}

impl Handler<DescribeExportTasks> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeExportTasksInput,
    ) -> Result<DescribeExportTasksOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE);
        let after = super::after(LIST, input.next_token)?;

        let rows: Vec<(String, Row)> = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&EXPORTS, ..);
            let rows = match &after {
                Some(after) => rows.after(after.as_str()),
                None => rows,
            };
            let is_wanted = |id: &String, row: &Row| {
                input.task_id.as_ref().is_none_or(|wanted| wanted == id)
                    && input.status_code.as_ref().is_none_or(|status| *status == row.status)
            };
            let rows = rows.filter(|row| row.as_ref().map_or(true, |(id, row)| is_wanted(id, row)));
            rows.take(most + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(rows, most, LIST, |(id, _)| id.clone());
        let tasks = page.items.into_iter().map(|(id, row)| row.describe(id));
        Ok(DescribeExportTasksOutput { export_tasks: Some(tasks.collect()), next_token: page.next })
    }
}

impl Handler<CancelExportTask> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: CancelExportTaskInput,
    ) -> Result<CancelExportTaskOutput, LogsError> {
        let now = cx.clock.millis();

        self.store
            .write(&cx.scope, |tx| {
                let mut row = tx.get(&EXPORTS, &input.task_id)?.ok_or_else(errors::no_such_task)?;
                if !row.is_open() {
                    return Err(errors::already_finished());
                }
                row.status = ExportTaskStatusCode::Cancelled;
                row.completed = Some(now);
                Ok(tx.put(&EXPORTS, &input.task_id, &row)?)
            })
            .await?;

        Ok(CancelExportTaskOutput {})
    }
}
