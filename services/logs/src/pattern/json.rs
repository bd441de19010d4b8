//! Conditions on messages that are JSON.

use serde_json::Value;

use super::cursor::Cursor;
use super::expression::{self, Comparison, Expression, Test};
use super::text_of;

/// What a JSON message must have.
#[derive(Debug)]
pub struct Condition(Expression<Path>);

/// A way into JSON: `$.a["b"][0][*]`.
#[derive(Debug)]
pub struct Path {
    text: String,
    steps: Vec<Step>,
}

#[derive(Debug)]
enum Step {
    Member(String),
    Index(usize),
    Every,
}

/// The JSON of a message, if it is an object or a list.
pub fn read(message: &str) -> Option<Value> {
    let message = message.trim_start();
    if !message.starts_with(['{', '[']) {
        return None;
    }
    serde_json::from_str(message).ok()
}

/// Parses `{ … }`.
pub fn parse(text: &str) -> Option<Condition> {
    let mut cursor = Cursor::new(text);
    if !cursor.take("{") {
        return None;
    }
    let parsed = expression::parse(&mut cursor, 0, &mut selector)?;
    (cursor.take("}") && cursor.rest().is_empty()).then_some(Condition(parsed))
}

/// Parses a selector that stands alone.
pub fn path(text: &str) -> Option<Path> {
    let mut cursor = Cursor::new(text);
    let path = selector(&mut cursor)?;
    cursor.rest().is_empty().then_some(path)
}

fn selector(cursor: &mut Cursor<'_>) -> Option<Path> {
    let start = cursor.rest();
    if !cursor.take("$") {
        return None;
    }
    let mut steps = Vec::new();
    loop {
        let raw = cursor.raw();
        if raw.starts_with('.') {
            cursor.skip(1);
            steps.push(member(cursor)?);
        } else if raw.starts_with('[') {
            cursor.skip(1);
            steps.push(bracket(cursor)?);
        } else {
            break;
        }
    }
    let text = start[..start.len() - cursor.raw().len()].to_owned();
    (!steps.is_empty()).then_some(Path { text, steps })
}

fn member(cursor: &mut Cursor<'_>) -> Option<Step> {
    let raw = cursor.raw();
    if raw.starts_with('*') {
        cursor.skip(1);
        return Some(Step::Every);
    }
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '@' | '/' | ':' | '#');
    let end = raw.find(|c: char| !is_name(c)).unwrap_or(raw.len());
    cursor.skip(end);
    (end > 0).then(|| Step::Member(raw[..end].to_owned()))
}

fn bracket(cursor: &mut Cursor<'_>) -> Option<Step> {
    let step = match cursor.rest().chars().next()? {
        '*' => {
            cursor.skip(1);
            Step::Every
        }
        quote @ ('"' | '\'') => Step::Member(cursor.quoted(quote)?),
        _ => Step::Index(cursor.bare()?.parse().ok()?),
    };
    cursor.take("]").then_some(step)
}

impl Path {
    /// Everything it leads to.
    pub fn find<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        let mut found = vec![value];
        for step in &self.steps {
            found = found.into_iter().flat_map(|value| step.take(value)).collect();
        }
        found
    }
}

impl Step {
    fn take<'v>(&self, value: &'v Value) -> Vec<&'v Value> {
        match (self, value) {
            (Self::Member(name), Value::Object(members)) => members.get(name).into_iter().collect(),
            (Self::Index(at), Value::Array(items)) => items.get(*at).into_iter().collect(),
            (Self::Every, Value::Array(items)) => items.iter().collect(),
            (Self::Every, Value::Object(members)) => members.values().collect(),
            _ => Vec::new(),
        }
    }
}

impl Condition {
    /// Whether JSON has what is asked for.
    pub fn holds(&self, value: &Value) -> bool {
        self.0.holds(&|path, test| {
            let found = path.find(value);
            match test {
                Test::Exists(wanted) => *wanted != found.is_empty(),
                test => found.into_iter().any(|value| passes(test, value)),
            }
        })
    }

    /// What the selectors lead to.
    pub fn extract(&self, value: &Value) -> Vec<(String, String)> {
        let mut paths = Vec::new();
        self.0.selectors(&mut paths);
        let found = paths.into_iter().filter_map(|path| {
            let value = path.find(value).first().and_then(|value| text_of(value))?;
            Some((path.text.clone(), value))
        });
        found.collect()
    }
}

fn passes(test: &Test, value: &Value) -> bool {
    match (test, value) {
        (Test::Number(comparison, number), Value::Number(value)) => {
            value.as_f64().is_some_and(|value| comparison.holds(value, *number))
        }
        (Test::Number(Comparison::NotEqual, number), Value::String(text)) => text.parse() != Ok(*number),
        (Test::Number(comparison, number), Value::String(text)) => {
            text.parse().is_ok_and(|value| comparison.holds(value, *number))
        }
        (Test::Text(is_equal, wild), value) => {
            text_of(value).is_some_and(|text| wild.matches(&text) == *is_equal)
        }
        (Test::Regex(is_equal, regex), value) => {
            text_of(value).is_some_and(|text| regex.is_match(&text) == *is_equal)
        }
        (Test::Bool(wanted), Value::Bool(value)) => wanted == value,
        (Test::Null, Value::Null) => true,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use crate::pattern::Pattern;

    /// The event of AWS's documentation, shortened.
    const EVENT: &str = r#"{"eventType": "UpdateTrail", "sourceIPAddress": "111.111.111.111",
        "arrayKey": ["value", "another value"],
        "objectList": [{"name": "a", "id": 1}, {"name": "b", "id": 2}],
        "SomeObject": null, "ThisFlag": true, "cluster.name": "c", "bandwidth": 75.5, "errorCode": 400}"#;

    fn matches(pattern: &str) -> bool {
        Pattern::parse(pattern).unwrap().matches(EVENT)
    }

    #[test]
    fn conditions_as_documented() {
        for pattern in [
            r#"{ $.eventType = "UpdateTrail" }"#,
            r#"{ $.sourceIPAddress != 123.123.* }"#,
            r#"{ $.sourceIPAddress = 111.111.* }"#,
            r#"{ $.arrayKey[0] = "value" }"#,
            r#"{ $.objectList[1].id = 2 }"#,
            r#"{ $.objectList[*].id = 2 }"#,
            "{ $.SomeObject IS NULL }",
            "{ $.SomeOtherObject NOT EXISTS }",
            "{ $.SomeObject EXISTS }",
            "{ $.ThisFlag IS TRUE }",
            r#"{ $.['cluster.name'] = "c" }"#.replace(".[", "[").as_str(),
            r#"{ $["cluster.name"] = "c" }"#,
            "{ $.bandwidth > 75 }",
            "{ $.bandwidth >= 7.55e1 }",
            "{ $.errorCode = 400 }",
            "{ $.eventType = %Update.*% }",
            "{ $.eventType = * }",
            r#"{ ($.eventType = "Nothing" || $.errorCode < 500) && ($.ThisFlag IS TRUE) }"#,
            r#"{ $.eventType = "Nothing" && $.errorCode = 1 || $.ThisFlag IS TRUE }"#,
        ] {
            assert!(matches(pattern), "{pattern}");
        }
        for pattern in [
            r#"{ $.eventType = "updatetrail" }"#,
            r#"{ $.arrayKey[0] = "another value" }"#,
            "{ $.ThisFlag IS FALSE }",
            "{ $.ThisFlag IS NULL }",
            "{ $.nothing != 1 }",
            "{ $.errorCode != 400 }",
            r#"{ $.eventType = "UpdateTrail" && $.errorCode = 1 }"#,
        ] {
            assert!(!matches(pattern), "{pattern}");
        }
        assert!(!Pattern::parse("{ $.a = 1 }").unwrap().matches("not JSON"));
    }

    #[test]
    fn what_cannot_be_parsed_is_refused() {
        for pattern in [
            "{",
            "{}",
            "{ $.a }",
            "{ $.a = }",
            "{ a = 1 }",
            "{ $.a > \"b\" }",
            "{ $.a = 1 } x",
            "{ ($.a = 1 }",
        ] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }

    #[test]
    fn what_selectors_lead_to() {
        let pattern = Pattern::parse("{ $.eventType = Update* && $.errorCode = 400 }").unwrap();
        let found = pattern.extract(EVENT);
        assert_eq!(found[0], ("$.eventType".to_owned(), "UpdateTrail".to_owned()));
        assert_eq!(found[1], ("$.errorCode".to_owned(), "400".to_owned()));
        assert_eq!(pattern.select(EVENT, "$.bandwidth").as_deref(), Some("75.5"));
    }
}
