//! Functions of many rows, for `stats`.

use std::cmp::Ordering;
use std::collections::HashSet;

use super::command::Problem;
use super::expression::{self, Expression};
use super::lexer::{Lexer, Token};
use super::row::Row;
use super::value::Value;

macro_rules! kinds {
    ($($name:ident $text:literal,)*) => {
        /// What is made of many rows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $(#[doc = $text] $name,)*
        }

        impl Kind {
            fn named(name: &str) -> Option<Self> {
                match name.to_ascii_lowercase().as_str() {
                    $($text => Some(Self::$name),)*
                    _ => None,
                }
            }
        }
    };
}

kinds! {
    Avg "avg",
    Count "count",
    CountDistinct "count_distinct",
    Earliest "earliest",
    Latest "latest",
    Max "max",
    Min "min",
    Percentile "pct",
    SortsFirst "sortsfirst",
    SortsLast "sortslast",
    Stddev "stddev",
    Sum "sum",
}

/// Functions that AWS has besides.
const OTHERS: [&str; 4] = ["count_over_time", "histogram", "rate", "sum_over_time"];

/// An aggregation, and arithmetic of aggregations.
#[derive(Debug)]
pub enum Aggregate {
    /// A function of an expression; of whole rows where there is none.
    Of(Kind, Option<Expression>, f64),
    /// A number.
    Constant(f64),
    /// Arithmetic.
    Arithmetic(&'static str, Box<Aggregate>, Box<Aggregate>),
}

/// Parses an aggregation.
pub fn parse(lexer: &mut Lexer<'_>, depth: usize) -> Result<Aggregate, Problem> {
    let mut left = product(lexer, depth)?;
    loop {
        let sign = if lexer.sign("+")? {
            "+"
        } else if lexer.sign("-")? {
            "-"
        } else {
            return Ok(left);
        };
        lexer.operator()?;
        left = Aggregate::Arithmetic(sign, Box::new(left), Box::new(product(lexer, depth)?));
    }
}

fn product(lexer: &mut Lexer<'_>, depth: usize) -> Result<Aggregate, Problem> {
    let mut left = primary(lexer, depth)?;
    loop {
        let sign = if lexer.sign("*")? {
            "*"
        } else if lexer.sign("/")? {
            "/"
        } else {
            return Ok(left);
        };
        lexer.operator()?;
        left = Aggregate::Arithmetic(sign, Box::new(left), Box::new(primary(lexer, depth)?));
    }
}

fn primary(lexer: &mut Lexer<'_>, depth: usize) -> Result<Aggregate, Problem> {
    if depth > 64 {
        return Err(Problem::Malformed("The query is nested too deeply.".to_owned()));
    }
    let before = lexer.clone();
    match lexer.next()? {
        Token::Number(number) => Ok(Aggregate::Constant(number)),
        Token::Sign("(") => {
            let inner = parse(lexer, depth + 1)?;
            lexer.expect(")")?;
            Ok(inner)
        }
        Token::Name(name) => {
            if OTHERS.contains(&name.to_ascii_lowercase().as_str()) {
                return Err(Problem::NotEmulated(format!("the function {name} of Logs Insights")));
            }
            let kind = Kind::named(name).ok_or_else(|| before.surprise())?;
            lexer.expect("(")?;
            function(lexer, kind)
        }
        _ => Err(before.surprise()),
    }
}

fn function(lexer: &mut Lexer<'_>, kind: Kind) -> Result<Aggregate, Problem> {
    if kind == Kind::Count && (lexer.sign(")")? || (lexer.sign("*")? && lexer.sign(")")?)) {
        return Ok(Aggregate::Of(kind, None, 0.0));
    }
    let of = expression::parse(lexer, 0)?;
    let mut rank = 0.0;
    if kind == Kind::Percentile {
        lexer.expect(",")?;
        let before = lexer.clone();
        rank = match lexer.next()? {
            Token::Number(rank) if (0.0..=100.0).contains(&rank) => rank,
            _ => return Err(before.surprise()),
        };
    }
    lexer.expect(")")?;
    Ok(Aggregate::Of(kind, Some(of), rank))
}

/// What an aggregation has seen so far.
#[derive(Debug)]
pub enum Sum {
    /// Of a function.
    Of(State),
    /// A number.
    Constant(f64),
    /// Of both sides.
    Both(&'static str, Box<Sum>, Box<Sum>),
}

/// What a function has seen so far.
#[derive(Debug)]
pub struct State {
    kind: Kind,
    rank: f64,
    count: f64,
    sum: f64,
    squares: f64,
    numbers: Vec<f64>,
    distinct: HashSet<String>,
    best: Option<(Value, Value)>,
}

impl Aggregate {
    /// Before the first row.
    pub fn start(&self) -> Sum {
        match self {
            Self::Of(kind, _, rank) => Sum::Of(State {
                kind: *kind,
                rank: *rank,
                count: 0.0,
                sum: 0.0,
                squares: 0.0,
                numbers: Vec::new(),
                distinct: HashSet::new(),
                best: None,
            }),
            Self::Constant(number) => Sum::Constant(*number),
            Self::Arithmetic(sign, left, right) => {
                Sum::Both(sign, Box::new(left.start()), Box::new(right.start()))
            }
        }
    }

    /// Adds a row to what was seen.
    pub fn add(&self, sum: &mut Sum, row: &Row) {
        match (self, sum) {
            (Self::Of(_, of, _), Sum::Of(state)) => match of {
                None => state.count += 1.0,
                Some(of) => state.add(of.value(row), row),
            },
            (Self::Arithmetic(_, left, right), Sum::Both(_, first, second)) => {
                left.add(first, row);
                right.add(second, row);
            }
            _ => {}
        }
    }
}

impl State {
    fn add(&mut self, value: Value, row: &Row) {
        if !value.is_present() {
            return;
        }
        let number = value.number();
        match self.kind {
            Kind::Count => self.count += 1.0,
            Kind::CountDistinct => {
                self.distinct.extend(value.text());
            }
            Kind::Avg | Kind::Sum | Kind::Stddev => {
                let Some(number) = number else { return };
                self.count += 1.0;
                self.sum += number;
                self.squares += number * number;
            }
            Kind::Percentile => self.numbers.extend(number),
            Kind::Max | Kind::SortsLast => self.keep(value.clone(), value, Ordering::Greater),
            Kind::Min | Kind::SortsFirst => self.keep(value.clone(), value, Ordering::Less),
            Kind::Latest => self.keep(row.field("@timestamp"), value, Ordering::Greater),
            Kind::Earliest => self.keep(row.field("@timestamp"), value, Ordering::Less),
        }
    }

    fn keep(&mut self, key: Value, value: Value, wanted: Ordering) {
        let compare = |left: &Value, right: &Value| match self.kind {
            Kind::SortsFirst | Kind::SortsLast => left.text().cmp(&right.text()),
            _ => left.order(right),
        };
        if self.best.as_ref().is_none_or(|(best, _)| compare(&key, best) == wanted) {
            self.best = Some((key, value));
        }
    }

    #[allow(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "ranks are between one and the number of rows"
    )]
    fn value(mut self) -> Value {
        let average = if self.count > 0.0 { Some(self.sum / self.count) } else { None };
        match self.kind {
            Kind::Count => Value::Number(self.count),
            Kind::CountDistinct => Value::Number(self.distinct.len() as f64),
            Kind::Sum => Value::of(average.map(|_| self.sum)),
            Kind::Avg => Value::of(average),
            Kind::Stddev => {
                Value::of(average.map(|mean| (self.squares / self.count - mean * mean).max(0.0).sqrt()))
            }
            Kind::Percentile => {
                self.numbers.sort_by(f64::total_cmp);
                let rank = (self.rank / 100.0 * self.numbers.len() as f64).ceil().max(1.0) as usize;
                Value::of(self.numbers.get(rank - 1).copied())
            }
            Kind::Max | Kind::Min => match self.best {
                // The largest instant is shown as a number.
                Some((_, value)) => value.number().map_or(value, Value::Number),
                None => Value::Missing,
            },
            Kind::Earliest | Kind::Latest | Kind::SortsFirst | Kind::SortsLast => {
                self.best.map_or(Value::Missing, |(_, value)| value)
            }
        }
    }
}

impl Sum {
    /// What it comes to.
    pub fn value(self) -> Value {
        match self {
            Self::Of(state) => state.value(),
            Self::Constant(number) => Value::Number(number),
            Self::Both(sign, left, right) => {
                let (Some(left), Some(right)) = (left.value().number(), right.value().number()) else {
                    return Value::Missing;
                };
                Value::of(Some(match sign {
                    "+" => left + right,
                    "-" => left - right,
                    "*" => left * right,
                    _ => left / right,
                }))
            }
        }
    }
}
