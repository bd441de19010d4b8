//! Pages of lists, as all of Lambda's lists have them.

use api_lambda::LambdaError;
use kernel::{Fault, page};

use crate::{errors, limits};

/// How many items a page has.
pub fn limit(max_items: Option<i32>) -> usize {
    max_items.and_then(|most| usize::try_from(most).ok()).unwrap_or(limits::PAGE).clamp(1, limits::PAGE)
}

/// The key after which a page starts.
pub fn after(list: &str, marker: Option<&str>) -> Result<Option<String>, LambdaError> {
    let marker = marker.filter(|marker| !marker.is_empty());
    let invalid = || errors::invalid("Invalid pagination token.");
    marker.map(|marker| page::key(list, marker).ok_or_else(invalid)).transpose()
}

/// A page of rows that are in order.
pub fn cut<T>(
    rows: impl Iterator<Item = Result<T, Fault>>,
    list: &str,
    marker: Option<&str>,
    max_items: Option<i32>,
    key: impl Fn(&T) -> String,
) -> Result<page::Page<T>, LambdaError> {
    let after = after(list, marker)?;
    let most = limit(max_items);
    let mut taken = Vec::new();
    // The row after which the page starts may be gone: the lists that are cut here are short, and read from the start.
    let mut is_behind = after.is_none();
    for row in rows {
        let row = row?;
        if is_behind {
            taken.push(row);
        } else {
            is_behind = after.as_ref().is_some_and(|after| *after == key(&row));
        }
        if taken.len() > most {
            break;
        }
    }
    Ok(page::cut(taken, most, list, key))
}
