//! For tests: an emulator in process, and a player of case files over every protocol a service speaks.
//!
//! A case file is a transcript. `Operation {input}` sends a request, with the model's names; the next line is the
//! answer: a status with the output, or with an error's code and message (with a second of
//! either, `code/code "…" "…"`, for the query protocol where they differ). `$name` stands for any value the first time
//! and for that same value afterwards, `"*"` for any value. `advance 30s` moves the clock.
//!
//! ```text
//! # A message that is deleted does not come back.
//! CreateQueue {"QueueName": "orders"}
//! 200 {"QueueUrl": "$url"}
//! GetQueueUrl {"QueueName": "other"}
//! 400 QueueDoesNotExist "The specified queue does not exist."
//! ```
#![allow(
    clippy::disallowed_methods,
    clippy::new_without_default,
    clippy::unwrap_used,
    reason = "test code reads case files and fails by panicking"
)]

mod case;
mod client;
mod emulator;
mod given;
mod matching;
mod mutation;
mod play;
mod values;

pub use emulator::Emulator;
pub use mutation::{mutated, nested};
pub use play::play;
