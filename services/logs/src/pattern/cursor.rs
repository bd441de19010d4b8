//! Reads a pattern from left to right.

use regex::Regex;

use super::REGEXES;

/// Characters that end an unquoted value.
const STOPS: &[char] = &[',', ')', '}', ']', '&', '|', '=', '<', '>', '!', '"', '('];

/// What is left of a pattern.
pub struct Cursor<'a> {
    rest: &'a str,
    regexes: usize,
}

impl<'a> Cursor<'a> {
    /// The whole text.
    pub fn new(text: &'a str) -> Self {
        Self { rest: text, regexes: 0 }
    }

    /// What is left, without spaces before it.
    pub fn rest(&mut self) -> &'a str {
        self.rest = self.rest.trim_start();
        self.rest
    }

    /// What is left, as it is.
    pub fn raw(&self) -> &'a str {
        self.rest
    }

    /// Goes on by that many bytes.
    pub fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Takes `token`, if it comes next.
    pub fn take(&mut self, token: &str) -> bool {
        let is_next = self.rest().starts_with(token);
        if is_next {
            self.skip(token.len());
        }
        is_next
    }

    /// Takes a word in whatever case, if it comes next and ends there.
    pub fn word(&mut self, word: &str) -> bool {
        let rest = self.rest();
        let Some(head) = rest.get(..word.len()) else { return false };
        let ends = !rest[word.len()..].starts_with(|c: char| c.is_alphanumeric() || c == '_');
        let is_next = ends && head.eq_ignore_ascii_case(word);
        if is_next {
            self.skip(word.len());
        }
        is_next
    }

    /// Takes a text in quotes; `\"` stands for a quote.
    pub fn quoted(&mut self, quote: char) -> Option<String> {
        let body = self.rest().strip_prefix(quote)?;
        let mut text = String::new();
        let mut characters = body.char_indices();
        while let Some((at, c)) = characters.next() {
            match c {
                _ if c == quote => {
                    self.rest = &body[at + c.len_utf8()..];
                    return Some(text);
                }
                '\\' => match characters.next()?.1 {
                    next if next == quote || next == '\\' => text.push(next),
                    next => text.extend(['\\', next]),
                },
                _ => text.push(c),
            }
        }
        None
    }

    /// Takes a regular expression between percent signs.
    pub fn regex(&mut self) -> Option<Regex> {
        let body = self.rest().strip_prefix('%')?;
        let (end, _) = body.char_indices().find(|(at, c)| *c == '%' && !body[..*at].ends_with('\\'))?;
        self.regexes += 1;
        self.rest = &body[end + 1..];
        if self.regexes > REGEXES || end == 0 {
            return None;
        }
        Regex::new(&body[..end]).ok()
    }

    /// Takes characters up to a space or a sign of the language.
    pub fn bare(&mut self) -> Option<&'a str> {
        let rest = self.rest();
        let end = rest.find(|c: char| c.is_whitespace() || STOPS.contains(&c)).unwrap_or(rest.len());
        self.skip(end);
        (end > 0).then(|| &rest[..end])
    }
}
