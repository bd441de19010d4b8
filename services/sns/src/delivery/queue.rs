//! To queues.

use api_sqs::{MessageAttributeValue, MessageSystemAttributeValue, SendMessage, SendMessageInput};
use kernel::work::Consumed;
use kernel::{Arn, Context, Fault, Map};

use super::{Errand, Sending, What, receiver};
use crate::envelope::{self, Confirmation, Ends};
use crate::message::Attribute;
use crate::subscription::Subscription;
use crate::topic::TOPICS;
use crate::{Sns, names};

impl Sending<'_> {
    /// Sends the message to a queue, in the form that the subscription asks for; answers the queue's id of it.
    pub(super) async fn to_queue(&self, subscription: &Subscription, queue: &str) -> Result<String, Fault> {
        let arn = receiver(queue)?;
        let (_, _, message) = self.parts();
        let text = message.text_for("sqs");
        let is_ordered = arn.resource.ends_with(".fifo");
        let mut input = SendMessageInput { queue_url: url(&arn), ..SendMessageInput::default() };
        if subscription.is("RawMessageDelivery") {
            text.clone_into(&mut input.message_body);
            input.message_attributes = (!message.attributes.is_empty())
                .then(|| message.attributes.iter().map(|(name, value)| (name.clone(), raw(value))).collect());
        } else {
            let subscription = self.arn_of(subscription);
            // Messages of topics with an order are not signed.
            let signed = if message.sequence.is_some() { None } else { Some(self.signed(text).await?) };
            input.message_body =
                envelope::notification(message, text, self.ends(&subscription), signed.as_ref());
        }
        // An order is kept by those who have one; groups of topics without are for fair shares.
        if is_ordered || message.sequence.is_none() {
            input.message_group_id.clone_from(&message.group);
        }
        if is_ordered {
            input.message_deduplication_id.clone_from(&message.deduplication);
        }
        input.message_system_attributes = message.trace.as_ref().map(|trace| traced(trace));
        let there = self.cx.in_scope(arn.scope(&self.cx.scope));
        there.call::<SendMessage>(input).await.map(|sent| sent.message_id.unwrap_or_default())
    }
}

impl Sns {
    /// Asks for a confirmation through a queue of another account.
    pub(super) async fn ask_queue(&self, cx: &Context, errand: &Errand) -> Result<Consumed, Fault> {
        let What::Confirmation { id, time, is_end, host } = &errand.what else { return Ok(Consumed::Done) };
        let arn = receiver(&errand.subscription.endpoint)?;
        let (topic, subscription) = (
            names::topic(&cx.scope, &errand.topic),
            names::subscription(&cx.scope, &errand.topic, &errand.subscription.id),
        );
        let base = self.base(host);
        let ends = Ends { topic: &topic, subscription: &subscription, base: &base };
        let about = self.store.read(&cx.scope, |tx| tx.get(&TOPICS, &errand.topic))?.unwrap_or_default();
        let key = self.signing.key(cx).await?;
        let asked = Confirmation { id, time: *time, token: &errand.subscription.token, is_end: *is_end };
        let message_body = envelope::confirmation(&asked, ends, &key, about.signature_version());
        let input = SendMessageInput { queue_url: url(&arn), message_body, ..SendMessageInput::default() };
        let there = cx.in_scope(arn.scope(&cx.scope)).on_behalf_of("sns.amazonaws.com");
        match there.call::<SendMessage>(input).await {
            Err(fault) if fault.may_pass() => Err(fault),
            _ => Ok(Consumed::Done),
        }
    }
}

/// AWS's URL of a queue.
fn url(arn: &Arn) -> String {
    format!("https://sqs.{}.amazonaws.com/{}/{}", arn.region, arn.account, arn.resource)
}

fn raw(attribute: &Attribute) -> MessageAttributeValue {
    MessageAttributeValue {
        data_type: attribute.kind.clone(),
        string_value: attribute.text.clone(),
        binary_value: attribute.bytes.clone(),
        ..MessageAttributeValue::default()
    }
}

fn traced(trace: &str) -> Map<String, MessageSystemAttributeValue> {
    let value = MessageSystemAttributeValue {
        data_type: "String".to_owned(),
        string_value: Some(trace.to_owned()),
        ..MessageSystemAttributeValue::default()
    };
    [("AWSTraceHeader".to_owned(), value)].into_iter().collect()
}
