//! Tumbling windows: records of so many seconds, handed over with the state that the function left behind.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-windows.html>

use jiff::SignedDuration;
use kernel::{Arn, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Bytes that a state may have: 1 MB.
const STATE: usize = 1_048_576;

/// A window that is open.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Window {
    /// Its first instant.
    pub start: Timestamp,
    /// The first instant behind it.
    pub end: Timestamp,
    /// What the function left behind, as JSON.
    state: String,
    /// Whether the state has become too large to go on.
    pub is_terminated_early: bool,
    /// Whether the function is called for its end.
    #[serde(skip)]
    is_final: bool,
}

impl Window {
    /// When the window of an instant begins: windows lie one behind the other since the beginning of time.
    pub fn start_of(at: Timestamp, seconds: i64) -> Timestamp {
        Timestamp::from_second(at.as_second().div_euclid(seconds) * seconds).unwrap_or(at)
    }

    /// A window without a state.
    pub fn new(start: Timestamp, seconds: i64) -> Self {
        let end = start.saturating_add(SignedDuration::from_secs(seconds)).unwrap_or(Timestamp::MAX);
        Self { start, end, state: "{}".to_owned(), is_terminated_early: false, is_final: false }
    }

    /// The window as the function sees it at its end.
    pub fn at_its_end(self) -> Self {
        Self { is_final: true, ..self }
    }

    /// What the function gets.
    pub fn event(&self, records: &[Value], stream: &Arn, shard: &str) -> Value {
        json!({
            "Records": records,
            "shardId": shard,
            "eventSourceARN": stream.to_string(),
            "window": { "start": format!("{:.0}", self.start), "end": format!("{:.0}", self.end) },
            "state": serde_json::from_str::<Value>(&self.state).unwrap_or_default(),
            "isFinalInvokeForWindow": self.is_final,
            "isWindowTerminatedEarly": self.is_terminated_early,
        })
    }

    /// Keeps the state of an answer; no state is an empty one.
    pub fn keep(&mut self, answer: &[u8]) {
        let answer: Value = serde_json::from_slice(answer).unwrap_or_default();
        let state = answer.get("state").filter(|state| state.is_object());
        let text = state.map_or_else(|| "{}".to_owned(), Value::to_string);
        if text.len() > STATE {
            self.is_terminated_early = true;
        } else {
            self.state = text;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_lie_side_by_side() {
        let at = |second| Timestamp::from_second(second).unwrap();
        assert_eq!(Window::start_of(at(119), 60), at(60));
        assert_eq!(Window::start_of(at(120), 60), at(120));
        let window = Window::new(at(60), 60);
        assert_eq!(window.end, at(120));
    }

    #[test]
    fn a_state_is_kept_unless_it_is_too_large() {
        let mut window = Window::new(Timestamp::UNIX_EPOCH, 60);
        window.keep(b"{\"state\": {\"sum\": 1}}");
        let large = json!({ "state": { "x": "y".repeat(STATE) } }).to_string();
        window.keep(large.as_bytes());
        let stream = Arn::parse("arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/s").unwrap();
        let event = window.event(&[], &stream, "shard");
        assert_eq!(event["state"], json!({ "sum": 1 }));
        assert_eq!(event["isWindowTerminatedEarly"], true);
        assert_eq!(
            event["window"],
            json!({ "start": "1970-01-01T00:00:00Z", "end": "1970-01-01T00:01:00Z" })
        );
    }
}
