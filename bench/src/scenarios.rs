//! What is measured.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::request::{json, request};
use crate::{CONNECTIONS, REQUESTS};

/// One kind of request.
pub struct Scenario {
    /// Its name in the table.
    pub name: &'static str,
    /// The request of that number.
    pub make: Arc<dyn Fn(usize) -> Vec<u8> + Send + Sync>,
    /// How many are counted.
    pub requests: usize,
    /// Connections that send at once.
    pub connections: usize,
}

/// The number of the first large object.
const LARGE: usize = 1_000_000;

const TABLE: &str = "bench";
const FUNCTION: &str = "def handler(event, context):\n    return event\n";

/// A scenario with the usual counts.
pub fn scenario(name: &'static str, make: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Scenario {
    Scenario { name, make: Arc::new(make), requests: REQUESTS, connections: CONNECTIONS }
}

/// A scenario of large bodies, which a few connections move as fast as the machine can.
fn large(name: &'static str, make: impl Fn(usize) -> Vec<u8> + Send + Sync + 'static) -> Scenario {
    Scenario { requests: REQUESTS / 100, connections: 4, ..scenario(name, make) }
}

/// All scenarios; the first is what the others are compared with.
pub fn all(address: SocketAddr) -> Vec<Scenario> {
    let get = json(
        "dynamodb",
        "DynamoDB_20120810.GetItem",
        "1.0",
        &json!({ "TableName": TABLE, "Key": { "pk": { "S": "k7" } } }).to_string(),
    );
    let send = json!({ "QueueUrl": format!("http://{address}/000000000000/bench"), "MessageBody": "x".repeat(1024) });
    let send = json("sqs", "AmazonSQS.SendMessage", "1.0", &send.to_string());
    let object = vec![b'x'; 1024];
    let invoke = request("POST", "/2015-03-31/functions/bench/invocations", "lambda", &[], b"{\"n\":1}");
    vec![
        scenario("health", |_| request("GET", "/_fogbank/health", "s3", &[], b"")),
        scenario("GetItem 1 KiB", move |_| get.clone()),
        put_item(address),
        scenario("SendMessage 1 KiB", move |_| send.clone()),
        scenario("GetObject 1 KiB", |_| request("GET", "/bench/k7", "s3", &[], b"")),
        scenario("PutObject 1 KiB", move |number| put_object(number, &object)),
        large("PutObject 8 MiB", |number| put_object(LARGE + number % 8, &vec![b'x'; 8 << 20])),
        large("GetObject 8 MiB", |number| {
            request("GET", &format!("/bench/k{}", LARGE + number % 8), "s3", &[], b"")
        }),
        Scenario { requests: REQUESTS / 10, ..scenario("Invoke python, warm", move |_| invoke.clone()) },
    ]
}

/// Pages of a thousand entries, keys or prefixes, in a bucket that has no more and in one that has many.
pub fn listings() -> Vec<Scenario> {
    let page = |name, bucket: &'static str, query: &'static str| Scenario {
        requests: REQUESTS / 40,
        connections: 4,
        ..scenario(name, move |_| request("GET", &format!("/{bucket}?list-type=2{query}"), "s3", &[], b""))
    };
    vec![
        page("ListObjectsV2 of 1,000 keys", "few", ""),
        page("ListObjectsV2 of 1,000 keys of many", "many", ""),
        page("ListObjectsV2 of 1,000 keys of many, in the middle", "many", "&start-after=d0500/"),
        page("ListObjectsV2 of 1,000 prefixes", "few", "&delimiter=/"),
        page("ListObjectsV2 of 1,000 prefixes of many", "many", "&delimiter=/"),
    ]
}

/// Fills the two buckets, the second with a thousand times `depth` keys.
pub async fn prepare_listings(address: SocketAddr, depth: usize) {
    for (bucket, depth) in [("few", 1), ("many", depth)] {
        once(address, &request("PUT", &format!("/{bucket}"), "s3", &[], b"")).await;
        let fill = scenario("fill", move |number| {
            let key = format!("/{bucket}/d{:04}/k{:04}", number / depth, number % depth);
            request("PUT", &key, "s3", &[("x-amz-content-sha256", "UNSIGNED-PAYLOAD")], b"x")
        });
        let filled = crate::load::run(address, &fill, CONNECTIONS, 1000 * depth).await;
        assert_eq!(filled.failed, 0, "{}", filled.sample);
    }
}

/// Items of 1 KiB, each with a key of its own.
pub fn put_item(_: SocketAddr) -> Scenario {
    let text = "x".repeat(1000);
    scenario("PutItem 1 KiB", move |number| {
        let item = json!({ "pk": { "S": format!("k{number}") }, "text": { "S": text }, "n": { "N": "42" } });
        json(
            "dynamodb",
            "DynamoDB_20120810.PutItem",
            "1.0",
            &json!({ "TableName": TABLE, "Item": item }).to_string(),
        )
    })
}

fn put_object(number: usize, body: &[u8]) -> Vec<u8> {
    let headers =
        [("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("Content-Type", "application/octet-stream")];
    request("PUT", &format!("/bench/k{number}"), "s3", &headers, body)
}

/// Makes the table, queue, bucket and function, and one row and object.
pub async fn prepare(address: SocketAddr) {
    let table = json!({
        "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [{ "AttributeName": "pk", "AttributeType": "S" }],
        "KeySchema": [{ "AttributeName": "pk", "KeyType": "HASH" }],
    });
    let function = json!({
        "FunctionName": "bench", "Runtime": "python3.12", "Handler": "app.handler", "Timeout": 30,
        "Role": "arn:aws:iam::000000000000:role/bench", "Code": { "ZipFile": STANDARD.encode(zip()) },
    });
    let requests = [
        json("dynamodb", "DynamoDB_20120810.CreateTable", "1.0", &table.to_string()),
        json(
            "dynamodb",
            "DynamoDB_20120810.DescribeTable",
            "1.0",
            &json!({ "TableName": TABLE }).to_string(),
        ),
        json("sqs", "AmazonSQS.CreateQueue", "1.0", &json!({ "QueueName": "bench" }).to_string()),
        request("PUT", "/bench", "s3", &[], b""),
        request(
            "POST",
            "/2015-03-31/functions",
            "lambda",
            &[("Content-Type", "application/json")],
            function.to_string().as_bytes(),
        ),
        (put_item(address).make)(7),
        put_object(7, &[b'x'; 1024]),
    ];
    let large = (0..8).map(|number| put_object(LARGE + number, &vec![b'x'; 8 << 20]));
    for request in requests.into_iter().chain(large) {
        let status = once(address, &request).await;
        assert!(status.starts_with("HTTP/1.1 2"), "{status}");
    }
}

/// Sends one request and tells the answer, as much of it as comes at once.
pub async fn once(address: SocketAddr, request: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(request).await.unwrap();
    let mut buffer = vec![0; 16 * 1024];
    let count = stream.read(&mut buffer).await.unwrap();
    String::from_utf8_lossy(&buffer[..count]).into_owned()
}

fn zip() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("app.py", zip::write::SimpleFileOptions::default()).unwrap();
    archive.write_all(FUNCTION.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}
