//! What is told, and how each API and version of a schema words it.

use bytes::Bytes;
use kernel::Timestamp;
use serde_json::{Value, json};

/// Who tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Category {
    Platform,
    Function,
    Extension,
}

impl Category {
    pub const ALL: [Self; 3] = [Self::Platform, Self::Function, Self::Extension];

    /// As requests name it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Platform => "platform",
            Self::Function => "function",
            Self::Extension => "extension",
        }
    }

    /// As the log names it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Platform => "Platform",
            Self::Function => "Function",
            Self::Extension => "Extension",
        }
    }
}

/// A version of a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dialect {
    /// The Logs API's two.
    Logs20200815,
    Logs20210318,
    /// The Telemetry API's three.
    Telemetry20220701,
    Telemetry20221213,
    Telemetry20250129,
}

impl Dialect {
    pub fn is_logs(self) -> bool {
        matches!(self, Self::Logs20200815 | Self::Logs20210318)
    }

    /// Whether lines in JSON are told as JSON.
    fn has_json_lines(self) -> bool {
        matches!(self, Self::Telemetry20221213 | Self::Telemetry20250129)
    }
}

/// Something told.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub category: Category,
    kind: &'static str,
    time: Timestamp,
    record: Value,
}

impl Record {
    pub fn line(category: Category, time: Timestamp, line: &str) -> Self {
        Self { category, kind: category.name(), time, record: json!(line) }
    }

    /// Of the platform; the record as the Telemetry API has it.
    pub fn platform(kind: &'static str, time: Timestamp, record: Value) -> Self {
        Self { category: Category::Platform, kind, time, record }
    }

    /// In that dialect, if it has such a thing.
    pub fn render(&self, dialect: Dialect, has_json_lines: bool) -> Option<Bytes> {
        let record = match dialect.is_logs() {
            true => self.for_logs(dialect)?,
            false => self.for_telemetry(dialect, has_json_lines)?,
        };
        let time = self.time.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string();
        Some(json!({ "time": time, "type": self.kind, "record": record }).to_string().into())
    }

    fn for_telemetry(&self, dialect: Dialect, has_json_lines: bool) -> Option<Value> {
        match self.kind {
            "platform.end" | "platform.fault" | "platform.logsSubscription" => None,
            "function" if has_json_lines && dialect.has_json_lines() => {
                let text = self.record.as_str().unwrap_or_default();
                let object = serde_json::from_str(text).ok().filter(Value::is_object);
                Some(object.unwrap_or_else(|| self.record.clone()))
            }
            _ => Some(self.record.clone()),
        }
    }

    /// The older API has fewer events, and fewer fields in them.
    fn for_logs(&self, dialect: Dialect) -> Option<Value> {
        let only = |fields: &[&str]| {
            let pairs = fields
                .iter()
                .filter_map(|field| Some(((*field).to_owned(), self.record.get(*field)?.clone())));
            Some(Value::Object(pairs.collect()))
        };
        match self.kind {
            "platform.start" => only(&["requestId", "version"]),
            "platform.runtimeDone" if dialect == Dialect::Logs20210318 => only(&["requestId", "status"]),
            "platform.report" => only(&["requestId", "metrics"]),
            "platform.runtimeDone" | "platform.telemetrySubscription" => None,
            kind if kind.starts_with("platform.init") => None,
            _ => Some(self.record.clone()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(record: &Record, dialect: Dialect, json: bool) -> Option<Value> {
        record.render(dialect, json).map(|bytes| serde_json::from_slice(&bytes).unwrap())
    }

    #[test]
    fn lines_in_json_are_json_since_the_second_version_of_the_schema() {
        let line = Record::line(Category::Function, Timestamp::UNIX_EPOCH, r#"{"level":"INFO"}"#);
        let text =
            json!({"time": "1970-01-01T00:00:00.000Z", "type": "function", "record": "{\"level\":\"INFO\"}"});
        assert_eq!(rendered(&line, Dialect::Telemetry20220701, true).unwrap(), text);
        assert_eq!(rendered(&line, Dialect::Telemetry20221213, false).unwrap(), text);
        let object = json!({"level": "INFO"});
        assert_eq!(rendered(&line, Dialect::Telemetry20221213, true).unwrap()["record"], object);
        assert_eq!(rendered(&line, Dialect::Telemetry20250129, true).unwrap()["record"], object);
    }

    #[test]
    fn the_older_api_has_its_own_events() {
        let done = json!({"requestId": "r", "status": "success", "metrics": {"durationMs": 1.0}});
        let done = Record::platform("platform.runtimeDone", Timestamp::UNIX_EPOCH, done);
        assert_eq!(rendered(&done, Dialect::Logs20200815, false), None);
        let told = rendered(&done, Dialect::Logs20210318, false).unwrap();
        assert_eq!(told["record"], json!({"requestId": "r", "status": "success"}));
        let end = Record::platform("platform.end", Timestamp::UNIX_EPOCH, json!({"requestId": "r"}));
        assert!(rendered(&end, Dialect::Logs20200815, false).is_some());
        assert_eq!(rendered(&end, Dialect::Telemetry20220701, false), None);
        let init = Record::platform("platform.initStart", Timestamp::UNIX_EPOCH, json!({}));
        assert_eq!(rendered(&init, Dialect::Logs20200815, false), None);
    }
}
