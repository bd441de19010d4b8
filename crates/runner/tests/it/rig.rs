//! What the tests share: a runner on a folder of its own, and functions written in place.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use kernel::{Clock, Ids, Timestamp};
use runner::{
    Credentials, FunctionSpec, Invocation, LogSink, Outcome, Runner, RunnerSettings, SandboxMode, ZipSource,
};
use serde_json::Value;

/// AWS's limit on unpacked code.
pub const LIMIT: u64 = 262_144_000;

/// Keeps what is logged.
#[derive(Default)]
pub struct Seen(pub Mutex<Vec<String>>);

impl LogSink for Seen {
    fn log(&self, _: &runner::LogPlace, _: &str, events: Vec<(Timestamp, String)>) {
        self.0.lock().unwrap().extend(events.into_iter().map(|event| event.1));
    }
}

pub struct Rig {
    pub runner: Runner,
    pub seen: Arc<Seen>,
    pub folder: tempfile::TempDir,
}

impl Rig {
    pub fn new() -> Self {
        Self::with(Clock::real(), |_| {})
    }

    pub fn with(clock: Clock, change: impl FnOnce(&mut RunnerSettings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut settings = RunnerSettings::new(folder.path().join("data/runner"));
        change(&mut settings);
        let seen = Arc::new(Seen::default());
        let runner = Runner::new(settings, clock, Ids::random(), seen.clone());
        Self { runner, seen, folder }
    }

    pub fn unsandboxed() -> Self {
        Self::with(Clock::real(), |settings| settings.sandbox = SandboxMode::Off)
    }

    /// A function of one file.
    pub async fn function(&self, runtime: &str, file: &str, text: &str) -> FunctionSpec {
        let code = self.runner.unpack(ZipSource::Bytes(zip(&[(file, text)]).into()), LIMIT).await.unwrap();
        FunctionSpec {
            arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
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
            environment: vec![("MINE".into(), "yes".into())],
            timeout: Duration::from_secs(20),
            memory_mb: 256,
            ephemeral_mb: 16,
            region: "eu-west-1".into(),
            account: "000000000000".into(),
            log_group: "/aws/lambda/f".into(),
            credentials: Arc::new(Credentials {
                access_key: "AK".into(),
                secret_key: "SK".into(),
                session_token: "ST".into(),
                expires: None,
            }),
        }
    }

    pub async fn python(&self, text: &str) -> FunctionSpec {
        self.function("python3.11", "app.py", text).await
    }

    pub async fn invoke(&self, function: &FunctionSpec, payload: &str) -> Outcome {
        self.runner.invoke(function, event(payload)).await.unwrap()
    }

    /// The answer of a function that must not fail.
    pub async fn answer(&self, function: &FunctionSpec, payload: &str) -> Value {
        let outcome = self.invoke(function, payload).await;
        assert_eq!(outcome.function_error, None, "{}", told(&outcome));
        serde_json::from_slice(&outcome.payload).unwrap()
    }

    /// Error type and message of a function that must fail.
    pub async fn failure(&self, function: &FunctionSpec, payload: &str) -> (String, String) {
        let outcome = self.invoke(function, payload).await;
        assert!(outcome.function_error.is_some(), "{}", told(&outcome));
        let error: Value = serde_json::from_slice(&outcome.payload).unwrap();
        (error["errorType"].as_str().unwrap().into(), error["errorMessage"].as_str().unwrap().into())
    }

    /// Whether this machine has an interpreter; says so if not.
    pub fn has(&self, runtime: &str) -> bool {
        let found = self.runner.runtimes().iter().any(|info| info.name == runtime);
        if !found {
            eprintln!("skipped: this machine cannot run {runtime}");
        }
        found
    }

    /// Nothing of the runner is left: no process, no folder of an environment.
    pub async fn finish(self) {
        self.runner.shutdown().await;
        let left =
            std::fs::read_dir(self.folder.path().join("data/runner/tmp")).into_iter().flatten().count();
        assert_eq!(left, 0, "folders are left");
    }
}

pub const REQUEST: &str = "8c64a0e1-0b5c-4c84-b4a5-9f0f3b0f0f11";

pub fn event(payload: &str) -> Invocation {
    Invocation {
        request_id: REQUEST.into(),
        payload: payload.to_owned().into(),
        client_context: Some(r#"{"custom":{"a":"b"}}"#.into()),
        tenant_id: Some("blue".into()),
        trace_header: Some("Root=1-5759e988-bd862e3fe1be46a994272793".into()),
        invoked_arn: "arn:aws:lambda:us-east-1:000000000000:function:f".into(),
        stream: None,
    }
}

pub fn told(outcome: &Outcome) -> String {
    format!("{}\n{}", String::from_utf8_lossy(&outcome.payload), String::from_utf8_lossy(&outcome.log_tail))
}

/// An archive whose files may all be executed.
pub fn zip(files: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, text) in files {
        let options = zip::write::SimpleFileOptions::default().unix_permissions(0o755);
        // A compressor costs far more than the nothing it would compress.
        let method =
            if text.is_empty() { zip::CompressionMethod::Stored } else { zip::CompressionMethod::Deflated };
        let options = options.compression_method(method);
        writer.start_file(*name, options).unwrap();
        writer.write_all(text.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

/// Whether a process with that text among its arguments is there, as this machine sees it.
pub fn runs(marker: &str) -> bool {
    !processes(marker).is_empty()
}

/// Whether all processes with that text end: who is killed without being waited for takes a moment to die.
pub fn ends(marker: &str) -> bool {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let patience = Timespec { tv_sec: 10, tv_nsec: 0 };
    processes(marker).into_iter().all(|pid| {
        let Ok(pidfd) = rustix::process::pidfd_open(pid, rustix::process::PidfdFlags::empty()) else {
            return true;
        };
        poll(&mut [PollFd::new(&pidfd, PollFlags::IN)], Some(&patience)).unwrap() == 1
    })
}

fn processes(marker: &str) -> Vec<rustix::process::Pid> {
    let has_marker = |path: &std::path::Path| {
        std::fs::read(path.join("cmdline"))
            .is_ok_and(|line| line.windows(marker.len()).any(|part| part == marker.as_bytes()))
    };
    let entries = std::fs::read_dir("/proc").unwrap().flatten().filter(|entry| has_marker(&entry.path()));
    let number = |entry: std::fs::DirEntry| entry.file_name().to_str()?.parse().ok();
    entries.filter_map(number).filter_map(rustix::process::Pid::from_raw).collect()
}
