//! Move tasks.

use super::*;

const DEAD: &str = "arn:aws:sqs:us-east-1:000000000000:dead";

/// A queue, and its dead-letter queue with so many of its messages.
async fn buried(emulator: &Emulator, count: usize) -> (String, String) {
    let dead = emulator.queue("dead", []).await;
    let policy = format!(r#"{{"deadLetterTargetArn":"{DEAD}","maxReceiveCount":1}}"#);
    let queue = emulator.queue("work", [("RedrivePolicy", policy.as_str())]).await;
    for number in 0..count {
        emulator.send(&queue, &format!("m{number}")).await;
    }
    for _ in 0..2 * count.div_ceil(10) {
        emulator.receive(&queue, 10, 0).await;
    }
    assert_eq!(emulator.counts(&dead).await, [count, 0, 0]);
    (queue, dead)
}

async fn start(emulator: &Emulator, destination: Option<&str>, rate: Option<i32>) -> String {
    let input = StartMessageMoveTaskInput {
        source_arn: DEAD.to_owned(),
        destination_arn: destination.map(str::to_owned),
        max_number_of_messages_per_second: rate,
    };
    emulator.call::<StartMessageMoveTask>(input).await.unwrap().task_handle.unwrap()
}

async fn newest(emulator: &Emulator) -> ListMessageMoveTasksResultEntry {
    let input = ListMessageMoveTasksInput { source_arn: DEAD.to_owned(), max_results: None };
    emulator.call::<ListMessageMoveTasks>(input).await.unwrap().results.unwrap().remove(0)
}

#[tokio::test]
async fn messages_go_back_as_new_ones() {
    let emulator = Emulator::new();
    let (queue, dead) = buried(&emulator, 250).await;
    start(&emulator, None, None).await;
    emulator.pass(5).await;
    assert_eq!((emulator.counts(&queue).await, emulator.counts(&dead).await), ([250, 0, 0], [0, 0, 0]));
    let task = newest(&emulator).await;
    assert_eq!(task.status.as_deref(), Some("COMPLETED"));
    assert_eq!(
        (task.approximate_number_of_messages_moved, task.approximate_number_of_messages_to_move),
        (Some(250), Some(250))
    );
    assert_eq!((task.task_handle, task.destination_arn), (None, None));
    let first = emulator.receive(&queue, 1, 30).await.remove(0);
    let attributes = first.attributes.unwrap();
    assert_eq!(attributes["ApproximateReceiveCount"], "1");
    assert!(!attributes.contains_key("DeadLetterQueueSourceArn"));
}

#[tokio::test]
async fn a_rate_is_kept_and_a_task_can_be_cancelled() {
    let emulator = Emulator::new();
    let (_, dead) = buried(&emulator, 10).await;
    let other = emulator.queue("other", []).await;
    let task = start(&emulator, Some("arn:aws:sqs:us-east-1:000000000000:other"), Some(1)).await;
    emulator.work().await;
    assert_eq!(emulator.counts(&other).await, [1, 0, 0]);
    emulator.pass(1).await;
    assert_eq!(emulator.counts(&other).await, [2, 0, 0]);
    let running = newest(&emulator).await;
    assert_eq!((running.status.as_deref(), running.task_handle.as_ref()), (Some("RUNNING"), Some(&task)));
    let twice = StartMessageMoveTaskInput { source_arn: DEAD.to_owned(), ..Default::default() };
    let refused = refusal(emulator.call::<StartMessageMoveTask>(twice).await);
    assert!(refused.contains("There is already a task running."), "{refused}");
    let cancel = || CancelMessageMoveTaskInput { task_handle: task.clone() };
    let cancelled = emulator.call::<CancelMessageMoveTask>(cancel()).await.unwrap();
    assert_eq!(cancelled.approximate_number_of_messages_moved, Some(2));
    emulator.pass(5).await;
    assert_eq!(emulator.counts(&dead).await, [8, 0, 0]);
    assert_eq!(newest(&emulator).await.status.as_deref(), Some("CANCELLED"));
    assert!(emulator.call::<CancelMessageMoveTask>(cancel()).await.is_err());
}

#[tokio::test]
async fn a_task_fails_when_its_destination_is_gone() {
    let emulator = Emulator::new();
    let (_, dead) = buried(&emulator, 10).await;
    let other = emulator.queue("other", []).await;
    start(&emulator, Some("arn:aws:sqs:us-east-1:000000000000:other"), Some(1)).await;
    emulator.call::<DeleteQueue>(DeleteQueueInput { queue_url: other }).await.unwrap();
    emulator.pass(1).await;
    let task = newest(&emulator).await;
    assert_eq!(task.status.as_deref(), Some("FAILED"));
    assert_eq!(task.failure_reason.as_deref(), Some("AWS.SimpleQueueService.NonExistentQueue"));
    // None that it had in its hands is lost.
    assert_eq!(emulator.receive(&dead, 10, 30).await.len(), 10);
}

#[tokio::test]
async fn a_message_that_never_was_in_another_queue_needs_a_destination() {
    let emulator = Emulator::new();
    let (_, dead) = buried(&emulator, 0).await;
    emulator.send(&dead, "direct").await;
    start(&emulator, None, None).await;
    emulator.work().await;
    assert_eq!(newest(&emulator).await.failure_reason.as_deref(), Some("CouldNotDetermineMessageSource"));
    assert_eq!(bodies(&emulator.receive(&dead, 10, 30).await), ["direct"]);
}
