//! Receives that wait.

use super::*;

fn waiting(emulator: &Emulator, queue: &str, most: i32) -> tokio::task::JoinHandle<Vec<Message>> {
    let (cx, queue) = (emulator.cx.clone(), queue.to_owned());
    tokio::spawn(async move {
        let input = ReceiveMessageInput {
            queue_url: queue,
            wait_time_seconds: Some(20),
            max_number_of_messages: Some(most),
            ..Default::default()
        };
        cx.call::<ReceiveMessage>(input).await.unwrap().messages.unwrap_or_default()
    })
}

/// Lets everybody come as far as they can.
async fn settle() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_message_ends_the_wait_at_once() {
    let emulator = Emulator::new();
    let queue = emulator.queue("work", []).await;
    let waits = [waiting(&emulator, &queue, 10), waiting(&emulator, &queue, 10)];
    settle().await;
    emulator.send(&queue, "one").await;
    settle().await;
    emulator.send(&queue, "two").await;
    let mut found = Vec::new();
    for wait in waits {
        found.extend(wait.await.unwrap());
    }
    let mut found = bodies(&found);
    found.sort_unstable();
    assert_eq!(found, ["one", "two"]);
}

#[tokio::test]
async fn a_wait_ends_when_a_message_comes_back_or_its_time_is_over() {
    let emulator = Emulator::new();
    let queue = emulator.queue("work", []).await;
    emulator.send(&queue, "one").await;
    assert_eq!(emulator.receive(&queue, 1, 15).await.len(), 1);
    let wait = waiting(&emulator, &queue, 1);
    settle().await;
    assert!(!wait.is_finished());
    emulator.cx.clock.advance(Duration::from_secs(15));
    assert_eq!(bodies(&wait.await.unwrap()), ["one"]);
    let wait = waiting(&emulator, &queue, 1);
    settle().await;
    emulator.cx.clock.advance(Duration::from_secs(20));
    assert!(wait.await.unwrap().is_empty());
}

#[tokio::test]
async fn who_gives_up_waiting_takes_no_message_along() {
    let emulator = Emulator::new();
    let queue = emulator.queue("work", []).await;
    let wait = waiting(&emulator, &queue, 1);
    settle().await;
    wait.abort();
    assert!(wait.await.unwrap_err().is_cancelled());
    emulator.send(&queue, "one").await;
    assert_eq!(bodies(&emulator.receive(&queue, 1, 30).await), ["one"]);
}

#[tokio::test]
async fn waiters_of_a_deleted_queue_are_told() {
    let emulator = Emulator::new();
    let queue = emulator.queue("work", []).await;
    let (cx, queue_url) = (emulator.cx.clone(), queue.clone());
    let wait = tokio::spawn(async move {
        let input = ReceiveMessageInput { queue_url, wait_time_seconds: Some(20), ..Default::default() };
        cx.call::<ReceiveMessage>(input).await
    });
    settle().await;
    emulator.call::<DeleteQueue>(DeleteQueueInput { queue_url: queue }).await.unwrap();
    let refused = refusal(wait.await.unwrap());
    assert_eq!(refused, "AWS.SimpleQueueService.NonExistentQueue: The specified queue does not exist.");
}

#[tokio::test]
async fn a_deleted_message_lets_its_group_through() {
    let emulator = Emulator::new();
    let queue =
        emulator.queue("work.fifo", [("FifoQueue", "true"), ("ContentBasedDeduplication", "true")]).await;
    emulator.send_to_group(&queue, "g", "one").await;
    let first = emulator.receive(&queue, 1, 30).await;
    emulator.send_to_group(&queue, "g", "two").await;
    let wait = waiting(&emulator, &queue, 1);
    settle().await;
    assert!(!wait.is_finished());
    emulator.delete(&queue, &first[0]).await.unwrap();
    assert_eq!(bodies(&wait.await.unwrap()), ["two"]);
}
