//! Transactions: closures over a snapshot, and what they have written so far.

mod entries;
mod read;
mod rows;
mod write;

pub use read::ReadTx;
pub use rows::{Everywhere, Keys, Rows};
pub use write::WriteTx;
pub(crate) use write::{BlobChange, Draft};
