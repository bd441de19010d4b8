//! Sends requests over keep-alive connections and counts.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::scenarios::Scenario;

/// What came of a run.
pub struct Figures {
    /// Requests per second.
    pub per_second: f64,
    /// Median latency in seconds.
    pub p50: f64,
    /// The latency that one request in a hundred exceeds, in seconds.
    pub p99: f64,
    /// Answers with another status than 2xx.
    pub failed: usize,
    /// One such answer.
    pub sample: String,
}

/// Sends `requests` requests of a scenario over that many connections.
pub async fn run(address: SocketAddr, scenario: &Scenario, connections: usize, requests: usize) -> Figures {
    let next = Arc::new(AtomicUsize::new(0));
    let began = Instant::now();
    let mut tasks = Vec::new();
    for _ in 0..connections {
        let (next, make) = (next.clone(), scenario.make.clone());
        tasks.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            let (mut latencies, mut failed, mut sample) = (Vec::new(), 0, String::new());
            let mut buffer = Vec::with_capacity(64 * 1024);
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return (latencies, failed, sample);
                }
                let request = make(number);
                let sent = Instant::now();
                stream.write_all(&request).await.unwrap();
                answer(&mut stream, &mut buffer).await;
                latencies.push(sent.elapsed().as_secs_f64());
                if buffer.get(9) != Some(&b'2') {
                    failed += 1;
                    sample = String::from_utf8_lossy(&buffer).into_owned();
                }
            }
        }));
    }
    let (mut latencies, mut failed, mut sample) = (Vec::new(), 0, String::new());
    for task in tasks {
        let (some, bad, text) = task.await.unwrap();
        latencies.extend(some);
        failed += bad;
        if !text.is_empty() {
            sample = text;
        }
    }
    let seconds = began.elapsed().as_secs_f64();
    latencies.sort_by(f64::total_cmp);
    let at = |share: f64| latencies[((latencies.len() - 1) as f64 * share) as usize];
    Figures { per_second: requests as f64 / seconds, p50: at(0.5), p99: at(0.99), failed, sample }
}

/// Reads one answer into the buffer: its head and as many bytes as it announces.
pub async fn answer(stream: &mut TcpStream, buffer: &mut Vec<u8>) {
    buffer.clear();
    let mut wanted = None;
    loop {
        let count = stream.read_buf(buffer).await.unwrap();
        assert!(count > 0, "the connection was closed");
        if wanted.is_none()
            && let Some(end) = find(buffer, b"\r\n\r\n")
        {
            wanted = Some(end + 4 + content_length(&buffer[..end]));
        }
        if wanted.is_some_and(|wanted| buffer.len() >= wanted) {
            return;
        }
    }
}

/// Where the one is in the other.
pub fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The length that a head announces.
pub fn content_length(head: &[u8]) -> usize {
    let head = String::from_utf8_lossy(head).to_ascii_lowercase();
    let line = head.lines().find_map(|line| line.strip_prefix("content-length:").map(str::to_owned));
    line.map_or(0, |length| length.trim().parse().unwrap())
}
