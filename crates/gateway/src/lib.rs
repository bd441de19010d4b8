//! HTTP in, one straight line of steps, HTTP out. `serve.rs` is the line.

#![allow(
    clippy::result_large_err,
    reason = "a stop carries the target whose protocol words it; it is rare and short-lived"
)]

mod address;
mod authorise;
mod body;
mod chaos;
mod compressed;
mod cors;
mod decode;
mod form;
mod identify;
mod internal;
mod listen;
mod observe;
mod payload;
mod respond;
mod rest;
mod route;
mod serve;

pub use authorise::Mode;
pub use internal::Internal;
pub use listen::{Listener, Shutdown};
pub use serve::{Gateway, GatewaySettings};
