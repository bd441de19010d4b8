//! Runs people's code: Lambda functions as plain processes of this machine, sandboxed where the kernel allows it.
#![allow(
    clippy::disallowed_methods,
    reason = "running code means touching the disk, the environment and real time"
)]

mod attended;
mod code;
mod debug;
mod environment;
mod extensions;
mod function;
mod image;
mod interpreters;
mod invoke;
mod java;
mod launch;
mod logs;
mod outcome;
mod pool;
mod process;
mod runner;
mod runtime_api;
mod sandbox;
mod sdk;
mod settings;
mod telemetry;
mod variables;

pub use code::{CodeDir, UnpackError, ZipSource};
pub use function::{CredentialSource, Credentials, FunctionSpec, Invocation, LogLevels, StreamPart};
pub use image::{Container, Image, ImageError};
pub use interpreters::RuntimeInfo;
pub use logs::{LogPlace, LogSink};
pub use outcome::{FunctionError, Outcome, RunnerError};
pub use runner::Runner;
pub use sandbox::SandboxStatus;
pub use sdk::Sdk;
pub use settings::{RunnerSettings, SandboxMode};
