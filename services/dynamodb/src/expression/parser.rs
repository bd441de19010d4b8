//! What the parsers of all expressions share: tokens, paths, names and values; and conditions.

use api_dynamodb::AttributeValue;

use super::Compiler;
use super::condition::{Comparison, Condition, Operand};
use super::function::literal;
use super::lexer::{Kind, Token, tokens};
use super::path::{Clash, Path, Step};
use super::problems::{Problems, Rank};
use super::reserved;
use crate::{limits, value};

/// Stands for a value that is not given, until that is reported.
static UNDEFINED: AttributeValue = AttributeValue::Unknown;

/// A parser before one token.
pub struct Parser<'c, 'a> {
    compiler: &'c mut Compiler<'a>,
    /// What the expression is, as AWS calls it within sentences.
    pub(super) kind: &'static str,
    source: &'a str,
    tokens: Vec<Token<'a>>,
    at: usize,
    operators: usize,
    depth: usize,
    pub(super) problems: Problems,
}

/// What stands between operators: an operand or a whole condition.
pub(super) struct Node<'a> {
    pub what: What<'a>,
    /// Whether it stands in parentheses.
    grouped: bool,
}

pub(super) enum What<'a> {
    Operand(Operand<'a>),
    Condition(Condition<'a>),
    /// A function that is a condition, with its name.
    Function(Condition<'a>, &'a str),
}

impl<'c, 'a> Parser<'c, 'a> {
    /// Compiles a whole text.
    pub fn compile<T>(
        compiler: &'c mut Compiler<'a>,
        kind: &'static str,
        source: &'a str,
        parse: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if source.is_empty() {
            return Err("The expression can not be empty;".to_owned());
        }
        if source.len() > limits::EXPRESSION {
            let size = source.len();
            return Err(format!(
                "Expression size has exceeded the maximum allowed size; expression size: {size}"
            ));
        }
        let tokens = tokens(source);
        let mut parser = Self {
            compiler,
            kind,
            source,
            tokens,
            at: 0,
            operators: 0,
            depth: 0,
            problems: Problems::default(),
        };
        let tree = parse(&mut parser)?;
        if parser.peek().kind != Kind::End {
            return Err(parser.syntax_error());
        }
        if parser.operators > limits::OPERATORS {
            let count = parser.operators;
            return Err(format!("The expression contains too many operators; operator count: {count}"));
        }
        parser.problems.gravest()?;
        Ok(tree)
    }

    pub(super) fn peek(&self) -> Token<'a> {
        self.tokens[self.at]
    }

    pub(super) fn next(&mut self) -> Token<'a> {
        let token = self.tokens[self.at];
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    /// Takes a symbol if it comes next.
    pub(super) fn take(&mut self, symbol: &str) -> bool {
        let found = self.peek().is(symbol);
        if found {
            self.next();
        }
        found
    }

    /// Takes a keyword if it comes next.
    pub(super) fn take_word(&mut self, word: &str) -> bool {
        let found = self.peek().is_word(word);
        if found {
            self.next();
        }
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), String> {
        if self.take(symbol) { Ok(()) } else { Err(self.syntax_error()) }
    }

    /// Names the next token with its neighbours, as they are written.
    pub(super) fn syntax_error(&self) -> String {
        let token = self.peek();
        let from = self.tokens[self.at.saturating_sub(1)].start;
        let to = self.tokens.get(self.at + 1).unwrap_or(&token).end();
        let text = if token.kind == Kind::End { "<EOF>" } else { token.text };
        format!("Syntax error; token: \"{text}\", near: \"{}\"", self.source[from..to].trim_end())
    }

    /// Counts an operator or function.
    pub(super) fn count(&mut self) {
        self.operators += 1;
    }

    /// Goes one level deeper into what may lie in itself: no text may exhaust the stack.
    pub(super) fn deeper<T>(
        &mut self,
        parse: impl FnOnce(&mut Self) -> Result<T, String>,
    ) -> Result<T, String> {
        if self.depth >= limits::DEPTH {
            return Err("The expression has redundant parentheses;".to_owned());
        }
        self.depth += 1;
        let parsed = parse(self);
        self.depth -= 1;
        parsed
    }

    /// Whether a function's name and its parenthesis come next.
    pub(super) fn is_function(&self) -> bool {
        self.peek().kind == Kind::Word && self.tokens.get(self.at + 1).is_some_and(|token| token.is("("))
    }

    pub(super) fn path(&mut self) -> Result<Path<'a>, String> {
        let mut path = Path::attribute(self.name()?);
        loop {
            if self.take(".") {
                path.rest.push(Step::Name(self.name()?));
            } else if self.take("[") {
                if self.peek().kind != Kind::Index {
                    return Err(self.syntax_error());
                }
                let index = self.next().text.parse();
                path.rest
                    .push(Step::Index(index.map_err(|_| "List index is not within the allowable range")?));
                self.expect("]")?;
            } else if path.rest.len() >= limits::NESTING {
                let levels = path.rest.len() + 1;
                return Err(format!(
                    "The document path has too many nesting elements; number of nesting elements: {levels}"
                ));
            } else {
                return Ok(path);
            }
        }
    }

    fn name(&mut self) -> Result<&'a str, String> {
        let token = self.peek();
        match token.kind {
            Kind::Word => {
                if reserved::is_reserved(token.text) {
                    self.problems.note(Rank::Reserved, || {
                        format!("Attribute name is a reserved keyword; reserved keyword: {}", token.text)
                    });
                }
                Ok(self.next().text)
            }
            Kind::Name => {
                self.next();
                let name = self.compiler.name(token.text);
                if name.is_none() {
                    self.problems.note(Rank::Undefined, || {
                        let name = token.text;
                        format!("An expression attribute name used in the document path is not defined; attribute name: {name}")
                    });
                }
                Ok(name.unwrap_or(token.text))
            }
            _ => Err(self.syntax_error()),
        }
    }

    pub(super) fn value(&mut self) -> Result<&'a AttributeValue, String> {
        let token = self.peek();
        if token.kind != Kind::Value {
            return Err(self.syntax_error());
        }
        self.next();
        let value = self.compiler.value(token.text);
        if value.is_none() {
            self.problems.note(Rank::Undefined, || {
                let name = token.text;
                format!(
                    "An expression attribute value used in expression is not defined; attribute value: {name}"
                )
            });
        }
        Ok(value.unwrap_or(&UNDEFINED))
    }

    /// Notes how a path disturbs those before it.
    pub(super) fn check_clash<'p>(&mut self, path: &Path<'a>, before: impl Iterator<Item = &'p Path<'a>>)
    where
        'a: 'p,
    {
        for other in before {
            let Some(clash) = other.clash(path) else { continue };
            let (rank, word) = match clash {
                Clash::Overlap => (Rank::Overlap, "overlap"),
                Clash::Conflict => (Rank::Conflict, "conflict"),
            };
            self.problems.note(rank, || {
                format!(
                    "Two document paths {word} with each other; must remove or rewrite one of these paths; path one: \
                     {other}, path two: {path}"
                )
            });
        }
    }

    /// A condition.
    pub fn condition(&mut self) -> Result<Condition<'a>, String> {
        let node = self.or()?;
        self.as_condition(node)
    }

    fn or(&mut self) -> Result<Node<'a>, String> {
        let mut left = self.and()?;
        while self.take_word("OR") {
            self.count();
            let right = self.and()?;
            let (one, two) = (self.as_condition(left)?, self.as_condition(right)?);
            left = Node::new(What::Condition(Condition::Or(Box::new(one), Box::new(two))));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Node<'a>, String> {
        let mut left = self.not()?;
        while self.take_word("AND") {
            self.count();
            let right = self.not()?;
            let (one, two) = (self.as_condition(left)?, self.as_condition(right)?);
            left = Node::new(What::Condition(Condition::And(Box::new(one), Box::new(two))));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Node<'a>, String> {
        if !self.take_word("NOT") {
            return self.comparison();
        }
        self.count();
        let node = self.deeper(Self::not)?;
        let condition = self.as_condition(node)?;
        Ok(Node::new(What::Condition(Condition::Not(Box::new(condition)))))
    }

    fn comparison(&mut self) -> Result<Node<'a>, String> {
        let left = self.primary()?;
        let token = self.peek();
        if let Some(comparison) = Comparison::of(&token) {
            self.next();
            self.count();
            let right = self.primary()?;
            let (left, right) = (self.as_operand(left)?, self.as_operand(right)?);
            self.check_distinct(token.text, &left, &right);
            if !matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
                self.check_ordered(token.text, [&left, &right]);
            }
            return Ok(Node::new(What::Condition(Condition::Compare(comparison, left, right))));
        }
        if self.take_word("BETWEEN") {
            return self.between(left);
        }
        if self.take_word("IN") {
            return self.choice(left);
        }
        Ok(left)
    }

    fn between(&mut self, node: Node<'a>) -> Result<Node<'a>, String> {
        self.count();
        let low = self.primary()?;
        if !self.take_word("AND") {
            return Err(self.syntax_error());
        }
        let high = self.primary()?;
        let (low, high) = (self.as_operand(low)?, self.as_operand(high)?);
        let operand = self.as_operand(node)?;
        self.check_ordered("BETWEEN", [&operand, &low, &high]);
        if let (Operand::Value(low), Operand::Value(high)) = (&low, &high) {
            self.check_bounds(low, high);
        }
        Ok(Node::new(What::Condition(Condition::Between(operand, low, high))))
    }

    /// Notes an operand of a type that has no order.
    fn check_ordered<const N: usize>(&mut self, name: &str, operands: [&Operand<'a>; N]) {
        let mut kinds = operands.into_iter().filter_map(literal);
        if let Some(kind) = kinds.find(|kind| !matches!(*kind, "S" | "N" | "B")) {
            self.wrong_type(name, kind);
        }
    }

    fn check_bounds(&mut self, low: &AttributeValue, high: &AttributeValue) {
        if let Some(problem) = wrong_bounds(low, high) {
            self.problems.note(Rank::Types, || problem);
        }
    }

    fn choice(&mut self, node: Node<'a>) -> Result<Node<'a>, String> {
        self.count();
        self.expect("(")?;
        let mut choices = Vec::new();
        loop {
            let choice = self.primary()?;
            choices.push(self.as_operand(choice)?);
            if !self.take(",") {
                break;
            }
        }
        self.expect(")")?;
        if choices.len() > limits::CHOICES {
            let count = choices.len();
            return Err(format!(
                "The IN operator is provided with too many operands; number of operands: {count}"
            ));
        }
        let operand = self.as_operand(node)?;
        Ok(Node::new(What::Condition(Condition::In(operand, choices))))
    }

    pub(super) fn primary(&mut self) -> Result<Node<'a>, String> {
        self.deeper(Self::innermost)
    }

    fn innermost(&mut self) -> Result<Node<'a>, String> {
        if self.take("(") {
            let inner = self.or()?;
            self.expect(")")?;
            if inner.grouped {
                self.problems
                    .note(Rank::Parentheses, || "The expression has redundant parentheses;".to_owned());
            }
            return Ok(Node { grouped: true, ..inner });
        }
        if self.is_function() {
            return self.function();
        }
        let token = self.peek();
        if ["AND", "OR", "NOT", "IN", "BETWEEN"].iter().any(|word| token.is_word(word)) {
            return Err(self.syntax_error());
        }
        let operand = match token.kind {
            Kind::Value => Operand::Value(self.value()?),
            _ => Operand::Path(self.path()?),
        };
        Ok(Node::new(What::Operand(operand)))
    }

    fn as_condition(&mut self, node: Node<'a>) -> Result<Condition<'a>, String> {
        match node.what {
            What::Condition(condition) | What::Function(condition, _) => Ok(condition),
            What::Operand(Operand::Size(_)) => {
                self.misused("size");
                Ok(Condition::never())
            }
            What::Operand(_) => Err(self.syntax_error()),
        }
    }

    pub(super) fn as_operand(&mut self, node: Node<'a>) -> Result<Operand<'a>, String> {
        match node.what {
            What::Operand(operand) => Ok(operand),
            What::Function(_, name) => {
                self.misused(name);
                Ok(Operand::Value(&UNDEFINED))
            }
            What::Condition(_) => Err(self.syntax_error()),
        }
    }

    fn misused(&mut self, name: &str) {
        self.problems.note(Rank::Misused, || {
            format!("The function is not allowed to be used this way in an expression; function: {name}")
        });
    }

    pub(super) fn check_distinct(&mut self, name: &str, left: &Operand<'a>, right: &Operand<'a>) {
        if let (Operand::Path(left), Operand::Path(right)) = (left, right)
            && left == right
        {
            self.problems.note(Rank::Distinct, || {
                format!(
                    "The first operand must be distinct from the remaining operands for this operator or function; \
                     operator: {name}, first operand: {left}"
                )
            });
        }
    }
}

/// What is wrong with the bounds of a `BETWEEN`, if anything is.
pub fn wrong_bounds(low: &AttributeValue, high: &AttributeValue) -> Option<String> {
    let (low_type, high_type) = (value::type_name(low), value::type_name(high));
    let problem = if low_type.is_empty() || high_type.is_empty() {
        return None;
    } else if low_type != high_type {
        "requires same data type for lower and upper bounds"
    } else if value::compare(low, high).is_some_and(std::cmp::Ordering::is_gt) {
        "requires upper bound to be greater than or equal to lower bound"
    } else {
        return None;
    };
    let (low, high) = (value::printed(low), value::printed(high));
    Some(format!(
        "The BETWEEN operator {problem}; lower bound operand: AttributeValue: {low}, upper bound operand: \
         AttributeValue: {high}"
    ))
}

impl<'a> Node<'a> {
    pub(super) fn new(what: What<'a>) -> Self {
        Self { what, grouped: false }
    }
}
