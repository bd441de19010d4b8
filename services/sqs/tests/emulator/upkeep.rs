//! What happens to queues besides messages: retention, purges, deletes, URLs.

use service_sqs::Urls;

use super::*;

#[tokio::test]
async fn old_messages_go_whether_somebody_looks_or_not() {
    let emulator = Emulator::new();
    let queue = emulator.queue("work", [("MessageRetentionPeriod", "60")]).await;
    let fifo =
        [("FifoQueue", "true"), ("ContentBasedDeduplication", "true"), ("MessageRetentionPeriod", "60")];
    let fifo = emulator.queue("work.fifo", fifo).await;
    for queue in [&queue, &fifo] {
        for number in 0..3 {
            emulator.send_to_group(queue, "g", &format!("m{number}")).await;
        }
        emulator.receive(queue, 1, 600).await;
    }
    emulator.cx.clock.advance(Duration::from_secs(59));
    for queue in [&queue, &fifo] {
        emulator.send_to_group(queue, "h", "late").await;
    }
    emulator.cx.clock.advance(Duration::from_secs(1));
    assert_eq!(bodies(&emulator.receive(&queue, 10, 30).await), ["late"]);
    emulator.work().await;
    assert_eq!(emulator.counts(&queue).await, [0, 1, 0]);
    assert_eq!(emulator.counts(&fifo).await, [1, 0, 0]);
}

#[tokio::test]
async fn what_a_purge_leaves_behind_is_swept() {
    let emulator = Emulator::new();
    let queue = emulator.queue("work", []).await;
    for number in 0..2500 {
        emulator.send(&queue, &format!("m{number}")).await;
    }
    let old = emulator.receive(&queue, 1, 30).await;
    let purge = || PurgeQueueInput { queue_url: queue.clone() };
    emulator.call::<PurgeQueue>(purge()).await.unwrap();
    assert_eq!(emulator.counts(&queue).await, [0, 0, 0]);
    emulator.send(&queue, "new").await;
    // A handle of a purged message is no error, and of no other message.
    emulator.delete(&queue, &old[0]).await.unwrap();
    emulator.work().await;
    assert_eq!(bodies(&emulator.receive(&queue, 10, 0).await), ["new"]);
    let refused = refusal(emulator.call::<PurgeQueue>(purge()).await);
    let expected = "AWS.SimpleQueueService.PurgeQueueInProgress: Only one PurgeQueue operation on work is allowed every 60 seconds.";
    assert_eq!(refused, expected);
    emulator.pass(60).await;
    emulator.call::<PurgeQueue>(purge()).await.unwrap();
}

#[tokio::test]
async fn a_name_is_free_at_once_unless_the_setting_says_otherwise() {
    for (seconds, refused) in [(0, false), (60, true)] {
        let options = Options { name_reuse: Duration::from_secs(seconds), ..Options::default() };
        let emulator = Emulator::with(options);
        let queue_url = emulator.queue("work", []).await;
        emulator.send(&queue_url, "old").await;
        emulator.call::<DeleteQueue>(DeleteQueueInput { queue_url }).await.unwrap();
        let again = || CreateQueueInput { queue_name: "work".to_owned(), ..Default::default() };
        assert_eq!(emulator.call::<CreateQueue>(again()).await.is_err(), refused);
        emulator.pass(seconds).await;
        let queue = emulator.call::<CreateQueue>(again()).await.unwrap().queue_url.unwrap();
        assert_eq!(emulator.receive(&queue, 10, 0).await, []);
    }
}

#[tokio::test]
async fn urls_have_the_form_that_was_chosen_and_lead_back_in_every_form() {
    const CLOUD: &str = "localhost.localstack.cloud:4566";
    let forms = [
        (Urls::Dynamic, "us-east-1", "127.0.0.1:4566", "127.0.0.1:4566/000000000000/work"),
        (Urls::Dynamic, "eu-west-1", "fogbank:4566", "fogbank:4566/queue/eu-west-1/000000000000/work"),
        (
            Urls::Dynamic,
            "us-east-1",
            CLOUD,
            "sqs.us-east-1.localhost.localstack.cloud:4566/000000000000/work",
        ),
        (
            Urls::Dynamic,
            "eu-west-1",
            "eu-west-1.queue.localhost.localstack.cloud:4566",
            "eu-west-1.queue.localhost.localstack.cloud:4566/000000000000/work",
        ),
        (
            Urls::Standard,
            "eu-west-1",
            "127.0.0.1:1",
            "sqs.eu-west-1.localhost.localstack.cloud:1/000000000000/work",
        ),
        (Urls::Domain, "us-east-1", CLOUD, "queue.localhost.localstack.cloud:4566/000000000000/work"),
        (
            Urls::Domain,
            "eu-west-1",
            CLOUD,
            "eu-west-1.queue.localhost.localstack.cloud:4566/000000000000/work",
        ),
        (Urls::Path, "us-east-1", "127.0.0.1:4566", "127.0.0.1:4566/queue/us-east-1/000000000000/work"),
    ];
    for (urls, region, host, expected) in forms {
        let emulator = Emulator::with(Options { urls, ..Options::default() });
        let cx = emulator.at_host(host).in_scope(Scope::new("000000000000", region));
        let input = CreateQueueInput { queue_name: "work".to_owned(), ..Default::default() };
        let queue_url = cx.call::<CreateQueue>(input).await.unwrap().queue_url.unwrap();
        assert_eq!(queue_url, format!("http://{expected}"));
        let input = SendMessageInput { queue_url, message_body: "hello".to_owned(), ..Default::default() };
        cx.call::<SendMessage>(input).await.unwrap();
    }
}
