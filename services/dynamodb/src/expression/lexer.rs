//! Tokens of expressions.

/// What a token is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A keyword, function or attribute.
    Word,
    /// A placeholder of a name: `#n`.
    Name,
    /// A placeholder of a value: `:v`.
    Value,
    /// Digits.
    Index,
    /// An operator or a parenthesis.
    Symbol,
    /// What no expression has.
    Stray,
    /// The end.
    End,
}

/// A piece of an expression.
#[derive(Clone, Copy, Debug)]
pub struct Token<'a> {
    /// What it is.
    pub kind: Kind,
    /// Its text.
    pub text: &'a str,
    /// Where it starts.
    pub start: usize,
}

impl Token<'_> {
    /// Where it ends.
    pub fn end(&self) -> usize {
        self.start + self.text.len()
    }

    /// Whether it is that symbol.
    pub fn is(&self, symbol: &str) -> bool {
        self.kind == Kind::Symbol && self.text == symbol
    }

    /// Whether it is that keyword, in any case.
    pub fn is_word(&self, word: &str) -> bool {
        self.kind == Kind::Word && self.text.eq_ignore_ascii_case(word)
    }
}

/// The tokens of an expression; the last is the end.
pub fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::with_capacity(source.len() / 3 + 2);
    let mut at = 0;
    loop {
        let rest = &source[at..];
        at += rest.len() - rest.trim_start_matches([' ', '\t', '\r', '\n']).len();
        let rest = &source[at..];
        let Some(first) = rest.chars().next() else { break };
        let (kind, length) = token(first, rest);
        tokens.push(Token { kind, text: &rest[..length], start: at });
        at += length;
    }
    tokens.push(Token { kind: Kind::End, text: "", start: source.len() });
    tokens
}

fn token(first: char, rest: &str) -> (Kind, usize) {
    let run =
        |from: usize, is_part: fn(&u8) -> bool| from + rest.bytes().skip(from).take_while(is_part).count();
    match first {
        'a'..='z' | 'A'..='Z' | '_' => (Kind::Word, run(0, is_part)),
        '0'..='9' => (Kind::Index, run(0, u8::is_ascii_digit)),
        '#' | ':' => match run(1, is_part) {
            1 => (Kind::Stray, 1),
            length if first == '#' => (Kind::Name, length),
            length => (Kind::Value, length),
        },
        '<' if rest.starts_with("<=") || rest.starts_with("<>") => (Kind::Symbol, 2),
        '>' if rest.starts_with(">=") => (Kind::Symbol, 2),
        '<' | '>' | '=' | '(' | ')' | '[' | ']' | ',' | '.' | '+' | '-' => (Kind::Symbol, 1),
        other => (Kind::Stray, other.len_utf8()),
    }
}

fn is_part(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || *byte == b'_'
}
