//! A parser before one token: what statements and expressions share.

use api_dynamodb::{AttributeValue, DynamodbError};

use super::ast::{Location, Part, Statement};
use super::lexer::{Kind, Place, Token, tokens};
use crate::{errors, limits};

/// Why a statement is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is no statement of PartiQL.
    Syntax(String),
    /// It is one that DynamoDB does not take.
    Refused(String),
    /// It is one that we do not take.
    NotEmulated(&'static str),
}

impl From<Problem> for DynamodbError {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Syntax(detail) => {
                errors::validation(format!("Statement wasn't well formed, can't be processed: {detail}"))
            }
            Problem::Refused(message) => errors::validation(message),
            Problem::NotEmulated(what) => errors::not_emulated(what),
        }
    }
}

/// What a part of a statement becomes.
pub type Parsed<T> = Result<T, Problem>;

/// A syntax error in the reference parser's words.
pub fn syntax<T>(detail: impl Into<String>) -> Parsed<T> {
    Err(Problem::Syntax(detail.into()))
}

/// A refusal in AWS's words.
pub fn refused<T>(message: impl Into<String>) -> Parsed<T> {
    Err(Problem::Refused(message.into()))
}

/// A parser before one token.
pub struct Parser<'s, 'p> {
    tokens: Vec<Token<'s>>,
    at: usize,
    parameters: &'p [AttributeValue],
    used: usize,
    depth: usize,
    /// Operators seen so far.
    pub operators: usize,
}

/// Parses a whole statement and gives its parameters their places.
pub fn parse(text: &str, parameters: &[AttributeValue]) -> Parsed<Statement> {
    let mut parser = Parser { tokens: tokens(text)?, at: 0, parameters, used: 0, depth: 0, operators: 0 };
    let statement = parser.statement()?;
    let had_semicolon = parser.take(";");
    match parser.peek().kind {
        Kind::End if parser.used == parameters.len() => Ok(statement),
        Kind::End => refused("Number of parameters in request and statement don't match."),
        _ if had_semicolon => syntax("Unexpected token after semicolon. (Only one query is allowed.)"),
        _ => syntax("Unexpected token after expression"),
    }
}

impl<'s> Parser<'s, '_> {
    /// The token that comes next.
    pub fn peek(&self) -> &Token<'s> {
        &self.tokens[self.at]
    }

    /// The token after that.
    pub fn second(&self) -> &Token<'s> {
        &self.tokens[(self.at + 1).min(self.tokens.len() - 1)]
    }

    /// Takes the next token.
    pub fn next(&mut self) -> Token<'s> {
        let token = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    /// Takes a symbol if it comes next.
    pub fn take(&mut self, symbol: &str) -> bool {
        let found = self.peek().is(symbol);
        if found {
            self.next();
        }
        found
    }

    /// Takes a word if it comes next.
    pub fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek().is_word(word);
        if found {
            self.next();
        }
        found
    }

    /// Takes two words if they come next.
    pub fn take_words(&mut self, first: &str, second: &str) -> bool {
        let found = self.peek().is_word(first) && self.second().is_word(second);
        if found {
            self.next();
            self.next();
        }
        found
    }

    /// Takes a symbol, which the reference parser calls by a name.
    pub fn expect(&mut self, symbol: &str, name: &str) -> Parsed<()> {
        if self.take(symbol) { Ok(()) } else { syntax(format!("Expected {name}")) }
    }

    /// The value of the next parameter; what is not given is noticed at the end.
    pub fn parameter(&mut self) -> AttributeValue {
        let value = self.parameters.get(self.used).cloned();
        self.used += 1;
        value.unwrap_or(AttributeValue::Null(true))
    }

    /// Goes one level deeper into what may lie in itself.
    pub fn deeper<T>(&mut self, parse: impl FnOnce(&mut Self) -> Parsed<T>) -> Parsed<T> {
        if self.depth >= limits::DEPTH {
            return refused("Nesting Levels have exceeded supported limits");
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// One or more, with commas between.
    pub fn several<T>(&mut self, mut parse: impl FnMut(&mut Self) -> Parsed<T>) -> Parsed<Vec<T>> {
        let mut all = vec![parse(self)?];
        while self.take(",") {
            all.push(parse(self)?);
        }
        Ok(all)
    }

    /// A path where only a path may stand.
    pub fn simple_path(&mut self) -> Parsed<(Location, Option<Place>)> {
        if !self.peek().is_name() {
            return syntax("Expected identifier for simple path");
        }
        self.path()
    }

    /// A path whose first name comes next, and where its first step on stands.
    pub fn path(&mut self) -> Parsed<(Location, Option<Place>)> {
        let mut location = Location { head: self.next().text.into_owned(), rest: Vec::new() };
        let mut place = None;
        loop {
            let part = if self.take(".") {
                place.get_or_insert(self.peek().place);
                if !self.peek().is_name() {
                    return syntax("Invalid path dot component");
                }
                Part::Name(self.next().text.into_owned())
            } else if self.take("[") {
                place.get_or_insert(self.peek().place);
                self.index()?
            } else {
                return Ok((location, place));
            };
            location.rest.push(part);
        }
    }

    fn index(&mut self) -> Parsed<Part> {
        let token = self.next();
        match token.text.parse().ok().filter(|_| token.kind == Kind::Number) {
            Some(index) => {
                self.expect("]", "RIGHT_BRACKET")?;
                Ok(Part::Index(index))
            }
            None => refused(format!("Unexpected path component at {}", token.place)),
        }
    }
}
