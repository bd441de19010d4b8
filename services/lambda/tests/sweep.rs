//! Unpacked code goes when no function has it any more.
#![allow(clippy::unwrap_used, reason = "test code fails by panicking")]
#![allow(clippy::disallowed_methods, reason = "it is the disk that is looked at")]

use std::io::Write;
use std::sync::Arc;
use std::time::Duration;

use api_lambda::{
    CreateFunction, CreateFunctionInput, DeleteFunction, DeleteFunctionInput, FunctionCode,
    UpdateFunctionCode, UpdateFunctionCodeInput,
};
use kernel::work::{Next, Worker};
use kernel::{Bytes, Context, Timestamp};
use runner::{LogPlace, LogSink, Runner, RunnerSettings};
use store::Store;
use testkit::Emulator;

struct Nowhere;

impl LogSink for Nowhere {
    fn log(&self, _: &LogPlace, _: &str, _: Vec<(Timestamp, String)>) {}
}

#[tokio::test(flavor = "multi_thread")]
async fn code_that_nobody_has_is_removed() {
    let folder = tempfile::tempdir().unwrap();
    let mut workers = Vec::new();
    let emulator = Emulator::start(|clock, ids| {
        let store = Store::memory(clock.clone(), ids.clone());
        let settings = RunnerSettings::new(folder.path());
        let runner = Runner::new(settings, clock.clone(), ids.clone(), Arc::new(Nowhere));
        let service = service_lambda::service(&store, &runner);
        workers = service.workers.clone();
        vec![service]
    })
    .await;
    let cx = emulator.context();
    let worker = workers.into_iter().find(|worker| worker.name() == "lambda.code").unwrap();
    let unpacked = || std::fs::read_dir(folder.path().join("code")).unwrap().count();

    // What an earlier process has left behind goes at once.
    std::fs::create_dir_all(folder.path().join("code/0123")).unwrap();
    std::fs::create_dir_all(folder.path().join("images/.unpacking-1")).unwrap();
    create(&cx, 1).await;
    worker.run(&cx).await.unwrap();
    assert_eq!(unpacked(), 1);
    assert_eq!(std::fs::read_dir(folder.path().join("images")).unwrap().count(), 0);

    for number in 2..5 {
        update(&cx, number).await;
    }
    assert_eq!(unpacked(), 4);
    look_later(&cx, worker.as_ref()).await;
    assert_eq!(unpacked(), 1);

    let input = DeleteFunctionInput { function_name: "f".to_owned(), ..DeleteFunctionInput::default() };
    cx.call::<DeleteFunction>(input).await.unwrap();
    look_later(&cx, worker.as_ref()).await;
    assert_eq!(unpacked(), 0);
}

/// Deployments come in bursts, so it is looked a little later.
async fn look_later(cx: &Context, worker: &dyn Worker) {
    let Next::At(due) = worker.run(cx).await.unwrap() else { panic!("nothing is planned") };
    let wait = due.duration_since(cx.clock.now());
    cx.clock.advance(Duration::try_from(wait).unwrap());
    assert!(matches!(worker.run(cx).await.unwrap(), Next::WhenWoken));
}

async fn create(cx: &Context, number: usize) {
    let input = CreateFunctionInput {
        function_name: "f".to_owned(),
        runtime: Some("python3.13".into()),
        role: "arn:aws:iam::000000000000:role/r".to_owned(),
        handler: Some("app.handler".to_owned()),
        code: FunctionCode { zip_file: Some(zipped(number)), ..FunctionCode::default() },
        ..CreateFunctionInput::default()
    };
    cx.call::<CreateFunction>(input).await.unwrap();
}

async fn update(cx: &Context, number: usize) {
    let input = UpdateFunctionCodeInput {
        function_name: "f".to_owned(),
        zip_file: Some(zipped(number)),
        ..UpdateFunctionCodeInput::default()
    };
    cx.call::<UpdateFunctionCode>(input).await.unwrap();
}

fn zipped(number: usize) -> Bytes {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    archive.start_file("app.py", zip::write::SimpleFileOptions::default()).unwrap();
    write!(archive, "number = {number}").unwrap();
    archive.finish().unwrap().into_inner().into()
}
