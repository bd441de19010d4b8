//! Lambda: cold starts, warm invocations one after the other and many at once, and a hundred environments together.

use std::fmt::Write as _;
use std::io::{Read, Write};
use std::net::SocketAddr;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use crate::request::request;
use crate::scenarios::{Scenario, once, scenario};
use crate::server::Server;
use crate::{load, measure};

/// Cold starts of each runtime.
const COLD: usize = 40;
/// Warm invocations of each runtime.
const WARM: usize = 20_000;
/// Connections that invoke at once.
const CONNECTIONS: usize = 16;
/// Environments that start together.
const TOGETHER: usize = 100;

/// A runtime and a function that answers its event.
struct Function {
    name: &'static str,
    runtime: &'static str,
    file: &'static str,
    content: Vec<u8>,
}

/// Measures each runtime.
pub async fn run() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path(), &[]);
    println!("idle RSS: {:.1} MB", server.rss_mb());
    let this = std::fs::read(std::env::current_exe().unwrap()).unwrap();
    let python = b"def handler(event, context):\n    return event\n".to_vec();
    let node = b"exports.handler = async (event) => event;\n".to_vec();
    let functions = [
        Function { name: "native", runtime: "provided.al2023", file: "bootstrap", content: this },
        Function { name: "python", runtime: "python3.12", file: "app.py", content: python },
        Function { name: "node", runtime: "nodejs20.x", file: "app.js", content: node },
    ];
    println!("\n| cold start | code taken in, ms | first answer, p50 ms | p90 ms |");
    println!("| --- | ---: | ---: | ---: |");
    for function in &functions {
        cold(server.address, function).await;
    }
    println!("\n| scenario | req/s | ratio to health | p50 ms | p99 ms | server CPU µs/request |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let health = Scenario { connections: 1, ..scenario("health, one connection", |_| asked_health()) };
    let alone = measure(&server, &health, None).await;
    for function in &functions {
        let one = Scenario { connections: 1, requests: WARM / 4, ..warm(function, "one connection") };
        measure(&server, &one, Some(alone)).await;
    }
    let base = measure(&server, &scenario("health", |_| asked_health()), None).await;
    for function in &functions {
        let many = Scenario { connections: CONNECTIONS, ..warm(function, "many connections") };
        measure(&server, &many, Some(base)).await;
    }
    println!("RSS with those environments idle: {:.1} MB", server.rss_mb());
    for function in &functions {
        together(server.address, function).await;
    }
    println!("RSS with {TOGETHER} environments of each idle: {:.1} MB", server.rss_mb());
}

fn asked_health() -> Vec<u8> {
    request("GET", "/_fogbank/health", "s3", &[], b"")
}

fn warm(function: &Function, how: &str) -> Scenario {
    let path = format!("/2015-03-31/functions/{}/invocations", function.name);
    let invoke = request("POST", &path, "lambda", &[], b"{\"n\":1}");
    // Names of scenarios live as long as the program, which measures each once.
    let name = Box::leak(format!("Invoke {}, warm, {how}", function.name).into_boxed_str());
    Scenario { requests: WARM, ..scenario(name, move |_| invoke.clone()) }
}

/// New code every time: it is taken in and unpacked, then a process is started for the first event.
async fn cold(address: SocketAddr, function: &Function) {
    let create = json!({
        "FunctionName": function.name, "Runtime": function.runtime, "Handler": "app.handler", "Timeout": 30,
        "Role": "arn:aws:iam::000000000000:role/bench", "MemorySize": 256,
        "Code": { "ZipFile": STANDARD.encode(zip(function, 0)) },
    });
    let body = create.to_string();
    succeed(address, &request("POST", "/2015-03-31/functions", "lambda", JSON, body.as_bytes())).await;
    succeed(address, &(warm(function, "").make)(0)).await;
    let (mut taken, mut answered) = (Vec::new(), Vec::new());
    for number in 1..=COLD {
        let body = json!({ "ZipFile": STANDARD.encode(zip(function, number)) }).to_string();
        let path = format!("/2015-03-31/functions/{}/code", function.name);
        taken.push(timed(address, &request("PUT", &path, "lambda", JSON, body.as_bytes())).await);
        answered.push(timed(address, &(warm(function, "").make)(0)).await);
    }
    taken.sort_by(f64::total_cmp);
    answered.sort_by(f64::total_cmp);
    let at = |all: &[f64], share: f64| all[((COLD - 1) as f64 * share) as usize];
    println!(
        "| {} | {:.1} | {:.1} | {:.1} |",
        function.name,
        at(&taken, 0.5),
        at(&answered, 0.5),
        at(&answered, 0.9)
    );
}

/// As many events at once as environments are to start.
async fn together(address: SocketAddr, function: &Function) {
    let body = json!({ "Description": "none is warm" }).to_string();
    let path = format!("/2015-03-31/functions/{}/configuration", function.name);
    succeed(address, &request("PUT", &path, "lambda", JSON, body.as_bytes())).await;
    let burst = warm(function, "together");
    let figures = load::run(address, &burst, TOGETHER, TOGETHER).await;
    assert_eq!(figures.failed, 0, "{}", figures.sample);
    let took = TOGETHER as f64 / figures.per_second * 1e3;
    println!(
        "{TOGETHER} cold {} at once: all answered after {took:.0} ms, p50 {:.0} ms",
        function.name,
        figures.p50 * 1e3
    );
}

const JSON: &[(&str, &str)] = &[("Content-Type", "application/json")];

async fn timed(address: SocketAddr, request: &[u8]) -> f64 {
    let began = Instant::now();
    succeed(address, request).await;
    began.elapsed().as_secs_f64() * 1e3
}

async fn succeed(address: SocketAddr, request: &[u8]) {
    let answer = once(address, request).await;
    assert!(answer.starts_with("HTTP/1.1 2") && !answer.contains("x-amz-function-error"), "{answer}");
}

fn zip(function: &Function, number: usize) -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    // What is stored need not be compressed before every start.
    let options = zip::write::SimpleFileOptions::default()
        .unix_permissions(0o755)
        .compression_method(zip::CompressionMethod::Stored);
    archive.start_file(function.file, options).unwrap();
    archive.write_all(&function.content).unwrap();
    archive.start_file("number", options).unwrap();
    write!(archive, "{number}").unwrap();
    archive.finish().unwrap().into_inner()
}

/// This program as a function: a trivial one, as native code is.
pub fn serve(api: &str) -> ! {
    let mut stream = std::net::TcpStream::connect(api).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = Vec::new();
    let mut request = String::new();
    loop {
        write!(stream, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: {api}\r\n\r\n").unwrap();
        let body = answer(&mut stream, &mut buffer);
        let head = String::from_utf8_lossy(&buffer[..body]).into_owned();
        let id = head.lines().find_map(|line| line.strip_prefix("lambda-runtime-aws-request-id: ")).unwrap();
        let event = String::from_utf8_lossy(&buffer[body..]).into_owned();
        request.clear();
        let path = format!("/2018-06-01/runtime/invocation/{id}/response");
        write!(
            request,
            "POST {path} HTTP/1.1\r\nHost: {api}\r\nContent-Length: {}\r\n\r\n{event}",
            event.len()
        )
        .unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        answer(&mut stream, &mut buffer);
    }
}

/// Reads one answer; where its body begins.
fn answer(stream: &mut std::net::TcpStream, buffer: &mut Vec<u8>) -> usize {
    buffer.clear();
    let mut chunk = [0; 4096];
    loop {
        let count = stream.read(&mut chunk).unwrap();
        if count == 0 {
            std::process::exit(0);
        }
        buffer.extend_from_slice(&chunk[..count]);
        if let Some(end) = load::find(buffer, b"\r\n\r\n")
            && buffer.len() >= end + 4 + load::content_length(&buffer[..end])
        {
            return end + 4;
        }
    }
}
