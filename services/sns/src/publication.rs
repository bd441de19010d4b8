//! Publishing to topics: one commit for one or several messages, whatever follows from it.

use api_sns::{MessageAttributeValue, SnsError};
use kernel::{Context, Map, Scope};
use serde::{Deserialize, Serialize};

use crate::message::{self, Message};
use crate::topic::Topic;
use crate::{Sns, archive, fanout, fifo};

/// A message that waits for its fan-out.
#[derive(Serialize, Deserialize)]
pub struct Publication {
    /// The topic's name.
    pub topic: String,
    /// The topic's revision.
    pub revision: u64,
    /// The message.
    pub message: Message,
}

/// What a caller wants published.
#[derive(Default)]
pub struct Wanted {
    /// The text, or with a structure the texts.
    pub message: String,
    /// `json`, or nothing.
    pub structure: Option<String>,
    /// The subject.
    pub subject: Option<String>,
    /// The attributes.
    pub attributes: Option<Map<String, MessageAttributeValue>>,
    /// The group.
    pub group: Option<String>,
    /// What tells it from others.
    pub deduplication: Option<String>,
}

impl Wanted {
    /// The message, checked as far as it can be without its topic; `path` leads to its attributes.
    pub fn into_message(self, cx: &Context, path: &str) -> Result<Message, SnsError> {
        message::check_subject(self.subject.as_deref())?;
        message::check_attributes(self.attributes.as_ref(), path)?;
        let (text, texts) = message::texts(self.message, self.structure.as_deref())?;
        let attributes = self.attributes.into_iter().flatten();
        let trace = cx.request.headers.get("x-amzn-trace-id").and_then(|trace| trace.to_str().ok());
        Ok(Message {
            id: cx.ids.uuid(),
            text,
            texts,
            subject: self.subject,
            attributes: attributes.map(|(name, value)| (name, value.into())).collect(),
            time: cx.clock.millis(),
            group: self.group,
            deduplication: self.deduplication,
            sequence: None,
            trace: trace.map(str::to_owned),
            host: cx.request.host.clone(),
            is_replayed: false,
        })
    }
}

impl Sns {
    /// Publishes messages to a topic, all or none; answers their ids and numbers.
    pub async fn publish(
        &self,
        scope: &Scope,
        name: &str,
        messages: &[Message],
    ) -> Result<Vec<(String, Option<String>)>, SnsError> {
        self.store
            .write(scope, |tx| {
                let topic = Topic::get(tx, name)?;
                let mut answers = Vec::with_capacity(messages.len());
                let mut is_waiting = false;
                for message in messages {
                    let mut message = message.clone();
                    fifo::check(&topic, &mut message)?;
                    if topic.is_fifo {
                        if let Some((id, sequence)) = fifo::take(tx, name, &topic, &mut message)? {
                            answers.push((id, Some(sequence)));
                            continue;
                        }
                        is_waiting = true;
                    }
                    archive::keep(tx, name, &topic, &message)?;
                    answers.push((message.id.clone(), message.sequence.clone()));
                    if !topic.is_fifo && topic.confirmed > 0 {
                        let publication =
                            Publication { topic: name.to_owned(), revision: topic.revision, message };
                        tx.emit(fanout::KIND, &publication)?;
                    }
                }
                if is_waiting {
                    tx.emit(fanout::FIFO_KIND, &name)?;
                }
                Ok(answers)
            })
            .await
    }
}
