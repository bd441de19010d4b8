//! Measures the store: `cargo run --release -p store --example measure -- <memory|disk|strict>`.
//!
//! Strict writes a tenth of the rows. CPU time is the whole process's, the checkpointer's included; `open` runs in a child after a kill.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::unwrap_used,
    reason = "it measures and prints"
)]

use std::path::Path;
use std::time::Instant;

use kernel::{Bytes, Clock, Fault, Ids, Scope};
use store::{Durability, Store, StoreSettings, Table};

static ROWS: Table<(String, u64), Bytes> = Table::regional("sqs.messages");
const COUNT: u64 = 200_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let engine = arguments.get(1).map_or("disk", String::as_str);
    let folder = std::env::temp_dir().join(format!("measure-{}", std::process::id()));
    match arguments.get(2).map(String::as_str) {
        None => {
            run(engine, &folder);
            if engine != "memory" {
                let program = std::env::current_exe().unwrap();
                let read: &[_] = if engine == "disk" { &["read"] } else { &[] };
                for child in ["killed", "open", "close", "open"].iter().chain(read) {
                    let _ = std::process::Command::new(&program).args([engine, child]).arg(&folder).status();
                }
                std::fs::remove_dir_all(&folder).unwrap();
            }
        }
        Some(child) => again(engine, child, Path::new(&arguments[3])),
    }
}

fn open(engine: &str, folder: &Path) -> Store {
    if engine == "memory" {
        return Store::memory(Clock::real(), Ids::random());
    }
    let durability = if engine == "strict" { Durability::Strict } else { Durability::Relaxed };
    let settings = StoreSettings { durability, ..StoreSettings::new(folder) };
    Store::open(&settings, Clock::real(), Ids::random()).unwrap()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn again(engine: &str, child: &str, folder: &Path) {
    let start = Instant::now();
    let store = open(engine, folder);
    let opened = start.elapsed().as_secs_f64() * 1e3;
    let runtime = runtime();
    match child {
        "killed" => {
            runtime.block_on(fill(&store, 64, 5_000, |number| number * 37 % COUNT));
            std::process::abort();
        }
        "close" => runtime.block_on(store.close()),
        "open" => println!("| open | {opened:.2} ms | {:.1} MB |", rss()),
        _ => read(&store),
    }
}

fn run(engine: &str, folder: &Path) {
    let store = open(engine, folder);
    let runtime = runtime();
    let each = if engine == "strict" { 20_000 } else { COUNT };
    println!("| {engine} | CPU µs | RSS |\n| --- | --- | --- |");
    let writes = |name: &str, number: fn(u64) -> u64| {
        let (before, start) = (cpu(), Instant::now());
        runtime.block_on(fill(&store, 64, each, number));
        let wall = start.elapsed().as_secs_f64() * 1e6 / each as f64;
        println!("| {name} | {:.1} ({wall:.1} wall) | {:.0} MB |", (cpu() - before) / each as f64, rss());
    };
    writes("insert in order, 64 clients", |number| number);
    writes("overwrite 1000 hot rows, 64 clients", |number| number * 7919 % 1000);
    writes("overwrite anywhere, 64 clients", |number| number.wrapping_mul(0x9E37_79B9_7F4A_7C15) % COUNT);
    if engine == "memory" {
        read(&store);
    }
}

async fn fill(store: &Store, clients: u64, count: u64, number: impl Fn(u64) -> u64 + Copy + Send + 'static) {
    let clients = (0..clients).map(|client| {
        let store = store.clone();
        tokio::spawn(async move {
            let (scope, body) = (Scope::default(), Bytes::from(vec![7; 1024]));
            for index in (client..count).step_by(64) {
                let number = number(index);
                let queue = format!("queue-{:03}", number / 1000);
                store.write(&scope, |tx| tx.put(&ROWS, &(&*queue, number), &body)).await.unwrap();
                // Relaxed writes never wait by themselves, and clients that run one after the other are no load.
                tokio::task::yield_now().await;
            }
        })
    });
    for client in clients.collect::<Vec<_>>() {
        client.await.unwrap();
    }
}

fn read(store: &Store) {
    let scope = Scope::default();
    let measure = |name: &str, count: u64, work: &dyn Fn(u64) -> Result<(), Fault>| {
        (0..count.min(1000)).for_each(|index| work(index).unwrap());
        let before = cpu();
        (0..count).for_each(|index| work(index).unwrap());
        println!("| {name} | {:.2} | {:.0} MB |", (cpu() - before) / count as f64, rss());
    };
    let get = |number: u64| {
        let queue = format!("queue-{:03}", number / 1000);
        store.read(&scope, |tx| {
            tx.get(&ROWS, &(&*queue, number)).map(|row| assert_eq!(row.unwrap().len(), 1024))
        })
    };
    measure("hot get", 200_000, &|index| get(index * 7919 % 1000 * 190));
    measure("hot scan of 100", 10_000, &|_| {
        store.read(&scope, |tx| {
            let rows = tx.prefix(&ROWS, &("queue-077",)).take(100);
            assert_eq!(rows.map(|row: Result<_, Fault>| row.map(drop)).filter(Result::is_ok).count(), 100);
            Ok(())
        })
    });
    measure("cold get", 200_000, &|index| get(index.wrapping_mul(0x9E37_79B9_7F4A_7C15) % COUNT));
}

/// CPU time of all threads, ended ones included, in microseconds.
fn cpu() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

fn rss() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0 / 1e6
}
