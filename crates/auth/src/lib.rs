//! Who asks: signatures in headers, query strings, chunks and forms, and the keys that made them.

pub mod canonical;
pub mod chunks;
pub mod credential;
pub mod faults;
pub mod policy;
pub mod sign;
pub mod verify;
pub mod version2;

pub use credential::{Credential, Presented};
pub use version2::Version2;
