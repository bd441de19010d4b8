//! Archives of FIFO topics, and subscriptions that want old messages again.
//!
//! Source: <https://docs.aws.amazon.com/sns/latest/dg/message-archiving-and-replay-topic-owner.html>

use std::sync::Arc;

use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Context, Fault, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Table, WriteTx};

use crate::Sns;
use crate::delivery::{self, Sending};
use crate::filter::Filter;
use crate::message::Message;
use crate::subscription::{SUBSCRIPTIONS, Subscription};
use crate::topic::{TOPICS, Topic};

/// What was published, by topic, milliseconds since 1970 and number.
static ARCHIVE: Table<(String, i64, String), Message> = Table::regional("sns.archive");
/// The kind of wishes for old messages.
const KIND: &str = "sns.replay";
/// How many old messages a publication clears away.
const CLEARED: usize = 8;

#[derive(Serialize, Deserialize)]
struct Wish {
    topic: String,
    subscription: String,
}

/// From when until when messages are wanted.
struct Span {
    from: i64,
    to: i64,
}

/// Keeps a message, if the topic has an archive, and clears away what is too old.
pub fn keep(tx: &mut WriteTx<'_>, name: &str, topic: &Topic, message: &Message) -> Result<(), Fault> {
    if topic.archive_begins.is_none() {
        return Ok(());
    }
    let oldest = message.time - days(topic) * 86_400_000;
    let old: Vec<_> = tx
        .prefix(&ARCHIVE, &(name,))
        .keys()
        .take(CLEARED)
        .take_while(|key| key.as_ref().map_or(true, |(_, time, _)| *time < oldest))
        .collect::<Result<_, _>>()?;
    for key in &old {
        tx.delete(&ARCHIVE, key)?;
    }
    let number = message.sequence.as_deref().unwrap_or(&message.id);
    tx.put(&ARCHIVE, &(name, message.time, number), message)
}

/// Forgets the archive of a topic.
pub fn forget(tx: &mut WriteTx<'_>, name: &str) -> Result<(), Fault> {
    let all: Vec<_> = tx.prefix(&ARCHIVE, &(name,)).keys().collect::<Result<_, _>>()?;
    all.iter().try_for_each(|key| tx.delete(&ARCHIVE, key).map(drop))
}

fn days(topic: &Topic) -> i64 {
    let policy =
        topic.attributes.get("ArchivePolicy").and_then(|policy| serde_json::from_str::<Value>(policy).ok());
    let period = policy.map(|policy| policy["MessageRetentionPeriod"].clone()).unwrap_or_default();
    period.as_i64().or_else(|| period.as_str()?.parse().ok()).unwrap_or(crate::limits::ARCHIVE_DAYS.1)
}

/// Checks what a subscription wants again; the sentence follows `Invalid parameter: `.
pub fn check_replay(policy: &str, topic: &str) -> Result<(), String> {
    if !topic.ends_with(".fifo") {
        return Err("ReplayPolicy: Not supported by this topic".to_owned());
    }
    if policy.is_empty() || policy == "{}" {
        return Ok(());
    }
    span(policy).map(drop).ok_or_else(|| "ReplayPolicy".to_owned())
}

fn span(policy: &str) -> Option<Span> {
    let policy: Value = serde_json::from_str(policy).ok()?;
    if policy["PointType"] != "Timestamp" {
        return None;
    }
    let point = |name: &str| policy[name].as_str().map(|text| text.parse::<Timestamp>().ok());
    let from = point("StartingPoint")??.as_millisecond();
    let to = match point("EndingPoint") {
        Some(to) => to?.as_millisecond(),
        None => i64::MAX,
    };
    (from < to).then_some(Span { from, to })
}

/// Notes that a subscription wants old messages.
pub fn ask(tx: &mut WriteTx<'_>, topic: &str, subscription: &Subscription) -> Result<(), Fault> {
    let wish = Wish { topic: topic.to_owned(), subscription: subscription.id.clone() };
    tx.emit(KIND, &wish)
}

/// Sends old messages again.
pub struct Replayer(pub Arc<Sns>);

impl Consumer for Replayer {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], _: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move {
            match store::decode_event(payload) {
                Ok(wish) => match self.0.replay(cx, &wish).await {
                    Ok(()) => Consumed::Done,
                    Err(fault) => Consumed::Failed(fault),
                },
                Err(fault) => Consumed::Failed(fault),
            }
        })
    }
}

impl Sns {
    async fn replay(&self, cx: &Context, wish: &Wish) -> Result<(), Fault> {
        let Wish { topic: name, subscription: id } = wish;
        let found = self.store.read(&cx.scope, |tx| {
            let (topic, subscription) =
                (tx.get(&TOPICS, name)?, tx.get(&SUBSCRIPTIONS, &(name.as_str(), id.as_str()))?);
            Ok::<_, Fault>(topic.zip(subscription))
        })?;
        let Some((topic, subscription)) = found else { return Ok(()) };
        let Some(span) = subscription.attributes.get("ReplayPolicy").and_then(|policy| span(policy)) else {
            return Ok(());
        };
        let turn = self.fifo.of(&cx.scope, name);
        let _turn = turn.lock().await;
        let messages: Vec<Message> = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&ARCHIVE, (name.clone(), span.from, String::new())..);
            let within = rows.take_while(|row| {
                row.as_ref().map_or(true, |((topic, time, _), _)| topic == name && *time <= span.to)
            });
            within.map(|row| row.map(|(_, message)| message)).collect::<Result<_, Fault>>()
        })?;
        let subscription = Arc::new(subscription);
        let filter = Filter::of(&subscription.attributes);
        for mut message in messages {
            message.is_replayed = true;
            if filter.as_ref().is_some_and(|filter| !filter.passes(&message.text, &message.attributes)) {
                continue;
            }
            let sending = Sending::new(self, cx, name, &topic, &message);
            let left: Vec<_> = sending.deliver(&subscription).await.into_iter().collect();
            delivery::postpone(&self.store, &cx.scope, &left).await?;
        }
        self.store
            .write(&cx.scope, |tx| {
                let key = (name.as_str(), id.as_str());
                let Some(mut subscription) = tx.get(&SUBSCRIPTIONS, &key)? else { return Ok(()) };
                subscription.attributes.insert("ReplayStatus".to_owned(), "Completed".to_owned());
                tx.put(&SUBSCRIPTIONS, &key, &subscription)
            })
            .await
    }
}
