//! The lines AWS logs around each invocation.

use std::time::Duration;

use super::failure::Failure;

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
pub(crate) fn start(request_id: &str, version: &str) -> String {
    format!("START RequestId: {request_id} Version: {version}\n")
}

/// Rounded up to a millisecond, and never nothing.
pub(crate) fn billed(duration: Duration) -> Duration {
    Duration::from_millis((millis(duration).ceil() as u64).max(1))
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
