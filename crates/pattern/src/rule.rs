//! What a single value may be.

use regex::Regex;
use serde_json::{Number, Value};

use crate::cidr::Cidr;
use crate::numeric::Range;

/// A rule for one value.
#[derive(Clone, Debug)]
pub enum Rule {
    /// Everything but what one of these matches.
    AnythingBut(Vec<Rule>),
    /// An address in a range.
    Cidr(Cidr),
    /// This value.
    Equals(Value),
    /// Whether there is a value at all.
    Exists(bool),
    /// This text, whatever the case of its letters.
    IgnoreCase(String),
    /// A number in a range.
    Numeric(Range),
    /// A text that begins so.
    Prefix(String),
    /// A text that begins so, whatever the case of its letters.
    PrefixIgnoreCase(String),
    /// A text that ends so.
    Suffix(String),
    /// A text that ends so, whatever the case of its letters.
    SuffixIgnoreCase(String),
    /// A text with anything in the place of asterisks.
    Wildcard(Regex),
}

impl Rule {
    /// Whether a value, which is neither an array nor an object, is one of those.
    pub fn holds(&self, value: &Value) -> bool {
        let text = value.as_str();
        let lower = |text: &str| text.to_lowercase();
        match self {
            Self::AnythingBut(rules) => !rules.iter().any(|rule| rule.holds(value)),
            Self::Cidr(cidr) => text.is_some_and(|text| cidr.contains(text)),
            Self::Equals(Value::Number(wanted)) => value.as_number().is_some_and(|given| same(wanted, given)),
            Self::Equals(wanted) => wanted == value,
            Self::Exists(wanted) => *wanted,
            Self::IgnoreCase(wanted) => text.is_some_and(|text| lower(text) == *wanted),
            Self::Numeric(range) => value.as_f64().is_some_and(|number| range.contains(number)),
            Self::Prefix(start) => text.is_some_and(|text| text.starts_with(start)),
            Self::PrefixIgnoreCase(start) => text.is_some_and(|text| lower(text).starts_with(start)),
            Self::Suffix(end) => text.is_some_and(|text| text.ends_with(end)),
            Self::SuffixIgnoreCase(end) => text.is_some_and(|text| lower(text).ends_with(end)),
            Self::Wildcard(regex) => text.is_some_and(|text| regex.is_match(text)),
        }
    }

    /// Whether it holds where there is no value.
    pub fn holds_of_nothing(&self) -> bool {
        matches!(self, Self::Exists(false))
    }

    /// The rule of a text with asterisks; a backslash takes the next asterisk or backslash for itself.
    pub fn wildcard(text: &str) -> Result<Self, String> {
        let mut pattern = String::from("(?s)^");
        let mut characters = text.chars().peekable();
        let mut was_asterisk = false;
        while let Some(character) = characters.next() {
            let literal = match character {
                '*' if was_asterisk => return Err("Consecutive wildcard characters at pos".to_owned()),
                '*' => {
                    pattern.push_str(".*");
                    was_asterisk = true;
                    continue;
                }
                '\\' => match characters.next() {
                    Some(next @ ('*' | '\\')) => next,
                    _ => return Err("Invalid escape character at pos".to_owned()),
                },
                other => other,
            };
            was_asterisk = false;
            pattern.push_str(&regex::escape(literal.encode_utf8(&mut [0; 4])));
        }
        pattern.push('$');
        Regex::new(&pattern).map(Self::Wildcard).map_err(|_| "Rule is too complex - try using fewer wildcard characters or fewer repeating character sequences after a wildcard character".to_owned())
    }
}

/// Whether two numbers are the same, however they are written.
fn same(left: &Number, right: &Number) -> bool {
    left == right || left.as_f64().is_some_and(|left| Some(left) == right.as_f64())
}
