//! How a function's failure is told: AWS's error types and sentences.

use std::time::Duration;

use bytes::Bytes;
use serde_json::json;

use crate::process::Ending;

/// A function's failure.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    pub payload: Bytes,
    /// The type, as the REPORT line names it.
    pub error_type: String,
    /// The lines AWS logs about it.
    pub log: Option<String>,
    /// Whether time ran out, which the REPORT line tells apart.
    pub timed_out: bool,
}

impl Failure {
    /// What the runtime itself has posted.
    pub fn posted(payload: Bytes, error_type: Option<String>) -> Self {
        let error_type = error_type.unwrap_or_else(|| "Runtime.Unknown".to_owned());
        Self { payload, error_type, log: None, timed_out: false }
    }

    pub fn timed_out(request_id: &str, now: jiff::Timestamp, timeout: Duration) -> Self {
        let sentence = format!("Task timed out after {:.2} seconds", timeout.as_secs_f64());
        let mut failure = Self::told("Sandbox.Timedout", request_id, &sentence);
        failure.log = Some(format!("{} {request_id} {sentence}\n", iso_millis(now)));
        failure.timed_out = true;
        failure
    }

    /// The process ended before it answered. An extension may have told why.
    pub fn exited(request_id: &str, ending: Ending, told: Option<&str>) -> Self {
        let sentence = match ending {
            Ending::Exited(0) => "Runtime exited without providing a reason".to_owned(),
            Ending::Exited(status) => format!("Runtime exited with error: exit status {status}"),
            Ending::Signalled(signal) => {
                format!("Runtime exited with error: signal: {}", signal_name(signal))
            }
        };
        Self::told(told.unwrap_or("Runtime.ExitError"), request_id, &sentence)
    }

    pub fn out_of_memory(request_id: &str) -> Self {
        Self::told("Runtime.OutOfMemory", request_id, "Runtime exited with error: signal: killed")
    }

    /// An extension's process ended although nobody had told it to.
    pub fn crashed(request_id: &str, error_type: &str, sentence: &str) -> Self {
        Self::told(error_type, request_id, sentence)
    }

    pub fn invalid_entrypoint(request_id: &str, sentence: &str) -> Self {
        Self::told("Runtime.InvalidEntrypoint", request_id, sentence)
    }

    pub fn response_too_large() -> Self {
        let sentence = format!(
            "Response payload size exceeded maximum allowed payload size ({} bytes).",
            crate::runtime_api::RESPONSE_LIMIT
        );
        let error_type = "Function.ResponseSizeTooLarge";
        let payload = json!({"errorType": error_type, "errorMessage": sentence}).to_string().into();
        Self { payload, error_type: error_type.to_owned(), log: None, timed_out: false }
    }

    fn told(error_type: &str, request_id: &str, sentence: &str) -> Self {
        let message = format!("RequestId: {request_id} Error: {sentence}");
        let payload = json!({"errorType": error_type, "errorMessage": message}).to_string().into();
        let log = Some(format!("{message}\n{error_type}\n"));
        Self { payload, error_type: error_type.to_owned(), log, timed_out: false }
    }
}

/// An instant to the millisecond, as in the log lines of AWS's runtimes.
pub(crate) fn iso_millis(instant: jiff::Timestamp) -> String {
    format!("{instant:.3}")
}

/// A signal's name as Go prints it, since AWS's supervisor is written in Go.
pub(crate) fn signal_name(signal: i32) -> String {
    let name = match signal {
        libc::SIGABRT => "aborted",
        libc::SIGBUS => "bus error",
        libc::SIGFPE => "floating point exception",
        libc::SIGHUP => "hangup",
        libc::SIGILL => "illegal instruction",
        libc::SIGINT => "interrupt",
        libc::SIGKILL => "killed",
        libc::SIGPIPE => "broken pipe",
        libc::SIGQUIT => "quit",
        libc::SIGSEGV => "segmentation fault",
        libc::SIGTERM => "terminated",
        libc::SIGTRAP => "trace/breakpoint trap",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_read_as_on_aws() {
        let timed_out = Failure::timed_out("r", jiff::Timestamp::UNIX_EPOCH, Duration::from_secs(3));
        assert_eq!(timed_out.log.unwrap(), "1970-01-01T00:00:00.000Z r Task timed out after 3.00 seconds\n");
        let killed = Failure::exited("r", Ending::Signalled(9), None);
        let expected = r#"{"errorType":"Runtime.ExitError","errorMessage":"RequestId: r Error: Runtime exited with error: signal: killed"}"#;
        assert_eq!(killed.payload, expected);
        let quiet = Failure::exited("r", Ending::Exited(0), None);
        assert!(quiet.log.unwrap().contains("Runtime exited without providing a reason"));
    }
}
