//! What happens after the answer: the outbox, delivery to targets, workers that follow the clock.

mod outbox;
mod targets;
mod workers;

pub use outbox::run as run_outbox;
pub use targets::deliver;
pub use workers::run as run_worker;
