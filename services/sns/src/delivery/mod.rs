//! Getting a message to one subscription, and what becomes of it when that fails.

mod function;
mod http;
mod queue;

use std::sync::Arc;

use kernel::service::Boxed;
use kernel::work::{Consumed, Consumer};
use kernel::{Arn, Context, Fault, Scope};
use serde::{Deserialize, Serialize};
use store::Store;
use tokio::sync::Mutex;

pub use http::{OverHttp, ask, is_endpoint};

use crate::envelope::{self, Ends, Signed};
use crate::message::Message;
use crate::subscription::{SUBSCRIPTIONS, Subscription};
use crate::topic::{TOPICS, Topic};
use crate::{Sns, captured, delivery_log, names, platform, redrive};

/// The kind of what failed within AWS and is tried again.
const AGAIN: &str = "sns.again";
/// The kind of what goes to endpoints on the network.
const HTTP: &str = "sns.http";

/// One message for one subscription, or a request for its confirmation.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Errand {
    /// The topic's name.
    pub topic: String,
    /// The subscription, as it was.
    pub subscription: Subscription,
    /// What goes there.
    pub what: What,
}

/// What goes to a subscription.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum What {
    /// A message.
    Message(Box<Message>),
    /// A request for confirmation.
    Confirmation {
        /// Its id.
        id: String,
        /// Milliseconds since 1970.
        time: i64,
        /// Whether the subscription has ended.
        is_end: bool,
        /// Where its asker reaches this process.
        host: String,
    },
}

impl Errand {
    /// The kind in the outbox.
    pub fn kind(&self) -> &'static str {
        if is_http(&self.subscription.protocol) { HTTP } else { AGAIN }
    }
}

/// Whether a protocol leads out of this process.
pub fn is_http(protocol: &str) -> bool {
    matches!(protocol, "http" | "https")
}

/// Writes errands into the outbox.
pub async fn postpone(store: &Store, scope: &Scope, errands: &[Errand]) -> Result<(), Fault> {
    if errands.is_empty() {
        return Ok(());
    }
    store.write(scope, |tx| errands.iter().try_for_each(|errand| tx.emit(errand.kind(), errand))).await
}

/// A message on its way to subscriptions of its topic: what they share is made once.
pub struct Sending<'a> {
    sns: &'a Sns,
    cx: Context,
    name: &'a str,
    topic: &'a Topic,
    message: &'a Message,
    arn: String,
    base: String,
    signed: Mutex<Vec<(String, Signed)>>,
}

impl<'a> Sending<'a> {
    /// A message of the topic of that name, which is in `cx`'s scope.
    pub fn new(sns: &'a Sns, cx: &Context, name: &'a str, topic: &'a Topic, message: &'a Message) -> Self {
        Self {
            sns,
            cx: cx.on_behalf_of("sns.amazonaws.com"),
            name,
            topic,
            message,
            arn: names::topic(&cx.scope, name),
            base: sns.base(&message.host),
            signed: Mutex::default(),
        }
    }

    /// Delivers to a subscription, or says what is to be done later. What can never succeed goes to its dead letters.
    pub async fn deliver(&self, subscription: &Arc<Subscription>) -> Option<Errand> {
        let errand = || Errand {
            topic: self.name.to_owned(),
            subscription: Subscription::clone(subscription),
            what: What::Message(Box::new(self.message.clone())),
        };
        if is_http(&subscription.protocol) {
            return Some(errand());
        }
        match self.attempt(subscription, 1).await {
            Ok(()) => None,
            Err(fault) if redrive::is_final(&fault) => {
                self.bury(subscription, &fault).await;
                None
            }
            Err(_) => Some(errand()),
        }
    }

    /// Tries once.
    async fn attempt(&self, subscription: &Subscription, attempts: u32) -> Result<(), Fault> {
        let began = self.cx.clock.millis();
        let outcome = match subscription.protocol.as_str() {
            "sqs" => {
                self.to_queue(subscription, &subscription.endpoint).await.map(|id| delivery_log::Response {
                    status: 200,
                    body: format!("{{\"sqsRequestId\":\"{id}\",\"sqsMessageId\":\"{id}\"}}"),
                })
            }
            "lambda" => self.to_function(subscription).await,
            "application" => {
                let (text, device) = (self.message.text_for("default"), &subscription.endpoint);
                platform::push(self.sns, &self.cx, device, self.message, text, Some(&self.arn)).await
            }
            protocol => {
                let place = captured::Place::of(protocol, &subscription.endpoint);
                let (text, topic) = (self.message.text_for(protocol), Some(self.arn.as_str()));
                captured::keep(&self.sns.store, &self.cx, &place, self.message, text, topic)
                    .await
                    .map(|()| delivery_log::Response { status: 200, body: "{}".to_owned() })
            }
        };
        let tried = delivery_log::Tried { attempts, millis: self.cx.clock.millis() - began };
        delivery_log::write(self, subscription, &outcome, tried).await;
        outcome.map(drop)
    }

    /// Gives up: to the dead letters, if the subscription has a queue for them.
    async fn bury(&self, subscription: &Subscription, fault: &Fault) {
        let Some(queue) = redrive::queue(subscription) else {
            tracing::info!(topic = self.arn, endpoint = subscription.endpoint, %fault, "a message could not be delivered");
            return;
        };
        if let Err(fault) = self.to_queue(subscription, &queue).await {
            tracing::warn!(topic = self.arn, queue, %fault, "a dead letter could not be kept");
        }
    }

    /// What links in messages to this subscription lead to.
    fn ends<'b>(&'b self, subscription: &'b str) -> Ends<'b> {
        Ends { topic: &self.arn, subscription, base: &self.base }
    }

    fn arn_of(&self, subscription: &Subscription) -> String {
        names::subscription(&self.cx.scope, self.name, &subscription.id)
    }

    /// The signature of the message in those words; made once for the same words.
    async fn signed(&self, text: &str) -> Result<Signed, Fault> {
        let mut made = self.signed.lock().await;
        if let Some((_, signed)) = made.iter().find(|(known, _)| known == text) {
            return Ok(signed.clone());
        }
        let key = self.sns.signing.key(&self.cx).await?;
        let version = self.topic.signature_version();
        let signed = envelope::sign(&key, version, self.message, text, &self.arn, &self.base);
        made.push((text.to_owned(), signed.clone()));
        Ok(signed)
    }

    /// The scope of the topic.
    pub fn scope(&self) -> &Scope {
        &self.cx.scope
    }

    /// The surroundings, on behalf of SNS.
    pub fn context(&self) -> &Context {
        &self.cx
    }

    /// The topic with its name and the message.
    pub fn parts(&self) -> (&Topic, &str, &Message) {
        (self.topic, self.name, self.message)
    }
}

impl Sns {
    /// Where links in messages lead: where the publisher came in, or where this process is.
    pub fn base(&self, host: &str) -> String {
        if host.is_empty() { self.endpoint.clone() } else { format!("http://{host}") }
    }
}

/// The ARN of a receiver within AWS.
fn receiver(endpoint: &str) -> Result<Arn, Fault> {
    Arn::parse(endpoint).ok_or_else(|| Fault::client("InvalidParameter", format!("{endpoint} is no ARN")))
}

/// Tries again what failed within AWS.
pub struct Again(pub Arc<Sns>);

impl Consumer for Again {
    fn kind(&self) -> &'static str {
        AGAIN
    }

    fn consume<'a>(&'a self, cx: &'a Context, payload: &'a [u8], attempt: u32) -> Boxed<'a, Consumed> {
        Box::pin(async move { self.0.again(cx, payload, attempt).await.unwrap_or_else(Consumed::Failed) })
    }
}

impl Sns {
    async fn again(&self, cx: &Context, payload: &[u8], attempt: u32) -> Result<Consumed, Fault> {
        let errand: Errand = store::decode_event(payload)?;
        let What::Message(message) = &errand.what else {
            return self.ask_queue(cx, &errand).await;
        };
        let Some((topic, subscription)) = self.current(cx, &errand)? else { return Ok(Consumed::Done) };
        let sending = Sending::new(self, cx, &errand.topic, &topic, message);
        // The fan-out was the first try.
        match sending.attempt(&subscription, attempt + 1).await {
            Ok(()) => Ok(Consumed::Done),
            Err(fault) => match redrive::pause(cx, attempt + 1).filter(|_| !redrive::is_final(&fault)) {
                Some(at) => Ok(Consumed::RetryAt(at)),
                None => {
                    sending.bury(&subscription, &fault).await;
                    Ok(Consumed::Done)
                }
            },
        }
    }

    /// The topic and the subscription of an errand as they are now; nothing when one of them is gone.
    fn current(&self, cx: &Context, errand: &Errand) -> Result<Option<(Topic, Subscription)>, Fault> {
        self.store.read(&cx.scope, |tx| {
            let topic = tx.get(&TOPICS, &errand.topic)?;
            let subscription =
                tx.get(&SUBSCRIPTIONS, &(errand.topic.as_str(), errand.subscription.id.as_str()))?;
            Ok(topic.zip(subscription))
        })
    }
}
