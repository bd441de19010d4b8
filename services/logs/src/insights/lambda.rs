//! What Insights finds in the lines that Lambda writes.

use super::value::Value;

const NAMES: [&str; 8] = [
    "billedDuration",
    "duration",
    "initDuration",
    "maxMemoryUsed",
    "memorySize",
    "requestId",
    "type",
    "xrayTraceId",
];

/// The names of the fields that a line has.
pub fn names(message: &str) -> impl Iterator<Item = &'static str> {
    NAMES.into_iter().filter(|name| field(message, name).is_present())
}

/// A field of a line.
pub fn field(message: &str, name: &str) -> Value {
    let kind = message.split(' ').next().unwrap_or_default();
    if !matches!(kind, "START" | "END" | "REPORT") {
        return Value::Missing;
    }
    match name {
        "type" => Value::Text(kind.to_owned()),
        "requestId" => text(message, "RequestId: "),
        "xrayTraceId" => text(message, "XRAY TraceId: "),
        "duration" => number(message, "\tDuration: ", 1.0),
        "billedDuration" => number(message, "Billed Duration: ", 1.0),
        "initDuration" => number(message, "Init Duration: ", 1.0),
        // Megabytes are a million bytes here.
        "memorySize" => number(message, "Memory Size: ", 1e6),
        "maxMemoryUsed" => number(message, "Max Memory Used: ", 1e6),
        _ => Value::Missing,
    }
}

fn word<'m>(message: &'m str, label: &str) -> Option<&'m str> {
    message.split_once(label)?.1.split_whitespace().next()
}

fn text(message: &str, label: &str) -> Value {
    word(message, label).map_or(Value::Missing, |word| Value::Text(word.to_owned()))
}

fn number(message: &str, label: &str, unit: f64) -> Value {
    Value::of(word(message, label).and_then(|word| word.parse().ok()).map(|number: f64| number * unit))
}
