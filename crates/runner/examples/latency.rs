//! Measures how long invocations take on this machine: cold and warm, per runtime, with CPU time.
#![allow(clippy::disallowed_methods, clippy::disallowed_macros, reason = "a measurement prints and measures")]
#![allow(missing_docs, reason = "an example")]

use std::sync::Arc;
use std::time::{Duration, Instant};

use kernel::{Clock, Ids, Timestamp};
use runner::{CodeDir, Credentials, FunctionSpec, Invocation, LogSink, Runner, RunnerSettings, SandboxMode};

const COLD: usize = 15;
const WARM: usize = 2000;

const PYTHON: &str = "def handler(event, context):\n    return event\n";
const NODE: &str = "exports.handler = async (event) => event;\n";
/// Speaks HTTP by itself, for a machine may have no curl. Bash writes line by line, so `cat` makes one write of it.
const BASH: &str = r#"#!/bin/bash
exec 3<>"/dev/tcp/${AWS_LAMBDA_RUNTIME_API/://}"
say() { printf "$1 /2018-06-01/runtime/$2 HTTP/1.1\r\nHost: a\r\nContent-Length: ${#3}\r\n\r\n%s" "$3" | cat >&3; }
hear() {
    length=0
    while IFS= read -r line <&3 && line="${line%$'\r'}" && [ -n "$line" ]; do
        case "${line,,}" in
            content-length:*) length="${line##*: }" ;;
            lambda-runtime-aws-request-id:*) id="${line##*: }" ;;
        esac
    done
    IFS= read -r -N "$length" body <&3
}
while :; do
    say GET invocation/next ""; hear
    say POST "invocation/$id/response" "$body"; hear
done
"#;

struct Nowhere;

impl LogSink for Nowhere {
    fn log(&self, _: &runner::LogPlace, _: &str, _: Vec<(Timestamp, String)>) {}
}

#[tokio::main]
async fn main() {
    let folder = tempfile::tempdir().expect("a folder");
    for mode in [SandboxMode::Auto, SandboxMode::Off] {
        let settings = RunnerSettings { sandbox: mode, ..RunnerSettings::new(folder.path().join("runner")) };
        let runner = Runner::new(settings, Clock::real(), Ids::random(), Arc::new(Nowhere));
        println!("sandbox: {:?}", runner.sandbox_status());
        for (runtime, file, text) in [
            ("python3.11", "app.py", PYTHON),
            ("nodejs20.x", "app.js", NODE),
            ("provided.al2023", "bootstrap", BASH),
        ] {
            let code = folder.path().join(runtime);
            std::fs::create_dir_all(&code).expect("a folder");
            std::fs::write(code.join(file), text).expect("a file");
            let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
            std::fs::set_permissions(code.join(file), executable).expect("a mode");
            measure(&runner, &spec(runtime, CodeDir::of_folder(code).expect("a folder"))).await;
        }
        runner.shutdown().await;
    }
}

async fn measure(runner: &Runner, spec: &FunctionSpec) {
    let mut cold = Vec::new();
    for _ in 0..COLD {
        runner.retire(&spec.arn).await;
        cold.push(once(runner, spec).await);
    }
    let before = cpu();
    let mut warm = Vec::new();
    for _ in 0..WARM {
        warm.push(once(runner, spec).await);
    }
    let each = (cpu() - before) / WARM as u32;
    println!(
        "{:16} cold p50 {:?}  warm p50 {:?} p99 {:?}  our CPU per warm invoke {each:?}",
        spec.runtime,
        percentile(&mut cold, 50),
        percentile(&mut warm, 50),
        percentile(&mut warm, 99)
    );
}

async fn once(runner: &Runner, spec: &FunctionSpec) -> Duration {
    let invocation = Invocation {
        request_id: Ids::random().uuid(),
        payload: r#"{"key":"value"}"#.into(),
        invoked_arn: spec.arn.clone(),
        stream: None,
        ..Invocation::default()
    };
    let started = Instant::now();
    let outcome = runner.invoke(spec, invocation).await.expect("an outcome");
    let elapsed = started.elapsed();
    assert!(outcome.function_error.is_none() && &outcome.payload[..4] == b"{\"ke", "{outcome:?}");
    elapsed
}

fn percentile(all: &mut [Duration], percent: usize) -> Duration {
    all.sort();
    all[all.len() * percent / 100]
}

/// This process's CPU time, in clock ticks of 10 ms.
fn cpu() -> Duration {
    let stat = std::fs::read_to_string("/proc/self/stat").expect("our statistics");
    let fields: Vec<u64> =
        stat.rsplit(')').next().unwrap_or("").split(' ').map(|f| f.parse().unwrap_or(0)).collect();
    Duration::from_millis((fields[12] + fields[13]) * 10)
}

fn spec(runtime: &str, code: CodeDir) -> FunctionSpec {
    FunctionSpec {
        arn: format!("arn:aws:lambda:us-east-1:000000000000:function:{runtime}"),
        name: "f".into(),
        version: "$LATEST".into(),
        revision: "1".into(),
        runtime: runtime.into(),
        handler: "app.handler".into(),
        code,
        layers: None,
        container: None,
        json_logs: None,
        is_provisioned: false,
        is_managed: false,
        environment: Vec::new(),
        timeout: Duration::from_secs(3),
        memory_mb: 256,
        ephemeral_mb: 512,
        region: "us-east-1".into(),
        account: "000000000000".into(),
        log_group: "/aws/lambda/f".into(),
        credentials: Arc::new(Credentials::default()),
    }
}
