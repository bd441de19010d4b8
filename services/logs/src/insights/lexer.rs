//! Reads a query from left to right.

use regex::Regex;

use super::command::Problem;

/// Operators of one query: each nests what is before it.
const OPERATORS: usize = 500;

/// One word of a query.
#[derive(Clone, Debug, PartialEq)]
pub enum Token<'a> {
    /// A name, or a keyword.
    Name(&'a str),
    /// A name in backticks.
    Quoted(&'a str),
    /// A text in quotes.
    Text(String),
    /// A number.
    Number(f64),
    /// A number with a unit: `5m`.
    Period(f64, &'a str),
    /// Anything else.
    Sign(&'static str),
    /// Behind the last word.
    End,
}

const SIGNS: [&str; 21] = [
    "!=", "<=", ">=", "=~", "==", "=", "<", ">", "|", ",", "(", ")", "[", "]", "+", "-", "*", "/", "%", "^",
    ":",
];

/// A place in a query.
#[derive(Clone)]
pub struct Lexer<'a> {
    text: &'a str,
    at: usize,
    operators: usize,
}

impl<'a> Lexer<'a> {
    /// The beginning of a query.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0, operators: 0 }
    }

    /// Skips spaces and comments.
    fn rest(&mut self) -> &'a str {
        loop {
            let rest = &self.text[self.at..];
            let trimmed = rest.trim_start();
            self.at += rest.len() - trimmed.len();
            if !trimmed.starts_with('#') {
                return trimmed;
            }
            self.at += trimmed.find('\n').unwrap_or(trimmed.len());
        }
    }

    /// Where the next word begins.
    pub fn place(&mut self) -> usize {
        self.rest();
        self.at
    }

    /// The text since a place, as it was written.
    pub fn since(&self, place: usize) -> &'a str {
        self.text[place..self.at].trim()
    }

    /// The next word, without taking it.
    pub fn peek(&self) -> Result<Token<'a>, Problem> {
        self.clone().next()
    }

    /// Takes the next word.
    pub fn next(&mut self) -> Result<Token<'a>, Problem> {
        let rest = self.rest();
        let Some(first) = rest.chars().next() else { return Ok(Token::End) };
        if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
            return self.number(rest);
        }
        if is_name_start(first) {
            let end = rest.find(|c: char| !is_name(c)).unwrap_or(rest.len());
            self.at += end;
            return Ok(Token::Name(&rest[..end]));
        }
        match first {
            '`' => {
                let end = rest[1..].find('`').ok_or_else(|| self.unexpected("`"))?;
                self.at += end + 2;
                Ok(Token::Quoted(&rest[1..=end]))
            }
            '"' | '\'' => self.text(first, rest),
            _ => {
                let sign = SIGNS.into_iter().find(|sign| rest.starts_with(sign));
                let sign = sign.ok_or_else(|| self.unexpected(&first.to_string()))?;
                self.at += sign.len();
                Ok(Token::Sign(sign))
            }
        }
    }

    fn number(&mut self, rest: &'a str) -> Result<Token<'a>, Problem> {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let number = rest[..end].parse().map_err(|_| self.unexpected(&rest[..end]))?;
        let unit = rest[end..].find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len() - end);
        self.at += end + unit;
        Ok(if unit == 0 { Token::Number(number) } else { Token::Period(number, &rest[end..end + unit]) })
    }

    fn text(&mut self, quote: char, rest: &'a str) -> Result<Token<'a>, Problem> {
        let mut text = String::new();
        let mut characters = rest[1..].char_indices();
        while let Some((at, c)) = characters.next() {
            if c == quote {
                self.at += at + 2;
                return Ok(Token::Text(text));
            }
            if c != '\\' {
                text.push(c);
                continue;
            }
            match characters.next() {
                Some((_, next)) if next == quote || next == '\\' => text.push(next),
                Some((_, next)) => text.extend(['\\', next]),
                None => break,
            }
        }
        Err(self.unexpected(&quote.to_string()))
    }

    /// Takes a regular expression between slashes, if one comes next.
    pub fn regex(&mut self) -> Result<Option<Regex>, Problem> {
        let Some(body) = self.rest().strip_prefix('/') else { return Ok(None) };
        let mut is_escaped = false;
        let end = body.char_indices().find(|(_, c)| {
            let is_end = *c == '/' && !is_escaped;
            is_escaped = *c == '\\' && !is_escaped;
            is_end
        });
        let (end, _) = end.ok_or_else(|| self.unexpected("/"))?;
        self.at += end + 2;
        let source = body[..end].replace("\\/", "/");
        let regex = Regex::new(&source);
        regex.map(Some).map_err(|_| Problem::Malformed(format!("Invalid regular expression: /{source}/")))
    }

    /// Takes a sign, if it comes next.
    pub fn sign(&mut self, sign: &str) -> Result<bool, Problem> {
        let is_next = matches!(self.peek()?, Token::Sign(next) if next == sign);
        if is_next {
            self.next()?;
        }
        Ok(is_next)
    }

    /// Takes a keyword in whatever case, if it comes next.
    pub fn word(&mut self, word: &str) -> Result<bool, Problem> {
        let is_next = matches!(self.peek()?, Token::Name(next) if next.eq_ignore_ascii_case(word));
        if is_next {
            self.next()?;
        }
        Ok(is_next)
    }

    /// Takes a sign, which must come next.
    pub fn expect(&mut self, sign: &str) -> Result<(), Problem> {
        if self.sign(sign)? { Ok(()) } else { Err(self.surprise()) }
    }

    /// Counts an operator: a query has so many and no more.
    pub fn operator(&mut self) -> Result<(), Problem> {
        self.operators += 1;
        if self.operators > OPERATORS {
            return Err(Problem::Malformed("The query has too many operators.".to_owned()));
        }
        Ok(())
    }

    /// What is wrong with the word that comes next.
    pub fn surprise(&self) -> Problem {
        let mut there = self.clone();
        let start = there.place();
        match there.next() {
            Ok(Token::End) => there.unexpected("<EOF>"),
            Ok(_) => {
                let word = there.since(start).to_owned();
                there.at = start;
                there.unexpected(&word)
            }
            Err(problem) => problem,
        }
    }

    fn unexpected(&self, what: &str) -> Problem {
        let before = &self.text[..self.at.min(self.text.len())];
        let line = before.matches('\n').count() + 1;
        let position = before.chars().rev().take_while(|c| *c != '\n').count() + 1;
        Problem::Malformed(format!("unexpected symbol found {what} at line {line} and position {position}"))
    }
}

fn is_name_start(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '_' | '@' | '$')
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '@' | '$' | '.')
}
