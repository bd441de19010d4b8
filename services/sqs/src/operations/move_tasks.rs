//! `StartMessageMoveTask`, `ListMessageMoveTasks` and `CancelMessageMoveTask`.

use api_sqs::{
    CancelMessageMoveTask, CancelMessageMoveTaskInput, CancelMessageMoveTaskOutput, ListMessageMoveTasks,
    ListMessageMoveTasksInput, ListMessageMoveTasksOutput, ListMessageMoveTasksResultEntry, SqsError,
    StartMessageMoveTask, StartMessageMoveTaskInput, StartMessageMoveTaskOutput,
};
use kernel::{Context, Fault, Handler};
use store::ReadTx;

use crate::message::TALLIES;
use crate::queue::QUEUES;
use crate::tasks::{self, Key, REMEMBERED, Status, TASKS, Task};
use crate::{Sqs, batch, errors, limits, names, redrive};

/// A task's key and the task.
type Row = (Key, Task);

impl Handler<StartMessageMoveTask> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: StartMessageMoveTaskInput,
    ) -> Result<StartMessageMoveTaskOutput, SqsError> {
        const RATE: &str = "MaxNumberOfMessagesPerSecond";
        let rate = limits::within(RATE, input.max_number_of_messages_per_second, limits::MOVES)?;
        let unknown = || errors::no_such_resource("SourceArn");
        let (scope, name) = names::parse_arn(&input.source_arn, &cx.scope).ok_or_else(unknown)?;
        let destination = input.destination_arn.filter(|arn| !arn.is_empty());
        let id = cx.ids.uuid();

        self.write(&scope, |tx, shelf| {
            let queue = tx.get(&QUEUES, &name)?.ok_or_else(unknown)?;
            if let Some(arn) = &destination
                && tasks::find(tx, arn)?.is_none()
            {
                return Err(errors::no_such_resource("DestinationArn"));
            }
            if redrive::sources(tx, &scope, &name)?.is_empty() {
                return Err(errors::bad_move("Source queue must be configured as a Dead Letter Queue."));
            }
            let known = newest_first(tx, &name)?;
            if known.iter().any(|(_, task)| task.status == Status::Running) {
                return Err(errors::bad_move(
                    "There is already a task running. Only one active task is allowed for a source queue arn at a \
                     given time.",
                ));
            }
            for (key, _) in known.iter().skip(REMEMBERED - 1) {
                tx.delete(&TASKS, key)?;
            }
            let total = tx.get(&TALLIES, &queue.id)?.unwrap_or_default().messages;
            let visible = shelf.index(tx, &queue)?.counts(total, cx.clock.millis()).visible;
            let task = Task {
                destination: destination.clone(),
                rate,
                moved: 0,
                to_move: i64::try_from(visible).unwrap_or(i64::MAX),
                status: Status::Running,
                failure: None,
            };
            Ok(tx.put(&TASKS, &(name.as_str(), cx.clock.millis(), id.as_str()), &task)?)
        })
        .await?;

        self.tasks_changed.notify_one();
        Ok(StartMessageMoveTaskOutput { task_handle: Some(tasks::handle(&id, &input.source_arn)) })
    }
}

impl Handler<ListMessageMoveTasks> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: ListMessageMoveTasksInput,
    ) -> Result<ListMessageMoveTasksOutput, SqsError> {
        let most = limits::within("MaxResults", input.max_results, limits::MOVE_TASKS)?.unwrap_or(1);
        let unknown = || errors::no_such_resource("SourceArn");
        let (scope, name) = names::parse_arn(&input.source_arn, &cx.scope).ok_or_else(unknown)?;

        let mut known = self.store.read(&scope, |tx| {
            tx.get(&QUEUES, &name)?.ok_or_else(unknown)?;
            Ok::<_, SqsError>(newest_first(tx, &name)?)
        })?;

        known.truncate(usize::try_from(most).unwrap_or(1));
        let results: Vec<_> = known.into_iter().map(|row| entry(&input.source_arn, row)).collect();
        Ok(ListMessageMoveTasksOutput { results: batch::some(results) })
    }
}

impl Handler<CancelMessageMoveTask> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: CancelMessageMoveTaskInput,
    ) -> Result<CancelMessageMoveTaskOutput, SqsError> {
        let (id, source) = tasks::parse_handle(&input.task_handle)?;
        let unknown = || errors::no_such_resource("SourceArn");
        let (scope, name) = names::parse_arn(&source, &cx.scope).ok_or_else(unknown)?;

        let moved = self
            .store
            .write(&scope, |tx| {
                tx.get(&QUEUES, &name)?.ok_or_else(unknown)?;
                let task = newest_first(tx, &name)?.into_iter().find(|((_, _, known), _)| *known == id);
                let (key, mut task) = task.ok_or_else(errors::no_such_task)?;
                if task.status != Status::Running {
                    return Err(errors::task_has_ended());
                }
                task.status = Status::Cancelled;
                tx.put(&TASKS, &key, &task)?;
                Ok(task.moved)
            })
            .await?;

        Ok(CancelMessageMoveTaskOutput { approximate_number_of_messages_moved: Some(moved) })
    }
}

fn newest_first(tx: &ReadTx<'_>, source: &str) -> Result<Vec<Row>, Fault> {
    let mut tasks: Vec<Row> = tx.prefix(&TASKS, &(source,)).collect::<Result<_, _>>()?;
    tasks.reverse();
    Ok(tasks)
}

/// A task as it is shown; only one that runs still has a handle.
fn entry(source: &str, ((_, started, id), task): Row) -> ListMessageMoveTasksResultEntry {
    ListMessageMoveTasksResultEntry {
        task_handle: (task.status == Status::Running).then(|| tasks::handle(&id, source)),
        status: Some(task.status.name().to_owned()),
        source_arn: Some(source.to_owned()),
        destination_arn: task.destination,
        max_number_of_messages_per_second: task.rate.and_then(|rate| i32::try_from(rate).ok()),
        approximate_number_of_messages_moved: Some(task.moved),
        approximate_number_of_messages_to_move: Some(task.to_move),
        failure_reason: task.failure,
        started_timestamp: Some(started),
    }
}
