//! Case files: parsed into steps.

use std::time::Duration;

use serde_json::Value;

/// One step of a case.
#[derive(Debug)]
pub enum Step {
    /// A request and its answer.
    Call {
        /// The line, for messages.
        line: usize,
        /// The operation.
        operation: String,
        /// The input.
        input: Value,
        /// What must come back.
        answer: Answer,
    },
    /// The clock moves.
    Advance(Duration),
}

/// What must come back.
#[derive(Debug)]
pub enum Answer {
    /// An output.
    Output(u16, Value),
    /// An error: status; code and message; both in the query protocol, where they differ.
    Error(u16, (String, Option<String>), (Option<String>, Option<String>)),
}

/// The steps of a case file.
pub fn parse(text: &str) -> Vec<Step> {
    let mut lines = logical_lines(text).into_iter();
    let mut steps = Vec::new();
    while let Some((line, text)) = lines.next() {
        if let Some(time) = text.strip_prefix("advance ") {
            steps.push(Step::Advance(duration(time)));
            continue;
        }
        let (operation, input) = text.split_once(' ').unwrap_or((&text, "{}"));
        let input = serde_json::from_str(input).unwrap_or_else(|error| panic!("line {line}: {error}"));
        let (at, answer) = lines.next().unwrap_or_else(|| panic!("line {line}: no answer follows"));
        let answer = self::answer(at, &answer);
        steps.push(Step::Call { line, operation: operation.to_owned(), input, answer });
    }
    steps
}

/// Lines without comments; a line that starts with spaces continues the one before.
fn logical_lines(text: &str) -> Vec<(usize, String)> {
    let mut lines: Vec<(usize, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim().is_empty() || line.starts_with('#') {
            continue;
        }
        match lines.last_mut().filter(|_| line.starts_with(' ')) {
            Some((_, known)) => known.push_str(line.trim()),
            None => lines.push((index + 1, line.trim().to_owned())),
        }
    }
    lines
}

fn answer(line: usize, text: &str) -> Answer {
    let (status, rest) = text.split_once(' ').unwrap_or((text, "{}"));
    let status = status.parse().unwrap_or_else(|_| panic!("line {line}: `{status}` is not a status"));
    // An output that does not matter here is `"*"`.
    if rest.starts_with('{') || rest == r#""*""# {
        let output = serde_json::from_str(rest).unwrap_or_else(|error| panic!("line {line}: {error}"));
        return Answer::Output(status, output);
    }
    let (code, messages) = rest.split_once(' ').unwrap_or((rest, ""));
    let messages = serde_json::Deserializer::from_str(messages).into_iter::<String>();
    let mut messages = messages.map(|text| text.unwrap_or_else(|error| panic!("line {line}: {error}")));
    let (message, query_message) = (messages.next(), messages.next());
    let (code, query_code) = code.split_once('/').map_or((code, None), |(code, other)| (code, Some(other)));
    Answer::Error(status, (code.to_owned(), message), (query_code.map(str::to_owned), query_message))
}

fn duration(text: &str) -> Duration {
    let (number, unit) = text.split_at(text.len() - 1);
    let number: u64 = number.parse().unwrap_or_else(|_| panic!("`{text}` is not a time"));
    Duration::from_secs(
        number
            * match unit {
                "s" => 1,
                "m" => 60,
                "h" => 3600,
                "d" => 86_400,
                _ => panic!("`{unit}` is not a unit of time"),
            },
    )
}
