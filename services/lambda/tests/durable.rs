//! Durable executions by the clock: a function that speaks the protocol itself, so that no SDK decides what is told.
#![allow(clippy::unwrap_used, reason = "test code fails by panicking")]

use std::sync::Arc;
use std::time::Duration;

use api_lambda::{
    CreateFunction, CreateFunctionInput, DurableConfig, EventType, ExecutionStatus, FunctionCode,
    GetDurableExecution, GetDurableExecutionHistory, GetDurableExecutionHistoryInput,
    GetDurableExecutionInput, GetDurableExecutionOutput, InvocationType, Invoke, InvokeInput,
    PauseDurableExecution, PauseDurableExecutionInput, ResumeDurableExecution, ResumeDurableExecutionInput,
    SendDurableExecutionCallbackHeartbeat, SendDurableExecutionCallbackHeartbeatInput,
};
use kernel::{Context, Timestamp};
use runner::{LogPlace, LogSink, Runner, RunnerSettings};
use store::Store;
use testkit::Emulator;

const DAY: u64 = 86_400;
/// Makes the updates of its input that are not made, and ends when all operations have.
const CODE: &str = r#"
import json, urllib.error, urllib.parse, urllib.request

def handler(event, context):
    state = event["InitialExecutionState"]["Operations"]
    asked = json.loads(state[0]["ExecutionDetails"]["InputPayload"])
    if asked.get("raises"):
        raise ValueError("no")
    known = {operation["Id"]: operation for operation in state[1:]}
    updates = [update for update in asked["updates"] if update["Id"] not in known]
    if updates:
        if asked.get("fill"):
            updates[0]["Payload"] = "x" * asked["fill"]
        arn = urllib.parse.quote(event["DurableExecutionArn"], safe="")
        body = json.dumps({"CheckpointToken": event["CheckpointToken"], "Updates": updates}).encode()
        url = f"{asked['endpoint']}/2025-12-01/durable-executions/{arn}/checkpoint"
        headers = {"Content-Type": "application/json", "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"}
        try:
            answer = json.load(urllib.request.urlopen(urllib.request.Request(url, body, headers)))
        except urllib.error.HTTPError as error:
            return {"Status": "FAILED", "Error": {"ErrorMessage": error.read().decode(), "ErrorType": str(error.code)}}
        known |= {operation["Id"]: operation for operation in answer["NewExecutionState"]["Operations"]}
    if any(operation["Status"] in ("STARTED", "PENDING") for operation in known.values()):
        return {"Status": "PENDING"}
    statuses = {id: operation["Status"] for id, operation in known.items()}
    return {"Status": "SUCCEEDED", "Result": json.dumps(statuses | {"updated": event["UpdatedOperationIds"]})}
"#;

struct Nowhere;

impl LogSink for Nowhere {
    fn log(&self, _: &LogPlace, _: &str, _: Vec<(Timestamp, String)>) {}
}

/// An emulator whose outbox is delivered, with a durable function.
struct Rig {
    emulator: Emulator,
    _folder: tempfile::TempDir,
}

impl Rig {
    async fn start(timeout: i32) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut made = None;
        let emulator = Emulator::start(|clock, ids| {
            let store = Store::memory(clock.clone(), ids.clone());
            let settings = RunnerSettings::new(folder.path());
            let runner = Runner::new(settings, clock.clone(), ids.clone(), Arc::new(Nowhere));
            let service = service_lambda::service(&store, &runner);
            made = Some((store, service.consumers.clone()));
            vec![service]
        })
        .await;
        let (store, consumers) = made.unwrap();
        tokio::spawn(background::run_outbox(store, consumers, emulator.context()));
        let rig = Self { emulator, _folder: folder };
        rig.create(timeout).await;
        rig
    }

    fn cx(&self) -> Context {
        self.emulator.context()
    }

    async fn create(&self, timeout: i32) {
        let input = CreateFunctionInput {
            function_name: "f".to_owned(),
            runtime: Some("python3.13".into()),
            role: "arn:aws:iam::000000000000:role/r".to_owned(),
            handler: Some("app.handler".to_owned()),
            timeout: Some(60),
            code: FunctionCode { zip_file: Some(zipped().into()), ..FunctionCode::default() },
            durable_config: Some(DurableConfig {
                kms_key_arn: None,
                retention_period_in_days: Some(2),
                execution_timeout: Some(timeout),
            }),
            ..CreateFunctionInput::default()
        };
        self.cx().call::<CreateFunction>(input).await.unwrap();
    }

    /// Starts an execution that makes these updates. The function is told where the server is.
    async fn begin(&self, updates: &str) -> String {
        let payload =
            format!(r#"{{"endpoint": "http://{}", "updates": [{updates}]}}"#, self.emulator.address);
        self.begin_with(&payload).await
    }

    async fn begin_with(&self, payload: &str) -> String {
        let input = InvokeInput {
            function_name: "f:$LATEST".to_owned(),
            invocation_type: Some(InvocationType::Event),
            payload: Some(payload.to_owned().into_bytes().into()),
            ..InvokeInput::default()
        };
        self.cx().call::<Invoke>(input).await.unwrap().durable_execution_arn.unwrap()
    }

    async fn get(&self, arn: &str) -> Result<GetDurableExecutionOutput, kernel::Fault> {
        let input = GetDurableExecutionInput {
            durable_execution_arn: arn.to_owned(),
            ..GetDurableExecutionInput::default()
        };
        self.cx().call::<GetDurableExecution>(input).await
    }

    async fn events(&self, arn: &str) -> Vec<api_lambda::Event> {
        let input = GetDurableExecutionHistoryInput {
            durable_execution_arn: arn.to_owned(),
            include_execution_data: Some(true),
            ..GetDurableExecutionHistoryInput::default()
        };
        self.cx().call::<GetDurableExecutionHistory>(input).await.unwrap().events
    }

    /// Waits until so many events of a kind have happened.
    async fn until(&self, arn: &str, kind: EventType, count: usize) -> Vec<api_lambda::Event> {
        loop {
            let events = self.events(arn).await;
            let happened = events.iter().filter(|event| event.event_type.as_ref() == Some(&kind)).count();
            if happened >= count {
                return events;
            }
            tokio::task::yield_now().await;
        }
    }

    fn advance(&self, seconds: u64) {
        self.emulator.clock.advance(Duration::from_secs(seconds));
    }
}

fn zipped() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("app.py", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, CODE.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

#[tokio::test]
async fn a_wait_of_a_day_and_its_retention_follow_the_clock() {
    let rig = Rig::start(864_000).await;
    let arn = rig
        .begin(r#"{"Id": "w", "Name": "night", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 86400}}"#)
        .await;
    rig.until(&arn, EventType::InvocationCompleted, 1).await;
    rig.advance(DAY - 1);
    assert_eq!(rig.get(&arn).await.unwrap().status, ExecutionStatus::Running);
    rig.advance(1);
    let events = rig.until(&arn, EventType::ExecutionSucceeded, 1).await;
    let kinds: Vec<_> =
        events.iter().map(|event| event.event_type.as_ref().unwrap().as_str().to_owned()).collect();
    let expected = [
        "ExecutionStarted",
        "WaitStarted",
        "InvocationCompleted",
        "WaitSucceeded",
        "InvocationCompleted",
        "ExecutionSucceeded",
    ];
    assert_eq!(kinds, expected);
    let execution = rig.get(&arn).await.unwrap();
    assert_eq!(execution.result.as_deref(), Some(r#"{"w": "SUCCEEDED", "updated": ["w"]}"#));
    // It is kept for two days.
    rig.advance(2 * DAY - 1);
    assert!(rig.get(&arn).await.is_ok());
    rig.advance(1);
    while rig.get(&arn).await.is_ok() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_heartbeat_puts_off_the_timeout_of_a_callback() {
    let rig = Rig::start(864_000).await;
    let arn = rig
        .begin(r#"{"Id": "c", "Type": "CALLBACK", "Action": "START", "CallbackOptions": {"TimeoutSeconds": 1000, "HeartbeatTimeoutSeconds": 100}}"#)
        .await;
    let events = rig.until(&arn, EventType::InvocationCompleted, 1).await;
    let started = events.iter().find_map(|event| event.callback_started_details.as_ref()).unwrap();
    assert_eq!((started.timeout, started.heartbeat_timeout), (Some(1000), Some(100)));
    rig.advance(99);
    let input = SendDurableExecutionCallbackHeartbeatInput { callback_id: started.callback_id.clone() };
    rig.cx().call::<SendDurableExecutionCallbackHeartbeat>(input).await.unwrap();
    rig.advance(99);
    assert_eq!(rig.get(&arn).await.unwrap().status, ExecutionStatus::Running);
    rig.advance(1);
    let events = rig.until(&arn, EventType::ExecutionSucceeded, 1).await;
    let timed_out = events.iter().find_map(|event| event.callback_timed_out_details.clone()).unwrap();
    let error = timed_out.error.payload.unwrap();
    assert_eq!(error.error_type.as_deref(), Some("Callback.Heartbeat"));
}

#[tokio::test]
async fn an_execution_times_out_and_a_pause_puts_that_off() {
    let rig = Rig::start(1000).await;
    let arn = rig
        .begin(r#"{"Id": "w", "Type": "WAIT", "Action": "START", "WaitOptions": {"WaitSeconds": 100000}}"#)
        .await;
    rig.until(&arn, EventType::InvocationCompleted, 1).await;
    let pause = PauseDurableExecutionInput { durable_execution_arn: arn.clone(), ..Default::default() };
    rig.cx().call::<PauseDurableExecution>(pause).await.unwrap();
    rig.advance(5000);
    assert_eq!(rig.get(&arn).await.unwrap().status, ExecutionStatus::Paused);
    let resume = ResumeDurableExecutionInput { durable_execution_arn: arn.clone(), ..Default::default() };
    rig.cx().call::<ResumeDurableExecution>(resume).await.unwrap();
    rig.advance(999);
    assert_eq!(rig.get(&arn).await.unwrap().status, ExecutionStatus::Running);
    rig.advance(1);
    rig.until(&arn, EventType::ExecutionTimedOut, 1).await;
    assert_eq!(rig.get(&arn).await.unwrap().status, ExecutionStatus::TimedOut);
}

#[tokio::test]
async fn a_function_that_fails_is_invoked_five_times() {
    let rig = Rig::start(1000).await;
    let arn = rig.begin_with(r#"{"raises": true}"#).await;
    for count in 1..5 {
        rig.until(&arn, EventType::InvocationCompleted, count).await;
        rig.advance(5);
    }
    let events = rig.until(&arn, EventType::ExecutionFailed, 1).await;
    let failed = events.iter().filter_map(|event| event.invocation_completed_details.as_ref());
    assert_eq!(failed.filter(|details| details.error.is_some()).count(), 5);
    let error = rig.get(&arn).await.unwrap().error.unwrap();
    assert_eq!(error.error_type.as_deref(), Some("ValueError"));
    assert_eq!(error.error_message.as_deref(), Some("no"));
}

#[tokio::test]
async fn a_payload_has_a_megabyte() {
    let rig = Rig::start(1000).await;
    let succeed = r#"[{"Id": "s", "Type": "STEP", "Action": "SUCCEED"}]"#;
    let address = rig.emulator.address;
    let ask =
        |fill: usize| format!(r#"{{"endpoint": "http://{address}", "updates": {succeed}, "fill": {fill}}}"#);
    let arn = rig.begin_with(&ask(1_048_577)).await;
    rig.until(&arn, EventType::ExecutionFailed, 1).await;
    let message = rig.get(&arn).await.unwrap().error.unwrap().error_message.unwrap();
    assert!(message.contains("STEP payload size must be less than or equal to 1048576 bytes."), "{message}");
    let arn = rig.begin_with(&ask(1_048_576)).await;
    rig.until(&arn, EventType::ExecutionSucceeded, 1).await;
}

#[tokio::test]
async fn what_a_checkpoint_must_not_say_is_refused() {
    let rig = Rig::start(1000).await;
    for (updates, words) in [
        (
            r#"{"Id": "s", "Type": "STEP", "Action": "CANCEL"}"#,
            "Invalid action for the given operation type.",
        ),
        (r#"{"Id": "w", "Type": "WAIT", "Action": "CANCEL"}"#, "Cannot cancel a WAIT"),
        (
            r#"{"Id": "s", "Type": "STEP", "Action": "START", "ParentId": "none"}"#,
            "Invalid parent operation id.",
        ),
        (r#"{"Id": "i", "Type": "CHAINED_INVOKE", "Action": "START"}"#, "requires ChainedInvokeOptions"),
        (r#"{"Id": "s", "Type": "STEP", "Action": "RETRY"}"#, "Invalid StepOptions"),
    ] {
        let arn = rig.begin(updates).await;
        rig.until(&arn, EventType::ExecutionFailed, 1).await;
        let error = rig.get(&arn).await.unwrap().error.unwrap();
        assert_eq!(error.error_type.as_deref(), Some("400"));
        assert!(error.error_message.as_deref().unwrap().contains(words), "{words}: {error:?}");
    }
}
