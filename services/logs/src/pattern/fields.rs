//! Conditions on fields between spaces.

use super::cursor::Cursor;
use super::expression::{self, Comparison, Expression, Test};

/// What the fields of a message must be.
#[derive(Debug, Default)]
pub struct Fields {
    before: Vec<Field>,
    /// Whether any number of fields may stand between `before` and `after`.
    is_open: bool,
    after: Vec<Field>,
}

#[derive(Debug)]
struct Field {
    name: Option<String>,
    condition: Option<Expression<String>>,
}

/// Parses `[ … ]`.
pub fn parse(text: &str) -> Option<Fields> {
    let mut cursor = Cursor::new(text);
    let mut fields = Fields::default();
    cursor.take("[");
    if cursor.take("]") {
        // Nothing is asked for.
        fields.is_open = true;
        return cursor.rest().is_empty().then_some(fields);
    }
    loop {
        if cursor.take("...") {
            if fields.is_open {
                return None;
            }
            fields.is_open = true;
        } else {
            let field = field(&mut cursor)?;
            if fields.is_open { fields.after.push(field) } else { fields.before.push(field) }
        }
        if cursor.take("]") {
            return cursor.rest().is_empty().then_some(fields);
        }
        if !cursor.take(",") {
            return None;
        }
    }
}

fn field(cursor: &mut Cursor<'_>) -> Option<Field> {
    let rest = cursor.rest();
    if rest.starts_with([',', ']']) {
        // A field without a name: it must be there.
        return Some(Field { name: None, condition: None });
    }
    let name_ends = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
    let is_alone = name_ends > 0 && rest[name_ends..].trim_start().starts_with([',', ']']);
    if is_alone {
        cursor.skip(name_ends);
        return Some(Field { name: Some(rest[..name_ends].to_owned()), condition: None });
    }
    let condition = expression::parse(cursor, 0, &mut name)?;
    let mut names = Vec::new();
    condition.selectors(&mut names);
    Some(Field { name: names.first().map(|name| (*name).clone()), condition: Some(condition) })
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '-')
}

fn name(cursor: &mut Cursor<'_>) -> Option<String> {
    let rest = cursor.rest();
    let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
    cursor.skip(end);
    (end > 0).then(|| rest[..end].to_owned())
}

impl Fields {
    /// The named fields of a message and their values, if the message matches.
    pub fn matches(&self, message: &str) -> Option<Vec<(String, String)>> {
        let parts = split(message);
        let wanted = self.before.len() + self.after.len();
        if parts.len() < wanted || (parts.len() > wanted && !self.is_open) {
            return None;
        }
        let rear = parts.len() - self.after.len();
        let numbered = self.before.iter().enumerate().chain((rear..).zip(&self.after));
        let mut values: Vec<(String, String)> = Vec::with_capacity(wanted);
        for (at, field) in numbered.clone() {
            // Fields without a name, and all that an ellipsis covers, are called by their number.
            let name = field.name.clone().unwrap_or_else(|| (at + 1).to_string());
            values.push((name, parts[at].to_owned()));
        }
        let holds = numbered.clone().all(|(at, field)| {
            let own = field.name.as_deref();
            field.condition.as_ref().is_none_or(|condition| {
                condition.holds(&|name, test| {
                    let other =
                        || values.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str());
                    let value = if own == Some(name) { Some(parts[at]) } else { other() };
                    value.is_some_and(|value| passes(test, value))
                })
            })
        });
        holds.then_some(values)
    }
}

fn passes(test: &Test, value: &str) -> bool {
    match test {
        Test::Number(Comparison::NotEqual, number) => value.parse() != Ok(*number),
        Test::Number(comparison, number) => value.parse().is_ok_and(|value| comparison.holds(value, *number)),
        Test::Text(is_equal, wild) => wild.matches(value) == *is_equal,
        Test::Regex(is_equal, regex) => regex.is_match(value) == *is_equal,
        Test::Exists(wanted) => *wanted,
        Test::Bool(_) | Test::Null => false,
    }
}

/// The fields of a message: words, or what stands between quotes or square brackets.
fn split(message: &str) -> Vec<&str> {
    let mut fields = Vec::new();
    let mut rest = message.trim();
    while let Some(first) = rest.chars().next() {
        let close = match first {
            '"' => Some('"'),
            '[' => Some(']'),
            _ => None,
        };
        let end = close.and_then(|close| rest[1..].find(close));
        let (field, after) = match end {
            Some(end) => (&rest[1..=end], &rest[end + 2..]),
            None => rest.split_at(rest.find(char::is_whitespace).unwrap_or(rest.len())),
        };
        fields.push(field);
        rest = after.trim_start();
    }
    fields
}

#[cfg(test)]
mod tests {
    use crate::pattern::Pattern;

    /// The event of AWS's documentation.
    const EVENT: &str =
        r#"127.0.0.1 Prod frank [10/Oct/2000:13:25:15 -0700] "GET /index.html HTTP/1.0" 404 1534"#;

    #[test]
    fn conditions_as_documented() {
        let matches = |pattern: &str| Pattern::parse(pattern).unwrap().matches(EVENT);
        for pattern in [
            "[ip, user, username, timestamp, request = *.html*, status_code = 4*, bytes > 1000]",
            "[ip=%127\\.0\\.0\\.[1-9]%, user, username, timestamp, request = *.html*, status_code = 4*, bytes]",
            "[..., request = *.html*, status_code = 4*, bytes]",
            "[ip, user, username, timestamp, request, status_code = 404 || status_code = 410, bytes]",
            "[ip, ..., bytes]",
            "[...]",
            "[]",
            "[ip, , , , , status_code = 404, ]",
            "[w1 = \"127.0.0.1\", ...]",
        ] {
            assert!(matches(pattern), "{pattern}");
        }
        for pattern in [
            "[ip, user, username, timestamp, request, status_code]",
            "[ip, user, username, timestamp, request, status_code = 5*, bytes]",
            "[ip, user, username, timestamp, request, status_code, bytes > 2000]",
            "[w1 != \"127.0.0.1\", ...]",
        ] {
            assert!(!matches(pattern), "{pattern}");
        }
        let pattern = Pattern::parse("[ip, user, username, timestamp, request, status, bytes]").unwrap();
        assert_eq!(pattern.select(EVENT, "$bytes").as_deref(), Some("1534"));
        assert_eq!(pattern.extract(EVENT)[4].1, "GET /index.html HTTP/1.0");
    }

    #[test]
    fn what_cannot_be_parsed_is_refused() {
        for pattern in ["[", "[a", "[a = ]", "[..., ...]", "[a] b", "[a b]", "[a = 1 && ]"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
