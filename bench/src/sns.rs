//! SNS: what a publication costs with all that follows from it, and how long it takes to arrive.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpStream;

use crate::load::{answer, find};
use crate::request::{json as call, request};
use crate::scenarios::{Scenario, once, scenario};
use crate::server::Server;
use crate::{CONNECTIONS, REQUESTS, load, print};

/// Subscriptions of the wide topic, each with a filter of its own.
const WIDE: usize = 1000;
/// Publications whose way is timed.
const TIMED: usize = 500;

/// Measures publications to topics with none, one and many receivers.
pub async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    println!("\n| scenario | req/s | ratio to health | p50 ms | p99 ms | server CPU µs/request |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let health = scenario("health", |_| request("GET", "/_fogbank/health", "s3", &[], b""));
    let base = measure(&server, &health, None, REQUESTS).await;
    let address = server.address;
    for name in ["none", "raw", "signed", "wide"] {
        sns(address, &[("Action", "CreateTopic"), ("Name", name)]).await;
    }
    queue(address, "raw").await;
    subscribe(address, "raw", "raw", &[("RawMessageDelivery", "true")]).await;
    queue(address, "signed").await;
    subscribe(address, "signed", "signed", &[]).await;
    for number in 0..WIDE {
        let name = format!("wide-{number}");
        queue(address, &name).await;
        let filter = format!("{{\"number\":[{{\"numeric\":[\"=\",{number}]}}]}}");
        subscribe(address, "wide", &name, &[("RawMessageDelivery", "true"), ("FilterPolicy", &filter)]).await;
    }
    for (name, topic, count) in [
        ("Publish to nobody", "none", REQUESTS),
        ("Publish to a raw queue, delivered", "raw", REQUESTS),
        ("Publish to a queue, signed, delivered", "signed", REQUESTS / 20),
        ("Publish to 1 of 1,000 filters, delivered", "wide", REQUESTS / 4),
    ] {
        measure(&server, &publish(name, topic), Some(base), count).await;
    }
    arrive(address).await;
    println!("RSS after all: {:.1} MB", server.rss_mb());
}

fn publish(name: &'static str, topic: &'static str) -> Scenario {
    scenario(name, move |number| {
        let (topic, number) = (arn("sns", topic), (number % WIDE).to_string());
        form(&[
            ("Action", "Publish"),
            ("TopicArn", &topic),
            ("Message", &"x".repeat(1024)),
            ("MessageAttributes.entry.1.Name", "number"),
            ("MessageAttributes.entry.1.Value.DataType", "Number"),
            ("MessageAttributes.entry.1.Value.StringValue", &number),
        ])
    })
}

/// The figures of publications, counted until all that follows from them is done.
async fn measure(server: &Server, one: &Scenario, base: Option<f64>, count: usize) -> f64 {
    let warm = load::run(server.address, one, one.connections, count / 10).await;
    assert_eq!(warm.failed, 0, "{} failed: {}", one.name, warm.sample);
    settle(server).await;
    let before = server.cpu();
    let figures = load::run(server.address, one, CONNECTIONS, count).await;
    settle(server).await;
    let cpu = (server.cpu() - before).as_secs_f64() * 1e6 / count as f64;
    print(one.name, &figures, figures.per_second / base.unwrap_or(figures.per_second), cpu);
    figures.per_second
}

/// Waits until the server has nothing more to do.
async fn settle(server: &Server) {
    let mut before = server.cpu();
    loop {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let now = server.cpu();
        if now - before < Duration::from_millis(2) {
            return;
        }
        before = now;
    }
}

/// The time from a publication to its arrival at a long poll.
async fn arrive(address: SocketAddr) {
    sns(address, &[("Action", "CreateTopic"), ("Name", "timed")]).await;
    queue(address, "timed").await;
    subscribe(address, "timed", "timed", &[("RawMessageDelivery", "true")]).await;
    let mut poll = TcpStream::connect(address).await.unwrap();
    let mut took = Vec::new();
    for _ in 0..TIMED {
        let receive = sqs("ReceiveMessage", &json!({ "QueueUrl": url("timed"), "WaitTimeSeconds": 20 }));
        poll.write_all(&receive).await.unwrap();
        tokio::time::sleep(Duration::from_millis(2)).await;
        let began = Instant::now();
        sns(address, &[("Action", "Publish"), ("TopicArn", &arn("sns", "timed")), ("Message", "x")]).await;
        let mut buffer = Vec::new();
        answer(&mut poll, &mut buffer).await;
        took.push(began.elapsed().as_secs_f64() * 1e3);
        let text = String::from_utf8_lossy(&buffer).into_owned();
        let start = find(&buffer, b"\"ReceiptHandle\":\"").unwrap() + 17;
        let handle = text[start..].split('"').next().unwrap().to_owned();
        once(address, &sqs("DeleteMessage", &json!({ "QueueUrl": url("timed"), "ReceiptHandle": handle })))
            .await;
    }
    took.sort_by(f64::total_cmp);
    println!("publish to delivered: p50 {:.2} ms, p99 {:.2} ms", took[TIMED / 2], took[TIMED * 99 / 100]);
}

async fn queue(address: SocketAddr, name: &str) {
    once(address, &sqs("CreateQueue", &json!({ "QueueName": name }))).await;
}

async fn subscribe(address: SocketAddr, topic: &str, queue: &str, attributes: &[(&str, &str)]) {
    let (topic, queue) = (arn("sns", topic), arn("sqs", queue));
    let mut parameters = vec![
        ("Action".to_owned(), "Subscribe".to_owned()),
        ("TopicArn".to_owned(), topic),
        ("Protocol".to_owned(), "sqs".to_owned()),
        ("Endpoint".to_owned(), queue),
    ];
    for (at, (name, value)) in attributes.iter().enumerate() {
        parameters.push((format!("Attributes.entry.{}.key", at + 1), (*name).to_owned()));
        parameters.push((format!("Attributes.entry.{}.value", at + 1), (*value).to_owned()));
    }
    let borrowed: Vec<_> = parameters.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    sns(address, &borrowed).await;
}

async fn sns(address: SocketAddr, parameters: &[(&str, &str)]) {
    once(address, &form(parameters)).await;
}

fn form(parameters: &[(&str, &str)]) -> Vec<u8> {
    let mut body = form_urlencoded::Serializer::new("Version=2010-03-31".to_owned());
    for (name, value) in parameters {
        body.append_pair(name, value);
    }
    let kind = [("content-type", "application/x-www-form-urlencoded")];
    request("POST", "/", "sns", &kind, body.finish().as_bytes())
}

fn sqs(operation: &str, body: &Value) -> Vec<u8> {
    call("sqs", &format!("AmazonSQS.{operation}"), "1.0", &body.to_string())
}

fn arn(service: &str, name: &str) -> String {
    format!("arn:aws:{service}:us-east-1:000000000000:{name}")
}

fn url(name: &str) -> String {
    format!("http://127.0.0.1:4566/000000000000/{name}")
}
