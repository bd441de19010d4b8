//! Who asks: SigV4 signatures in headers, query strings and chunks, and the keys that made them.

pub mod canonical;
pub mod chunks;
pub mod credential;
pub mod faults;
pub mod sign;
pub mod verify;

pub use credential::{Credential, Presented};
