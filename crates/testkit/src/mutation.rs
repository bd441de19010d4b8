//! Texts for parsers to survive.

use proptest::prelude::*;
use proptest::sample::{Index, select};

/// A text with parts of it cut out, doubled and exchanged for what the regular expression `put` matches.
pub fn mutated(texts: &'static [&'static str], put: &'static str) -> impl Strategy<Value = String> {
    let edit = (any::<Index>(), any::<Index>(), put);
    (select(texts), prop::collection::vec(edit, 0..4)).prop_map(|(text, edits)| {
        let mut characters: Vec<char> = text.chars().collect();
        for (from, to, put) in edits {
            let (from, to) = (from.index(characters.len() + 1), to.index(characters.len() + 1));
            characters.splice(from.min(to)..from.max(to).min(from.min(to) + 8), put.chars());
        }
        characters.into_iter().collect()
    })
}

/// A one within so many pairs of what opens and what closes.
pub fn nested(open: &str, close: &str, count: usize) -> String {
    open.repeat(count) + "1" + &close.repeat(count)
}
