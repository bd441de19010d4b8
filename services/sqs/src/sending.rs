//! What `SendMessage` and `SendMessageBatch` share: a message is checked, then put on its queue.

use api_sqs::{MessageAttributeValue, MessageSystemAttributeValue, SqsError};
use kernel::{Context, Map};
use sha2::{Digest, Sha256};
use store::WriteTx;

use crate::deduplication::{self, Sent};
use crate::message::{self, Body, State};
use crate::queue::{Fifo, Queue};
use crate::shelf::Shelf;
use crate::{arrival, content, digest, errors, limits};

/// A message to send.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// The text.
    pub body: String,
    /// Seconds until it can be received, unless the queue says.
    pub delay: Option<i32>,
    /// Attributes.
    pub attributes: Option<Map<String, MessageAttributeValue>>,
    /// System attributes.
    pub system_attributes: Option<Map<String, MessageSystemAttributeValue>>,
    /// What it is recognised by.
    pub deduplication: Option<String>,
    /// The message group.
    pub group: Option<String>,
}

/// A message that can be put on a queue, if the queue takes it.
pub struct Ready {
    /// What the sender is told.
    pub digests: Digests,
    /// Bytes.
    pub size: usize,
    body: Body,
    delay: Option<i64>,
}

/// The digests of a message.
#[derive(Clone, Debug, Default)]
pub struct Digests {
    /// Of the body.
    pub body: String,
    /// Of the attributes.
    pub attributes: Option<String>,
    /// Of the system attributes.
    pub system_attributes: Option<String>,
}

/// What was sent.
pub struct Outcome {
    /// The message's id.
    pub id: String,
    /// The sequence number, in FIFO queues.
    pub sequence: Option<String>,
    /// The message's number, if it is a new one.
    pub number: Option<u64>,
}

impl Draft {
    /// Checks what can be without the queue.
    pub fn check(self, cx: &Context) -> Result<Ready, SqsError> {
        content::check_body(&self.body)?;
        content::check_attributes(&self.attributes)?;
        content::check_system_attributes(self.system_attributes.as_ref())?;
        let delay = limits::within("DelaySeconds", self.delay, limits::DELAY)?;
        if let Some(group) = self.group.as_ref().filter(|group| !limits::is_message_id(group)) {
            return Err(errors::invalid_message_id(group, "MessageGroupId"));
        }
        if let Some(id) = self.deduplication.as_ref().filter(|id| !limits::is_message_id(id)) {
            return Err(errors::invalid_message_id(id, "MessageDeduplicationId"));
        }
        let digests = Digests {
            body: digest::body(&self.body),
            attributes: digest::of_attributes(self.attributes.as_ref()),
            system_attributes: digest::of_system_attributes(self.system_attributes.as_ref()),
        };
        let size = content::size(&self.body, &self.attributes);
        Ok(Ready { size, body: self.into_body(cx, &digests), digests, delay })
    }

    fn into_body(self, cx: &Context, digests: &Digests) -> Body {
        let trace = self.system_attributes.and_then(|mut map| map.swap_remove("AWSTraceHeader"));
        let attributes = self.attributes.into_iter().flatten();
        Body {
            id: cx.ids.uuid(),
            text: self.body,
            md5: digests.body.clone(),
            sent: cx.clock.millis(),
            sender: cx.scope.account.to_string(),
            attributes: attributes.map(|(name, value)| (name, value.into())).collect(),
            // A trace that comes with the request itself goes on with the message.
            trace: trace.and_then(|value| value.string_value).or_else(|| header(cx, "x-amzn-trace-id")),
            group: self.group,
            deduplication: self.deduplication,
            dead_letter_source: None,
        }
    }
}

impl Ready {
    /// The most bytes that the queue takes, if the message has more.
    pub fn excess(&self, queue: &Queue) -> Option<usize> {
        let most = usize::try_from(queue.maximum_message_size).unwrap_or(usize::MAX);
        (self.size > most).then_some(most)
    }

    /// Whether the queue is a FIFO queue and the message has no group.
    pub fn lacks_group(&self, queue: &Queue) -> bool {
        queue.fifo.is_some() && self.body.group.is_none()
    }

    /// Checks what queues of this type ask of their messages.
    pub fn check_type(&self, queue: &Queue) -> Result<(), SqsError> {
        let Some(fifo) = &queue.fifo else {
            return match &self.body.deduplication {
                Some(id) => Err(errors::wrong_queue_type(id, "MessageDeduplicationId")),
                None => Ok(()),
            };
        };
        if let Some(delay) = self.delay.filter(|delay| *delay != 0) {
            return Err(errors::wrong_queue_type(&delay.to_string(), "DelaySeconds"));
        }
        if self.body.deduplication.is_none() && !fifo.content_based {
            return Err(errors::no_deduplication());
        }
        Ok(())
    }

    /// Puts the message on its queue, unless a FIFO queue has had it already.
    pub fn send(
        &self,
        tx: &mut WriteTx<'_>,
        shelf: &mut Shelf,
        queue: &Queue,
        cx: &Context,
    ) -> Result<Outcome, SqsError> {
        match &queue.fifo {
            Some(fifo) => self.send_once(tx, shelf, queue, fifo, cx),
            None => {
                let delay = self.delay.unwrap_or(queue.delay);
                let number = add(tx, shelf, queue, &self.body, delay, cx)?;
                Ok(Outcome { id: self.body.id.clone(), sequence: None, number: Some(number) })
            }
        }
    }

    fn send_once(
        &self,
        tx: &mut WriteTx<'_>,
        shelf: &mut Shelf,
        queue: &Queue,
        fifo: &Fifo,
        cx: &Context,
    ) -> Result<Outcome, SqsError> {
        let now = cx.clock.millis();
        let id = match &self.body.deduplication {
            Some(id) => id.clone(),
            None => digest::hex(&Sha256::digest(self.body.text.as_bytes())),
        };
        let key = deduplication::key(fifo, self.body.group.as_deref().unwrap_or_default(), &id);
        if let Some((number, Sent { id, .. })) = deduplication::sent(tx, shelf, queue, &key, now)? {
            return Ok(Outcome { id, sequence: Some(sequence(number)), number: None });
        }
        let body = Body { deduplication: Some(id), ..self.body.clone() };
        let number = add(tx, shelf, queue, &body, queue.delay, cx)?;
        deduplication::remember(tx, shelf, queue, number, &Sent { at: now, id: body.id.clone(), key })?;
        Ok(Outcome { id: body.id, sequence: Some(sequence(number)), number: Some(number) })
    }
}

fn add(
    tx: &mut WriteTx<'_>,
    shelf: &mut Shelf,
    queue: &Queue,
    body: &Body,
    delay: i64,
    cx: &Context,
) -> Result<u64, SqsError> {
    let now = cx.clock.now();
    let delayed = (delay > 0).then(|| State { visible_at: message::after(now, delay), ..State::default() });
    Ok(arrival::add(tx, shelf, queue, body, delayed.as_ref(), now.as_millisecond())?)
}

/// A number as the sequence number that AWS shows: twenty digits.
pub fn sequence(number: u64) -> String {
    (10_000_000_000_000_000_000 + message::age(number)).to_string()
}

fn header(cx: &Context, name: &str) -> Option<String> {
    cx.request.headers.get(name)?.to_str().ok().map(str::to_owned)
}
