//! Environments: one per concurrent event, used again, ended when the function changes or nothing comes.

use std::sync::Arc;
use std::time::Duration;

use kernel::{Clock, Timestamp};
use runner::{RunnerError, SandboxMode, ZipSource};

use crate::rig::{LIMIT, Rig, ends, event, runs, zip};

/// Waits for a file to appear, so that both are running at once; answers who it is.
const MEET: &str = "import os, socket, uuid\nME = str(uuid.uuid4())\ndef handler(e, c):\n    s = socket.create_connection(('127.0.0.1', e))\n    s.recv(1)\n    return ME";

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_events_have_their_own_environments() {
    let rig = Rig::new();
    let function = rig.python(MEET).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    // Neither may answer before both have arrived.
    let gate = async {
        let first = listener.accept().await.unwrap();
        let second = listener.accept().await.unwrap();
        drop((first, second));
    };
    let (first, second, ()) = tokio::join!(rig.answer(&function, &port), rig.answer(&function, &port), gate);
    assert_ne!(first, second);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_environments_are_refused_and_idle_ones_give_way() {
    let rig = Rig::with(Clock::real(), |settings| settings.max_environments = 1);
    let function = rig.python(MEET).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let refused = async {
        let connection = listener.accept().await.unwrap();
        let refused = rig.runner.invoke(&function, event(&port)).await;
        drop(connection);
        refused
    };
    let (_, refused) = tokio::join!(rig.answer(&function, &port), refused);
    assert_eq!(refused.unwrap_err(), RunnerError::TooManyEnvironments(1));
    let mut other = rig.python("def handler(e, c):\n    return 1").await;
    other.arn.push_str("-other");
    assert_eq!(rig.answer(&other, "1").await, 1);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_revision_and_retirement_mean_a_new_process() {
    let rig = Rig::with(Clock::real(), |settings| settings.sandbox = SandboxMode::Off);
    let mut function = rig.python("import os\ndef handler(e, c):\n    return os.getpid()").await;
    let first = rig.answer(&function, "1").await;
    function.revision = "2".into();
    let second = rig.answer(&function, "1").await;
    assert_ne!(first, second);
    rig.runner.retire(&function.arn).await;
    let third = rig.answer(&function, "1").await;
    assert_ne!(second, third);
    rig.finish().await;
    for pid in [first, second, third] {
        assert!(!std::path::Path::new(&format!("/proc/{pid}")).exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_busy_environment_ends_after_its_answer() {
    let rig = Rig::new();
    let function = rig.python(MEET).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let retire = async {
        let connection = listener.accept().await.unwrap();
        rig.runner.retire(&function.arn).await;
        drop(connection);
    };
    let (first, ()) = tokio::join!(rig.answer(&function, &port), retire);
    let open = async { drop(listener.accept().await.unwrap()) };
    let (second, ()) = tokio::join!(rig.answer(&function, &port), open);
    assert_ne!(first, second);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_environments_are_reaped_by_the_clock() {
    let clock = Clock::frozen_at(Timestamp::from_second(1_700_000_000).unwrap());
    let rig = Rig::with(clock.clone(), |settings| settings.keep_warm = Duration::from_secs(300));
    let function = rig.python("import uuid\nME = str(uuid.uuid4())\ndef handler(e, c):\n    return ME").await;
    let first = rig.answer(&function, "1").await;
    clock.advance(Duration::from_secs(200));
    assert_eq!(first, rig.answer(&function, "1").await);
    clock.advance(Duration::from_secs(301));
    // The reaper runs beside us, but whether it was faster must not matter to the next event.
    let rig = Arc::new(rig);
    while rig.answer(&function, "1").await == first {
        clock.advance(Duration::from_secs(301));
        tokio::task::yield_now().await;
    }
    Arc::into_inner(rig).unwrap().finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn shutdown_ends_everything() {
    let rig = Rig::new();
    let text =
        "import subprocess\nsubprocess.Popen(['sleep', '86399.125'])\ndef handler(e, c):\n    return 1";
    let function = rig.python(text).await;
    rig.answer(&function, "1").await;
    assert!(runs("86399.125"));
    rig.runner.shutdown().await;
    assert!(ends("86399.125"));
    let refused = rig.runner.invoke(&function, event("1")).await;
    assert_eq!(refused.unwrap_err(), RunnerError::Closed);
}

#[tokio::test(flavor = "multi_thread")]
async fn other_versions_run_where_they_are_installed() {
    let rig = Rig::new();
    for minor in 9..15 {
        let runtime = format!("python3.{minor}");
        let info = rig.runner.runtimes().into_iter().find(|info| info.name == runtime).unwrap();
        let mut function = rig
            .function(
                &runtime,
                "app.py",
                "import sys\ndef handler(e, c):\n    return list(sys.version_info[:2])",
            )
            .await;
        function.revision = runtime;
        let answer = rig.answer(&function, "1").await;
        assert_eq!(format!("{}.{}", answer[0], answer[1]), info.version);
    }
    rig.finish().await;
}

/// The child of the test below: a server that is killed.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "started by another test"]
async fn a_server_that_waits_to_be_killed() {
    for (rig, marker) in [(Rig::new(), "86397.625"), (Rig::unsandboxed(), "86397.875")] {
        let mut function = rig.python("").await;
        let extension = format!("#!/bin/sh\nexec sleep {marker}\n");
        let layer = ZipSource::Bytes(zip(&[("extensions/sleeper", &extension)]).into());
        function.layers = Some(rig.runner.overlay(vec![layer], LIMIT).await.unwrap());
        tokio::spawn(async move { rig.invoke(&function, "1").await });
    }
    for (rig, marker) in [(Rig::new(), "86397.125"), (Rig::unsandboxed(), "86397.375")] {
        let text = format!("import os\ndef handler(e, c):\n    os.execvp('sleep', ['sleep', '{marker}'])");
        let mut function = rig.python(&text).await;
        function.timeout = Duration::from_secs(600);
        tokio::spawn(async move { rig.invoke(&function, "1").await });
    }
    std::future::pending::<()>().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn functions_die_with_the_server() {
    let markers = ["86397.125", "86397.375", "86397.625", "86397.875"];
    let test = "environments::a_server_that_waits_to_be_killed";
    let folder = tempfile::tempdir().unwrap();
    let mut server = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", test])
        .env("TMPDIR", folder.path())
        .stdout(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while !markers.into_iter().all(runs) {
        assert!(server.try_wait().unwrap().is_none(), "the server has ended by itself");
        tokio::task::yield_now().await;
    }
    server.kill().unwrap();
    server.wait().unwrap();
    // The kernel kills at once, but the processes take a moment to go.
    while markers.into_iter().any(runs) {
        tokio::task::yield_now().await;
    }
}

/// Credentials that are counted, and end after an hour.
#[derive(Debug)]
struct Counted(Clock, std::sync::atomic::AtomicU32);

impl runner::CredentialSource for Counted {
    fn issue(&self) -> std::pin::Pin<Box<dyn Future<Output = runner::Credentials> + Send + '_>> {
        let number = self.1.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let expires = self.0.now() + Duration::from_secs(3600);
        Box::pin(std::future::ready(runner::Credentials {
            access_key: number.to_string(),
            expires: Some(expires),
            ..runner::Credentials::default()
        }))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn environments_end_with_their_own_credentials() {
    let clock = Clock::frozen_at(Timestamp::from_second(1_700_000_000).unwrap());
    let rig = Rig::with(clock.clone(), |settings| settings.keep_warm = Duration::from_secs(86_400));
    let mut function =
        rig.python("import os\ndef handler(e, c):\n    return os.environ['AWS_ACCESS_KEY_ID']").await;
    function.credentials = Arc::new(Counted(clock.clone(), std::sync::atomic::AtomicU32::new(0)));
    assert_eq!(rig.answer(&function, "1").await, "0");
    clock.advance(Duration::from_secs(3599));
    assert_eq!(rig.answer(&function, "1").await, "0");
    clock.advance(Duration::from_secs(1));
    assert_eq!(rig.answer(&function, "1").await, "1");
    rig.finish().await;
}
