//! SQS: the same requests on queues with few messages and with many, in one FIFO group and in many, and idle long polls.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::load::{answer, find};
use crate::request::json as call;
use crate::scenarios::{Scenario, once, scenario};
use crate::server::Server;
use crate::{CONNECTIONS, REQUESTS, load, measure, start_time};

/// Messages of one batch.
const BATCH: usize = 10;
/// Queues somebody waits at.
const IDLE: usize = 1000;
/// For how long the idle server is watched.
const WATCHED: Duration = Duration::from_secs(10);

/// A queue that is measured.
struct Queue {
    name: &'static str,
    /// Message groups; none in standard queues.
    groups: usize,
    messages: usize,
}

/// Fills queues with `many` messages and measures sends and pairs of receive and delete on each.
pub async fn run(many: usize) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    println!("\n| scenario | req/s | ratio to health | p50 ms | p99 ms | server CPU µs/request |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let health = scenario("health", |_| crate::request::request("GET", "/_fogbank/health", "s3", &[], b""));
    let base = measure(&server, &health, None).await;
    let queues = [
        Queue { name: "standard", groups: 0, messages: 0 },
        Queue { name: "fifo.fifo", groups: 1000, messages: 0 },
        Queue { name: "standard-many", groups: 0, messages: many },
        Queue { name: "one-group.fifo", groups: 1, messages: many },
        Queue { name: "many-groups.fifo", groups: many.div_ceil(10), messages: many },
    ];
    for queue in &queues {
        measure_queue(&server, queue, base).await;
    }
    println!("RSS after all: {:.1} MB", server.rss_mb());
    drop(server);
    println!("start on that folder after kill -9: {:.1} ms", start_time(folder.path()));
    let server = Server::start(folder.path(), &[]);
    for queue in &queues {
        let began = Instant::now();
        once(server.address, &sqs("ReceiveMessage", queue, json!({}))).await;
        let took = began.elapsed().as_secs_f64() * 1e3;
        println!("first receive from {} after that: {took:.1} ms", queue.name);
    }
    drop(server);
    idle().await;
}

async fn measure_queue(server: &Server, queue: &Queue, base: f64) {
    let mut body = json!({ "QueueName": queue.name });
    if queue.groups > 0 {
        body["Attributes"] = json!({ "FifoQueue": "true", "VisibilityTimeout": "600" });
    }
    once(server.address, &sqs("CreateQueue", queue, body)).await;
    let began = Instant::now();
    fill(server.address, queue, queue.messages).await;
    let (name, messages, took) = (queue.name, queue.messages, began.elapsed().as_secs_f64());
    println!("| {name}: {messages} sent in batches of {BATCH} in {took:.1} s | | | | | |");
    let groups = queue.groups;
    let send = queue.scenario(format!("SendMessage 1 KiB, {name}"), "SendMessage", move |number| {
        message(groups, number, "x".repeat(1024))
    });
    measure(server, &send, Some(base)).await;
    pairs(server, queue, REQUESTS / 2, base).await;
    let counts = json!({ "AttributeNames": ["All"] });
    let counts =
        queue.scenario(format!("GetQueueAttributes, {name}"), "GetQueueAttributes", move |_| counts.clone());
    measure(server, &counts, Some(base)).await;
}

impl Queue {
    fn scenario(
        &self,
        name: String,
        operation: &'static str,
        body: impl Fn(usize) -> Value + Send + Sync + 'static,
    ) -> Scenario {
        let queue = Self { ..*self };
        scenario(name.leak(), move |number| sqs(operation, &queue, body(number)))
    }
}

/// A message whose deduplication id no other has.
fn message(groups: usize, number: usize, body: String) -> Value {
    static COUNT: AtomicUsize = AtomicUsize::new(0);
    let mut message = json!({ "MessageBody": body });
    if groups > 0 {
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        message["MessageGroupId"] = format!("g{}", number % groups).into();
        message["MessageDeduplicationId"] = count.to_string().into();
    }
    message
}

async fn fill(address: SocketAddr, queue: &Queue, messages: usize) {
    if messages == 0 {
        return;
    }
    let groups = queue.groups;
    let fill = queue.scenario("fill".to_owned(), "SendMessageBatch", move |number| {
        let entry = |at: usize| {
            let mut entry = message(groups, number * BATCH + at, "x".repeat(100));
            entry["Id"] = at.to_string().into();
            entry
        };
        json!({ "Entries": (0..BATCH).map(entry).collect::<Vec<_>>() })
    });
    let filled = load::run(address, &fill, CONNECTIONS, messages / BATCH).await;
    assert_eq!(filled.failed, 0, "{}", filled.sample);
}

/// Receives and deletes so many messages.
async fn pairs(server: &Server, queue: &Queue, count: usize, base: f64) {
    let (next, before, began) = (Arc::new(AtomicUsize::new(0)), server.cpu(), Instant::now());
    let mut tasks = Vec::new();
    // Of one group only one can have a message at a time.
    for _ in 0..if queue.groups == 1 { 1 } else { CONNECTIONS } {
        let (next, address, queue) = (next.clone(), server.address, Queue { ..*queue });
        tasks.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            let (mut buffer, mut latencies) = (Vec::new(), Vec::new());
            while next.fetch_add(1, Ordering::Relaxed) < count {
                let sent = Instant::now();
                stream.write_all(&sqs("ReceiveMessage", &queue, json!({}))).await.unwrap();
                answer(&mut stream, &mut buffer).await;
                let receipt = handle(&buffer);
                stream
                    .write_all(&sqs("DeleteMessage", &queue, json!({ "ReceiptHandle": receipt })))
                    .await
                    .unwrap();
                answer(&mut stream, &mut buffer).await;
                assert_eq!(buffer[9], b'2', "{}", String::from_utf8_lossy(&buffer));
                latencies.push(sent.elapsed().as_secs_f64());
            }
            latencies
        }));
    }
    let mut latencies = Vec::new();
    for task in tasks {
        latencies.extend(task.await.unwrap());
    }
    latencies.sort_by(f64::total_cmp);
    let per_second = count as f64 / began.elapsed().as_secs_f64();
    let cpu = (server.cpu() - before).as_secs_f64() * 1e6 / count as f64;
    let (p50, p99) = (latencies[count / 2] * 1e3, latencies[count * 99 / 100] * 1e3);
    let name = queue.name;
    println!(
        "| receive and delete, {name} | {per_second:.0} | {:.2} | {p50:.2} | {p99:.2} | {cpu:.1} |",
        per_second / base
    );
}

fn handle(answer: &[u8]) -> String {
    let key = b"\"ReceiptHandle\":\"";
    let start =
        find(answer, key).unwrap_or_else(|| panic!("{}", String::from_utf8_lossy(answer))) + key.len();
    let end = start + answer[start..].iter().position(|byte| *byte == b'"').unwrap();
    String::from_utf8_lossy(&answer[start..end]).into_owned()
}

/// What a thousand queues with a long poll each cost while nothing happens.
async fn idle() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let mut streams = Vec::new();
    for number in 0..IDLE {
        let name = format!("idle{number}");
        let queue = Queue { name: name.leak(), groups: 0, messages: 0 };
        once(server.address, &sqs("CreateQueue", &queue, json!({ "QueueName": queue.name }))).await;
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(&sqs("ReceiveMessage", &queue, json!({ "WaitTimeSeconds": 20 }))).await.unwrap();
        streams.push(stream);
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = server.cpu();
    tokio::time::sleep(WATCHED).await;
    let cpu = (server.cpu() - before).as_secs_f64() * 1e3 / WATCHED.as_secs_f64();
    println!(
        "{IDLE} queues with a long poll each: {cpu:.1} ms of CPU a second, RSS {:.1} MB",
        server.rss_mb()
    );
}

fn sqs(operation: &str, queue: &Queue, mut body: Value) -> Vec<u8> {
    if operation != "CreateQueue" {
        body["QueueUrl"] = format!("http://localhost:4566/000000000000/{}", queue.name).into();
    }
    call("sqs", &format!("AmazonSQS.{operation}"), "1.0", &body.to_string())
}
