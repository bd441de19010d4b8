//! Transactions: several writes or several reads, all of them or none.
//!
//! `write` and `read` take a plan: what every action does, whoever made it, with whatever parameters. They run in one
//! transaction of the store. The store has one writer at a time and a snapshot for each reader, so no two transactions
//! ever meet at an item: AWS's `TransactionConflict` and `TransactionInProgressException` cannot occur here.

pub mod cancelled;
pub mod plan;
pub mod read;
mod token;
mod usage;
pub mod write;

pub use plan::{Place, Write, planned};
pub use read::{Read, read};
pub use token::{Seen, Token, seen};
pub use usage::Consumed;
pub use write::{Done, look, write};
