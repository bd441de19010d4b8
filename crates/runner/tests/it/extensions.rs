//! Extensions: started beside the runtime, told of events and of the end, and never left behind.

use std::time::Duration;

use kernel::{Clock, Timestamp};
use runner::{SandboxMode, ZipSource};
use serde_json::json;

use crate::attendant::{Attendant, FAITHFUL};
use crate::rig::{LIMIT, REQUEST, Rig, ends, event, told};

const ECHO: &str = "import uuid\nME = str(uuid.uuid4())\ndef handler(e, c):\n    return ME";

fn frozen() -> (Clock, Rig) {
    let clock = Clock::frozen_at(Timestamp::from_second(1_700_000_000).unwrap());
    let rig = Rig::with(clock.clone(), |_| {});
    (clock, rig)
}

/// Time goes by.
async fn pass(clock: &Clock, step: Duration) {
    loop {
        clock.advance(step);
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_external_extension_hears_of_events_and_of_the_end() {
    for rig in [Rig::new(), Rig::unsandboxed()] {
        let attendant = Attendant::new().await;
        let text = format!(
            "say(register(['INVOKE', 'SHUTDOWN'], Accept_Feature='accountId'))\n\
             say([name for name in ['_HANDLER', 'AWS_EXECUTION_ENV', 'LAMBDA_TASK_ROOT', 'MINE', 'AWS_REGION'] if name in os.environ])\n{}",
            FAITHFUL.replace("register(['INVOKE', 'SHUTDOWN'])", "")
        );
        let function = attendant.function(&rig, ECHO, &[("watcher", &text)]).await;
        let invoked = tokio::join!(rig.answer(&function, "1"), attendant.meet());
        let (first, mut wire) = invoked;
        let registered = json!([[200, {"functionName": "f", "functionVersion": "$LATEST", "handler": "app.handler",
            "accountId": "000000000000"}]]);
        assert_eq!(wire.hear().await, registered);
        assert_eq!(wire.hear().await, json!([["MINE", "AWS_REGION"]]));
        let told = wire.hear().await;
        assert_eq!(told[0]["eventType"], "INVOKE");
        assert_eq!(told[0]["requestId"], REQUEST);
        assert_eq!(told[0]["invokedFunctionArn"], "arn:aws:lambda:us-east-1:000000000000:function:f");
        let trace = json!({"type": "X-Amzn-Trace-Id", "value": "Root=1-5759e988-bd862e3fe1be46a994272793"});
        assert_eq!(told[0]["tracing"], trace);
        assert!(told[0]["deadlineMs"].is_u64());
        assert!(first.is_string());
        rig.runner.retire(&function.arn).await;
        let end = wire.hear().await;
        assert_eq!(
            (&end[0]["eventType"], &end[0]["shutdownReason"]),
            (&json!("SHUTDOWN"), &json!("spindown"))
        );
        assert_eq!(wire.hear().await, json!(null));
        let seen = rig.seen.0.lock().unwrap().clone();
        let ready = "EXTENSION\tName: watcher\tState: Ready\tEvents: [INVOKE,SHUTDOWN]";
        let place = |text: &str| seen.iter().position(|line| line.starts_with(text));
        assert!(place(ready) < place("START RequestId") && place(ready).is_some(), "{seen:?}");
        rig.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_does_not_wait_for_extensions_but_the_environment_does() {
    let rig = Rig::new();
    let attendant = Attendant::new().await;
    let slow = "\nregister(['INVOKE'])\nwhile True:\n    following()\n    say('busy')\n    hear()\n";
    let function = attendant.function(&rig, ECHO, &[("slow", slow)]).await;
    let (first, mut wire) = tokio::join!(rig.answer(&function, "1"), attendant.meet());
    assert_eq!(wire.hear().await, json!(["busy"]));
    let (second, mut other) = tokio::join!(rig.answer(&function, "1"), attendant.meet());
    assert_ne!(first, second, "a busy environment was used");
    assert!(!rig.seen.0.lock().unwrap().iter().any(|line| line.starts_with("REPORT")));
    wire.say("go on").await;
    assert_eq!(other.hear().await, json!(["busy"]));
    while !rig.seen.0.lock().unwrap().iter().any(|line| line.starts_with("REPORT")) {
        tokio::task::yield_now().await;
    }
    let outcome = rig.invoke(&function, "1").await;
    assert_eq!(serde_json::to_vec(&first).unwrap(), outcome.payload);
    assert_eq!(wire.hear().await, json!(["busy"]));
    wire.say("go on").await;
    let tail = String::from_utf8(outcome.whole_tail().await).unwrap();
    assert!(tail.starts_with("START RequestId: ") && tail.contains("\nREPORT RequestId: "), "{tail}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_that_fails_at_the_start_fails_the_function() {
    let cases = [
        ("register([])\nsys.exit(3)", "Extension.Crash", "exit status 3", "State: Registered\tEvents: []"),
        ("sys.exit(0)", "Extension.Crash", "exit code 0", "State: Started\tEvents: []"),
        (
            "register(['INVOKE'])\nsay(call('POST', '/2020-01-01/extension/init/error', {}, Identifier=ID, Function_Error_Type='Fatal.X')[:2])\nsys.exit(1)",
            "Extension.InitError",
            "exit status 1",
            "State: InitError\tEvents: [INVOKE]\tError Type: Fatal.X",
        ),
    ];
    for (number, (text, error_type, sentence, state)) in cases.into_iter().enumerate() {
        let rig = Rig::new();
        let attendant = Attendant::new().await;
        let mut function = attendant.function(&rig, ECHO, &[("bad", text)]).await;
        function.revision = number.to_string();
        let outcome = rig.invoke(&function, "1").await;
        let expected = format!(
            r#"{{"errorType":"{error_type}","errorMessage":"RequestId: {REQUEST} Error: {sentence}"}}"#
        );
        assert_eq!(outcome.payload, expected);
        let seen = rig.seen.0.lock().unwrap().join("\n");
        assert!(seen.contains(&format!("EXTENSION\tName: bad\t{state}\n")), "{seen}");
        assert!(seen.contains(&format!("Phase: init\tStatus: error\tError Type: {error_type}")), "{seen}");
        rig.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_that_cannot_be_started_fails_the_function() {
    let rig = Rig::new();
    let mut function = rig.python(ECHO).await;
    let mut writer = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().unix_permissions(0o644);
    writer.start_file("extensions/plain", options).unwrap();
    let bytes = writer.finish().unwrap().into_inner();
    function.layers = Some(rig.runner.overlay(vec![ZipSource::Bytes(bytes.into())], LIMIT).await.unwrap());
    let (error_type, message) = rig.failure(&function, "1").await;
    assert_eq!(error_type, "Extension.LaunchError");
    assert!(message.ends_with("Error: fork/exec /opt/extensions/plain: permission denied"), "{message}");
    let seen = rig.seen.0.lock().unwrap().join("\n");
    let line = "EXTENSION\tName: plain\tState: LaunchError\tEvents: []\tError Type: PermissionDenied";
    assert!(seen.contains(line), "{seen}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_that_ends_during_an_invocation_fails_it() {
    let rig = Rig::new();
    let attendant = Attendant::new().await;
    let hang = "import signal\ndef handler(e, c):\n    signal.pause()";
    let text = "\nregister(['INVOKE'])\nfollowing()\nsys.exit(7)\n";
    let function = attendant.function(&rig, hang, &[("brittle", text)]).await;
    let (error_type, message) = rig.failure(&function, "1").await;
    assert_eq!(error_type, "Extension.Crash");
    assert!(message.ends_with("Error: exit status 7"), "{message}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_allowed_is_refused() {
    let rig = Rig::new();
    let attendant = Attendant::new().await;
    let text = "
def refused(answer):
    say([answer[0], answer[1]['errorType'], answer[1]['errorMessage']])
refused(call('POST', '/2020-01-01/extension/register', {'events': []}))
refused(register(['SHUTDOWN'], name='other'))
refused(register(['SLEEP']))
refused(call('GET', '/2020-01-01/extension/event/next'))
refused(call('GET', '/2020-01-01/extension/event/next', Identifier='x'))
refused(call('GET', '/2020-01-01/extension/event/next', Identifier='00000000-0000-0000-0000-000000000000'))
for number in range(9):
    assert register([], name='inside%d' % number)[0] == 200
refused(register([], name='inside9'))
refused(register([], name='inside1'))
say(register([])[0])
refused(register([]))
refused(call('POST', '/2020-01-01/extension/init/error', {}, Identifier=ID))
following()
";
    let mut function = attendant.function(&rig, ECHO, &[("strict", text)]).await;
    function.timeout = Duration::from_secs(600);
    let invoked = tokio::spawn({
        let (runner, function) = (rig.runner.clone(), function.clone());
        async move { runner.invoke(&function, event("1")).await }
    });
    let mut wire = attendant.meet().await;
    let expected = [
        json!([403, "Extension.InvalidExtensionName", "Empty extension name"]),
        json!([403, "Extension.InvalidEventType", "SHUTDOWN: ShutdownEventNotSupportedForInternalExtension"]),
        json!([403, "Extension.InvalidEventType", "SLEEP: ErrorInvalidEventType"]),
        json!([403, "Extension.MissingExtensionIdentifier", "Missing Lambda-Extension-Identifier header"]),
        json!([403, "Extension.InvalidExtensionIdentifier", "Invalid Lambda-Extension-Identifier"]),
        json!([
            403,
            "Extension.UnknownExtensionIdentifier",
            "Unknown extension 00000000-0000-0000-0000-000000000000"
        ]),
        json!([403, "Extension.TooManyExtensions", "Extension limit (10) reached"]),
        json!([403, "Extension.InvalidExtensionState", "Extension with this name already registered"]),
    ];
    for each in expected {
        assert_eq!(wire.hear().await, json!([each]));
    }
    assert_eq!(wire.hear().await, json!([200]));
    assert_eq!(wire.hear().await[0][1], "Extension.InvalidExtensionState");
    assert_eq!(wire.hear().await[0][1], "Extension.MissingHeader");
    // Nine that registered never ask for an event, so the initialisation would never end.
    rig.runner.shutdown().await;
    assert!(invoked.await.unwrap().unwrap().function_error.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_internal_extension_lets_the_runtime_end_well() {
    for rig in [Rig::new(), Rig::unsandboxed()] {
        let attendant = Attendant::new().await;
        let text = "
import threading
say(register(['SHUTDOWN'])[1]['errorType'])
say(register(['INVOKE'])[0])
def attend():
    while True:
        say(following()['eventType'])
def end(*_):
    say('told to end')
    hear()
    os._exit(0)
signal.signal(signal.SIGTERM, end)
threading.Thread(target=attend, daemon=True).start()
def handler(e, c):
    return 1
";
        let function = attendant.internal(&rig, text).await;
        let (answer, mut wire) = tokio::join!(rig.answer(&function, "1"), attendant.meet());
        assert_eq!(answer, 1);
        assert_eq!(wire.hear().await, json!(["Extension.InvalidEventType"]));
        assert_eq!(wire.hear().await, json!([200]));
        assert_eq!(wire.hear().await, json!(["INVOKE"]));
        let gone = tokio::spawn({
            let runner = rig.runner.clone();
            async move { runner.shutdown().await }
        });
        assert_eq!(wire.hear().await, json!(["told to end"]));
        wire.say("well").await;
        gone.await.unwrap();
        rig.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_timeout_extensions_hear_why() {
    let (clock, rig) = frozen();
    let attendant = Attendant::new().await;
    let hang = "import signal\ndef handler(e, c):\n    signal.pause()";
    let mut function = attendant.function(&rig, hang, &[("watcher", FAITHFUL)]).await;
    function.timeout = Duration::from_secs(3);
    let time = async {
        let mut wire = attendant.meet().await;
        assert_eq!(wire.hear().await[0]["eventType"], "INVOKE");
        clock.advance(Duration::from_secs(3));
        wire
    };
    let ((error_type, _), mut wire) = tokio::join!(rig.failure(&function, "1"), time);
    assert_eq!(error_type, "Sandbox.Timedout");
    assert_eq!(wire.hear().await[0]["shutdownReason"], "timeout");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_runtime_that_ends_is_a_failure_to_extensions() {
    let rig = Rig::new();
    let attendant = Attendant::new().await;
    let exit = "import os\ndef handler(e, c):\n    os._exit(4)";
    let function = attendant.function(&rig, exit, &[("watcher", FAITHFUL)]).await;
    let ((error_type, message), mut wire) = tokio::join!(rig.failure(&function, "1"), attendant.meet());
    assert_eq!(error_type, "Runtime.ExitError");
    assert!(message.ends_with("exit status 4"), "{message}");
    assert_eq!(wire.hear().await[0]["eventType"], "INVOKE");
    assert_eq!(wire.hear().await[0]["shutdownReason"], "failure");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_extension_that_never_asks_again_has_the_functions_time() {
    let (clock, rig) = frozen();
    let attendant = Attendant::new().await;
    let text = "\nregister(['INVOKE', 'SHUTDOWN'])\nfollowing()\nsay('busy')\nsignal.pause()\n";
    let mut function = attendant.function(&rig, ECHO, &[("lazy", text)]).await;
    function.timeout = Duration::from_secs(3);
    let (_, mut wire) = tokio::join!(rig.answer(&function, "1"), attendant.meet());
    assert_eq!(wire.hear().await, json!(["busy"]));
    let reported = async {
        while !rig.seen.0.lock().unwrap().iter().any(|line| line.contains("Status: timeout")) {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        () = reported => {}
        () = pass(&clock, Duration::from_secs(3)) => {}
    }
    // It is not told of the end, for it does not ask, and it is killed.
    tokio::select! {
        end = wire.hear() => assert_eq!(end, json!(null)),
        () = pass(&clock, Duration::from_secs(2)) => {}
    }
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_left_of_those_who_do_not_want_to_go() {
    for (mode, marker) in [(SandboxMode::Auto, "86396.125"), (SandboxMode::Off, "86396.375")] {
        let clock = Clock::frozen_at(Timestamp::from_second(1_700_000_000).unwrap());
        let rig = Rig::with(clock.clone(), |settings| settings.sandbox = mode);
        let attendant = Attendant::new().await;
        let text = format!(
            "\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nregister(['INVOKE', 'SHUTDOWN'])\n\
             subprocess.Popen(['sleep', '{marker}'])\nfollowing()\nsay('busy')\nwhile True:\n    say(following()['eventType'])\n    print('x' * 100000)\n    signal.pause()\n"
        );
        let stubborn = format!(
            "import signal, subprocess\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\nsubprocess.Popen(['sleep', '{marker}'])\ndef handler(e, c):\n    return 1"
        );
        let function = attendant.function(&rig, &stubborn, &[("stubborn", &text)]).await;
        let (_, mut wire) = tokio::join!(rig.answer(&function, "1"), attendant.meet());
        assert_eq!(wire.hear().await, json!(["busy"]));
        let gone = tokio::spawn({
            let runner = rig.runner.clone();
            async move { runner.shutdown().await }
        });
        tokio::select! {
            gone = gone => gone.unwrap(),
            () = pass(&clock, Duration::from_millis(300)) => {}
        }
        assert!(ends(marker), "something is left");
        rig.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_environments_are_reaped_with_their_extensions() {
    let (clock, rig) = frozen();
    let attendant = Attendant::new().await;
    let function = attendant.function(&rig, ECHO, &[("watcher", FAITHFUL)]).await;
    let (is_ready, mut wire) = tokio::join!(rig.runner.warm(&function), attendant.meet());
    assert_eq!(is_ready, Ok(true));
    clock.advance(Duration::from_secs(301));
    assert_eq!(wire.hear().await[0]["shutdownReason"], "spindown");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_extensions_print_is_in_the_log_of_the_function() {
    let rig = Rig::new();
    let attendant = Attendant::new().await;
    let text = format!("print('from the extension', flush=True)\n{FAITHFUL}");
    let function = attendant.function(&rig, ECHO, &[("talker", &text)]).await;
    let outcome = rig.invoke(&function, "1").await;
    assert!(outcome.function_error.is_none(), "{}", told(&outcome));
    let tail = String::from_utf8(outcome.whole_tail().await).unwrap();
    assert!(
        tail.starts_with("EXTENSION\tName: talker\tState: Ready\t") && tail.contains("\nSTART "),
        "{tail}"
    );
    while !rig.seen.0.lock().unwrap().iter().any(|line| line == "from the extension") {
        tokio::task::yield_now().await;
    }
    rig.finish().await;
}
