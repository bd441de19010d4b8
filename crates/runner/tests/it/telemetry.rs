//! Telemetry: what extensions are told of the platform, the function and each other.

use serde_json::{Value, json};

use crate::attendant::{Attendant, Wire};
use crate::rig::{REQUEST, Rig};

/// Subscribes with a listener of its own and passes on what comes.
const LISTENER: &str = "
import http.server, threading
class Listener(http.server.BaseHTTPRequestHandler):
    def take(self):
        batch = json.loads(self.rfile.read(int(self.headers['Content-Length'])))
        self.send_response(200)
        self.end_headers()
        for record in batch:
            say(self.command, self.path, record)
    do_POST = do_PUT = take
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(('sandbox.localdomain', 0), Listener)
threading.Thread(target=server.serve_forever, daemon=True).start()
BUFFERING = {'maxItems': 1000, 'maxBytes': 262144, 'timeoutMs': 25}
DESTINATION = {'protocol': 'HTTP', 'URI': 'http://sandbox.localdomain:%d/telemetry' % server.server_port}
def go_on():
    while following()['eventType'] == 'INVOKE':
        pass
";

const PRINTER: &str = "print('at the start')\ndef handler(e, c):\n    print('hello')\n    return 'answer'";

/// Whether the name resolves here: it does in a sandbox.
fn is_sandboxed(rig: &Rig) -> bool {
    rig.runner.sandbox_status() == runner::SandboxStatus::Full
}

/// Records until one of that type has come, without their times.
async fn until(wire: &mut Wire, last: &str) -> Vec<Value> {
    let mut all = Vec::new();
    loop {
        let told = wire.hear().await;
        assert_ne!(told, json!(null), "the extension has ended: {all:?}");
        assert_eq!(told[1], "/telemetry");
        let record = told[2].clone();
        assert!(record["time"].as_str().unwrap().ends_with('Z'));
        let is_last = record["type"] == last;
        all.push(record);
        if is_last {
            return all;
        }
    }
}

fn of<'a>(all: &'a [Value], kind: &str) -> &'a Value {
    &all.iter().find(|record| record["type"] == kind).unwrap_or_else(|| panic!("no {kind} in {all:#?}"))["record"]
}

#[tokio::test(flavor = "multi_thread")]
async fn the_telemetry_api_tells_everything() {
    let rig = Rig::new();
    if !is_sandboxed(&rig) {
        return;
    }
    let attendant = Attendant::new().await;
    let text = format!(
        "{LISTENER}
register(['INVOKE', 'SHUTDOWN'])
print('an extension speaks', flush=True)
ASK = dict(schemaVersion='2022-12-13', types=['platform', 'function', 'extension'], buffering=BUFFERING, destination=DESTINATION)
say(subscribe('/2022-07-01/telemetry', **ASK))
say(subscribe('/2022-07-01/telemetry', **ASK))
say(subscribe('/2022-07-01/telemetry', **{{**ASK, 'types': []}}))
say(subscribe('/2020-08-15/logs', **{{**ASK, 'schemaVersion': '2020-08-15'}})[0])
go_on()
"
    );
    let function = attendant.function(&rig, PRINTER, &[("ear", &text)]).await;
    let (answer, mut wire) = tokio::join!(rig.answer(&function, "1"), attendant.meet());
    assert_eq!(answer, "answer");
    let mut direct = Vec::new();
    let mut records = Vec::new();
    while direct.len() < 4 || !records.iter().any(|record: &Value| record["type"] == "platform.report") {
        let told = wire.hear().await;
        assert_ne!(told, json!(null), "{records:#?}");
        if told[1] == "/telemetry" { records.push(told[2].clone()) } else { direct.push(told[0].clone()) }
    }
    let refused = json!([400, {"errorType": "ValidationError", "errorMessage": "types should not be empty"}]);
    assert_eq!(direct, [json!([200, "OK"]), json!([200, "OK"]), refused, json!(400)]);

    let subscribed =
        json!({"name": "ear", "state": "Subscribed", "types": ["platform", "function", "extension"]});
    assert_eq!(*of(&records, "platform.telemetrySubscription"), subscribed);
    let init = of(&records, "platform.initStart");
    assert_eq!((&init["initializationType"], &init["phase"]), (&json!("on-demand"), &json!("init")));
    assert_eq!(of(&records, "platform.initRuntimeDone")["status"], "success");
    assert_eq!(of(&records, "platform.extension")["events"], json!(["INVOKE", "SHUTDOWN"]));
    assert!(of(&records, "platform.initReport")["metrics"]["durationMs"].is_f64());
    let start = of(&records, "platform.start");
    assert_eq!((&start["requestId"], &start["version"]), (&json!(REQUEST), &json!("$LATEST")));
    let done = of(&records, "platform.runtimeDone");
    assert_eq!((&done["status"], &done["metrics"]["producedBytes"]), (&json!("success"), &json!(8)));
    let report = of(&records, "platform.report");
    assert_eq!((&report["status"], &report["metrics"]["memorySizeMB"]), (&json!("success"), &json!(256)));
    assert_eq!(*of(&records, "extension"), "an extension speaks");
    let lines: Vec<_> = records.iter().filter(|record| record["type"] == "function").collect();
    assert_eq!(lines.iter().map(|line| &line["record"]).collect::<Vec<_>>(), ["at the start", "hello"]);
    assert!(!records.iter().any(|record| record["type"] == "platform.end"));

    let seen = rig.seen.0.lock().unwrap().clone();
    let line =
        |state| format!("TELEMETRY\tName: ear\tState: {state}\tTypes: [Platform, Function, Extension]");
    assert!(seen.contains(&line("Subscribed")) && seen.contains(&line("Already subscribed")), "{seen:?}");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_logs_api_has_records_of_its_own() {
    let rig = Rig::new();
    if !is_sandboxed(&rig) {
        return;
    }
    let attendant = Attendant::new().await;
    let text = format!(
        "{LISTENER}
register(['INVOKE', 'SHUTDOWN'])
subscribe('/2020-08-15/logs', types=['platform'], buffering=BUFFERING, destination=dict(DESTINATION, method='PUT'))
go_on()
"
    );
    let function = attendant.function(&rig, PRINTER, &[("old", &text)]).await;
    let (_, mut wire) = tokio::join!(rig.answer(&function, "1"), attendant.meet());
    let records = until(&mut wire, "platform.report").await;
    let kinds: Vec<_> = records.iter().map(|record| record["type"].as_str().unwrap()).collect();
    let expected = [
        "platform.logsSubscription",
        "platform.extension",
        "platform.start",
        "platform.end",
        "platform.report",
    ];
    assert_eq!(kinds, expected);
    assert_eq!(*of(&records, "platform.end"), json!({"requestId": REQUEST}));
    let line = "LOGS\tName: old\tState: Subscribed\tTypes: [Platform]";
    assert!(rig.seen.0.lock().unwrap().iter().any(|seen| seen == line));
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn tcp_has_a_record_a_line() {
    let rig = Rig::unsandboxed();
    let attendant = Attendant::new().await;
    let text = "
server = socket.create_server(('127.0.0.1', 0))
register(['INVOKE', 'SHUTDOWN'])
ASK = dict(schemaVersion='2025-01-29', types=['function'], buffering={'timeoutMs': 25})
assert subscribe('/2022-07-01/telemetry', **ASK, destination={'protocol': 'TCP', 'port': server.getsockname()[1]})[0] == 200
following()
for line in server.accept()[0].makefile():
    say('POST', '/telemetry', json.loads(line))
    if 'last' in line:
        break
following()
";
    let printer = "import json\ndef handler(e, c):\n    print(json.dumps({'level': 'INFO', 'message': 'hello'}))\n    print('last')";
    let mut function = attendant.function(&rig, printer, &[("wire", text)]).await;
    let levels = runner::LogLevels { application: "INFO".into(), system: "INFO".into() };
    function.json_logs = Some(levels);
    let (_, mut wire) = tokio::join!(rig.answer(&function, "1"), attendant.meet());
    assert_eq!(wire.hear().await[2]["record"], json!({"level": "INFO", "message": "hello"}));
    assert_eq!(wire.hear().await[2]["record"], "last");
    let extension =
        rig.seen.0.lock().unwrap().iter().any(|line| line.contains("\"type\":\"platform.extension\""));
    assert!(extension, "the platform's lines are not JSON");
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_listener_that_does_not_listen_holds_nobody_up() {
    let rig = Rig::new();
    let attendant = Attendant::new().await;
    let text = "
server = socket.create_server(('127.0.0.1', 0))
register(['INVOKE', 'SHUTDOWN'])
ASK = dict(schemaVersion='2022-07-01', types=['platform', 'function'], buffering={'timeoutMs': 25})
URI = 'http://sandbox.localdomain:%d' % server.getsockname()[1]
assert subscribe('/2022-07-01/telemetry', **ASK, destination={'protocol': 'HTTP', 'URI': URI})[0] == 200
while following()['eventType'] == 'INVOKE':
    say('done')
";
    let flood = "def handler(e, c):\n    for number in range(20 * 1024):\n        print('x' * 1023)\n    return 'done'";
    let function = attendant.function(&rig, flood, &[("deaf", text)]).await;
    let (answer, mut wire) = tokio::join!(rig.answer(&function, "1"), attendant.meet());
    assert_eq!(answer, "done");
    assert_eq!(wire.hear().await, json!(["done"]));
    rig.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_subscribes_during_the_initialisation_only() {
    let rig = Rig::new();
    let attendant = Attendant::new().await;
    let text = "
register(['INVOKE', 'SHUTDOWN'])
following()
ASK = dict(schemaVersion='2022-07-01', types=['platform'], destination={'protocol': 'TCP', 'port': 9})
say(subscribe('/2022-07-01/telemetry', **ASK))
following()
";
    let function = attendant.function(&rig, PRINTER, &[("late", text)]).await;
    let (_, mut wire) = tokio::join!(rig.answer(&function, "1"), attendant.meet());
    let told = wire.hear().await;
    assert_eq!(
        (&told[0][0], &told[0][1]["errorType"]),
        (&json!(403), &json!("Telemetry.SubscriptionClosed"))
    );
    rig.finish().await;
}
