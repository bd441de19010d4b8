//! CloudWatch Logs: batches that are put, pages that are read, and searches through a million events.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use crate::request::json as call;
use crate::scenarios::{once, scenario};
use crate::server::Server;
use crate::{CONNECTIONS, load, measure};

/// Streams of the large group.
const STREAMS: usize = 16;
/// Events of one of its batches.
const BATCH: usize = 1000;

/// Fills a group with `many` events and measures.
pub async fn run(many: usize) {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    let address = server.address;
    let start =
        i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap() - 3_600_000;
    for (group, streams) in [("puts", 64), ("many", STREAMS)] {
        once(address, &logs("CreateLogGroup", &json!({ "logGroupName": group }))).await;
        for stream in 0..streams {
            let name = format!("s{stream}");
            once(address, &logs("CreateLogStream", &json!({ "logGroupName": group, "logStreamName": name })))
                .await;
        }
    }
    println!("\n| scenario | req/s | ratio to health | p50 ms | p99 ms | server CPU µs/request |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let health = scenario("health", |_| crate::request::request("GET", "/_fogbank/health", "s3", &[], b""));
    let base = measure(&server, &health, None).await;
    for (name, events) in [("PutLogEvents, 1 event", 1), ("PutLogEvents, 10 events", 10)] {
        let put = scenario(name, move |number| batch("puts", number % 64, number, events, start));
        measure(&server, &put, Some(base)).await;
    }
    let began = Instant::now();
    let fill = scenario("fill", move |number| batch("many", number % STREAMS, number, BATCH, start));
    let filled = load::run(address, &fill, CONNECTIONS.min(16), many / BATCH).await;
    assert_eq!(filled.failed, 0, "{}", filled.sample);
    println!("{many} events put in batches of {BATCH} in {:.1} s", began.elapsed().as_secs_f64());
    println!("RSS: {:.1} MB", server.rss_mb());
    let get = json!({ "logGroupName": "many", "logStreamName": "s0", "limit": 100 });
    measure(&server, &scenario("GetLogEvents, 100 of many", move |_| logs("GetLogEvents", &get)), Some(base))
        .await;
    let page = json!({ "logGroupName": "many", "limit": 100, "startTime": start + 1000 });
    measure(
        &server,
        &scenario("FilterLogEvents, 100 of many", move |_| logs("FilterLogEvents", &page)),
        Some(base),
    )
    .await;
    for pattern in ["needle", "{ $.level = \"NONE\" }"] {
        let began = Instant::now();
        let search = json!({ "logGroupName": "many", "filterPattern": pattern });
        once(address, &logs("FilterLogEvents", &search)).await;
        println!("FilterLogEvents of {many} events for `{pattern}`: {:.2} s", began.elapsed().as_secs_f64());
    }
    for query in ["stats count(*) by level", "filter @message like /needle/", "sort ms desc | limit 10"] {
        let began = Instant::now();
        let seconds = start / 1000;
        let query_input = json!({ "logGroupName": "many", "queryString": query, "startTime": seconds - 1, "endTime": seconds + 7200 });
        once(address, &logs("StartQuery", &query_input)).await;
        println!("StartQuery over {many} events, `{query}`: {:.2} s", began.elapsed().as_secs_f64());
    }
    println!("RSS after all: {:.1} MB", server.rss_mb());
}

fn logs(operation: &str, body: &Value) -> Vec<u8> {
    call("logs", &format!("Logs_20140328.{operation}"), "1.1", &body.to_string())
}

/// A batch of events of 100 bytes or so, one a millisecond.
fn batch(group: &str, stream: usize, number: usize, events: usize, start: i64) -> Vec<u8> {
    let first = start + i64::try_from(number / STREAMS % 3000).unwrap() * 1000;
    let events: Vec<Value> = (0..events)
        .map(|at| {
            let level = ["INFO", "WARN", "ERROR"][(number + at) % 3];
            let message = format!(
                "{{\"level\": \"{level}\", \"ms\": {}, \"path\": \"/things/{number}\", \"text\": \"{}\"}}",
                at * 7 % 1000,
                "x".repeat(40)
            );
            json!({ "timestamp": first + i64::try_from(at).unwrap(), "message": message })
        })
        .collect();
    logs(
        "PutLogEvents",
        &json!({ "logGroupName": group, "logStreamName": format!("s{stream}"), "logEvents": events }),
    )
}
