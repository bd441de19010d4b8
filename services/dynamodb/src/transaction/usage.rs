//! What transactions consume: twice what their actions would by themselves, once to prepare and once to commit.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/transaction-apis.html#transaction-capacity-handling>

use api_dynamodb::{ConsumedCapacity, DynamodbError, ReturnConsumedCapacity};
use kernel::{Map, Timestamp};
use store::ReadTx;

use super::cancelled;
use super::plan::Place;
use crate::Dynamodb;
use crate::capacity::{self, Kind, Usage};
use crate::item::Item;
use crate::table::Table;

/// The units that each table consumed, by the name that the caller gave it.
#[derive(Default)]
pub struct Consumed(Map<String, Usage>);

/// The units of a check: those of a write that would leave the item as it is.
pub fn of_check(item: Option<&Item>) -> Usage {
    Usage::of_table(capacity::write_units(item.map_or(0, Item::size)))
}

impl Dynamodb {
    /// Cancels a transaction for whose actions there are no units.
    pub fn admit<'p>(
        &self,
        tx: &ReadTx<'_>,
        now: Timestamp,
        kind: Kind,
        places: impl Iterator<Item = &'p Place>,
    ) -> Result<(), DynamodbError> {
        if !self.meter.is_on() {
            return Ok(());
        }
        let admitted = cancelled::each(places, |place| {
            let table = Table::get(&tx.in_scope(&place.scope), &place.table)?;
            match kind {
                Kind::Write => self.meter.admit_write(&place.scope, now, &table),
                _ => self.meter.admit_read(&place.scope, now, &table, None),
            }
        });
        admitted.map(drop)
    }

    /// Takes what an action of a transaction consumed.
    pub fn charge(&self, place: &Place, kind: Kind, usage: &Usage) {
        self.meter.charge(&place.scope, &place.table, kind, &usage.clone().doubled());
    }
}

impl Consumed {
    /// Adds what an action consumed.
    pub fn add(&mut self, place: &Place, usage: &Usage) {
        self.0.entry(place.given.clone()).or_default().add(usage);
    }

    /// Adds what the read of so many bytes consumed.
    pub fn add_read(&mut self, place: &Place, bytes: usize) {
        self.add(place, &Usage::of_table(capacity::read_units(bytes, true)));
    }

    /// The units in as much detail as the caller wants.
    pub fn answer(
        self,
        wanted: Option<&ReturnConsumedCapacity>,
        kind: Kind,
    ) -> Option<Vec<ConsumedCapacity>> {
        let answer = |(table, usage): (String, Usage)| usage.doubled().answer_of(kind, wanted, &table);
        let all: Vec<_> = self.0.into_iter().filter_map(answer).collect();
        Some(all).filter(|all| !all.is_empty())
    }
}
