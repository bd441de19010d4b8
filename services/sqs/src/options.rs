//! What can be chosen of the service.

use std::time::Duration;

/// The choices.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// In which form queues have URLs. All forms are understood.
    pub urls: Urls,
    /// How long a deleted queue's name may not be used again. AWS: a minute.
    pub name_reuse: Duration,
    /// How long a queue may not be purged again. AWS: a minute.
    pub purge: Duration,
}

/// The forms of queues' URLs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Urls {
    /// On the host that the client used, in the form that it used.
    #[default]
    Dynamic,
    /// `sqs.REGION.localhost.localstack.cloud:4566/ACCOUNT/NAME`.
    Standard,
    /// `REGION.queue.localhost.localstack.cloud:4566/ACCOUNT/NAME`, without the region where it is the default.
    Domain,
    /// `HOST/queue/REGION/ACCOUNT/NAME`.
    Path,
}

impl Default for Options {
    fn default() -> Self {
        Self { urls: Urls::default(), name_reuse: Duration::ZERO, purge: Duration::from_mins(1) }
    }
}
