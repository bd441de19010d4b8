//! Large bodies: how fast one goes, beside a plain file over the same HTTP stack, and what memory many take.

use std::net::SocketAddr;
use std::time::Instant;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::load::{content_length, find};
use crate::plain;
use crate::request::request;
use crate::server::Server;

/// Transfers at once where memory is looked at.
const PARALLEL: usize = 64;

/// Prints a table; `mebibytes` is the size of the one body, and each of many is a `share` of it.
pub async fn run(mebibytes: usize, share: usize) {
    let folder = tempfile::tempdir().unwrap();
    let size = mebibytes << 20;
    let server = Server::start(folder.path(), &[]);
    put(server.address, "/bench", 0).await;
    let plain = plain::serve(folder.path().join("plain"));
    println!("\n| {mebibytes} MiB | MiB/s | plain file | ratio | server CPU ms |");
    println!("| --- | ---: | ---: | ---: | ---: |");
    for name in ["PUT", "GET"] {
        let mut best = [f64::MAX; 2];
        let mut cpu = 0.0;
        for _ in 0..3 {
            for (at, address) in [server.address, plain].into_iter().enumerate() {
                let (began, before) = (Instant::now(), server.cpu());
                match name {
                    "PUT" => put(address, "/bench/large", size).await,
                    _ => get(address, "/bench/large").await,
                }
                best[at] = best[at].min(began.elapsed().as_secs_f64());
                cpu += (server.cpu() - before).as_secs_f64() * 1e3 / 3.0;
            }
        }
        let speed = best.map(|seconds| mebibytes as f64 / seconds);
        println!("| {name} | {:.0} | {:.0} | {:.2} | {cpu:.0} |", speed[0], speed[1], speed[0] / speed[1]);
    }
    drop(server);
    let server = Server::start(folder.path(), &[]);
    let idle = server.rss_mb();
    many(|_| get(server.address, "/bench/large")).await;
    println!(
        "\nhighest RSS with {PARALLEL} GETs of {mebibytes} MiB: {:.0} MB (idle {idle:.0})",
        server.peak_mb()
    );
    drop(server);
    let server = Server::start(folder.path(), &[]);
    let addresses: Vec<_> = (0..PARALLEL).map(|number| format!("/bench/many{number}")).collect();
    many(|number| put(server.address, &addresses[number], size / share)).await;
    println!("highest RSS with {PARALLEL} PUTs of {} MiB: {:.0} MB", mebibytes / share, server.peak_mb());
}

async fn many<F: Future<Output = ()>>(one: impl Fn(usize) -> F) {
    futures_util::future::join_all((0..PARALLEL).map(one)).await;
}

/// Sends a body piece by piece, which is never whole in memory.
async fn put(address: SocketAddr, target: &str, size: usize) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    let length = size.to_string();
    let headers = [("x-amz-content-sha256", "UNSIGNED-PAYLOAD"), ("Content-Length", &length)];
    let head = request("PUT", target, "s3", &headers, b"");
    // The request's own length, of the empty body, must not stand there as well.
    let head = String::from_utf8(head).unwrap().replacen("Content-Length: 0\r\n", "", 1);
    stream.write_all(head.as_bytes()).await.unwrap();
    let piece = vec![b'x'; 256 * 1024];
    for at in (0..size).step_by(piece.len()) {
        stream.write_all(&piece[..piece.len().min(size - at)]).await.unwrap();
    }
    answer(&mut stream).await;
}

async fn get(address: SocketAddr, target: &str) {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(&request("GET", target, "s3", &[], b"")).await.unwrap();
    answer(&mut stream).await;
}

/// Reads an answer and forgets its body.
async fn answer(stream: &mut TcpStream) {
    let mut buffer = Vec::with_capacity(1 << 20);
    let (mut head, mut left) = (None, usize::MAX);
    while left > 0 {
        buffer.reserve(1 << 18);
        let count = stream.read_buf(&mut buffer).await.unwrap();
        assert!(count > 0, "the connection was closed");
        if head.is_some() {
            left -= count;
            buffer.clear();
        } else if let Some(end) = find(&buffer, b"\r\n\r\n") {
            assert_eq!(buffer[9], b'2', "{}", String::from_utf8_lossy(&buffer[..end]));
            left = content_length(&buffer[..end]) + end + 4 - buffer.len();
            head = Some(());
            buffer.clear();
        }
    }
}
