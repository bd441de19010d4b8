//! What only FIFO queues do.

use super::*;

async fn queue(emulator: &Emulator) -> String {
    emulator.queue("work.fifo", [("FifoQueue", "true"), ("ContentBasedDeduplication", "true")]).await
}

#[tokio::test]
async fn sequence_numbers_have_twenty_digits_and_grow_whatever_the_clock_does() {
    let mut emulator = Emulator::new();
    let queue = queue(&emulator).await;
    let mut last = String::new();
    for step in 0..20 {
        let sent = emulator.send_to_group(&queue, "g", &format!("m{step}")).await.sequence_number.unwrap();
        assert_eq!(sent.len(), 20);
        assert!(sent > last, "{sent} after {last}");
        last = sent;
        if step % 5 == 4 {
            let messages = emulator.receive(&queue, 10, 30).await;
            for message in messages {
                emulator.delete(&queue, &message).await.unwrap();
            }
            emulator.cx.clock.freeze(emulator.cx.clock.now() - Duration::from_secs(60));
            emulator.restart();
        }
    }
}

#[tokio::test]
async fn a_duplicate_has_the_first_ones_id_for_five_minutes() {
    let emulator = Emulator::new();
    let queue = queue(&emulator).await;
    let first = emulator.send_to_group(&queue, "a", "same").await;
    emulator.pass(299).await;
    let second = emulator.send_to_group(&queue, "b", "same").await;
    assert_eq!((&second.message_id, &second.sequence_number), (&first.message_id, &first.sequence_number));
    emulator.pass(1).await;
    let third = emulator.send_to_group(&queue, "b", "same").await;
    assert_ne!(third.message_id, first.message_id);
    assert_eq!(emulator.counts(&queue).await, [2, 0, 0]);
}

#[tokio::test]
async fn an_attempt_tried_again_gets_the_same_messages() {
    let mut emulator = Emulator::new();
    let queue = queue(&emulator).await;
    for body in ["one", "two", "three"] {
        emulator.send_to_group(&queue, "g", body).await;
    }
    let input = ReceiveMessageInput {
        queue_url: queue.clone(),
        max_number_of_messages: Some(2),
        visibility_timeout: Some(30),
        receive_request_attempt_id: Some("attempt".to_owned()),
        ..Default::default()
    };
    let first = emulator.call::<ReceiveMessage>(input.clone()).await.unwrap().messages.unwrap();
    emulator.cx.clock.advance(Duration::from_secs(20));
    emulator.restart();
    let again = emulator.call::<ReceiveMessage>(input.clone()).await.unwrap().messages.unwrap();
    assert_eq!(bodies(&first), bodies(&again));
    // The time starts anew, and a handle of the first attempt is good too.
    emulator.cx.clock.advance(Duration::from_secs(20));
    emulator.delete(&queue, &first[0]).await.unwrap();
    // A message is gone: the attempt is over, and the group is blocked by the other.
    assert_eq!(emulator.call::<ReceiveMessage>(input).await.unwrap().messages, None);
}

#[tokio::test]
async fn groups_take_turns() {
    let emulator = Emulator::new();
    let queue = queue(&emulator).await;
    for (group, body) in [("a", "a1"), ("b", "b1"), ("b", "b2"), ("c", "c1"), ("a", "a2")] {
        emulator.send_to_group(&queue, group, body).await;
    }
    assert_eq!(bodies(&emulator.receive(&queue, 3, 0).await), ["a1", "a2", "b1"]);
    assert_eq!(bodies(&emulator.receive(&queue, 10, 0).await), ["c1", "a1", "a2", "b1", "b2"]);
}

#[tokio::test]
async fn an_expired_handle_of_a_group_deletes_nothing() {
    let emulator = Emulator::new();
    let queue = queue(&emulator).await;
    emulator.send_to_group(&queue, "g", "one").await;
    let first = emulator.receive(&queue, 1, 1).await;
    emulator.cx.clock.advance(Duration::from_secs(1));
    let refused = refusal(emulator.delete(&queue, &first[0]).await);
    assert!(refused.ends_with("Reason: The receipt handle has expired."), "{refused}");
    let second = emulator.receive(&queue, 1, 30).await;
    assert!(emulator.delete(&queue, &first[0]).await.is_err());
    emulator.delete(&queue, &second[0]).await.unwrap();
    emulator.delete(&queue, &second[0]).await.unwrap();
    assert_eq!(emulator.counts(&queue).await, [0, 0, 0]);
}

#[tokio::test]
async fn dead_letters_of_a_group_let_the_next_through() {
    let emulator = Emulator::new();
    let dead = emulator.queue("dead.fifo", [("FifoQueue", "true")]).await;
    let policy =
        r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead.fifo","maxReceiveCount":1}"#;
    let queue = emulator
        .queue(
            "poison.fifo",
            [("FifoQueue", "true"), ("ContentBasedDeduplication", "true"), ("RedrivePolicy", policy)],
        )
        .await;
    emulator.send_to_group(&queue, "g", "one").await;
    emulator.send_to_group(&queue, "g", "two").await;
    assert_eq!(bodies(&emulator.receive(&queue, 1, 0).await), ["one"]);
    assert_eq!(bodies(&emulator.receive(&queue, 1, 0).await), ["two"]);
    let buried = emulator.receive(&dead, 10, 30).await;
    assert_eq!(bodies(&buried), ["one"]);
    let attributes = buried[0].attributes.as_ref().unwrap();
    assert_eq!(attributes["MessageGroupId"], "g");
    assert_eq!(attributes["DeadLetterQueueSourceArn"], "arn:aws:sqs:us-east-1:000000000000:poison.fifo");
}
