//! The model's constraints, checked on the typed input before the handler sees it, in AWS's wording.

use std::collections::{HashMap, HashSet};
use std::sync::{LazyLock, RwLock};

use kernel::schema::{Kind, Limits, Member, Schema};
use kernel::shape::{ReadError, Shape, Writer};
use kernel::stream::{AnyEventStream, ByteStream};
use kernel::validation::{Missing, Problem};
use kernel::{Document, Timestamp};
use regex::Regex;

use crate::printed::printed;

/// The way from the input to a value, in AWS's notation: `items.1.member.name`.
#[derive(Clone, Debug, Default)]
pub struct Path(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Member(&'static Member),
    Index(usize),
    Key(String),
}

impl Path {
    /// Goes to a structure's member.
    pub fn push(&mut self, member: &'static Member) {
        self.0.push(Part::Member(member));
    }

    /// Goes to a list's element; the first has index 0.
    pub fn push_index(&mut self, index: usize) {
        self.0.push(Part::Index(index));
    }

    /// Goes to a map's value.
    pub fn push_key(&mut self, key: &str) {
        self.0.push(Part::Key(key.to_owned()));
    }

    /// Goes back.
    pub fn pop(&mut self) {
        self.0.pop();
    }

    /// The error with this path, unless it has one from deeper down.
    pub fn locate(&self, mut error: ReadError) -> ReadError {
        if error.path.is_empty() {
            error.path = self.text();
        }
        error
    }

    /// The path as AWS writes it.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for part in &self.0 {
            if !text.is_empty() {
                text.push('.');
            }
            match part {
                Part::Member(member) => text.push_str(&decapitalised(member.name)),
                Part::Index(index) => text.push_str(&format!("{}.member", index + 1)),
                Part::Key(key) => text.push_str(&format!("{key}.member")),
            }
        }
        text
    }
}

pub(crate) fn decapitalised(name: &str) -> String {
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| first.to_ascii_lowercase().to_string() + letters.as_str())
}

/// The required member at the end of `path`, which the request lacks.
pub(crate) fn missing(path: &Path) -> Missing {
    let name = match path.0.last() {
        Some(Part::Member(member)) => member.name,
        _ => "",
    };
    Missing { path: path.text(), name }
}

/// Every constraint that `input` breaks; `missing` is what decoding found absent.
pub fn check(input: &dyn Shape, missing: &[Missing]) -> Vec<Problem> {
    let schema = input.schema();
    if !schema.constrained && missing.is_empty() {
        return Vec::new();
    }
    let mut checker = Checker {
        missing: missing.iter().map(|missing| missing.path.as_str()).collect(),
        path: Path::default(),
        containers: vec![Container::Structure],
        problems: Vec::new(),
    };
    input.write_members(&mut checker);
    let mut problems = checker.problems;
    // A required structure that is absent is never written: what is left over is reported all the same.
    for missing in missing {
        if !problems.iter().any(|problem| problem.path == missing.path && problem.value.is_none()) {
            problems.push(null(missing.path.clone()));
        }
    }
    problems
}

fn null(path: String) -> Problem {
    Problem { path, value: None, constraint: "Member must not be null".to_owned() }
}

enum Container {
    Structure,
    List(usize),
    Map(Entries),
}

/// A map's entries so far.
#[derive(Default)]
struct Entries {
    /// The key of the value that comes next.
    key: String,
    /// The constraints that any key has broken.
    keys: Option<&'static Limits>,
    /// The constraints that any value has broken.
    values: Option<&'static Limits>,
}

struct Checker<'a> {
    missing: HashSet<&'a str>,
    path: Path,
    containers: Vec<Container>,
    problems: Vec<Problem>,
}

impl Checker<'_> {
    /// Goes to the value; false when it is only a stand-in for a missing one.
    fn enter(&mut self, member: &'static Member) -> bool {
        match self.containers.last_mut() {
            Some(Container::List(index)) => {
                let at = *index;
                *index += 1;
                self.path.push_index(at);
            }
            Some(Container::Map(entries)) => {
                let key = std::mem::take(&mut entries.key);
                self.path.push_key(&key);
            }
            _ => self.path.push(member),
        }
        if self.missing.is_empty() || !self.missing.contains(self.path.text().as_str()) {
            return true;
        }
        self.problems.push(null(self.path.text()));
        self.path.pop();
        false
    }

    fn wants(&self, schema: &Schema) -> bool {
        schema.constrained || !self.missing.is_empty()
    }

    fn problem(&mut self, value: String, constraint: String) {
        self.problems.push(Problem { path: self.path.text(), value: Some(value), constraint });
    }

    fn length(&mut self, limits: &Limits, length: usize, value: &mut dyn FnMut() -> String) {
        let length = i64::try_from(length).unwrap_or(i64::MAX);
        if let Some(max) = limits.max.filter(|max| length > *max) {
            self.problem(value(), longest(max));
        }
        if let Some(min) = limits.min.filter(|min| length < *min) {
            self.problem(value(), shortest(min));
        }
    }

    fn text(&mut self, limits: &Limits, value: &str) {
        if !limits.values.is_empty() && !limits.values.contains(&value) {
            self.problem(value.to_owned(), one_of(limits.values));
        }
        self.length(limits, value.chars().count(), &mut || value.to_owned());
        if let Some(pattern) = limits.pattern.filter(|pattern| !matches(pattern, value)) {
            self.problem(value.to_owned(), matching(pattern));
        }
    }

    /// Entries are not reported one by one: the whole map is, once, with all that its values must satisfy. `before` is
    /// how many problems there were before this value.
    fn settle(&mut self, before: usize, limits: &'static Limits) {
        if self.problems.len() > before
            && let Some(Container::Map(entries)) = self.containers.last_mut()
        {
            self.problems.truncate(before);
            entries.values = entries.values.or(Some(limits));
        }
    }

    fn inside(&mut self, container: Container, each: &mut dyn FnMut(&mut dyn Writer)) {
        self.containers.push(container);
        each(self);
        self.containers.pop();
    }
}

fn one_of(values: &[&str]) -> String {
    format!("Member must satisfy enum value set: [{}]", values.join(", "))
}

fn longest(max: i64) -> String {
    format!("Member must have length less than or equal to {max}")
}

fn shortest(min: i64) -> String {
    format!("Member must have length greater than or equal to {min}")
}

fn matching(pattern: &str) -> String {
    format!("Member must satisfy regular expression pattern: {pattern}")
}

/// All that a text of these constraints must satisfy.
fn sentences(limits: &Limits) -> Vec<String> {
    let values = (!limits.values.is_empty()).then(|| one_of(limits.values));
    let lengths = [limits.max.map(longest), limits.min.map(shortest)];
    [values].into_iter().chain(lengths).chain([limits.pattern.map(matching)]).flatten().collect()
}

/// Whether the whole text matches. A pattern that our engine does not know accepts all.
fn matches(pattern: &'static str, text: &str) -> bool {
    static COMPILED: LazyLock<RwLock<HashMap<&'static str, Option<Regex>>>> = LazyLock::new(RwLock::default);
    let known = COMPILED.read().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some(regex) = known.get(pattern) {
        return regex.as_ref().is_none_or(|regex| regex.is_match(text));
    }
    drop(known);
    let regex = Regex::new(&format!("^(?s:{pattern})$")).ok();
    let accepted = regex.as_ref().is_none_or(|regex| regex.is_match(text));
    COMPILED.write().unwrap_or_else(std::sync::PoisonError::into_inner).insert(pattern, regex);
    accepted
}

impl Writer for Checker<'_> {
    fn absent(&mut self, _: &'static Member) {}

    fn blob(&mut self, member: &'static Member, value: &[u8]) {
        if self.wants(member.target) && self.enter(member) {
            if let Some(limits) = member.target.limits {
                self.length(limits, value.len(), &mut || {
                    format!("java.nio.HeapByteBuffer[pos=0 lim={0} cap={0}]", value.len())
                });
            }
            self.path.pop();
        }
    }

    fn boolean(&mut self, member: &'static Member, _: bool) {
        if self.wants(member.target) && self.enter(member) {
            self.path.pop();
        }
    }

    fn document(&mut self, _: &'static Member, _: &Document) {}

    fn events(&mut self, _: &'static Member, _: &dyn AnyEventStream) {}

    fn float(&mut self, member: &'static Member, value: f64) {
        #[allow(clippy::cast_possible_truncation, reason = "limits are whole numbers")]
        if self.wants(member.target) {
            self.integer(member, value as i64);
        }
    }

    fn integer(&mut self, member: &'static Member, value: i64) {
        if self.wants(member.target) && self.enter(member) {
            let limits = member.target.limits;
            if let Some(max) = limits.and_then(|limits| limits.max).filter(|max| value > *max) {
                self.problem(
                    value.to_string(),
                    format!("Member must have value less than or equal to {max}"),
                );
            }
            if let Some(min) = limits.and_then(|limits| limits.min).filter(|min| value < *min) {
                self.problem(
                    value.to_string(),
                    format!("Member must have value greater than or equal to {min}"),
                );
            }
            self.path.pop();
        }
    }

    fn list(&mut self, member: &'static Member, length: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        if self.wants(member.target) && self.enter(member) {
            if let Some(limits) = member.target.limits {
                let before = self.problems.len();
                self.length(limits, length, &mut || printed(('[', ']'), each));
                self.settle(before, limits);
            }
            self.inside(Container::List(0), each);
            self.path.pop();
        }
    }

    fn map(&mut self, member: &'static Member, length: usize, each: &mut dyn FnMut(&mut dyn Writer)) {
        if self.wants(member.target) && self.enter(member) {
            if let Some(limits) = member.target.limits {
                self.length(limits, length, &mut || printed(('{', '}'), each));
            }
            let before = self.problems.len();
            self.containers.push(Container::Map(Entries::default()));
            each(self);
            if let Some(Container::Map(Entries { keys, values, .. })) = self.containers.pop() {
                for (what, limits) in [("value", values), ("keys", keys)] {
                    let Some(limits) = limits else { continue };
                    let all = sentences(limits).join(", ");
                    let constraint = format!("Map {what} must satisfy constraint: [{all}]");
                    let value = Some(printed(('{', '}'), each));
                    self.problems.insert(before, Problem { path: self.path.text(), value, constraint });
                }
            }
            self.path.pop();
        }
    }

    fn key(&mut self, member: &'static Member, key: &str) {
        let before = self.problems.len();
        if let Some(limits) = member.target.limits {
            self.text(limits, key);
        }
        // As `settle` has it for values.
        let is_broken = self.problems.len() > before;
        self.problems.truncate(before);
        if let Some(Container::Map(entries)) = self.containers.last_mut() {
            key.clone_into(&mut entries.key);
            entries.keys = entries.keys.or(member.target.limits.filter(|_| is_broken));
        }
    }

    fn stream(&mut self, _: &'static Member, _: &ByteStream) {}

    fn string(&mut self, member: &'static Member, value: &str) {
        if self.wants(member.target) && self.enter(member) {
            if let Some(limits) = member.target.limits {
                let before = self.problems.len();
                self.text(limits, value);
                self.settle(before, limits);
            }
            self.path.pop();
        }
    }

    fn structure(&mut self, member: &'static Member, value: &dyn Shape) {
        if self.wants(member.target) && self.enter(member) {
            if member.target.kind != Kind::Document {
                self.inside(Container::Structure, &mut |writer| value.write_members(writer));
            }
            self.path.pop();
        }
    }

    fn timestamp(&mut self, member: &'static Member, _: Timestamp) {
        if self.wants(member.target) && self.enter(member) {
            self.path.pop();
        }
    }
}
