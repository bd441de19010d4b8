//! Measures a release build: requests per second, latencies and, above all, server CPU per request.
//!
//! `cargo build --release --package cli && cargo run --release --package bench` prints one table. Machines are shared
//! and noisy: CPU per request (user and system time of the server over a counted run) and ratios within one run are
//! the figures to trust.
//!
//! `dynamodb` measures tables of a thousand and of a million items; `dynamodb 200000 Query` only some, with fewer items.
//! `sqs` measures queues with few and with a million messages, `sns` publications with all that follows from them.
//! `logs` measures CloudWatch Logs, with searches through a million events; `logs 200000` through fewer.
//! `lambda` measures cold and warm invocations of each runtime, and many environments that start together.
//! Other arguments are parts of names of scenarios. `ListObjectsV2` fills a bucket with a million keys first. `transfers`
//! measures bodies of 1 GiB and takes 66 GiB of disk; `transfers 1024 32` uploads 64 of a 32nd of that.
#![allow(
    clippy::disallowed_macros,
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a measuring program: it reads the clock, prints a table and stops at the first surprise"
)]

mod dynamodb;
mod lambda;
mod load;
mod logs;
mod plain;
mod request;
mod scenarios;
mod server;
mod sns;
mod sqs;
mod transfers;

use std::time::Instant;

use load::Figures;
use scenarios::Scenario;
use server::Server;

/// Connections that send at once.
const CONNECTIONS: usize = 64;

/// Keys below each of the thousand prefixes of the larger listed bucket.
const DEPTH: usize = 1000;

/// Items of the larger table.
const MANY_ITEMS: usize = 1_000_000;

/// Events of the larger group.
const MANY_EVENTS: usize = 1_000_000;

/// Requests of one scenario.
const REQUESTS: usize = 40_000;

fn main() {
    // Where it is a function under measurement itself.
    if let Ok(api) = std::env::var("AWS_LAMBDA_RUNTIME_API") {
        lambda::serve(&api);
    }
    tokio::runtime::Runtime::new().unwrap().block_on(run());
}

async fn run() {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if wanted.first().is_some_and(|name| name == "transfers") {
        let numbers: Vec<usize> = wanted[1..].iter().map(|number| number.parse().unwrap()).collect();
        return transfers::run(*numbers.first().unwrap_or(&1024), *numbers.get(1).unwrap_or(&1)).await;
    }
    if wanted.first().is_some_and(|name| name == "dynamodb") {
        let many = wanted.get(1).map_or(MANY_ITEMS, |number| number.parse().unwrap());
        return dynamodb::run(many, wanted.get(2..).unwrap_or_default()).await;
    }
    if wanted.first().is_some_and(|name| name == "sns") {
        return sns::run().await;
    }
    if wanted.first().is_some_and(|name| name == "sqs") {
        let many = wanted.get(1).map_or(MANY_ITEMS, |number| number.parse().unwrap());
        return sqs::run(many).await;
    }
    if wanted.first().is_some_and(|name| name == "lambda") {
        return lambda::run().await;
    }
    if wanted.first().is_some_and(|name| name == "logs") {
        return logs::run(wanted.get(1).map_or(MANY_EVENTS, |number| number.parse().unwrap())).await;
    }
    let folder = tempfile::tempdir().unwrap();
    println!("start on an empty folder: {:.1} ms", start_time(folder.path()));
    let server = Server::start(folder.path(), &[]);
    println!("idle RSS: {:.1} MB", server.rss_mb());
    scenarios::prepare(server.address).await;
    let mut all = scenarios::all(server.address);
    if wanted.iter().any(|name| "ListObjectsV2".contains(name.as_str())) {
        scenarios::prepare_listings(server.address, DEPTH).await;
        all.extend(scenarios::listings());
    }
    println!("\n| scenario | req/s | ratio to health | p50 ms | p99 ms | server CPU µs/request |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut health = None;
    for scenario in all {
        if !wanted.is_empty()
            && scenario.name != "health"
            && !wanted.iter().any(|name| scenario.name.contains(name.as_str()))
        {
            continue;
        }
        let per_second = measure(&server, &scenario, health).await;
        health.get_or_insert(per_second);
    }
    println!("\nRSS after all: {:.1} MB", server.rss_mb());
    drop(server);
    println!("start on that folder after kill -9: {:.1} ms", start_time(folder.path()));
    hundred_thousand().await;
}

/// Prints the figures of a scenario, after a tenth of its requests to warm up, and answers its requests per second;
/// `base` are those that they are compared with.
async fn measure(server: &Server, one: &Scenario, base: Option<f64>) -> f64 {
    let warm = load::run(server.address, one, one.connections, one.requests / 10).await;
    assert_eq!(warm.failed, 0, "{} failed: {}", one.name, warm.sample);
    let before = server.cpu();
    let figures = load::run(server.address, one, one.connections, one.requests).await;
    let cpu = (server.cpu() - before).as_secs_f64() * 1e6 / one.requests as f64;
    print(one.name, &figures, figures.per_second / base.unwrap_or(figures.per_second), cpu);
    figures.per_second
}

/// The time from the process's start to `Ready.` on a folder with 100,000 items.
async fn hundred_thousand() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    scenarios::prepare(server.address).await;
    let figures = load::run(server.address, &scenarios::put_item(server.address), CONNECTIONS, 100_000).await;
    assert_eq!(figures.failed, 0);
    drop(server);
    println!("start on 100,000 items after kill -9: {:.1} ms", start_time(folder.path()));
}

fn start_time(folder: &std::path::Path) -> f64 {
    let mut best = f64::MAX;
    for _ in 0..5 {
        let began = Instant::now();
        let server = Server::start(folder, &[]);
        best = best.min(began.elapsed().as_secs_f64() * 1e3);
        drop(server);
    }
    best
}

fn print(name: &str, figures: &Figures, ratio: f64, cpu: f64) {
    let Figures { per_second, p50, p99, failed, .. } = figures;
    println!("| {name} | {per_second:.0} | {ratio:.2} | {:.2} | {:.2} | {cpu:.1} |", p50 * 1e3, p99 * 1e3);
    assert_eq!(*failed, 0, "{name}: {} of its requests failed: {}", failed, figures.sample);
}
