//! Pages and their tokens: a token says where the next page starts and for which list it is good.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page<T> {
    /// The rows.
    pub items: Vec<T>,
    /// Where the next page starts, if there is one.
    pub next: Option<String>,
}

/// Cuts a page of at most `limit` out of `rows`, which start after the last page.
///
/// `key` names a row; the token of the next page is made of the last row's key and `list`, so that a token of
/// another list is refused.
pub fn cut<T>(mut rows: Vec<T>, limit: usize, list: &str, key: impl Fn(&T) -> String) -> Page<T> {
    let more = rows.len() > limit;
    rows.truncate(limit);
    let next = if more { rows.last().map(|row| token(list, &key(row))) } else { None };
    Page { items: rows, next }
}

/// The token that continues `list` after `key`.
pub fn token(list: &str, key: &str) -> String {
    STANDARD.encode(format!("{list}\0{key}"))
}

/// The key after which a token continues; nothing when it is not a token of `list`.
pub fn key(list: &str, token: &str) -> Option<String> {
    let text = String::from_utf8(STANDARD.decode(token).ok()?).ok()?;
    let (of, key) = text.split_once('\0')?;
    (of == list).then(|| key.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_continue_after_their_last_row() {
        let page = cut(vec!["a", "b", "c"], 2, "letters", |row| (*row).to_owned());
        assert_eq!(page.items, ["a", "b"]);
        assert_eq!(key("letters", &page.next.unwrap()), Some("b".to_owned()));
        assert_eq!(cut(vec!["a"], 2, "letters", |row| (*row).to_owned()).next, None);
    }

    #[test]
    fn tokens_of_other_lists_are_refused() {
        assert_eq!(key("numbers", &token("letters", "b")), None);
        assert_eq!(key("letters", "!"), None);
    }
}
