//! The worker that runs move tasks.

use std::sync::Arc;

use kernel::service::Boxed;
use kernel::work::{Next, Worker};
use kernel::{Context, Fault, Scope, Timestamp};

use crate::Sqs;
use crate::tasks::{self, Key, Status, TASKS};

/// Moves messages as fast as tasks may.
pub struct Mover(pub Arc<Sqs>);

impl Worker for Mover {
    fn name(&self) -> &'static str {
        "sqs.mover"
    }

    fn run<'a>(&'a self, cx: &'a Context) -> Boxed<'a, Result<Next, Fault>> {
        Box::pin(async move {
            let mut earliest: Option<i64> = None;
            for (scope, key) in self.running(cx)? {
                let cx = cx.in_scope(scope);
                while let Some(next) = self.step(&cx, &key).await? {
                    if next > cx.clock.millis() {
                        earliest = Some(earliest.map_or(next, |earliest| earliest.min(next)));
                        break;
                    }
                    tokio::task::yield_now().await;
                }
            }
            let instant = earliest.and_then(|earliest| Timestamp::from_millisecond(earliest).ok());
            Ok(instant.map_or(Next::WhenWoken, Next::At))
        })
    }

    fn woken(&self) -> Boxed<'_, ()> {
        Box::pin(self.0.tasks_changed.notified())
    }
}

impl Mover {
    fn running(&self, cx: &Context) -> Result<Vec<(Scope, Key)>, Fault> {
        self.0.store.read(&cx.scope, |tx| {
            let rows = tx.everywhere(&TASKS);
            let running =
                rows.filter(|row| row.as_ref().map_or(true, |(_, _, task)| task.status == Status::Running));
            running.map(|row| row.map(|(scope, key, _)| (scope, key))).collect()
        })
    }

    async fn step(&self, cx: &Context, key: &Key) -> Result<Option<i64>, Fault> {
        let step = self.0.write(&cx.scope, |tx, shelf| tasks::step(tx, shelf, key, cx)).await?;
        self.0.waiting.wake_all(&step.moved_to);
        Ok(step.next)
    }
}
