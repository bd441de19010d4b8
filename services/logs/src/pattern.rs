//! Filter patterns made of terms: all of the plain ones, none of those with `-`, one of those with `?`.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html>

use api_logs::LogsError;

use crate::errors;

/// A pattern of terms.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Pattern {
    all: Vec<String>,
    none: Vec<String>,
    any: Vec<String>,
}

impl Pattern {
    /// Parses a pattern. JSON, space-delimited and regular expression patterns are refused, not guessed at.
    pub fn parse(text: &str) -> Result<Self, LogsError> {
        let text = text.trim();
        if text.starts_with(['{', '[', '%']) {
            return Err(errors::not_emulated("JSON, space-delimited and regular expression filter patterns"));
        }
        let mut pattern = Self::default();
        let mut rest = text;
        while !rest.is_empty() {
            let (list, after) = match rest.as_bytes()[0] {
                b'-' => (&mut pattern.none, &rest[1..]),
                b'?' => (&mut pattern.any, &rest[1..]),
                _ => (&mut pattern.all, rest),
            };
            let (term, after) = term(after)?;
            list.push(term.to_owned());
            rest = after.trim_start();
        }
        Ok(pattern)
    }

    /// Whether a message matches.
    pub fn matches(&self, message: &str) -> bool {
        let has = |term: &String| message.contains(term.as_str());
        // AWS overlooks optional terms beside required ones.
        let is_optional = self.all.is_empty() && !self.any.is_empty();
        self.all.iter().all(has) && !self.none.iter().any(has) && (!is_optional || self.any.iter().any(has))
    }
}

/// The next term, quoted or up to a space, and what follows.
fn term(text: &str) -> Result<(&str, &str), LogsError> {
    if let Some(quoted) = text.strip_prefix('"') {
        let end = quoted.find('"').ok_or_else(errors::invalid_pattern)?;
        return Ok((&quoted[..end], &quoted[end + 1..]));
    }
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    let term = &text[..end];
    // Other characters than letters, digits and underscores must be quoted.
    let is_plain = !term.is_empty() && term.chars().all(|c| c.is_alphanumeric() || c == '_');
    if is_plain { Ok((term, &text[end..])) } else { Err(errors::invalid_pattern()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of AWS's documentation.
    #[test]
    fn terms_as_documented() {
        let matches = |pattern: &str, message: &str| Pattern::parse(pattern).unwrap().matches(message);
        assert!(matches("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
        assert!(!matches("ERROR ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST"));
        assert!(matches("?ERROR ?ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST"));
        assert!(matches("\"INTERNAL SERVER ERROR\"", "[ERROR 500] INTERNAL SERVER ERROR"));
        assert!(!matches("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
        assert!(matches("", "anything"));
    }

    #[test]
    fn what_cannot_be_parsed_is_refused() {
        assert!(Pattern::parse("\"open").is_err());
        assert!(Pattern::parse("a-b").is_err());
        assert!(Pattern::parse("{ $.level = \"x\" }").is_err());
    }
}
