//! Typed tables, transactions, blobs and the outbox, over engines behind one small trait.

mod blobs;
mod core;
mod decoded;
mod engine;
mod key;
mod mount;
mod outbox;
mod row;
mod settings;
mod snapshot;
mod store;
mod table;
mod transaction;

pub use blobs::{BlobId, BlobRef, BlobWriter, Blobs, Held};
pub use decoded::Decoded;
pub use key::{Key, KeyPrefix, KeyRef, KeyStart, Stem};
pub use mount::{Change, DRAFT_DIGITS, Draft, Mount, Root, Stamp};
pub use outbox::{Outbox, OutboxEvent, Seq, decode_event};
pub use row::Row;
pub use settings::{Durability, OpenError, StoreSettings};
pub use store::{Frozen, Store};
pub use table::Table;
pub use transaction::{Everywhere, Keys, ReadTx, Rows, WriteTx};
