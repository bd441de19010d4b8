//! Subscription filters: matching events go on to functions and streams, in order.
//!
//! Source: <https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html>

mod deliverer;
mod payload;
mod target;

pub use deliverer::{Deliverer, Turns};
pub use target::{Target, check};

use api_logs::{Distribution, LogsError, SubscriptionFilter};
use kernel::Fault;
use serde::{Deserialize, Serialize};
use store::{ReadTx, Table, WriteTx};

use crate::Logs;
use crate::account_policy::{self, ACCOUNT_POLICIES};
use crate::event::Event;

/// Subscription filters by group and name.
pub static SUBSCRIPTIONS: Table<(String, String), Subscription> = Table::regional("logs.subscriptions");

/// What waits for delivery: group, filter, number of the first event.
pub static DELIVERIES: Table<(String, String, u64), Delivery> =
    Table::regional("logs.subscription_deliveries");

/// The kind of events in the outbox that tell of [`DELIVERIES`].
pub const KIND: &str = "logs.subscription";

/// A subscription filter.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Subscription {
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// Which events go on.
    pub pattern: String,
    /// Where they go.
    pub destination: String,
    /// Who writes there.
    pub role: Option<String>,
    /// How they are spread over shards.
    pub distribution: Distribution,
    /// Whether it looks at transformed events, and sends them.
    #[serde(default)]
    pub on_transformed: bool,
}

/// Events of one batch that go on.
#[derive(Debug, Serialize, Deserialize)]
pub struct Delivery {
    /// The stream they came in; nothing for a message that tells of the filter itself.
    pub stream: Option<String>,
    /// When they came.
    pub ingested: i64,
    /// Time, number and message.
    pub events: Vec<(i64, u64, String)>,
}

/// Says that something waits for delivery.
#[derive(Debug, Serialize, Deserialize)]
pub struct Nudge {
    /// The group.
    pub group: String,
    /// The filter.
    pub filter: String,
}

/// What stands before the names of filters that are the account's: filters of groups have no colons.
const OF_ACCOUNT: &str = "account:";

impl Subscription {
    /// The filter that an account's policy is.
    pub fn of_account(policy: &account_policy::Row) -> Result<Self, LogsError> {
        let invalid =
            || LogsError::invalid_parameter_exception("Invalid subscription filter policy document.");
        let document: serde_json::Value = serde_json::from_str(&policy.document).map_err(|_| invalid())?;
        let text = |name: &str| document[name].as_str().map(str::to_owned);
        Ok(Self {
            created: policy.updated,
            pattern: text("FilterPattern").unwrap_or_default(),
            destination: text("DestinationArn").ok_or_else(invalid)?,
            role: text("RoleArn"),
            distribution: text("Distribution").map_or(Distribution::ByLogStream, |text| text.as_str().into()),
            on_transformed: false,
        })
    }

    /// The filter of that name; those of accounts have a mark before it.
    pub fn find(tx: &ReadTx<'_>, group: &str, name: &str) -> Result<Option<Self>, Fault> {
        let Some(policy) = name.strip_prefix(OF_ACCOUNT) else {
            return tx.get(&SUBSCRIPTIONS, &(group, name));
        };
        let row = tx.get(&ACCOUNT_POLICIES, &(account_policy::SUBSCRIPTION, policy))?;
        Ok(row.filter(|row| row.covers(group)).and_then(|row| Self::of_account(&row).ok()))
    }

    /// The name as receivers are told it.
    pub fn shown(name: &str) -> &str {
        name.strip_prefix(OF_ACCOUNT).unwrap_or(name)
    }

    /// The filter as callers see it.
    pub fn describe(self, group: String, name: String) -> SubscriptionFilter {
        SubscriptionFilter {
            filter_name: Some(name),
            log_group_name: Some(group),
            filter_pattern: Some(self.pattern),
            destination_arn: Some(self.destination),
            role_arn: self.role,
            distribution: Some(self.distribution),
            apply_on_transformed_logs: Some(self.on_transformed),
            creation_time: Some(self.created),
            ..SubscriptionFilter::default()
        }
    }
}

/// Puts something behind all that waits for a filter's delivery.
pub fn enqueue(
    tx: &mut WriteTx<'_>,
    group: &str,
    filter: &str,
    number: u64,
    delivery: &Delivery,
) -> Result<(), Fault> {
    tx.put(&DELIVERIES, &(group, filter, number), delivery)?;
    tx.emit(KIND, &Nudge { group: group.to_owned(), filter: filter.to_owned() })
}

impl Logs {
    /// Notes the events that go on, with the commit that writes them; `before` had arrived earlier.
    pub fn forward(
        &self,
        tx: &mut WriteTx<'_>,
        (group, stream): &(String, String),
        before: u64,
        events: &[(i64, Event)],
        has_own: bool,
        account: &[(String, account_policy::Row)],
    ) -> Result<(), LogsError> {
        let mut filters = Vec::new();
        if has_own {
            for row in tx.prefix(&SUBSCRIPTIONS, &(group.as_str(),)) {
                let ((_, name), filter) = row?;
                filters.push((name, filter));
            }
        }
        for (name, policy) in account {
            filters.push((format!("{OF_ACCOUNT}{name}"), Subscription::of_account(policy)?));
        }
        for (name, filter) in filters {
            let pattern = self.patterns.get(&filter.pattern)?;
            let seen = (before + 1..).zip(events).filter_map(|(number, (time, event))| {
                event.seen(filter.on_transformed).map(|text| (*time, number, text))
            });
            let matching = seen.filter(|(.., text)| pattern.matches(text));
            let events: Vec<_> =
                matching.map(|(time, number, text)| (time, number, text.to_owned())).collect();
            let Some((_, number, _)) = events.first() else { continue };
            let (number, ingested) = (*number, tx.now().as_millisecond());
            enqueue(tx, group, &name, number, &Delivery { stream: Some(stream.clone()), ingested, events })?;
        }
        Ok(())
    }
}
