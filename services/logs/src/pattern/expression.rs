//! Comparisons joined by `&&`, `||` and parentheses: the same for JSON and for fields.

use regex::Regex;

use super::DEEPEST;
use super::cursor::Cursor;

/// Conditions on what `S` names.
#[derive(Debug)]
pub enum Expression<S> {
    /// All of them.
    And(Vec<Expression<S>>),
    /// One of them.
    Or(Vec<Expression<S>>),
    /// One condition.
    Test(S, Test),
}

/// What something must be.
#[derive(Debug)]
pub enum Test {
    /// Compared with a number.
    Number(Comparison, f64),
    /// Equal, or not, to a text with `*` for anything.
    Text(bool, Wild),
    /// Matched, or not, by a regular expression.
    Regex(bool, Regex),
    /// `IS TRUE`, `IS FALSE`.
    Bool(bool),
    /// `IS NULL`.
    Null,
    /// `EXISTS`, `NOT EXISTS`.
    Exists(bool),
}

/// How numbers are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `=`.
    Equal,
    /// `!=`.
    NotEqual,
    /// `<`.
    Less,
    /// `<=`.
    LessOrEqual,
    /// `>`.
    Greater,
    /// `>=`.
    GreaterOrEqual,
}

/// A text in which `*` stands for any characters.
#[derive(Debug)]
pub struct Wild(Vec<String>);

impl Wild {
    /// The text between the asterisks.
    pub fn new(text: &str) -> Self {
        Self(text.split('*').map(str::to_owned).collect())
    }

    /// Whether a text is like it.
    pub fn matches(&self, text: &str) -> bool {
        let (first, last) = match self.0.as_slice() {
            [only] => return only == text,
            [first, .., last] => (first.as_str(), last.as_str()),
            [] => return false,
        };
        if text.len() < first.len() + last.len() {
            return false;
        }
        let Some(rest) = text.strip_prefix(first).and_then(|rest| rest.strip_suffix(last)) else {
            return false;
        };
        let mut rest = rest;
        self.0[1..self.0.len() - 1].iter().all(|part| {
            rest.find(part.as_str()).is_some_and(|at| {
                rest = &rest[at + part.len()..];
                true
            })
        })
    }
}

impl Comparison {
    /// Whether the comparison holds.
    #[allow(clippy::float_cmp, reason = "equality is what the pattern asks for")]
    pub fn holds(self, left: f64, right: f64) -> bool {
        match self {
            Self::Equal => left == right,
            Self::NotEqual => left != right,
            Self::Less => left < right,
            Self::LessOrEqual => left <= right,
            Self::Greater => left > right,
            Self::GreaterOrEqual => left >= right,
        }
    }

    fn parse(cursor: &mut Cursor<'_>) -> Option<Self> {
        let signs = [
            ("!=", Self::NotEqual),
            ("<=", Self::LessOrEqual),
            (">=", Self::GreaterOrEqual),
            ("=", Self::Equal),
            ("<", Self::Less),
            (">", Self::Greater),
        ];
        signs.into_iter().find(|(sign, _)| cursor.take(sign)).map(|(_, comparison)| comparison)
    }
}

/// Parses what follows a selector: a comparison, or one of the words.
pub fn test(cursor: &mut Cursor<'_>) -> Option<Test> {
    if cursor.word("IS") {
        let words = [("TRUE", Test::Bool(true)), ("FALSE", Test::Bool(false)), ("NULL", Test::Null)];
        return words.into_iter().find(|(word, _)| cursor.word(word)).map(|(_, test)| test);
    }
    if cursor.word("EXISTS") {
        return Some(Test::Exists(true));
    }
    if cursor.word("NOT") {
        return cursor.word("EXISTS").then_some(Test::Exists(false));
    }
    let comparison = Comparison::parse(cursor)?;
    let is_equal = match comparison {
        Comparison::Equal => Some(true),
        Comparison::NotEqual => Some(false),
        _ => None,
    };
    match cursor.rest().as_bytes().first()? {
        b'%' => Some(Test::Regex(is_equal?, cursor.regex()?)),
        b'"' => Some(Test::Text(is_equal?, Wild::new(&cursor.quoted('"')?))),
        _ => {
            let bare = cursor.bare()?;
            let number = bare.parse().ok().filter(|number: &f64| number.is_finite());
            match number {
                Some(number) => Some(Test::Number(comparison, number)),
                None => Some(Test::Text(is_equal?, Wild::new(bare))),
            }
        }
    }
}

/// Parses conditions whose selectors `selector` reads.
pub fn parse<S>(
    cursor: &mut Cursor<'_>,
    depth: usize,
    selector: &mut impl FnMut(&mut Cursor<'_>) -> Option<S>,
) -> Option<Expression<S>> {
    let mut any = vec![all(cursor, depth, selector)?];
    while cursor.take("||") {
        any.push(all(cursor, depth, selector)?);
    }
    Some(if any.len() == 1 { any.remove(0) } else { Expression::Or(any) })
}

fn all<S>(
    cursor: &mut Cursor<'_>,
    depth: usize,
    selector: &mut impl FnMut(&mut Cursor<'_>) -> Option<S>,
) -> Option<Expression<S>> {
    let mut all = vec![one(cursor, depth, selector)?];
    while cursor.take("&&") {
        all.push(one(cursor, depth, selector)?);
    }
    Some(if all.len() == 1 { all.remove(0) } else { Expression::And(all) })
}

fn one<S>(
    cursor: &mut Cursor<'_>,
    depth: usize,
    selector: &mut impl FnMut(&mut Cursor<'_>) -> Option<S>,
) -> Option<Expression<S>> {
    if depth > DEEPEST {
        return None;
    }
    if cursor.take("(") {
        let inner = parse(cursor, depth + 1, selector)?;
        return cursor.take(")").then_some(inner);
    }
    let selector = selector(cursor)?;
    Some(Expression::Test(selector, test(cursor)?))
}

impl<S> Expression<S> {
    /// Whether the conditions hold, `holds` telling of each.
    pub fn holds(&self, holds: &impl Fn(&S, &Test) -> bool) -> bool {
        match self {
            Self::And(all) => all.iter().all(|part| part.holds(holds)),
            Self::Or(any) => any.iter().any(|part| part.holds(holds)),
            Self::Test(selector, test) => holds(selector, test),
        }
    }

    /// Every selector, from left to right.
    pub fn selectors<'a>(&'a self, into: &mut Vec<&'a S>) {
        match self {
            Self::And(parts) | Self::Or(parts) => parts.iter().for_each(|part| part.selectors(into)),
            Self::Test(selector, _) => into.push(selector),
        }
    }
}
