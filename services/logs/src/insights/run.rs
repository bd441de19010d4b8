//! Runs a query: rows go through its commands one by one, and wait only where all must be known.

use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use kernel::Fault;

use super::aggregate::{Aggregate, Sum};
use super::command::{Column, Command, Parser, Query};
use super::expression::Expression;
use super::row::{Row, Source, pointer, scalar};
use super::value::{SortKey, Value};

/// How many rows more than twice the limit wait before they are sorted.
const SLACK: usize = 1000;

/// What came of a query.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Rows of columns and values.
    pub rows: Vec<Vec<(String, String)>>,
    /// Events that the filters let through.
    pub matched: u64,
    /// Events read.
    pub scanned: u64,
    /// Bytes of their messages.
    pub bytes: u64,
}

/// One command, with what it has seen so far.
enum Stage<'q> {
    Pass(&'q Command),
    Limit(usize),
    Dedup(&'q [Expression], HashSet<Vec<String>>),
    Stats(&'q [(Rc<str>, Aggregate)], &'q [Column], Groups),
    Sort(Sorter<'q>),
}

/// Rows that wait to be sorted; only the first ones, where a limit follows at once.
struct Sorter<'q> {
    keys: &'q [(Expression, bool)],
    rows: Vec<(Vec<SortKey>, Row)>,
    most: usize,
}

#[derive(Default)]
struct Groups {
    order: HashMap<Vec<Option<String>>, usize>,
    all: Vec<(Vec<Value>, Vec<Sum>)>,
}

/// Runs a query over events, the newest first; `most` rows at most, where the query does not say.
pub fn run(
    query: &Query,
    events: impl Iterator<Item = Result<Source, Fault>>,
    most: usize,
) -> Result<Outcome, Fault> {
    let mut outcome = Outcome::default();
    let mut stages: Vec<_> = query.commands.iter().map(Stage::of).collect();
    if !query.commands.iter().any(|command| matches!(command, Command::Limit(_))) {
        stages.push(Stage::Limit(most));
    }
    for at in 1..stages.len() {
        if let (&Stage::Limit(most), before) = (&stages[at], at - 1)
            && let Stage::Sort(sorter) = &mut stages[before]
        {
            sorter.most = most;
        }
    }
    // Filters before anything else tell how many events match.
    let filters = query.commands.iter().take_while(|command| !command.is_gathering()).count();
    let mut rows = Vec::new();
    for event in events {
        let event = event?;
        outcome.scanned += 1;
        outcome.bytes += event.message.len() as u64;
        let row = Row { source: Some(Rc::new(event)), added: Vec::new() };
        let Some(row) = stages[..filters].iter_mut().try_fold(row, |row, stage| stage.take(row)) else {
            continue;
        };
        outcome.matched += 1;
        through(&mut stages[filters..], row, &mut rows);
    }
    for at in filters..stages.len() {
        for row in stages[at].finish() {
            through(&mut stages[at + 1..], row, &mut rows);
        }
    }
    outcome.rows = rows.iter().map(|row| shown(query, row)).collect();
    Ok(outcome)
}

/// Sends a row through stages; what comes out goes to `into`.
fn through(stages: &mut [Stage<'_>], row: Row, into: &mut Vec<Row>) {
    let Some((first, rest)) = stages.split_first_mut() else { return into.push(row) };
    if let Stage::Pass(Command::Unnest(list, name)) = first {
        return unnested(list, name, &row).into_iter().for_each(|row| through(rest, row, into));
    }
    if let Some(row) = first.take(row) {
        through(rest, row, into);
    }
}

/// A row for each item of a list; what is no list is one item.
fn unnested(list: &Expression, name: &Rc<str>, row: &Row) -> Vec<Row> {
    let value = list.value(row);
    let items = match &value {
        Value::Json(json) => json.as_array().map(|items| items.iter().map(scalar).collect()),
        _ => None,
    };
    let with = |item: Value| {
        let mut row = row.clone();
        row.added.push((name.clone(), item));
        row
    };
    items.unwrap_or_else(|| vec![value]).into_iter().map(with).collect()
}

impl Command {
    fn is_gathering(&self) -> bool {
        matches!(self, Self::Stats(..) | Self::Sort(_) | Self::Limit(_) | Self::Dedup(_) | Self::Unnest(..))
    }
}

impl<'q> Stage<'q> {
    fn of(command: &'q Command) -> Self {
        match command {
            Command::Limit(most) => Self::Limit(*most),
            Command::Dedup(keys) => Self::Dedup(keys, HashSet::new()),
            Command::Stats(aggregates, groups) => Self::Stats(aggregates, groups, Groups::default()),
            Command::Sort(keys) => Self::Sort(Sorter { keys, rows: Vec::new(), most: usize::MAX }),
            other => Self::Pass(other),
        }
    }

    /// Takes a row; answers it, if it goes on at once.
    fn take(&mut self, mut row: Row) -> Option<Row> {
        match self {
            Self::Pass(Command::Filter(condition) | Command::FilterIndex(condition)) => {
                condition.holds(&row).then_some(row)
            }
            Self::Pass(Command::Fields(columns) | Command::Display(columns)) => {
                for (name, expression) in columns {
                    if !matches!(expression, Expression::Field(field) if field == name) {
                        let value = expression.value(&row);
                        row.added.push((name.clone(), value));
                    }
                }
                Some(row)
            }
            Self::Pass(Command::Parse(of, parser)) => {
                parser.add(of, &mut row);
                Some(row)
            }
            Self::Pass(_) => Some(row),
            Self::Limit(left) => {
                let is_one_left = *left > 0;
                *left = left.saturating_sub(1);
                is_one_left.then_some(row)
            }
            Self::Dedup(keys, seen) => {
                let key: Option<Vec<_>> = keys.iter().map(|key| key.value(&row).text()).collect();
                // What has not all of the fields is like nothing else.
                key.is_none_or(|key| seen.insert(key)).then_some(row)
            }
            Self::Stats(aggregates, columns, groups) => {
                groups.add(aggregates, columns, &row);
                None
            }
            Self::Sort(sorter) => {
                sorter.add(row);
                None
            }
        }
    }

    /// The rows that waited for the last one.
    fn finish(&mut self) -> Vec<Row> {
        match self {
            Self::Sort(sorter) => {
                sorter.sort();
                std::mem::take(&mut sorter.rows).into_iter().map(|(_, row)| row).collect()
            }
            Self::Stats(aggregates, columns, groups) => groups.finish(aggregates, columns),
            _ => Vec::new(),
        }
    }
}

impl Sorter<'_> {
    fn add(&mut self, row: Row) {
        self.rows.push((self.keys.iter().map(|(key, _)| key.value(&row).key()).collect(), row));
        // Rows that cannot be among the first ones any more are let go from time to time.
        if self.rows.len() > self.most.saturating_mul(2).saturating_add(SLACK) {
            self.sort();
        }
    }

    fn sort(&mut self) {
        let keys = self.keys;
        self.rows.sort_by(|(left, _), (right, _)| {
            let orders = left.iter().zip(right).zip(keys).map(|((left, right), (_, is_descending))| {
                let order = left.order(right);
                if *is_descending { order.reverse() } else { order }
            });
            orders.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then)
        });
        self.rows.truncate(self.most);
    }
}

impl Groups {
    fn add(&mut self, aggregates: &[(Rc<str>, Aggregate)], columns: &[Column], row: &Row) {
        let values: Vec<_> = columns.iter().map(|(_, expression)| expression.value(row)).collect();
        let key = values.iter().map(Value::text).collect();
        let at = *self.order.entry(key).or_insert(self.all.len());
        if at == self.all.len() {
            self.all.push((values, aggregates.iter().map(|(_, aggregate)| aggregate.start()).collect()));
        }
        for ((_, aggregate), sum) in aggregates.iter().zip(&mut self.all[at].1) {
            aggregate.add(sum, row);
        }
    }

    fn finish(&mut self, aggregates: &[(Rc<str>, Aggregate)], columns: &[Column]) -> Vec<Row> {
        let rows = std::mem::take(&mut self.all).into_iter().map(|(values, sums)| {
            let keys = columns.iter().zip(values).map(|((name, _), value)| (name.clone(), value));
            let totals = aggregates.iter().zip(sums).map(|((name, _), sum)| (name.clone(), sum.value()));
            Row { source: None, added: keys.chain(totals).collect() }
        });
        rows.collect()
    }
}

impl Parser {
    fn add(&self, of: &Expression, row: &mut Row) {
        let text = of.value(row).text();
        let found = text.as_deref().and_then(|text| self.regex.captures(text));
        for (at, name) in &self.names {
            let value = found.as_ref().and_then(|found| found.get(*at));
            let value = value.map_or(Value::Missing, |value| Value::Text(value.as_str().to_owned()));
            row.added.push((name.clone(), value));
        }
    }
}

/// The columns of a row that a query shows.
fn shown(query: &Query, row: &Row) -> Vec<(String, String)> {
    let mut names: Vec<Rc<str>> = Vec::new();
    for command in &query.commands {
        match command {
            Command::Display(columns) => names = columns.iter().map(|(name, _)| name.clone()).collect(),
            Command::Fields(columns) => {
                let new: Vec<_> = columns.iter().map(|(name, _)| name.clone()).collect();
                names.extend(new.into_iter().filter(|name| !names.contains(name)).collect::<Vec<_>>());
            }
            Command::Unnest(_, name) if !names.is_empty() => names.push(name.clone()),
            Command::Stats(aggregates, columns) => {
                let keys = columns.iter().map(|(name, _)| name.clone());
                names = keys.chain(aggregates.iter().map(|(name, _)| name.clone())).collect();
            }
            _ => {}
        }
    }
    if names.is_empty() {
        names = vec!["@timestamp".into(), "@message".into()];
    }
    let mut shown: Vec<_> =
        names.iter().filter_map(|name| Some((name.to_string(), row.field(name).text()?))).collect();
    if let Some(source) = &row.source {
        shown.push(("@ptr".to_owned(), pointer(source)));
    }
    shown
}

#[cfg(test)]
mod tests {
    use std::cell::OnceCell;

    use super::*;
    use crate::event::Place;

    #[test]
    fn a_limit_behind_a_sort_keeps_the_first_rows() {
        let events = (1..=5000_u64).map(|number| {
            Ok(Source {
                account: String::new(),
                group: String::new(),
                stream: String::new(),
                place: Place { time: 0, number },
                ingested: 0,
                message: format!("{{\"n\": {}}}", number * 7919 % 5000),
                unmasked: None,
                transformed: None,
                json: OnceCell::new(),
            })
        });
        let query = Query::parse("display n | sort n desc | limit 3").unwrap();
        let rows = run(&query, events, 10).unwrap().rows;
        let numbers: Vec<_> = rows.iter().map(|row| row[0].1.as_str()).collect();
        assert_eq!(numbers, ["4999", "4998", "4997"]);
    }
}
