//! The candidates, each with a read transaction and table handle that is kept between reads.

use std::path::Path;

/// What the disk engine asks of a base.
pub trait Base {
    fn open(folder: &Path) -> Self;
    /// One durable commit.
    fn write(&mut self, rows: &[(Vec<u8>, Vec<u8>)]);
    fn get(&self, key: &[u8]) -> bool;
    fn scan(&self, from: &[u8], count: usize) -> usize;
}

const CACHE: usize = 32 << 20;

pub struct Redb {
    database: redb::Database,
    table: Option<redb::ReadOnlyTable<&'static [u8], &'static [u8]>>,
}

const TABLE: redb::TableDefinition<&[u8], &[u8]> = redb::TableDefinition::new("rows");

impl Redb {
    fn refresh(&mut self) {
        self.table = self.database.begin_read().unwrap().open_table(TABLE).ok();
    }
}

impl Base for Redb {
    fn open(folder: &Path) -> Self {

        let database = redb::Builder::new().set_cache_size(std::env::var("CACHE_MB").map_or(CACHE, |mb| mb.parse::<usize>().unwrap() << 20)).create(folder.join("base.redb")).unwrap();
        let table = database.begin_read().unwrap().open_table(TABLE).ok();
        Self { database, table }
    }

    fn write(&mut self, rows: &[(Vec<u8>, Vec<u8>)]) {
        let mut tx = self.database.begin_write().unwrap();
        tx.set_quick_repair(std::env::var("SLOW_REPAIR").is_err());
        {
            let mut table = tx.open_table(TABLE).unwrap();
            for (key, value) in rows {
                table.insert(&**key, &**value).unwrap();
            }
        }
        tx.commit().unwrap();
        self.refresh();
    }

    fn get(&self, key: &[u8]) -> bool {
        use redb::ReadableTable as _;
        self.table.as_ref().unwrap().get(key).unwrap().is_some_and(|value| value.value().len() == 1024)
    }

    fn scan(&self, from: &[u8], count: usize) -> usize {
        let range = self.table.as_ref().unwrap().range::<&[u8]>(from..).unwrap();
        range.take(count).filter(|row| row.as_ref().unwrap().1.value().len() == 1024).count()
    }
}

use redb::ReadableDatabase as _;

pub struct Heed {
    env: heed::Env<heed::WithoutTls>,
    database: heed::Database<heed::types::Bytes, heed::types::Bytes>,
    reader: Option<heed::RoTxn<'static, heed::WithoutTls>>,
}

impl Base for Heed {
    fn open(folder: &Path) -> Self {
        let options = heed::EnvOpenOptions::new().read_txn_without_tls();
        let mut options = options;
        options.map_size(4 << 30);
        // SAFETY: nobody else touches the folder.
        let env = unsafe { options.open(folder).unwrap() };
        let mut tx = env.write_txn().unwrap();
        let database = env.create_database(&mut tx, None).unwrap();
        tx.commit().unwrap();
        let reader = Some(env.clone().static_read_txn().unwrap());
        Self { env, database, reader }
    }

    fn write(&mut self, rows: &[(Vec<u8>, Vec<u8>)]) {
        self.reader = None;
        let mut tx = self.env.write_txn().unwrap();
        for (key, value) in rows {
            self.database.put(&mut tx, key, value).unwrap();
        }
        tx.commit().unwrap();
        self.reader = Some(self.env.clone().static_read_txn().unwrap());
    }

    fn get(&self, key: &[u8]) -> bool {
        self.database.get(self.reader.as_ref().unwrap(), key).unwrap().is_some_and(|value| value.len() == 1024)
    }

    fn scan(&self, from: &[u8], count: usize) -> usize {
        let bounds = (std::ops::Bound::Included(from), std::ops::Bound::Unbounded);
        let range = self.database.range(self.reader.as_ref().unwrap(), &bounds).unwrap();
        range.take(count).filter(|row| row.as_ref().unwrap().1.len() == 1024).count()
    }
}

pub struct Sqlite(rusqlite::Connection);

impl Base for Sqlite {
    fn open(folder: &Path) -> Self {
        let connection = rusqlite::Connection::open(folder.join("base.sqlite")).unwrap();
        connection
            .execute_batch(
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32768;
                 CREATE TABLE IF NOT EXISTS rows (k BLOB PRIMARY KEY, v BLOB) WITHOUT ROWID;",
            )
            .unwrap();
        Self(connection)
    }

    fn write(&mut self, rows: &[(Vec<u8>, Vec<u8>)]) {
        let tx = self.0.transaction().unwrap();
        {
            let mut put = tx.prepare_cached("INSERT OR REPLACE INTO rows VALUES (?, ?)").unwrap();
            for (key, value) in rows {
                put.execute((key, value)).unwrap();
            }
        }
        tx.commit().unwrap();
    }

    fn get(&self, key: &[u8]) -> bool {
        let mut get = self.0.prepare_cached("SELECT v FROM rows WHERE k = ?").unwrap();
        let value: Vec<u8> = get.query_row([key], |row| row.get(0)).unwrap();
        value.len() == 1024
    }

    fn scan(&self, from: &[u8], count: usize) -> usize {
        let mut scan = self.0.prepare_cached("SELECT k, v FROM rows WHERE k >= ? ORDER BY k").unwrap();
        let mut rows = scan.query([from]).unwrap();
        let mut seen = 0;
        while seen < count
            && let Some(row) = rows.next().unwrap()
        {
            let value: Vec<u8> = row.get(1).unwrap();
            seen += usize::from(value.len() == 1024);
        }
        seen
    }
}

pub struct Fjall {
    database: fjall::Database,
    rows: fjall::Keyspace,
}

impl Base for Fjall {
    fn open(folder: &Path) -> Self {
        let database = fjall::Database::builder(folder).cache_size(CACHE as u64).open().unwrap();
        let rows = database.keyspace("rows", fjall::KeyspaceCreateOptions::default).unwrap();
        Self { database, rows }
    }

    fn write(&mut self, rows: &[(Vec<u8>, Vec<u8>)]) {
        let mut batch = self.database.batch();
        for (key, value) in rows {
            batch.insert(&self.rows, &**key, &**value);
        }
        batch.commit().unwrap();
        self.database.persist(fjall::PersistMode::SyncAll).unwrap();
    }

    fn get(&self, key: &[u8]) -> bool {
        self.rows.get(key).unwrap().is_some_and(|value| value.len() == 1024)
    }

    fn scan(&self, from: &[u8], count: usize) -> usize {
        self.rows.range(from..).take(count).map(|row| row.into_inner().unwrap()).filter(|row| row.1.len() == 1024).count()
    }
}
