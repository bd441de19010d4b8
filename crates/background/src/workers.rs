//! Runs workers: each says when it wants to run again.

use std::sync::Arc;
use std::time::Duration;

use kernel::Context;
use kernel::work::{Next, Worker};

/// How long a failed worker waits before it tries again.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Runs a worker for as long as the process lives.
pub async fn run(worker: Arc<dyn Worker>, cx: Context) {
    loop {
        let next = worker.run(&cx).await.unwrap_or_else(|fault| {
            tracing::error!(worker = worker.name(), %fault, "a worker failed");
            Next::At(cx.clock.now() + AFTER_FAILURE)
        });
        match next {
            Next::At(instant) => tokio::select! {
                () = cx.clock.sleep_until(instant) => {}
                () = worker.woken() => {}
            },
            Next::WhenWoken => worker.woken().await,
        }
    }
}
