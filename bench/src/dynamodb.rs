//! DynamoDB: the same requests on a table of 1,000 items and on one of many, on an index, and under contention.

use std::net::SocketAddr;
use std::time::Instant;

use serde_json::{Value, json};

use crate::request::json as call;
use crate::scenarios::{Scenario, once, scenario};
use crate::server::Server;
use crate::{CONNECTIONS, load, measure, start_time};

/// Items of one partition.
const PARTITION: usize = 100;
/// Items of the smaller table.
const FEW: usize = 1000;
/// Items of one batch.
const BATCH: usize = 25;

/// Fills a table of `many` items beside the small one and measures both, or what is `wanted` of that.
pub async fn run(many: usize, wanted: &[String]) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let address = server.address;
    println!("\n| scenario | req/s | ratio to health | p50 ms | p99 ms | server CPU µs/request |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let health = scenario("health", |_| crate::request::request("GET", "/_fogbank/health", "s3", &[], b""));
    let base = measure(&server, &health, None).await;
    for (table, count) in [("few", FEW), ("many", many)] {
        once(address, &dynamodb("CreateTable", &new_table(table))).await;
        let began = Instant::now();
        fill(address, table, count).await;
        println!("{count} items put in batches of {BATCH} in {:.1} s", began.elapsed().as_secs_f64());
    }
    println!("RSS: {:.1} MB", server.rss_mb());
    let is_wanted =
        |name: &str| wanted.is_empty() || wanted.iter().any(|wanted| name.contains(wanted.as_str()));
    for one in scenarios(many).into_iter().filter(|one| is_wanted(one.name)) {
        measure(&server, &one, Some(base)).await;
    }
    for segments in [1, 2].into_iter().filter(|_| is_wanted("Scan")) {
        let began = Instant::now();
        let scans = (0..segments).map(|segment| tokio::spawn(scan(address, segment, segments)));
        let mut items = 0;
        for scan in scans.collect::<Vec<_>>() {
            items += scan.await.unwrap();
        }
        // Puts before have added some.
        assert!(items >= many as u64);
        println!("scan of {items} items in {segments} segments: {:.2} s", began.elapsed().as_secs_f64());
    }
    println!("RSS after all: {:.1} MB", server.rss_mb());
    drop(server);
    println!("start on that folder after kill -9: {:.1} ms", start_time(folder.path()));
    let server = Server::start(folder.path(), &[]);
    println!("RSS after that start: {:.1} MB", server.rss_mb());
}

fn dynamodb(operation: &str, body: &Value) -> Vec<u8> {
    call("dynamodb", &format!("DynamoDB_20120810.{operation}"), "1.0", &body.to_string())
}

fn new_table(name: &str) -> Value {
    let attribute = |name: &str, kind: &str| json!({ "AttributeName": name, "AttributeType": kind });
    let key = |hash: &str, range: &str| json!([{ "AttributeName": hash, "KeyType": "HASH" }, { "AttributeName": range, "KeyType": "RANGE" }]);
    json!({
        "TableName": name, "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            attribute("pk", "S"), attribute("sk", "N"), attribute("gpk", "S"), attribute("gsk", "N")
        ],
        "KeySchema": key("pk", "sk"),
        "GlobalSecondaryIndexes": [
            { "IndexName": "turned", "KeySchema": key("gpk", "gsk"), "Projection": { "ProjectionType": "ALL" } }
        ],
    })
}

fn item(number: usize) -> Value {
    let (partition, sort) = (number / PARTITION, number % PARTITION);
    json!({
        "pk": { "S": format!("p{partition}") }, "sk": { "N": sort.to_string() },
        "gpk": { "S": format!("g{partition}") }, "gsk": { "N": (PARTITION - sort).to_string() },
        "text": { "S": "x".repeat(100) },
    })
}

async fn fill(address: SocketAddr, table: &'static str, count: usize) {
    let fill = scenario("fill", move |number| batch(table, number));
    let filled = load::run(address, &fill, CONNECTIONS, count / BATCH).await;
    assert_eq!(filled.failed, 0, "{}", filled.sample);
}

fn batch(table: &str, number: usize) -> Vec<u8> {
    let puts: Vec<Value> = (number * BATCH..(number + 1) * BATCH)
        .map(|number| json!({ "PutRequest": { "Item": item(number) } }))
        .collect();
    dynamodb("BatchWriteItem", &json!({ "RequestItems": { table: puts } }))
}

fn put(table: &str, number: usize) -> Vec<u8> {
    let mut item = item(number);
    for name in ["gpk", "gsk"] {
        item.as_object_mut().unwrap().remove(name);
    }
    item["sk"]["N"] = (number % PARTITION + PARTITION).to_string().into();
    dynamodb("PutItem", &json!({ "TableName": table, "Item": item }))
}

/// A partition that differs from request to request.
fn any(number: usize, count: usize) -> usize {
    number.wrapping_mul(7919) % (count / PARTITION)
}

fn scenarios(many: usize) -> Vec<Scenario> {
    let get = |name, table: &'static str, count: usize| {
        scenario(name, move |number| {
            let key = json!({ "pk": { "S": format!("p{}", any(number, count)) }, "sk": { "N": "7" } });
            dynamodb("GetItem", &json!({ "TableName": table, "Key": key }))
        })
    };
    let query = |name, table: &'static str, count: usize, index: Option<&'static str>, limit: usize| {
        let requests = if limit > 10 { crate::REQUESTS / 10 } else { crate::REQUESTS };
        Scenario {
            requests,
            ..scenario(name, move |number| {
                let (attribute, letter) = if index.is_some() { ("gpk", 'g') } else { ("pk", 'p') };
                let mut body = json!({
                    "TableName": table, "Limit": limit, "KeyConditionExpression": format!("{attribute} = :p"),
                    "ExpressionAttributeValues": { ":p": { "S": format!("{letter}{}", any(number, count)) } },
                });
                if let Some(index) = index {
                    body["IndexName"] = index.into();
                }
                dynamodb("Query", &body)
            })
        }
    };
    vec![
        get("GetItem, 1,000 items", "few", FEW),
        get("GetItem, many items", "many", many),
        query("Query of 10, 1,000 items", "few", FEW, None, 10),
        query("Query of 10, many items", "many", many, None, 10),
        query("Query of 10 on an index, 1,000 items", "few", FEW, Some("turned"), 10),
        query("Query of 10 on an index, many items", "many", many, Some("turned"), 10),
        query("Query of 100, many items", "many", many, None, 100),
        // Without the index's key an item is one row.
        scenario("PutItem, 1,000 items", |number| put("few", number % FEW)),
        scenario("PutItem, many items", move |number| put("many", number.wrapping_mul(7919) % many)),
        scenario("PutItem over one of many, with an index", move |number| {
            let number = number.wrapping_mul(7919) % many;
            dynamodb("PutItem", &json!({ "TableName": "many", "Item": item(number) }))
        }),
        scenario("conditional UpdateItem of one key", |_| {
            dynamodb(
                "UpdateItem",
                &json!({
                    "TableName": "few", "Key": { "pk": { "S": "counter" }, "sk": { "N": "0" } },
                    "UpdateExpression": "ADD n :one",
                    "ConditionExpression": "attribute_not_exists(n) OR n >= :one",
                    "ExpressionAttributeValues": { ":one": { "N": "1" } },
                }),
            )
        }),
        Scenario {
            requests: crate::REQUESTS / 20,
            ..scenario("BatchWriteItem of 25", move |number| batch("many", number % (many / BATCH)))
        },
    ]
}

/// The number of items of one segment of the large table.
async fn scan(address: SocketAddr, segment: usize, segments: usize) -> u64 {
    let (mut items, mut start) = (0, Value::Null);
    loop {
        let mut body = json!({
            "TableName": "many", "Segment": segment, "TotalSegments": segments, "Select": "COUNT",
        });
        if !start.is_null() {
            body["ExclusiveStartKey"] = start;
        }
        let answer = once(address, &dynamodb("Scan", &body)).await;
        let (_, body) = answer.split_once("\r\n\r\n").unwrap();
        let page: Value = serde_json::from_str(body).unwrap();
        items += page["Count"].as_u64().unwrap();
        start = page["LastEvaluatedKey"].clone();
        if start.is_null() {
            return items;
        }
    }
}
