//! Data protection: sensitive data in events is masked when it arrives, and told of.
//!
//! An event's message is its masked text, so that whatever reads events sees no other; the text that came is kept beside
//! it, for those who ask for it unmasked.

mod document;
mod findings;
mod identifiers;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use api_logs::LogsError;
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table};

pub use document::Policy;
pub use findings::{Auditor, Found, tell};

/// Policies of single groups, by the group's name.
pub static POLICIES: Table<String, Row> = Table::regional("logs.data_protection");

/// How many policies are kept compiled before all are let go.
const MOST: usize = 256;

/// A policy of a group.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Row {
    /// The document.
    pub document: String,
    /// When it was last put, in milliseconds since 1970.
    pub updated: i64,
}

/// Policies that are used over and over, compiled once.
#[derive(Default)]
pub struct Protection(Mutex<HashMap<String, Arc<Policy>>>);

impl Protection {
    /// The policies that hold for a group: its own and the account's, which add up.
    pub fn of(
        &self,
        tx: &ReadTx<'_>,
        group: &str,
        has_own: bool,
        account: &[String],
    ) -> Result<Vec<Arc<Policy>>, LogsError> {
        let mut all = Vec::new();
        if has_own && let Some(row) = tx.get(&POLICIES, group)? {
            all.push(self.compiled(&row.document)?);
        }
        for document in account {
            all.push(self.compiled(document)?);
        }
        Ok(all)
    }

    fn compiled(&self, document: &str) -> Result<Arc<Policy>, LogsError> {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(policy) = known.get(document) {
            return Ok(policy.clone());
        }
        let policy = Arc::new(Policy::parse(document)?);
        if known.len() >= MOST {
            known.clear();
        }
        known.insert(document.to_owned(), policy.clone());
        Ok(policy)
    }
}

/// Masks what is found in a message; answers the masked text, and what was found, if anything was.
pub fn mask(policies: &[Arc<Policy>], message: &str) -> Option<(String, Vec<Found>)> {
    let mut found = Vec::new();
    let mut ranges = Vec::new();
    for (at, policy) in policies.iter().enumerate() {
        for identifier in &policy.identifiers {
            let places: Vec<_> = identifier.find(message).collect();
            if !places.is_empty() {
                found.push(Found::new(at, &identifier.name, message, &places));
                ranges.extend(places);
            }
        }
    }
    if ranges.is_empty() {
        return None;
    }
    let is_masked = |at: usize| ranges.iter().any(|range| range.contains(&at));
    let masked = message.char_indices().map(|(at, c)| if is_masked(at) { '*' } else { c }).collect();
    Some((masked, found))
}
