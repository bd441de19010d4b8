//! Random operations against a `BTreeMap`.

use std::collections::BTreeMap;
use std::ops::Bound;

use kernel::{Fault, Ids, Scope};
use store::Table;

use crate::{Subject, on_every_engine};

on_every_engine!(it_behaves_like_a_sorted_map);

type Key = (String, u32);
type Model = BTreeMap<Key, String>;
static ROWS: Table<Key, String> = Table::account("test.model");

async fn it_behaves_like_a_sorted_map(mut subject: Subject) {
    let chance = Ids::seeded(42);
    let mut model = Model::new();
    for round in 0..400 {
        let fails = chance.below(8) == 0;
        let mut next = model.clone();
        let written: Result<(), Fault> = subject
            .store
            .write(&Scope::default(), |tx| {
                next = model.clone();
                for _ in 0..chance.below(20) {
                    let key = random_key(&chance);
                    if chance.below(3) == 0 {
                        assert_eq!(tx.delete(&ROWS, &key)?, next.remove(&key).is_some());
                    } else {
                        let value = chance.hex(chance.below(80) as usize);
                        tx.put(&ROWS, &key, &value)?;
                        next.insert(key, value);
                    }
                }
                compare(tx, &next, &chance)?;
                if fails { Err(Fault::client("Refused", "no")) } else { Ok(()) }
            })
            .await;
        assert_eq!(written.is_err(), fails);
        if !fails {
            model = next;
        }
        let compared: Result<(), Fault> =
            subject.store.read(&Scope::default(), |tx| compare(tx, &model, &chance));
        compared.unwrap();
        if round % 50 == 49 {
            subject = match subject.settings {
                Some(_) => subject.reopen().unwrap(),
                None => subject,
            };
        }
    }
}

fn random_key(chance: &Ids) -> Key {
    let letters = ["", "a", "b", "a\0", "a\0b", "ab", "\u{10FFFF}"];
    (letters[chance.below(7) as usize].to_owned(), chance.below(30) as u32)
}

fn compare(tx: &store::ReadTx<'_>, model: &Model, chance: &Ids) -> Result<(), Fault> {
    let (low, high) = (random_key(chance), random_key(chance));
    assert_eq!(tx.get(&ROWS, &low)?.as_ref(), model.get(&low));
    let bounds = match chance.below(4) {
        0 => (Bound::Unbounded, Bound::Included(high)),
        1 => (Bound::Excluded(low), Bound::Unbounded),
        _ if low < high => (Bound::Excluded(low), Bound::Excluded(high)),
        _ => (Bound::Included(high), Bound::Included(low)),
    };
    let expected: Vec<(Key, String)> =
        model.range(bounds.clone()).map(|(key, value)| (key.clone(), value.clone())).collect();
    both_ends(tx.range(&ROWS, bounds), expected, chance)?;
    let (name, _) = random_key(chance);
    let under = |key: &Key| key.0 == name;
    let expected =
        model.iter().filter(|(key, _)| under(key)).map(|(key, value)| (key.clone(), value.clone()));
    both_ends(tx.prefix(&ROWS, &(&*name,)), expected.collect(), chance)?;
    let expected = model.iter().filter(|(key, _)| key.0.starts_with(&name));
    let expected = expected.map(|(key, value)| (key.clone(), value.clone())).collect();
    both_ends(tx.starting_with(&ROWS, &(&*name,)), expected, chance)
}

/// Takes rows off either end, in random turns, until they are used up.
fn both_ends(
    mut rows: impl DoubleEndedIterator<Item = Result<(Key, String), Fault>>,
    expected: Vec<(Key, String)>,
    chance: &Ids,
) -> Result<(), Fault> {
    let mut expected = expected.into_iter();
    loop {
        let (found, wanted) = match chance.below(2) {
            0 => (rows.next(), expected.next()),
            _ => (rows.next_back(), expected.next_back()),
        };
        assert_eq!(found.transpose()?, wanted);
        if wanted.is_none() {
            return Ok(());
        }
    }
}
