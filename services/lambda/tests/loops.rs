//! Functions that invoke themselves, as SDKs do it: the trace header goes along.
#![allow(clippy::unwrap_used, reason = "test code fails by panicking")]

use std::sync::Arc;

use api_lambda::{
    CreateFunction, CreateFunctionInput, FunctionCode, Invoke, InvokeInput, PutFunctionRecursionConfig,
    PutFunctionRecursionConfigInput, RecursiveLoop, TenancyConfig, TenantIsolationMode,
};
use kernel::Timestamp;
use runner::{LogPlace, LogSink, Runner, RunnerSettings};
use serde_json::{Value, json};
use store::Store;
use testkit::Emulator;

const CODE: &str = r#"
import json, os, urllib.error, urllib.request

count = 0

def handler(event, context):
    global count
    count += 1
    if "endpoint" not in event:
        return [context.tenant_id, count]
    if event["n"] == event["end"]:
        return ["end", event["n"]]
    url = f"{event['endpoint']}/2015-03-31/functions/{context.function_name}/invocations"
    headers = {"X-Amzn-Trace-Id": os.environ["_X_AMZN_TRACE_ID"], "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260102/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0"}
    again = json.dumps({**event, "n": event["n"] + 1}).encode()
    try:
        return json.load(urllib.request.urlopen(urllib.request.Request(url, again, headers)))
    except urllib.error.HTTPError as error:
        return [error.headers["x-amzn-errortype"], event["n"]]
"#;

struct Nowhere;

impl LogSink for Nowhere {
    fn log(&self, _: &LogPlace, _: &str, _: Vec<(Timestamp, String)>) {}
}

struct Rig {
    emulator: Emulator,
    _folder: tempfile::TempDir,
}

impl Rig {
    async fn start(tenancy_config: Option<TenancyConfig>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let emulator = Emulator::start(|clock, ids| {
            let store = Store::memory(clock.clone(), ids.clone());
            let settings = RunnerSettings::new(folder.path());
            let runner = Runner::new(settings, clock.clone(), ids.clone(), Arc::new(Nowhere));
            vec![service_lambda::service(&store, &runner)]
        })
        .await;
        let input = CreateFunctionInput {
            function_name: "f".to_owned(),
            runtime: Some("python3.13".into()),
            role: "arn:aws:iam::000000000000:role/r".to_owned(),
            handler: Some("app.handler".to_owned()),
            code: FunctionCode { zip_file: Some(zipped().into()), ..FunctionCode::default() },
            tenancy_config,
            ..CreateFunctionInput::default()
        };
        emulator.context().call::<CreateFunction>(input).await.unwrap();
        Self { emulator, _folder: folder }
    }

    async fn invoke(&self, event: &Value, tenant: Option<&str>) -> Value {
        let input = InvokeInput {
            function_name: "f".to_owned(),
            payload: Some(event.to_string().into_bytes().into()),
            tenant_id: tenant.map(str::to_owned),
            ..InvokeInput::default()
        };
        let answer = self.emulator.context().call::<Invoke>(input).await.unwrap();
        serde_json::from_slice(&answer.payload.unwrap()).unwrap()
    }
}

fn zipped() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("app.py", zip::write::SimpleFileOptions::default()).unwrap();
    std::io::Write::write_all(&mut archive, CODE.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_seventeenth_invocation_of_a_circle_is_refused_unless_it_is_allowed() {
    let rig = Rig::start(None).await;
    let event =
        |end: u32| json!({ "endpoint": format!("http://{}", rig.emulator.address), "n": 1, "end": end });
    assert_eq!(rig.invoke(&event(16), None).await, json!(["end", 16]));
    assert_eq!(rig.invoke(&event(20), None).await, json!(["RecursiveInvocationException", 16]));
    let input = PutFunctionRecursionConfigInput {
        function_name: "f".to_owned(),
        recursive_loop: RecursiveLoop::Allow,
    };
    rig.emulator.context().call::<PutFunctionRecursionConfig>(input).await.unwrap();
    assert_eq!(rig.invoke(&event(18), None).await, json!(["end", 18]));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tenant_has_environments_of_its_own() {
    let rig = Rig::start(Some(TenancyConfig { tenant_isolation_mode: TenantIsolationMode::PerTenant })).await;
    for (tenant, count) in [("blue", 1), ("blue", 2), ("green", 1), ("blue", 3), ("green", 2)] {
        assert_eq!(rig.invoke(&json!({}), Some(tenant)).await, json!([tenant, count]));
    }
}
