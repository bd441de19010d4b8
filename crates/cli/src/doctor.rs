//! `fogbank doctor`: what this machine can run, and how well functions are isolated on it.

use std::process::ExitCode;
use std::sync::Arc;

use kernel::{Clock, Ids, Timestamp};
use runner::{LogPlace, LogSink, Runner, RunnerSettings, SandboxStatus};
use settings::Settings;

use crate::refuse;

/// Nothing is run, so nothing is logged.
struct Silence;

impl LogSink for Silence {
    fn log(&self, _: &LogPlace, _: &str, _: Vec<(Timestamp, String)>) {}
}

/// Tells what this machine can do.
pub fn doctor(settings: &Settings) -> ExitCode {
    let Ok(folder) = tempfile::tempdir() else { return refuse("cannot make a temporary folder") };
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => return refuse(&format!("cannot start threads: {error}")),
    };
    let _inside = runtime.enter();
    let sdk = settings.sdk_folder();
    let settings = RunnerSettings { sdk: Some(sdk.clone()), ..RunnerSettings::new(folder.path()) };
    let runner = Runner::new(settings, Clock::real(), Ids::random(), Arc::new(Silence));
    println!("Runtimes of Lambda:");
    for found in runner.runtimes() {
        match found.interpreter {
            Some(program) => {
                println!("  {:<16} {} (version {})", found.name, program.display(), found.version)
            }
            None => println!("  {:<16} the function's own program", found.name),
        }
    }
    match runner.sdk().python.first().and_then(|path| path.parent()) {
        Some(folder) => println!("boto3 for functions that do not bring it: {}", folder.display()),
        None => println!(
            "boto3 for functions that do not bring it: none (pip install --target {} boto3)",
            sdk.join("python").display()
        ),
    }
    match runner.sandbox_status() {
        SandboxStatus::Full => println!("Sandbox: functions have files, processes and users of their own."),
        SandboxStatus::None(reason) => {
            println!("Sandbox: none, functions can read this machine's files ({reason}).");
        }
    }
    ExitCode::SUCCESS
}
