//! Queries of Insights that were started, and what came of them.

use std::cell::OnceCell;

use api_logs::{LogsError, QueryInfo, QueryLanguage, QueryStatistics, QueryStatus};
use kernel::{Fault, Scope};
use serde::{Deserialize, Serialize};
use store::{ReadTx, Rows, Store, Table};

use crate::event::{EVENTS, Event, EventKey, Place};
use crate::group::Group;
use crate::insights::{self, Outcome, Query, Source};
use crate::stream::STREAMS;
use crate::{errors, index};

/// Queries by id.
pub static QUERIES: Table<String, Row> = Table::regional("logs.queries");

/// What came of queries, by id.
pub static RESULTS: Table<String, Results> = Table::regional("logs.query_results");

/// A query that was started.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The groups.
    pub groups: Vec<String>,
    /// The query.
    pub text: String,
    /// From then on, in seconds since 1970.
    pub start: i64,
    /// Up to and with then.
    pub end: i64,
    /// When it was started, in milliseconds since 1970.
    pub created: i64,
}

/// What came of a query.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Results {
    /// Rows of columns and values.
    pub rows: Vec<Vec<(String, String)>>,
    /// Events that its filters let through.
    pub matched: u64,
    /// Events read.
    pub scanned: u64,
    /// Bytes read.
    pub bytes: u64,
}

impl From<Outcome> for Results {
    fn from(outcome: Outcome) -> Self {
        let Outcome { rows, matched, scanned, bytes } = outcome;
        Self { rows, matched, scanned, bytes }
    }
}

impl Results {
    /// The counts as callers see them.
    #[allow(clippy::cast_precision_loss, reason = "AWS counts so")]
    pub fn statistics(&self, groups: usize) -> QueryStatistics {
        QueryStatistics {
            records_matched: Some(self.matched as f64),
            records_scanned: Some(self.scanned as f64),
            bytes_scanned: Some(self.bytes as f64),
            estimated_records_skipped: Some(0.0),
            estimated_bytes_skipped: Some(0.0),
            log_groups_scanned: Some(groups as f64),
            ..QueryStatistics::default()
        }
    }
}

impl Row {
    /// The query as lists show it.
    pub fn describe(self, id: String) -> QueryInfo {
        let groups: Vec<_> = self.groups.iter().map(|group| format!("{group:?}")).collect();
        let is_whole =
            self.text.trim_start().get(..6).is_some_and(|word| word.eq_ignore_ascii_case("source"));
        let text = if is_whole {
            self.text.clone()
        } else {
            format!(
                "SOURCE {} START={}000 END={}999 | {}",
                groups.join(", "),
                self.start,
                self.end,
                self.text
            )
        };
        QueryInfo {
            query_language: Some(QueryLanguage::Cwli),
            query_id: Some(id),
            query_string: Some(text),
            status: Some(QueryStatus::Complete),
            create_time: Some(self.created),
            log_group_name: self.groups.into_iter().next(),
            ..QueryInfo::default()
        }
    }
}

/// Runs a query over groups.
pub fn run(
    store: &Store,
    scope: &Scope,
    row: &Row,
    query: &Query,
    most: usize,
) -> Result<Results, LogsError> {
    store.read(scope, |tx| {
        let mut streams = Vec::new();
        let indexed = query.indexed();
        for group in &row.groups {
            let found = Group::get(tx, group);
            found.map_err(|_| errors::no_group_for_query(group, scope.account.as_str()))?;
            if !index::covers(tx, group, &indexed)? {
                continue;
            }
            streams.extend(spans(tx, group, row)?);
        }
        let events = Newest::new(tx, streams, scope)?;
        Ok::<_, LogsError>(insights::run(query, events, most)?.into())
    })
}

/// The streams of a group that have events in the query's time.
fn spans(tx: &ReadTx<'_>, group: &str, row: &Row) -> Result<Vec<(EventKey, EventKey)>, Fault> {
    let (start, end) = (row.start.saturating_mul(1000), row.end.saturating_mul(1000).saturating_add(999));
    let mut spans = Vec::new();
    for found in tx.prefix(&STREAMS, &(group,)) {
        let ((group, name), stream) = found?;
        let touches = stream.last_event.is_some_and(|last| last >= start)
            && stream.first_event.is_some_and(|first| first <= end);
        if touches && start <= end {
            spans.push(((group.clone(), name.clone(), start, 0), (group, name, end, u64::MAX)));
        }
    }
    Ok(spans)
}

/// The events of many streams, the newest first.
struct Newest<'t> {
    account: String,
    streams: Vec<Rows<'t, EventKey, Event>>,
    heads: std::collections::BinaryHeap<(i64, u64, usize)>,
    rows: Vec<Option<(EventKey, Event)>>,
}

impl<'t> Newest<'t> {
    fn new(tx: &'t ReadTx<'_>, spans: Vec<(EventKey, EventKey)>, scope: &Scope) -> Result<Self, Fault> {
        let mut all = Self {
            account: scope.account.to_string(),
            streams: spans.into_iter().map(|(start, end)| tx.range(&EVENTS, start..=end)).collect(),
            heads: std::collections::BinaryHeap::new(),
            rows: Vec::new(),
        };
        for at in 0..all.streams.len() {
            all.rows.push(None);
            all.advance(at)?;
        }
        Ok(all)
    }

    fn advance(&mut self, at: usize) -> Result<(), Fault> {
        if let Some(row) = self.streams[at].next_back() {
            let row = row?;
            self.heads.push((row.0.2, row.0.3, at));
            self.rows[at] = Some(row);
        }
        Ok(())
    }
}

impl Iterator for Newest<'_> {
    type Item = Result<Source, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        let (.., at) = self.heads.pop()?;
        let ((group, stream, time, number), event) = self.rows[at].take()?;
        if let Err(fault) = self.advance(at) {
            return Some(Err(fault));
        }
        Some(Ok(Source {
            account: self.account.clone(),
            group,
            stream,
            place: Place { time, number },
            ingested: event.ingested,
            message: event.message,
            unmasked: event.unmasked,
            transformed: event.transformed,
            json: OnceCell::new(),
        }))
    }
}
