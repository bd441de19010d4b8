//! The commands of a query.

use std::rc::Rc;

use regex::Regex;

use super::aggregate::{self, Aggregate};
use super::expression::{self, Expression};
use super::lexer::{Lexer, Token};
use super::selection::{self, Selection};

/// What is wrong with a query.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Problem {
    /// It is none.
    Malformed(String),
    /// AWS has it and we have not.
    NotEmulated(String),
}

/// An expression and what its column is called.
pub type Column = (Rc<str>, Expression);

/// A command.
#[derive(Debug)]
pub enum Command {
    /// Columns to show, besides those before.
    Fields(Vec<Column>),
    /// Columns to show, and no others.
    Display(Vec<Column>),
    /// Rows to keep.
    Filter(Expression),
    /// Rows to keep, of groups that have indexes of the fields.
    FilterIndex(Expression),
    /// A row for each item of a list, under a name of its own.
    Unnest(Expression, Rc<str>),
    /// Columns made of a text.
    Parse(Expression, Parser),
    /// Rows made of many.
    Stats(Vec<(Rc<str>, Aggregate)>, Vec<Column>),
    /// An order; `true` for descending.
    Sort(Vec<(Expression, bool)>),
    /// How many rows to keep.
    Limit(usize),
    /// Keep the first row of those that are alike.
    Dedup(Vec<Expression>),
}

/// Finds values in a text.
#[derive(Debug)]
pub struct Parser {
    /// One group for each value.
    pub regex: Regex,
    /// What the values are called, by their group.
    pub names: Vec<(usize, Rc<str>)>,
}

/// Commands that AWS has besides.
const OTHERS: [&str; 6] = ["anomaly", "diff", "join", "lookup", "pattern", "unmask"];

/// A query.
#[derive(Debug)]
pub struct Query {
    /// The groups that it is for, where it tells them itself.
    pub selection: Option<Selection>,
    /// Its commands, in order.
    pub commands: Vec<Command>,
}

impl Query {
    /// Parses a query.
    pub fn parse(text: &str) -> Result<Self, Problem> {
        let mut lexer = Lexer::new(text);
        let mut commands = Vec::new();
        let selection = selection::parse(&mut lexer)?;
        if selection.is_some() && !lexer.sign("|")? {
            let is_all = lexer.peek()? == Token::End;
            return if is_all { Ok(Self { selection, commands }) } else { Err(lexer.surprise()) };
        }
        loop {
            commands.push(command(&mut lexer)?);
            if lexer.sign("|")? {
                continue;
            }
            return if lexer.peek()? == Token::End {
                Self { selection, commands }.checked()
            } else {
                Err(lexer.surprise())
            };
        }
    }

    /// AWS takes two `stats` and no more.
    fn checked(self) -> Result<Self, Problem> {
        let stats = self.commands.iter().filter(|command| matches!(command, Command::Stats(..))).count();
        if stats > 2 {
            return Err(Problem::Malformed("A query can have at most two stats commands.".to_owned()));
        }
        Ok(self)
    }

    /// The fields that a group must have indexes of.
    pub fn indexed(&self) -> Vec<&str> {
        let mut names = Vec::new();
        for command in &self.commands {
            if let Command::FilterIndex(condition) = command {
                condition.compared(&mut names);
            }
        }
        names
    }
}

fn command(lexer: &mut Lexer<'_>) -> Result<Command, Problem> {
    let before = lexer.clone();
    let Token::Name(name) = lexer.next()? else { return Err(before.surprise()) };
    match name.to_ascii_lowercase().as_str() {
        "fields" => Ok(Command::Fields(columns(lexer)?)),
        "display" => Ok(Command::Display(columns(lexer)?)),
        "filter" => Ok(Command::Filter(expression::parse(lexer, 0)?)),
        "filterindex" => filter_index(lexer),
        "unnest" => unnest(lexer),
        "parse" => parse(lexer),
        "stats" => stats(lexer),
        "sort" => sort(lexer),
        // The older word for it.
        "limit" | "head" => limit(lexer),
        "dedup" => {
            let columns = columns(lexer)?;
            Ok(Command::Dedup(columns.into_iter().map(|(_, expression)| expression).collect()))
        }
        other if OTHERS.contains(&other) => {
            Err(Problem::NotEmulated(format!("the command {other} of Logs Insights")))
        }
        _ => Err(before.surprise()),
    }
}

/// Indexes tell what is equal, and nothing else.
fn filter_index(lexer: &mut Lexer<'_>) -> Result<Command, Problem> {
    let condition = expression::parse(lexer, 0)?;
    if condition.compared(&mut Vec::new()) {
        return Ok(Command::FilterIndex(condition));
    }
    Err(Problem::Malformed("filterIndex takes conditions with = and in on fields only.".to_owned()))
}

fn unnest(lexer: &mut Lexer<'_>) -> Result<Command, Problem> {
    let list = expression::parse(lexer, 0)?;
    if !matches!(list, Expression::Field(_)) || !lexer.word("into")? {
        return Err(lexer.surprise());
    }
    Ok(Command::Unnest(list, name(lexer)?))
}

/// The name after `as`, or the text itself.
fn alias(lexer: &mut Lexer<'_>, written: &str) -> Result<Rc<str>, Problem> {
    if !lexer.word("as")? {
        return Ok(written.trim_matches('`').into());
    }
    name(lexer)
}

fn name(lexer: &mut Lexer<'_>) -> Result<Rc<str>, Problem> {
    let before = lexer.clone();
    match lexer.next()? {
        Token::Name(name) | Token::Quoted(name) => Ok(name.into()),
        _ => Err(before.surprise()),
    }
}

fn columns(lexer: &mut Lexer<'_>) -> Result<Vec<Column>, Problem> {
    let mut columns = Vec::new();
    loop {
        let place = lexer.place();
        let expression = expression::parse(lexer, 0)?;
        let written = lexer.since(place);
        columns.push((alias(lexer, written)?, expression));
        if !lexer.sign(",")? {
            return Ok(columns);
        }
    }
}

fn stats(lexer: &mut Lexer<'_>) -> Result<Command, Problem> {
    let mut aggregates = Vec::new();
    loop {
        let place = lexer.place();
        let aggregate = aggregate::parse(lexer, 0)?;
        let written = lexer.since(place);
        aggregates.push((alias(lexer, written)?, aggregate));
        if !lexer.sign(",")? {
            break;
        }
    }
    let groups = if lexer.word("by")? { columns(lexer)? } else { Vec::new() };
    Ok(Command::Stats(aggregates, groups))
}

fn sort(lexer: &mut Lexer<'_>) -> Result<Command, Problem> {
    let mut keys = Vec::new();
    loop {
        // What `stats` calls `count(*)` is sorted by under that name.
        let mut ahead = lexer.clone();
        let place = ahead.place();
        let key = match aggregate::parse(&mut ahead, 0) {
            Ok(Aggregate::Of(..)) => {
                let written = ahead.since(place);
                *lexer = ahead;
                Expression::Field(written.into())
            }
            _ => column_key(lexer)?,
        };
        let is_descending = lexer.word("desc")?;
        if !is_descending {
            lexer.word("asc")?;
        }
        keys.push((key, is_descending));
        if !lexer.sign(",")? {
            return Ok(Command::Sort(keys));
        }
    }
}

/// A key to sort by: a column under the name it has where it was made, or an expression.
fn column_key(lexer: &mut Lexer<'_>) -> Result<Expression, Problem> {
    let place = lexer.place();
    let key = expression::parse(lexer, 0)?;
    let written = lexer.since(place);
    Ok(match key {
        Expression::Call(super::functions::Call::Bin, _) => Expression::Field(written.into()),
        key => key,
    })
}

#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "it is checked to be small and whole"
)]
fn limit(lexer: &mut Lexer<'_>) -> Result<Command, Problem> {
    let before = lexer.clone();
    match lexer.next()? {
        Token::Number(most) if (1.0..=100_000.0).contains(&most) && most.fract() == 0.0 => {
            Ok(Command::Limit(most as usize))
        }
        _ => Err(before.surprise()),
    }
}

fn parse(lexer: &mut Lexer<'_>) -> Result<Command, Problem> {
    let message = || Expression::Field("@message".into());
    if let Some(regex) = lexer.regex()? {
        return Ok(Command::Parse(message(), named(lexer, regex)?));
    }
    if let Token::Text(glob) = lexer.peek()? {
        lexer.next()?;
        return Ok(Command::Parse(message(), globbed(lexer, &glob)?));
    }
    let field = Expression::Field(name(lexer)?);
    if let Some(regex) = lexer.regex()? {
        return Ok(Command::Parse(field, named(lexer, regex)?));
    }
    let before = lexer.clone();
    match lexer.next()? {
        Token::Text(glob) => Ok(Command::Parse(field, globbed(lexer, &glob)?)),
        _ => Err(before.surprise()),
    }
}

/// The groups of a regular expression have names, or get them.
fn named(lexer: &mut Lexer<'_>, regex: Regex) -> Result<Parser, Problem> {
    let mut names: Vec<(usize, Rc<str>)> = regex
        .capture_names()
        .enumerate()
        .filter_map(|(at, name)| name.map(|name| (at, name.into())))
        .collect();
    if lexer.word("as")? {
        names.clear();
        for at in 1.. {
            names.push((at, name(lexer)?));
            if !lexer.sign(",")? {
                break;
            }
        }
    }
    if names.is_empty() || names.len() >= regex.captures_len() {
        return Err(Problem::Malformed("A parse command needs one name for each group.".to_owned()));
    }
    Ok(Parser { regex, names })
}

/// Asterisks stand for values, which get names.
fn globbed(lexer: &mut Lexer<'_>, glob: &str) -> Result<Parser, Problem> {
    let parts: Vec<_> = glob.split('*').collect();
    if !lexer.word("as")? {
        return Err(lexer.surprise());
    }
    let mut names = Vec::new();
    loop {
        names.push((names.len() + 1, name(lexer)?));
        if !lexer.sign(",")? {
            break;
        }
    }
    if names.len() + 1 != parts.len() {
        return Err(Problem::Malformed(format!(
            "The number of names ({}) does not match the number of wildcards ({}) in the parse command.",
            names.len(),
            parts.len() - 1
        )));
    }
    let mut source = String::from("(?s)");
    for (at, part) in parts.iter().enumerate() {
        if at > 0 {
            // The last value goes on to the end, where nothing follows it.
            source.push_str(if at + 1 == parts.len() && part.is_empty() { "(.*)" } else { "(.*?)" });
        }
        source.push_str(&regex::escape(part));
    }
    let regex = Regex::new(&source).map_err(|error| Problem::Malformed(error.to_string()))?;
    Ok(Parser { regex, names })
}
