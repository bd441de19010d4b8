//! Tokens of statements.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;
use std::sync::LazyLock;

use super::parser::Problem;

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name without quotes that is no keyword.
    Identifier,
    /// A name in double quotes.
    Quoted,
    /// A reserved word.
    Keyword,
    /// A word that is an operator: `AND`.
    WordOperator,
    /// A word that only means something in its place: `AS`.
    Particle,
    /// A string in single quotes.
    Text,
    /// A number without its sign.
    Number,
    /// `?`.
    Parameter,
    /// An operator.
    Operator,
    /// A parenthesis, a comma and the like.
    Symbol,
    /// The end.
    End,
}

/// A piece of a statement.
#[derive(Clone, Debug)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its text, without quotes.
    pub text: Cow<'a, str>,
    /// As it is written.
    source: &'a str,
    /// Where it stands.
    pub place: Place,
}

/// Where a token stands, as AWS prints it: line, column and length.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    line: usize,
    column: usize,
    length: usize,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.line, self.column, self.length)
    }
}

impl Token<'_> {
    /// Whether it is that operator, parenthesis or the like.
    pub fn is(&self, symbol: &str) -> bool {
        matches!(self.kind, Kind::Symbol | Kind::Operator) && self.text == symbol
    }

    /// Whether it is that word, in any case.
    pub fn is_word(&self, word: &str) -> bool {
        matches!(self.kind, Kind::Keyword | Kind::WordOperator | Kind::Particle)
            && self.text.eq_ignore_ascii_case(word)
    }

    /// Whether it is a name.
    pub fn is_name(&self) -> bool {
        matches!(self.kind, Kind::Identifier | Kind::Quoted)
    }
}

/// The tokens of a statement; the last is the end.
pub fn tokens(source: &str) -> Result<Vec<Token<'_>>, Problem> {
    let mut tokens = Vec::with_capacity(source.len() / 4 + 2);
    let (mut rest, mut line, mut column) = (source, 1, 1);
    while let Some(first) = rest.chars().next() {
        let (token, length) = token(first, rest)?;
        let (source, behind) = rest.split_at(length);
        if let Some((kind, text)) = token {
            let place = Place { line, column, length: source.chars().count() };
            tokens.push(Token { kind, text, source, place });
        }
        match source.rfind('\n') {
            Some(at) => {
                line += source.matches('\n').count();
                column = source[at + 1..].chars().count() + 1;
            }
            None => column += source.chars().count(),
        }
        rest = behind;
    }
    let place = Place { line, column, length: 0 };
    tokens.push(Token { kind: Kind::End, text: Cow::Borrowed(""), source: "", place });
    Ok(tokens)
}

/// The same statement with one blank between all tokens.
pub fn spaced(source: &str) -> Option<String> {
    let tokens = tokens(source).ok()?;
    Some(tokens.iter().map(|token| token.source).collect::<Vec<_>>().join(" "))
}

type Lexed<'a> = (Option<(Kind, Cow<'a, str>)>, usize);

/// The token at the start of a text, and its length; blanks and comments are none.
fn token(first: char, rest: &str) -> Result<Lexed<'_>, Problem> {
    let symbol = |kind, length: usize| (Some((kind, Cow::Borrowed(&rest[..length]))), length);
    Ok(match first {
        ' ' | '\t' | '\r' | '\n' | '\x0b' | '\x0c' => (None, 1),
        '-' if rest.starts_with("--") => (None, rest.find(['\r', '\n']).unwrap_or(rest.len())),
        '/' if rest.starts_with("/*") => (None, rest.find("*/").ok_or_else(|| stray(first))? + 2),
        '\'' | '"' => quoted(first, rest)?,
        '0'..='9' => symbol(Kind::Number, number(rest)),
        '.' if rest[1..].starts_with(|next: char| next.is_ascii_digit()) => {
            symbol(Kind::Number, number(rest))
        }
        'a'..='z' | 'A'..='Z' | '_' | '$' => word(rest),
        '?' => symbol(Kind::Parameter, 1),
        '<' if rest.starts_with("<<") => symbol(Kind::Symbol, 2),
        '>' if rest.starts_with(">>") => symbol(Kind::Symbol, 2),
        '<' if rest.starts_with("<=") || rest.starts_with("<>") => symbol(Kind::Operator, 2),
        '>' if rest.starts_with(">=") => symbol(Kind::Operator, 2),
        '!' if rest.starts_with("!=") => symbol(Kind::Operator, 2),
        '|' if rest.starts_with("||") => symbol(Kind::Operator, 2),
        '<' | '>' | '=' | '+' | '-' | '/' | '%' | '@' => symbol(Kind::Operator, 1),
        '(' | ')' | '[' | ']' | '{' | '}' | ',' | '.' | ':' | ';' | '*' => symbol(Kind::Symbol, 1),
        other => return Err(stray(other)),
    })
}

fn stray(character: char) -> Problem {
    let code = u32::from(character);
    Problem::Syntax(format!("invalid character at, '{character}' [U+{code:x}]"))
}

/// A text in quotes; a quote within is written twice.
fn quoted(quote: char, rest: &str) -> Result<Lexed<'_>, Problem> {
    let mut length = 1;
    loop {
        length += rest[length..].find(quote).ok_or_else(|| stray(quote))? + 1;
        if !rest[length..].starts_with(quote) {
            break;
        }
        length += 1;
    }
    let inner = &rest[1..length - 1];
    let twice = [quote, quote].iter().collect::<String>();
    let text = if inner.contains(quote) {
        Cow::Owned(inner.replace(&twice, &quote.to_string()))
    } else {
        Cow::Borrowed(inner)
    };
    let kind = if quote == '"' { Kind::Quoted } else { Kind::Text };
    Ok((Some((kind, text)), length))
}

/// The length of a number: digits, a fraction, an exponent.
fn number(rest: &str) -> usize {
    let digits = |from: usize| from + rest.bytes().skip(from).take_while(u8::is_ascii_digit).count();
    let mut length = digits(0);
    if rest[length..].starts_with('.') {
        length = digits(length + 1);
    }
    if rest[length..].starts_with(['e', 'E']) {
        let signed = length + 1 + usize::from(rest[length + 1..].starts_with(['+', '-']));
        if digits(signed) > signed {
            length = digits(signed);
        }
    }
    length
}

fn word(rest: &str) -> Lexed<'_> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$');
    let length = rest.bytes().take_while(is_part).count();
    let text = &rest[..length];
    let kind = match text.to_ascii_lowercase().as_str() {
        "and" | "or" | "not" | "is" | "in" | "between" | "like" | "union" | "except" | "intersect" => {
            Kind::WordOperator
        }
        "as" | "at" | "by" | "for" | "asc" | "desc" => Kind::Particle,
        lower if KEYWORDS.contains(lower) => Kind::Keyword,
        _ => Kind::Identifier,
    };
    (Some((kind, Cow::Borrowed(text))), length)
}

static KEYWORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| SQL.split(' ').collect());

/// The reserved words of SQL-92 and those of PartiQL: none can be a name without quotes.
const SQL: &str = "\
    absolute action add all allocate alter any are assertion authorization avg begin bit bit_length bag blob bool \
    boolean cascade cascaded case cast catalog char character char_length character_length check clob close coalesce \
    collate collation column commit conflict connect connection constraint constraints continue convert corresponding \
    count create cross current current_date current_time current_timestamp current_user cursor date date_add date_diff \
    deallocate dec decimal declare default deferrable deferred delete describe descriptor diagnostics disconnect \
    distinct do domain double drop else end escape exception exec execute exists external extract false fetch first \
    float foreign found from full get global go goto grant group having identity immediate index indicator initially \
    inner input insensitive insert int integer interval into isolation join key language last left let level limit list \
    local lower match max min missing modified module names national natural nchar new next no nothing null \
    nullif numeric octet_length of old on only open option order outer output overlaps pad partial pivot position \
    precision prepare preserve primary prior privileges procedure public read real references relative remove restrict \
    returning revoke right rollback rows schema scroll section select session session_user set sexp size smallint some \
    space sql sqlcode sqlerror sqlstate string struct substring sum symbol system_user table temporary then time \
    timestamp to transaction translate translation trim true tuple unique unknown unpivot update upper usage user \
    using value values varchar varying view when whenever where with work write zone";
