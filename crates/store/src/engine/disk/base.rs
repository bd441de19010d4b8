//! The base: what checkpoints have made durable, kept by redb.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use redb::{Database, ReadOnlyTable, ReadableDatabase, TableDefinition};

use crate::engine::Record;

const ROWS: TableDefinition<'_, &[u8], &[u8]> = TableDefinition::new("rows");
/// The number of the last log file whose commits are all in the base.
const THROUGH: TableDefinition<'_, (), u64> = TableDefinition::new("through");

pub(super) type Table = ReadOnlyTable<&'static [u8], &'static [u8]>;

/// The database file.
pub(super) struct Base {
    path: PathBuf,
    cache_bytes: usize,
    /// Taken out only while it is opened again.
    database: Mutex<Option<Database>>,
}

impl Base {
    pub fn open(path: &Path, cache_bytes: usize) -> Result<Self, redb::Error> {
        let database = open(path, cache_bytes)?;
        Ok(Self { path: path.to_owned(), cache_bytes, database: Mutex::new(Some(database)) })
    }

    /// The rows as of the last commit; `None` before the first.
    pub fn view(&self) -> Result<Option<Table>, redb::Error> {
        self.with(|database| match database.begin_read()?.open_table(ROWS) {
            Ok(table) => Ok(Some(table)),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(None),
            Err(error) => Err(error.into()),
        })
    }

    /// The number of the last log file that is in the base; 0 before the first commit.
    pub fn through(&self) -> Result<u64, redb::Error> {
        self.with(|database| match database.begin_read()?.open_table(THROUGH) {
            Ok(table) => Ok(table.get(())?.map_or(0, |number| number.value())),
            Err(redb::TableError::TableDoesNotExist(_)) => Ok(0),
            Err(error) => Err(error.into()),
        })
    }

    /// Takes in the records of all log files up to `through`, in one durable commit.
    pub fn apply<'r>(
        &self,
        records: impl Iterator<Item = &'r Record>,
        through: u64,
    ) -> Result<(), redb::Error> {
        self.commit(through, |rows| {
            for record in records {
                match record.value() {
                    Some(value) => drop(rows.insert(record.key(), value)?),
                    None => drop(rows.remove(record.key())?),
                }
            }
            Ok(())
        })
    }

    /// Forgets every row, and that any log file up to `through` was ever there.
    pub fn clear(&self, through: u64) -> Result<(), redb::Error> {
        self.with(|database| {
            let mut transaction = database.begin_write()?;
            transaction.set_quick_repair(true);
            transaction.delete_table(ROWS)?;
            transaction.open_table(ROWS)?;
            transaction.open_table(THROUGH)?.insert((), through)?;
            Ok(transaction.commit()?)
        })
    }

    fn commit(
        &self,
        through: u64,
        change: impl FnOnce(&mut redb::Table<'_, &[u8], &[u8]>) -> Result<(), redb::Error>,
    ) -> Result<(), redb::Error> {
        self.with(|database| {
            let mut transaction = database.begin_write()?;
            // So that opening after a kill does not walk the whole file.
            transaction.set_quick_repair(true);
            change(&mut transaction.open_table(ROWS)?)?;
            transaction.open_table(THROUGH)?.insert((), through)?;
            Ok(transaction.commit()?)
        })
    }

    /// Opens the file again: after a failed write redb answers nothing any more, not even reads.
    pub fn reopen(&self) -> Result<(), redb::Error> {
        let mut database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        *database = None;
        *database = Some(open(&self.path, self.cache_bytes)?);
        Ok(())
    }

    fn with<T>(&self, work: impl FnOnce(&Database) -> Result<T, redb::Error>) -> Result<T, redb::Error> {
        let database = self.database.lock().unwrap_or_else(PoisonError::into_inner);
        work(database.as_ref().ok_or(redb::Error::DatabaseClosed)?)
    }
}

fn open(path: &Path, cache_bytes: usize) -> Result<Database, redb::Error> {
    Ok(Database::builder().set_cache_size(cache_bytes).create(path)?)
}
