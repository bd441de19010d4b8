//! The runner from outside: real interpreters, real processes.
#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::unwrap_used,
    reason = "tests write code to disk and say what they skip"
)]

mod attendant;
mod debug;
mod endurance;
mod environments;
mod extensions;
mod failures;
mod images;
mod java;
mod node;
mod provided;
mod python;
mod rig;
mod ruby;
mod sandbox;
mod telemetry;
mod zips;
