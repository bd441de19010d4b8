//! What came of an invocation.

pub(crate) mod failure;
pub(crate) mod report;

use std::fmt;
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::watch;

/// A function's answer, or how it failed.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The answer, or the description of the failure.
    pub payload: Bytes,
    /// Whether the function failed.
    pub function_error: Option<FunctionError>,
    /// The last 4 KB of what this invocation has logged, with its START, END and REPORT lines; where extensions still
    /// work on the event, without what comes once they are done.
    pub log_tail: Vec<u8>,
    /// The log stream of the environment that ran it.
    pub log_stream: String,
    /// How long the handler took.
    pub duration: Duration,
    /// The duration rounded up to a millisecond, with the initialisation that AWS bills.
    pub billed: Duration,
    /// How long the environment took to start, if it was started for this invocation.
    pub init: Option<Duration>,
    /// The most memory the environment's processes have used so far, in MB.
    pub max_memory_mb: u64,
    /// Where the tail comes once extensions are done.
    pub(crate) rest: Option<watch::Receiver<Option<Vec<u8>>>>,
}

impl Outcome {
    /// What is told of a function without an invocation of its own: there is no log and no time.
    pub fn told(payload: Bytes, function_error: Option<FunctionError>) -> Self {
        Self {
            payload,
            function_error,
            log_tail: Vec::new(),
            log_stream: String::new(),
            duration: Duration::ZERO,
            billed: Duration::ZERO,
            init: None,
            max_memory_mb: 0,
            rest: None,
        }
    }

    /// The tail with the last lines, which come only when extensions are done with the event.
    pub async fn whole_tail(&self) -> Vec<u8> {
        let Some(mut rest) = self.rest.clone() else { return self.log_tail.clone() };
        let told = rest.wait_for(Option::is_some).await.ok().and_then(|tail| tail.clone());
        told.unwrap_or_else(|| self.log_tail.clone())
    }
}

/// How a function failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FunctionError {
    /// The function said so itself. Only the oldest runtimes tell the difference.
    Handled,
    /// The function or its process ended in an error.
    Unhandled,
}

impl FunctionError {
    /// The value of the `X-Amz-Function-Error` header.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Handled => "Handled",
            Self::Unhandled => "Unhandled",
        }
    }
}

impl fmt::Display for FunctionError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Why a function could not be run at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RunnerError {
    /// This machine has no interpreter for the runtime.
    MissingInterpreter {
        /// The runtime asked for.
        runtime: String,
        /// The program that was looked for.
        wanted: String,
    },
    /// No runtime has this name, or it is not run here.
    UnknownRuntime(String),
    /// Images replace the root of the file system, which this machine does not allow.
    NoSandboxForImages,
    /// The process could not be started.
    CannotStart(String),
    /// As many environments as allowed are busy.
    TooManyEnvironments(usize),
    /// The runner has been shut down.
    Closed,
}

impl fmt::Display for RunnerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MissingInterpreter { runtime, wanted } => {
                write!(f, "The runtime {runtime} needs {wanted}, which is not installed on this machine.")
            }
            Self::UnknownRuntime(runtime) => write!(f, "The runtime {runtime} cannot be run here."),
            Self::NoSandboxForImages => f.write_str(
                "Container images run in a sandbox only, and this machine allows none: `fogbank doctor` tells why.",
            ),
            Self::CannotStart(reason) => write!(f, "The function's process could not be started: {reason}."),
            Self::TooManyEnvironments(limit) => {
                write!(f, "All {limit} execution environments that this server may start are busy.")
            }
            Self::Closed => f.write_str("The server is shutting down and starts no more functions."),
        }
    }
}

impl std::error::Error for RunnerError {}
