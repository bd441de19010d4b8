//! The lines AWS logs around each invocation.

use std::time::Duration;

use kernel::Timestamp;
use serde_json::{Value, json};

use super::failure::Failure;
use crate::telemetry::{Api, Hub};
use crate::{FunctionSpec, LogLevels};

/// What the REPORT line tells.
pub(crate) struct Report<'a> {
    pub request_id: &'a str,
    pub duration: Duration,
    pub billed: Duration,
    pub memory_mb: u32,
    pub max_memory_mb: u64,
    pub init: Option<Duration>,
    pub failure: Option<&'a Failure>,
}

impl Report<'_> {
    /// What is told of the end, in the form that the function has chosen.
    pub fn text(&self, spec: &FunctionSpec, now: Timestamp) -> String {
        let Some(levels) = &spec.json_logs else { return self.lines() };
        let record = self.record();
        // Only what went wrong is worth a warning.
        if self.failure.is_none() {
            platform(levels, now, "report", record)
        } else {
            line(now, "report", record)
        }
    }

    /// Tells extensions of the end.
    pub fn tell(&self, hub: &Hub) {
        if let Some(text) = self.failure.and_then(|failure| failure.log.as_ref()) {
            hub.platform("platform.fault", json!(text.trim_end()));
        }
        hub.platform("platform.end", json!({ "requestId": self.request_id }));
        hub.platform("platform.report", self.record());
    }

    /// What is told of the end, as JSON.
    pub fn record(&self) -> Value {
        let mut record = json!({
            "requestId": self.request_id,
            "metrics": {
                "durationMs": round(self.duration),
                "billedDurationMs": self.billed.as_millis() as u64,
                "memorySizeMB": self.memory_mb,
                "maxMemoryUsedMB": self.max_memory_mb,
            },
            "status": "success",
        });
        if let Some(init) = self.init {
            record["metrics"]["initDurationMs"] = json!(round(init));
        }
        match self.failure {
            Some(failure) if failure.timed_out => record["status"] = json!("timeout"),
            Some(failure) => {
                record["status"] = json!("error");
                record["errorType"] = json!(failure.error_type);
            }
            None => {}
        }
        record
    }

    /// The END and REPORT lines.
    pub fn lines(&self) -> String {
        let mut line = format!(
            "END RequestId: {0}\nREPORT RequestId: {0}\tDuration: {1:.2} ms\tBilled Duration: {2} ms\tMemory Size: {3} MB\tMax Memory Used: {4} MB\t",
            self.request_id,
            millis(self.duration),
            self.billed.as_millis(),
            self.memory_mb,
            self.max_memory_mb,
        );
        if let Some(init) = self.init {
            line.push_str(&format!("Init Duration: {:.2} ms\t", millis(init)));
        }
        match self.failure {
            Some(failure) if failure.timed_out => line.push_str("Status: timeout"),
            // Errors that the handler reported itself leave no mark here; only a broken runtime does.
            Some(failure) if failure.log.is_some() => {
                line.push_str(&format!("Status: error\tError Type: {}", failure.error_type));
            }
            _ => {}
        }
        line.push('\n');
        line
    }
}

/// The START line.
pub(crate) fn start(spec: &FunctionSpec, request_id: &str, now: Timestamp) -> String {
    let version = &spec.version;
    match &spec.json_logs {
        None => format!("START RequestId: {request_id} Version: {version}\n"),
        Some(levels) => {
            platform(levels, now, "start", json!({ "requestId": request_id, "version": version }))
        }
    }
}

/// The INIT_START line.
pub(crate) fn init_start(spec: &FunctionSpec, runtime: &str, now: Timestamp) -> String {
    match &spec.json_logs {
        None => format!("INIT_START Runtime Version: {runtime}\n"),
        Some(levels) => {
            let record = json!({ "initializationType": spec.initialization(), "phase": "init", "runtimeVersion": runtime });
            platform(levels, now, "initStart", record)
        }
    }
}

/// The same for extensions, who are told more.
pub(crate) fn init_start_record(spec: &FunctionSpec, runtime: &str) -> Value {
    json!({
        "initializationType": spec.initialization(),
        "phase": "init",
        "runtimeVersion": runtime,
        "functionName": spec.name,
        "functionVersion": spec.version,
    })
}

/// The line about an extension after the initialisation.
pub(crate) fn extension(spec: &FunctionSpec, record: &Value, now: Timestamp) -> String {
    let Some(levels) = &spec.json_logs else {
        let (name, state, events) =
            (text(&record["name"]), text(&record["state"]), list(&record["events"], ","));
        let error = record.get("errorType").map(|error| format!("\tError Type: {}", text(error)));
        return format!(
            "EXTENSION\tName: {name}\tState: {state}\tEvents: [{events}]{}\n",
            error.unwrap_or_default()
        );
    };
    platform(levels, now, "extension", record.clone())
}

/// The line about an initialisation that failed.
pub(crate) fn init_report(spec: &FunctionSpec, duration: Duration, record: &Value, now: Timestamp) -> String {
    match &spec.json_logs {
        Some(_) => line(now, "initReport", record.clone()),
        None => format!(
            "INIT_REPORT Init Duration: {:.2} ms\tPhase: init\tStatus: error\tError Type: {}\n",
            millis(duration),
            text(&record["errorType"])
        ),
    }
}

/// The line about a subscription: `TELEMETRY` or `LOGS`.
pub(crate) fn subscription(
    spec: &FunctionSpec,
    api: Api,
    record: &Value,
    titles: &[&str],
    now: Timestamp,
) -> String {
    let (word, kind) = match api {
        Api::Telemetry => ("TELEMETRY", "telemetrySubscription"),
        Api::Logs => ("LOGS", "logsSubscription"),
    };
    let Some(levels) = &spec.json_logs else {
        let (name, state, types) = (text(&record["name"]), text(&record["state"]), titles.join(", "));
        return format!("{word}\tName: {name}\tState: {state}\tTypes: [{types}]\n");
    };
    platform(levels, now, kind, record.clone())
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

fn list(value: &Value, separator: &str) -> String {
    value.as_array().into_iter().flatten().map(text).collect::<Vec<_>>().join(separator)
}

/// A line of the platform in JSON, if its level is asked for.
fn platform(levels: &LogLevels, now: Timestamp, kind: &str, record: Value) -> String {
    if levels.system == "WARN" {
        return String::new();
    }
    line(now, kind, record)
}

fn line(now: Timestamp, kind: &str, record: Value) -> String {
    let time = now.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
    format!("{}\n", json!({ "time": time, "type": format!("platform.{kind}"), "record": record }))
}

/// Rounded up to a millisecond, and never nothing.
pub(crate) fn billed(duration: Duration) -> Duration {
    Duration::from_millis((millis(duration).ceil() as u64).max(1))
}

/// Milliseconds to the microsecond, as JSON has them.
pub(crate) fn round(duration: Duration) -> f64 {
    (millis(duration) * 1000.0).round() / 1000.0
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_report_has_aws_tabs_and_units() {
        let report = Report {
            request_id: "r",
            duration: Duration::from_micros(1230),
            billed: billed(Duration::from_micros(1230)),
            memory_mb: 128,
            max_memory_mb: 35,
            init: Some(Duration::from_millis(100)),
            failure: None,
        };
        let expected = "END RequestId: r\nREPORT RequestId: r\tDuration: 1.23 ms\tBilled Duration: 2 ms\tMemory Size: 128 MB\tMax Memory Used: 35 MB\tInit Duration: 100.00 ms\t\n";
        assert_eq!(report.lines(), expected);
    }
}
