//! Pages of IAM's lists.

use api_iam::IamError;
use kernel::page;

use crate::{errors, limits};

/// One page: rows, whether there are more, and the marker of the next.
pub struct Listed<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Whether more follow.
    pub is_truncated: Option<bool>,
    /// Where they start.
    pub marker: Option<String>,
}

/// Cuts the page that follows `marker` out of all rows, which are in the order of their keys.
pub fn list<T>(
    rows: Vec<(String, T)>,
    list: &str,
    marker: Option<&str>,
    most: Option<i32>,
) -> Result<Listed<(String, T)>, IamError> {
    let after =
        marker.map(|marker| page::key(list, marker).ok_or_else(errors::invalid_marker)).transpose()?;
    let rows = rows.into_iter().filter(|(key, _)| after.as_ref().is_none_or(|after| key > after)).collect();
    let most = most.and_then(|most| usize::try_from(most).ok()).unwrap_or(limits::PAGE);
    let page = page::cut(rows, most, list, |(key, _): &(String, T)| key.clone());
    Ok(Listed { is_truncated: Some(page.next.is_some()), items: page.items, marker: page.next })
}
