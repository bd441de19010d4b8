//! Simple Notification Service: topics, their subscriptions, and everything that follows from a publication.
//!
//! A publication is one commit: it writes the message into the outbox. Who gets it is found out afterwards, from the
//! subscriptions as they were then; queues and functions get theirs in that one go, endpoints on the network each in
//! an event of their own, so that one that hangs holds up nobody.

mod archive;
mod captured;
mod delivery;
mod delivery_log;
mod delivery_policy;
mod dialect;
mod envelope;
mod errors;
mod fanout;
mod fifo;
mod filter;
mod limits;
mod message;
mod names;
mod operations;
mod paging;
mod permission;
mod phone;
mod platform;
mod publication;
mod receivers;
mod redrive;
mod retrospect;
mod signing;
mod subscription;
mod subscription_attributes;
mod tagging;
mod topic;
mod topic_attributes;

use std::sync::Arc;

use kernel::Service;
use store::Store;

/// The service's state.
pub struct Sns {
    store: Store,
    client: outbound::Client,
    receivers: receivers::Cache,
    signing: signing::Signing,
    fifo: fifo::Turns,
    /// Where this process is reached, for links in messages that no request asked for.
    endpoint: String,
}

/// The service, with all its routes; `endpoint` is where this process is reached, such as `http://127.0.0.1:4566`.
pub fn service(store: &Store, endpoint: &str) -> Service {
    let sns = Arc::new(Sns {
        store: store.clone(),
        client: outbound::Client::default(),
        receivers: receivers::Cache::default(),
        signing: signing::Signing::new(store),
        fifo: fifo::Turns::default(),
        endpoint: endpoint.to_owned(),
    });
    let forgetful = sns.clone();
    operations::routes(Service::new(&api_sns::SERVICE).with(sns.clone()))
        .dialect(dialect::SnsDialect)
        .edge(Arc::new(retrospect::Pages(sns.clone())))
        .consumer(Arc::new(fanout::FanOut(sns.clone())))
        .consumer(Arc::new(fanout::FifoFanOut(sns.clone())))
        .consumer(Arc::new(delivery::Again(sns.clone())))
        .consumer(Arc::new(delivery::OverHttp(sns.clone())))
        .consumer(Arc::new(archive::Replayer(sns)))
        .forget(move || forgetful.forget())
        .build()
}

impl Sns {
    /// Forgets what stands for rows that are gone.
    fn forget(&self) {
        self.signing.forget();
        self.receivers.forget();
    }
}
