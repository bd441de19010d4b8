//! Functions that misbehave: they hang, exit, flood, overeat.

use std::time::Duration;

use kernel::{Clock, Timestamp};

use crate::rig::{REQUEST, Rig, ends, told};

#[tokio::test(flavor = "multi_thread")]
async fn a_timeout_kills_the_function_and_its_children() {
    for (rig, marker) in [(Rig::new(), "86398.25"), (Rig::unsandboxed(), "86398.75")] {
        let text = format!(
            "import subprocess\ndef handler(e, c):\n    subprocess.run(['sh', '-c', 'sleep {marker}; true'])"
        );
        let mut function = rig.python(&text).await;
        function.timeout = Duration::from_secs(1);
        let outcome = rig.invoke(&function, "1").await;
        let expected = format!(
            r#"{{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: {REQUEST} Error: Task timed out after 1.00 seconds"}}"#
        );
        assert_eq!(outcome.payload, expected);
        assert!(
            told(&outcome).contains(&format!("Z {REQUEST} Task timed out after 1.00 seconds\nEND")),
            "{}",
            told(&outcome)
        );
        rig.finish().await;
        assert!(ends(marker));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_is_told_with_its_reason() {
    let cases = [
        ("os._exit(1)", "Runtime exited with error: exit status 1"),
        ("os._exit(0)", "Runtime exited without providing a reason"),
        ("os.kill(os.getpid(), 9)", "Runtime exited with error: signal: killed"),
        ("os.abort()", "Runtime exited with error: signal: aborted"),
    ];
    for rig in [Rig::new(), Rig::unsandboxed()] {
        for (number, (call, sentence)) in cases.into_iter().enumerate() {
            let mut function = rig
                .python(&format!("import os\ndef handler(e, c):\n    print('last words')\n    {call}"))
                .await;
            function.revision = number.to_string();
            let outcome = rig.invoke(&function, "1").await;
            let expected = format!(
                r#"{{"errorType":"Runtime.ExitError","errorMessage":"RequestId: {REQUEST} Error: {sentence}"}}"#
            );
            assert_eq!(outcome.payload, expected);
            assert!(told(&outcome).contains("last words\n"));
        }
        rig.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_start_is_tried_again_and_then_times_out() {
    let clock = Clock::frozen_at(Timestamp::from_second(1_700_000_000).unwrap());
    let rig = Rig::with(clock.clone(), |_| {});
    let text = "import os, socket\nsocket.create_connection(('127.0.0.1', int(os.environ['PORT']))).recv(1)";
    let mut function = rig.python(text).await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    function.environment.push(("PORT".into(), listener.local_addr().unwrap().port().to_string()));
    function.timeout = Duration::from_secs(3);
    let time = async {
        let first = listener.accept().await.unwrap();
        clock.advance(Duration::from_secs(10));
        let second = listener.accept().await.unwrap();
        clock.advance(Duration::from_secs(3));
        (first, second)
    };
    let ((error_type, message), _) = tokio::join!(rig.failure(&function, "1"), time);
    assert_eq!(error_type, "Sandbox.Timedout");
    assert!(message.ends_with("Task timed out after 3.00 seconds"), "{message}");
    let seen = rig.seen.0.lock().unwrap().join("\n");
    assert!(seen.contains("INIT_REPORT Init Duration: 10000.00 ms\tPhase: init\tStatus: timeout"), "{seen}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_megabytes_of_output_pass_through() {
    let rig = Rig::new();
    let text = "def handler(e, c):\n    for i in range(20 * 1024):\n        print('%07d' % i + 'x' * 1016)\n    return 'done'";
    let function = rig.python(text).await;
    let outcome = rig.invoke(&function, "1").await;
    assert_eq!(outcome.payload, "\"done\"");
    assert!(outcome.log_tail.len() <= 4096);
    let tail = String::from_utf8_lossy(&outcome.log_tail);
    assert!(tail.contains("\n0020479x") && tail.contains("\nREPORT RequestId: "), "{tail}");
    let seen = rig.seen.0.lock().unwrap().clone();
    let lines = seen.iter().filter(|line| line.ends_with("xxx"));
    assert!(lines.enumerate().all(|(number, line)| line.starts_with(&format!("{number:07}x"))));
    assert!(seen.iter().filter(|line| line.ends_with("xxx")).count() == 20 * 1024);
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_more_than_6_mb_is_refused() {
    let rig = Rig::new();
    let mut function = rig.python("def handler(e, c):\n    return 'x' * e").await;
    function.memory_mb = 512;
    assert_eq!(rig.invoke(&function, "6291554").await.payload.len(), 6_291_556);
    let (error_type, message) = rig.failure(&function, "6291555").await;
    assert_eq!(error_type, "Function.ResponseSizeTooLarge");
    assert_eq!(message, "Response payload size exceeded maximum allowed payload size (6291556 bytes).");
    assert_eq!(rig.answer(&function, "1").await, "x");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn more_memory_than_allowed_ends_the_function() {
    let rig = Rig::new();
    let text = "import time\ndef handler(e, c):\n    hold = []\n    while True:\n        hold.append(bytearray(b'x') * 1000000)\n        time.sleep(0.001)";
    let mut function = rig.python(text).await;
    function.memory_mb = 128;
    let (error_type, message) = rig.failure(&function, "1").await;
    assert_eq!(error_type, "Runtime.OutOfMemory");
    assert!(message.ends_with("Runtime exited with error: signal: killed"), "{message}");
    rig.finish().await;
}
