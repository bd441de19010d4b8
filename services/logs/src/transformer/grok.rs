//! `grok`: AWS's patterns with names, put together to one regular expression.
//!
//! What stands between the patterns is taken as it is: AWS's examples have bare brackets there. The pattern is for the
//! whole text. The library named grok takes both otherwise, and has patterns that AWS has not.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/CloudWatch-Logs-Transformation-Configurable.html>

use std::collections::HashMap;

use api_logs::LogsError;
use kernel::Timestamp;
use regex::Regex;
use serde_json::{Map, Value};

use super::grok_patterns::{COMMON, FREE, PATTERNS};
use super::invalid;
use super::path::{Fields, Path};

/// Patterns of one expression, and how many of those that take anything.
const MOST: usize = 20;
const MOST_FREE: usize = 5;

/// How deep patterns lie in each other.
const DEEPEST: usize = 8;

/// An expression.
#[derive(Debug)]
pub struct Grok {
    regex: Regex,
    captures: Vec<Capture>,
}

/// A group of the expression, in order.
#[derive(Debug)]
struct Capture {
    path: Path,
    kind: Kind,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Text,
    /// A text without the quotes around it.
    Quoted,
    /// Part of a common format, where numbers are numbers and times are ISO 8601.
    Common,
}

/// A part of what people write.
enum Part<'t> {
    Literal(String),
    Pattern(&'t str, Option<&'t str>),
}

fn parts(text: &str) -> Result<Vec<Part<'_>>, LogsError> {
    let mut parts = Vec::new();
    let mut rest = text;
    let mut literal = String::new();
    while let Some(c) = rest.chars().next() {
        if let Some(body) = rest.strip_prefix("%{") {
            let end = body.find('}').ok_or_else(|| invalid("a grok pattern is not closed"))?;
            parts.push(Part::Literal(std::mem::take(&mut literal)));
            let (name, field) =
                body[..end].split_once(':').map_or((&body[..end], None), |(name, field)| (name, Some(field)));
            parts.push(Part::Pattern(name, field));
            rest = &body[end + 1..];
            continue;
        }
        rest = &rest[c.len_utf8()..];
        if c != '\\' {
            literal.push(c);
            continue;
        }
        let escaped = rest.chars().next().filter(|c| !c.is_alphanumeric());
        let escaped =
            escaped.ok_or_else(|| invalid("grok takes no regular expressions between its patterns"))?;
        literal.push(escaped);
        rest = &rest[escaped.len_utf8()..];
    }
    parts.push(Part::Literal(literal));
    Ok(parts)
}

/// Refuses more patterns than AWS takes, and common formats where they do not belong.
fn check(names: &[&str]) -> Result<(), LogsError> {
    if names.is_empty() || names.len() > MOST {
        return Err(invalid(format!("grok takes from 1 to {MOST} patterns")));
    }
    if names.iter().filter(|name| FREE.contains(name)).count() > MOST_FREE {
        return Err(invalid(format!("grok takes at most {MOST_FREE} of the patterns {}", FREE.join(", "))));
    }
    for name in names {
        let known = PATTERNS.iter().find(|(known, ..)| known == name);
        let Some((_, most, _)) = known else {
            return Err(invalid(format!("there is no grok pattern {name}")));
        };
        if names.iter().filter(|other| *other == name).count() > *most {
            return Err(invalid(format!("grok takes the pattern {name} at most {most} times")));
        }
    }
    if names.iter().any(|name| COMMON.contains(name)) {
        let follows = |name: &&str| ["DATA", "GREEDYDATA", "GREEDYDATA_MULTILINE"].contains(name);
        if !COMMON.contains(&names[0]) || names.len() > 2 || !names[1..].iter().all(follows) {
            return Err(invalid(
                "a common log pattern of grok comes first, and only one DATA, GREEDYDATA or GREEDYDATA_MULTILINE \
                 follows it",
            ));
        }
    }
    Ok(())
}

impl Grok {
    /// Reads an expression.
    pub fn new(text: &str) -> Result<Self, LogsError> {
        let parts = parts(text)?;
        let named: Vec<_> = parts
            .iter()
            .filter_map(|part| match part {
                Part::Pattern(name, _) => Some(*name),
                Part::Literal(_) => None,
            })
            .collect();
        check(&named)?;
        let mut captures = Vec::new();
        let mut source = String::from(r"\A");
        for part in parts {
            match part {
                Part::Literal(text) => source.push_str(&regex::escape(&text)),
                Part::Pattern(name, field) => {
                    let kind = if COMMON.contains(&name) { Kind::Common } else { Kind::Text };
                    source.push_str(&expand(name, field, kind, &mut captures, 0)?);
                }
            }
        }
        source.push_str(r"\z");
        let regex = Regex::new(&source).map_err(|error| invalid(format!("grok: {error}")))?;
        Ok(Self { regex, captures })
    }

    /// The fields of a text.
    pub fn parse(&self, text: &str) -> Result<Fields, String> {
        let found = self.regex.captures(text).ok_or("grok: the text does not match")?;
        let mut fields = Map::new();
        for (at, capture) in self.captures.iter().enumerate() {
            let Some(value) = found.get(at + 1) else { continue };
            if let Some(value) = capture.value(value.as_str()) {
                // Where a pattern names a field twice, the first that is there counts.
                capture.path.set(&mut fields, value, false);
            }
        }
        Ok(fields)
    }
}

impl Capture {
    fn value(&self, text: &str) -> Option<Value> {
        match self.kind {
            Kind::Text => Some(text.into()),
            Kind::Quoted => Some(text.get(1..text.len() - 1).unwrap_or_default().into()),
            Kind::Common if text.is_empty() => None,
            Kind::Common => {
                let is_named = |names: &[&str]| names.iter().any(|name| self.path.is(name));
                if is_named(&["status_code", "response_size", "pri", "version"]) {
                    return Some(text.parse::<i64>().map_or_else(|_| text.into(), Value::from));
                }
                Some(if is_named(&["timestamp"]) { iso(text) } else { text.to_owned() }.into())
            }
        }
    }
}

/// A time of Apache's and NGINX's logs as ISO 8601; others are so already.
fn iso(text: &str) -> String {
    match Timestamp::strptime("%d/%b/%Y:%H:%M:%S %z", text) {
        Ok(time) => time.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        Err(_) => text.to_owned(),
    }
}

/// A pattern as a regular expression; what it names goes to `captures`.
fn expand(
    name: &str,
    field: Option<&str>,
    kind: Kind,
    captures: &mut Vec<Capture>,
    depth: usize,
) -> Result<String, LogsError> {
    let definition = definitions().get(name).filter(|_| depth < DEEPEST);
    let mut rest = *definition.ok_or_else(|| invalid(format!("there is no grok pattern {name}")))?;
    let mut source = String::from("(?:");
    if let Some(field) = field {
        if field.contains(':') {
            return Err(invalid("grok converts no types; typeConverter does"));
        }
        let kind = if name == "QUOTEDSTRING" { Kind::Quoted } else { kind };
        captures.push(Capture { path: Path::parse(field)?, kind });
        source = String::from("(");
    }
    while let Some(start) = rest.find("%{") {
        let end = rest[start..].find('}').map_or(rest.len(), |end| start + end);
        let (inner, field) = match rest[start + 2..end].split_once(':') {
            Some((inner, field)) => (inner, Some(field)),
            None => (&rest[start + 2..end], None),
        };
        source.push_str(&ascii(&rest[..start]));
        source.push_str(&expand(inner, field, kind, captures, depth + 1)?);
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    source.push_str(&ascii(rest));
    source.push(')');
    Ok(source)
}

/// Java's classes are those of ASCII.
fn ascii(source: &str) -> String {
    source.replace(r"\w", "[0-9A-Za-z_]").replace(r"\d", "[0-9]").replace(r"\b", r"(?-u:\b)")
}

fn definitions() -> &'static HashMap<&'static str, &'static str> {
    static ALL: std::sync::LazyLock<HashMap<&str, &str>> = std::sync::LazyLock::new(|| {
        PATTERNS.iter().map(|(name, _, definition)| (*name, *definition)).collect()
    });
    &ALL
}
