//! Expressions: fields, constants, operators and functions.

use std::cmp::Ordering;
use std::rc::Rc;

use regex::Regex;

use super::command::Problem;
use super::functions::{self, Call};
use super::lexer::{Lexer, Token};
use super::period::Period;
use super::row::Row;
use super::value::Value;

/// How deep expressions may be nested.
const DEEPEST: usize = 64;

/// An expression.
#[derive(Debug)]
pub enum Expression {
    /// A field's value.
    Field(Rc<str>),
    /// Always the same.
    Constant(Value),
    /// A period of time, for functions of dates.
    Period(Period),
    /// `not`.
    Not(Box<Expression>),
    /// Both.
    And(Box<Expression>, Box<Expression>),
    /// One of both.
    Or(Box<Expression>, Box<Expression>),
    /// A comparison.
    Compare(&'static str, Box<Expression>, Box<Expression>),
    /// Arithmetic.
    Arithmetic(&'static str, Box<Expression>, Box<Expression>),
    /// Whether a regular expression is found.
    Matches(Box<Expression>, Regex),
    /// Whether a text is found.
    Contains(Box<Expression>, Box<Expression>),
    /// Whether it is one of a list.
    In(Box<Expression>, Vec<Expression>),
    /// A function.
    Call(Call, Vec<Expression>),
}

/// Parses an expression.
pub fn parse(lexer: &mut Lexer<'_>, depth: usize) -> Result<Expression, Problem> {
    if depth > DEEPEST {
        return Err(Problem::Malformed("The query is nested too deeply.".to_owned()));
    }
    let mut left = conjunction(lexer, depth)?;
    while lexer.word("or")? {
        lexer.operator()?;
        left = Expression::Or(Box::new(left), Box::new(conjunction(lexer, depth)?));
    }
    Ok(left)
}

fn conjunction(lexer: &mut Lexer<'_>, depth: usize) -> Result<Expression, Problem> {
    let mut left = negation(lexer, depth)?;
    while lexer.word("and")? {
        lexer.operator()?;
        left = Expression::And(Box::new(left), Box::new(negation(lexer, depth)?));
    }
    Ok(left)
}

fn negation(lexer: &mut Lexer<'_>, depth: usize) -> Result<Expression, Problem> {
    let mut is_negated = false;
    while lexer.word("not")? {
        is_negated = !is_negated;
    }
    let inner = comparison(lexer, depth)?;
    Ok(if is_negated { Expression::Not(Box::new(inner)) } else { inner })
}

fn comparison(lexer: &mut Lexer<'_>, depth: usize) -> Result<Expression, Problem> {
    let left = Box::new(sum(lexer, depth)?);
    if lexer.word("like")? || lexer.sign("=~")? {
        return like(lexer, left, depth);
    }
    if lexer.word("in")? {
        return list(lexer, left, depth);
    }
    let mut ahead = lexer.clone();
    if ahead.word("not")? {
        let found = if ahead.word("like")? {
            like(&mut ahead, left, depth)?
        } else if ahead.word("in")? {
            list(&mut ahead, left, depth)?
        } else {
            return Err(ahead.surprise());
        };
        *lexer = ahead;
        return Ok(Expression::Not(Box::new(found)));
    }
    for sign in ["!=", "<=", ">=", "==", "=", "<", ">"] {
        if lexer.sign(sign)? {
            let sign = if sign == "==" { "=" } else { sign };
            return Ok(Expression::Compare(sign, left, Box::new(sum(lexer, depth)?)));
        }
    }
    Ok(*left)
}

fn like(lexer: &mut Lexer<'_>, left: Box<Expression>, depth: usize) -> Result<Expression, Problem> {
    match lexer.regex()? {
        Some(regex) => Ok(Expression::Matches(left, regex)),
        None => Ok(Expression::Contains(left, Box::new(sum(lexer, depth)?))),
    }
}

fn list(lexer: &mut Lexer<'_>, left: Box<Expression>, depth: usize) -> Result<Expression, Problem> {
    lexer.expect("[")?;
    let mut items = Vec::new();
    while !lexer.sign("]")? {
        if !items.is_empty() {
            lexer.expect(",")?;
        }
        items.push(parse(lexer, depth + 1)?);
    }
    Ok(Expression::In(left, items))
}

fn sum(lexer: &mut Lexer<'_>, depth: usize) -> Result<Expression, Problem> {
    let mut left = product(lexer, depth)?;
    while let Some(sign) = one_of(lexer, &["+", "-"])? {
        lexer.operator()?;
        left = Expression::Arithmetic(sign, Box::new(left), Box::new(product(lexer, depth)?));
    }
    Ok(left)
}

fn product(lexer: &mut Lexer<'_>, depth: usize) -> Result<Expression, Problem> {
    let mut left = power(lexer, depth)?;
    while let Some(sign) = one_of(lexer, &["*", "/", "%"])? {
        lexer.operator()?;
        left = Expression::Arithmetic(sign, Box::new(left), Box::new(power(lexer, depth)?));
    }
    Ok(left)
}

fn power(lexer: &mut Lexer<'_>, depth: usize) -> Result<Expression, Problem> {
    let mut left = primary(lexer, depth)?;
    while lexer.sign("^")? {
        lexer.operator()?;
        left = Expression::Arithmetic("^", Box::new(left), Box::new(primary(lexer, depth)?));
    }
    Ok(left)
}

fn one_of(lexer: &mut Lexer<'_>, signs: &[&'static str]) -> Result<Option<&'static str>, Problem> {
    for sign in signs {
        if lexer.sign(sign)? {
            return Ok(Some(sign));
        }
    }
    Ok(None)
}

fn primary(lexer: &mut Lexer<'_>, depth: usize) -> Result<Expression, Problem> {
    if depth > DEEPEST {
        return Err(Problem::Malformed("The query is nested too deeply.".to_owned()));
    }
    let before = lexer.clone();
    match lexer.next()? {
        Token::Number(number) => Ok(Expression::Constant(Value::Number(number))),
        Token::Text(text) => Ok(Expression::Constant(Value::Text(text))),
        Token::Quoted(name) => path(lexer, name),
        Token::Period(count, unit) => {
            Period::new(count, unit).map(Expression::Period).ok_or_else(|| before.surprise())
        }
        Token::Sign("-") => {
            let zero = Expression::Constant(Value::Number(0.0));
            Ok(Expression::Arithmetic("-", Box::new(zero), Box::new(primary(lexer, depth + 1)?)))
        }
        Token::Sign("(") => {
            let inner = parse(lexer, depth + 1)?;
            lexer.expect(")")?;
            Ok(inner)
        }
        Token::Name(name) if lexer.sign("(")? => call(lexer, name, depth, &before),
        Token::Name(name) if name.eq_ignore_ascii_case("true") => Ok(Expression::Constant(Value::Bool(true))),
        Token::Name(name) if name.eq_ignore_ascii_case("false") => {
            Ok(Expression::Constant(Value::Bool(false)))
        }
        Token::Name(name) => path(lexer, name),
        _ => Err(before.surprise()),
    }
}

/// A field, and the way on from there: `map.attribute`, ``map.`attribute` ``, `list[0]`.
fn path(lexer: &mut Lexer<'_>, name: &str) -> Result<Expression, Problem> {
    let mut path = name.to_owned();
    loop {
        let is_open = path.ends_with('.');
        match lexer.peek()? {
            Token::Quoted(name) | Token::Name(name) if is_open => {
                lexer.next()?;
                path.push_str(name);
            }
            Token::Sign("[") => {
                lexer.next()?;
                let before = lexer.clone();
                match lexer.next()? {
                    Token::Number(at) => path.push_str(&format!(".{at}")),
                    Token::Text(name) => path.push_str(&format!(".{name}")),
                    _ => return Err(before.surprise()),
                }
                lexer.expect("]")?;
            }
            _ => return Ok(Expression::Field(path.into())),
        }
    }
}

fn call(lexer: &mut Lexer<'_>, name: &str, depth: usize, before: &Lexer<'_>) -> Result<Expression, Problem> {
    let mut arguments = Vec::new();
    while !lexer.sign(")")? {
        if !arguments.is_empty() {
            lexer.expect(",")?;
        }
        arguments.push(parse(lexer, depth + 1)?);
    }
    let call = Call::named(name).ok_or_else(|| before.surprise())?;
    if !call.takes(&arguments) {
        return Err(Problem::Malformed(format!("Invalid arguments for the function: {name}")));
    }
    if call == Call::Unmask && !matches!(&arguments[0], Expression::Field(name) if &**name == "@message") {
        return Err(Problem::NotEmulated("unmask of other fields than @message".to_owned()));
    }
    Ok(Expression::Call(call, arguments))
}

impl Expression {
    /// Adds the fields that it compares with values, if it does nothing else.
    pub fn compared<'e>(&'e self, names: &mut Vec<&'e str>) -> bool {
        match self {
            Self::And(left, right) | Self::Or(left, right) => left.compared(names) && right.compared(names),
            Self::Compare("=", left, right) => match (&**left, &**right) {
                (Self::Field(name), Self::Constant(_)) => {
                    names.push(name);
                    true
                }
                _ => false,
            },
            Self::In(left, items) => match &**left {
                Self::Field(name) if items.iter().all(|item| matches!(item, Self::Constant(_))) => {
                    names.push(name);
                    true
                }
                _ => false,
            },
            _ => false,
        }
    }

    /// What it is worth in a row.
    pub fn value(&self, row: &Row) -> Value {
        match self {
            Self::Field(name) => row.field(name),
            Self::Constant(value) => value.clone(),
            Self::Period(_) => Value::Missing,
            Self::Arithmetic(sign, left, right) => arithmetic(sign, &left.value(row), &right.value(row)),
            Self::Call(call, arguments) => functions::value(*call, arguments, row),
            other => Value::Bool(other.holds(row)),
        }
    }

    /// Whether it holds in a row.
    pub fn holds(&self, row: &Row) -> bool {
        match self {
            Self::Not(inner) => !inner.holds(row),
            Self::And(left, right) => left.holds(row) && right.holds(row),
            Self::Or(left, right) => left.holds(row) || right.holds(row),
            Self::Compare(sign, left, right) => compare(sign, &left.value(row), &right.value(row)),
            Self::Matches(left, regex) => left.with_text(row, |text| regex.is_match(text)),
            Self::Contains(left, right) => {
                let wanted = right.value(row).text();
                wanted.is_some_and(|wanted| left.with_text(row, |text| text.contains(&wanted)))
            }
            Self::In(left, items) => {
                let value = left.value(row);
                items.iter().any(|item| compare("=", &value, &item.value(row)))
            }
            other => other.value(row).is_true(),
        }
    }

    /// Asks something of the text; the message itself is not copied for it.
    fn with_text(&self, row: &Row, ask: impl Fn(&str) -> bool) -> bool {
        if let (Self::Field(name), Some(source)) = (self, &row.source)
            && &**name == "@message"
            && row.added.iter().all(|(added, _)| added != name)
        {
            return ask(&source.message);
        }
        self.value(row).text().is_some_and(|text| ask(&text))
    }
}

/// Whether values compare so. What is missing differs from everything.
fn compare(sign: &str, left: &Value, right: &Value) -> bool {
    let order = left.compare(right);
    match sign {
        "=" => order == Some(Ordering::Equal),
        "!=" => order != Some(Ordering::Equal),
        "<" => order == Some(Ordering::Less),
        "<=" => order.is_some_and(Ordering::is_le),
        ">" => order == Some(Ordering::Greater),
        _ => order.is_some_and(Ordering::is_ge),
    }
}

fn arithmetic(sign: &str, left: &Value, right: &Value) -> Value {
    let (Some(left), Some(right)) = (left.number(), right.number()) else { return Value::Missing };
    Value::of(Some(match sign {
        "+" => left + right,
        "-" => left - right,
        "*" => left * right,
        "/" => left / right,
        "%" => left % right,
        _ => left.powf(right),
    }))
}
