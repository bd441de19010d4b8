//! Terms: all of the plain ones, none of those with `-`, one of those with `?`.

use regex::Regex;

use super::cursor::Cursor;

/// A pattern of terms.
#[derive(Debug, Default)]
pub struct Terms {
    all: Vec<Term>,
    none: Vec<Term>,
    any: Vec<Term>,
}

#[derive(Debug)]
enum Term {
    Text(String),
    Regex(Regex),
}

impl Term {
    fn is_in(&self, message: &str) -> bool {
        match self {
            Self::Text(text) => message.contains(text.as_str()),
            Self::Regex(regex) => regex.is_match(message),
        }
    }
}

impl Terms {
    /// Whether a message matches.
    pub fn matches(&self, message: &str) -> bool {
        let has = |term: &Term| term.is_in(message);
        // AWS overlooks optional terms beside required ones.
        let is_optional = self.all.is_empty() && !self.any.is_empty();
        self.all.iter().all(has) && !self.none.iter().any(has) && (!is_optional || self.any.iter().any(has))
    }
}

/// Parses terms; nothing for what is not a pattern.
pub fn parse(text: &str) -> Option<Terms> {
    let mut terms = Terms::default();
    let mut cursor = Cursor::new(text);
    while !cursor.rest().is_empty() {
        let list = match cursor.rest().as_bytes()[0] {
            b'-' => &mut terms.none,
            b'?' => &mut terms.any,
            _ => &mut terms.all,
        };
        if cursor.rest().starts_with(['-', '?']) {
            cursor.skip(1);
        }
        list.push(term(&mut cursor)?);
    }
    Some(terms)
}

fn term(cursor: &mut Cursor<'_>) -> Option<Term> {
    match cursor.raw().chars().next()? {
        '"' => cursor.quoted('"').map(Term::Text),
        '%' => cursor.regex().map(Term::Regex),
        _ => {
            let raw = cursor.raw();
            let end = raw.find(char::is_whitespace).unwrap_or(raw.len());
            cursor.skip(end);
            // Other characters than letters, digits and underscores must be quoted.
            let is_plain = end > 0 && raw[..end].chars().all(|c| c.is_alphanumeric() || c == '_');
            is_plain.then(|| Term::Text(raw[..end].to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::pattern::Pattern;

    /// The examples of AWS's documentation.
    #[test]
    fn terms_as_documented() {
        let matches = |pattern: &str, message: &str| Pattern::parse(pattern).unwrap().matches(message);
        assert!(matches("ERROR ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
        assert!(!matches("ERROR ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST"));
        assert!(matches("?ERROR ?ARGUMENTS", "[ERROR 401] UNAUTHORIZED REQUEST"));
        assert!(!matches("?WARN ?INFO", "[ERROR 401] UNAUTHORIZED REQUEST"));
        assert!(matches("\"INTERNAL SERVER ERROR\"", "[ERROR 500] INTERNAL SERVER ERROR"));
        assert!(!matches("ERROR -ARGUMENTS", "[ERROR 419] MISSING ARGUMENTS"));
        assert!(matches("%AUTHORIZED%", "[ERROR 401] UNAUTHORIZED REQUEST"));
        assert!(matches("%ERROR [0-9]{3}%", "[ERROR 401] UNAUTHORIZED REQUEST"));
        assert!(matches("?%4[0-9]{2}% ?WARN", "[ERROR 401] UNAUTHORIZED REQUEST"));
        assert!(matches(" ", "anything"));
        assert!(matches("\"a \\\"b\\\"\"", "a \"b\""));
    }

    #[test]
    fn what_cannot_be_parsed_is_refused() {
        for pattern in ["\"open", "a-b", "%open", "%[%", "?", "-", "%a% %b% %c%"] {
            assert!(Pattern::parse(pattern).is_err(), "{pattern}");
        }
    }
}
