//! What an operation consumes, by AWS's arithmetic.
//!
//! Source: <https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html>

use api_dynamodb::{Capacity, ConsumedCapacity, ReturnConsumedCapacity};
use kernel::Map;

use crate::table::Index;

/// The units that a table and its indexes consume.
#[derive(Clone, Debug, Default)]
pub struct Usage {
    /// Units of the table itself.
    pub table: f64,
    local: Map<String, f64>,
    global: Map<String, f64>,
}

/// What the units are of. Only transactions say it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The answer does not say.
    Either,
    /// Reads.
    Read,
    /// Writes.
    Write,
}

/// Units of a read: half a unit for every 4 KB, twice that when it is consistent.
pub fn read_units(bytes: usize, is_consistent: bool) -> f64 {
    units(bytes, 4096) * if is_consistent { 1.0 } else { 0.5 }
}

/// Units of a write: one for every KB.
pub fn write_units(bytes: usize) -> f64 {
    units(bytes, 1024)
}

fn units(bytes: usize, unit: usize) -> f64 {
    f64::from(u32::try_from(bytes.div_ceil(unit).max(1)).unwrap_or(u32::MAX))
}

impl Usage {
    /// What only the table consumes.
    pub fn of_table(units: f64) -> Self {
        Self { table: units, ..Self::default() }
    }

    /// Adds what an index consumes.
    pub fn add_index(&mut self, index: &Index, units: f64) {
        let indexes = if index.is_global { &mut self.global } else { &mut self.local };
        *indexes.entry(index.name.clone()).or_default() += units;
    }

    /// Adds what another operation on the table consumed.
    pub fn add(&mut self, other: &Self) {
        self.table += other.table;
        for (all, more) in [(&mut self.local, &other.local), (&mut self.global, &other.global)] {
            for (name, units) in more {
                *all.entry(name.clone()).or_default() += units;
            }
        }
    }

    /// The units of the table, with those of local indexes, and of each global index.
    pub fn by_resource(&self) -> impl Iterator<Item = (Option<&String>, f64)> {
        let own = self.table + self.local.values().sum::<f64>();
        let globals = self.global.iter().map(|(name, units)| (Some(name), *units));
        std::iter::once((None, own)).chain(globals)
    }

    /// Twice the usage.
    pub fn doubled(self) -> Self {
        let mut twice = self.clone();
        twice.add(&self);
        twice
    }

    /// The usage in as much detail as the caller wants.
    pub fn answer(self, wanted: Option<&ReturnConsumedCapacity>, table: &str) -> Option<ConsumedCapacity> {
        self.answer_of(Kind::Either, wanted, table)
    }

    /// The usage of an operation that tells reads from writes.
    pub fn answer_of(
        self,
        kind: Kind,
        wanted: Option<&ReturnConsumedCapacity>,
        table: &str,
    ) -> Option<ConsumedCapacity> {
        let is_detailed = match wanted? {
            ReturnConsumedCapacity::Indexes => true,
            ReturnConsumedCapacity::Total => false,
            _ => return None,
        };
        let total = self.table + self.local.values().chain(self.global.values()).sum::<f64>();
        let Capacity { read_capacity_units, write_capacity_units, .. } = kind.capacity(total);
        let mut answer = ConsumedCapacity {
            table_name: Some(table.to_owned()),
            capacity_units: Some(total),
            read_capacity_units,
            write_capacity_units,
            ..Default::default()
        };
        if is_detailed {
            answer.table = Some(kind.capacity(self.table));
            answer.local_secondary_indexes = kind.capacities(self.local);
            answer.global_secondary_indexes = kind.capacities(self.global);
        }
        Some(answer)
    }
}

impl Kind {
    fn capacity(self, units: f64) -> Capacity {
        Capacity {
            read_capacity_units: (self == Self::Read).then_some(units),
            write_capacity_units: (self == Self::Write).then_some(units),
            capacity_units: Some(units),
        }
    }

    fn capacities(self, indexes: Map<String, f64>) -> Option<Map<String, Capacity>> {
        let all = indexes.into_iter().map(|(name, units)| (name, self.capacity(units)));
        Some(all.collect::<Map<_, _>>()).filter(|all| !all.is_empty())
    }
}
