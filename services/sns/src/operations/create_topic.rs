//! `CreateTopic`: a new topic, or the one there is with the same attributes.

use api_sns::{CreateTopic, CreateTopicInput, CreateTopicOutput, SnsError};
use kernel::{Context, Handler};
use store::WriteTx;

use crate::topic::{TOPICS, Topic};
use crate::{Sns, errors, names, tagging, topic_attributes};

impl Handler<CreateTopic> for Sns {
    async fn handle(&self, cx: &Context, input: CreateTopicInput) -> Result<CreateTopicOutput, SnsError> {
        let given = input.attributes.unwrap_or_default();
        let is_fifo = match given.get("FifoTopic").map(|value| value.to_ascii_lowercase()) {
            None => false,
            Some(value) if value == "true" || value == "false" => value == "true",
            Some(_) => return Err(errors::because("FifoTopic", "Must be true or false.")),
        };
        names::check_topic(&input.name, is_fifo)?;
        let tags = tagging::new(input.tags.as_deref().unwrap_or_default())?;
        let mut topic = Topic { is_fifo, tags, ..Topic::default() };
        topic.data_protection = input.data_protection_policy.filter(|policy| !policy.is_empty());
        for (name, value) in given.iter().filter(|(name, _)| *name != "FifoTopic") {
            topic_attributes::set(&mut topic, name, value, cx.clock.millis())?;
        }

        self.store.write(&cx.scope, |tx| put(tx, &input.name, &topic)).await?;
        Ok(CreateTopicOutput { topic_arn: Some(names::topic(&cx.scope, &input.name)) })
    }
}

fn put(tx: &mut WriteTx<'_>, name: &str, topic: &Topic) -> Result<(), SnsError> {
    let Some(there) = tx.get(&TOPICS, name)? else {
        return Ok(topic.clone().put(tx, name)?);
    };
    let is_other = |(name, value): (&String, &String)| there.attributes.get(name) != Some(value);
    if topic.attributes.iter().any(is_other) {
        return Err(errors::because("Attributes", "Topic already exists with different attributes"));
    }
    if topic.tags.iter().any(|(key, value)| there.tags.get(key) != Some(value)) {
        return Err(errors::because("Tags", "Topic already exists with different tags"));
    }
    Ok(())
}
