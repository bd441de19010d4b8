//! `Publish`: a message to a topic, a device or a phone.

use api_sns::{Publish, PublishInput, PublishOutput, SnsError};
use kernel::{Context, Handler};

use crate::captured::{self, Place};
use crate::publication::Wanted;
use crate::{Sns, errors, limits, message, names, phone, platform};

impl Handler<Publish> for Sns {
    async fn handle(&self, cx: &Context, input: PublishInput) -> Result<PublishOutput, SnsError> {
        if let Some(number) = &input.phone_number
            && !phone::is_number(number)
        {
            return Err(errors::because("PhoneNumber", format!("{number} is not valid to publish to")));
        }
        if input.message.is_empty() {
            return Err(errors::invalid("Empty message"));
        }
        if message::size(&input.message, input.message_attributes.as_ref()) > limits::MESSAGE_BYTES {
            return Err(errors::invalid("Message too long"));
        }
        let PublishInput { topic_arn, target_arn, phone_number, .. } = input;
        let wanted = Wanted {
            message: input.message,
            structure: input.message_structure,
            subject: input.subject,
            attributes: input.message_attributes,
            group: input.message_group_id,
            deduplication: input.message_deduplication_id,
        };
        match (phone_number, target_arn, topic_arn) {
            (Some(number), ..) => self.to_phone(cx, &number, wanted).await,
            (None, Some(arn), None) if arn.contains(":endpoint/") => self.to_device(cx, &arn, wanted).await,
            (None, Some(arn), None) => self.to_topic(cx, &arn, "TargetArn", wanted).await,
            (None, None, Some(arn)) => self.to_topic(cx, &arn, "TopicArn", wanted).await,
            (None, Some(_), Some(_)) => Err(errors::because("TargetArn or TopicArn", "both were specified")),
            (None, None, None) => {
                Err(errors::because("TopicArn or TargetArn", "no value for required parameter"))
            }
        }
    }
}

impl Sns {
    async fn to_topic(
        &self,
        cx: &Context,
        arn: &str,
        parameter: &str,
        wanted: Wanted,
    ) -> Result<PublishOutput, SnsError> {
        let (scope, name) = names::locate(cx, arn, parameter)?;
        let message = wanted.into_message(cx, "messageAttributes")?;
        let published = self.publish(&scope, &name, std::slice::from_ref(&message)).await?;
        let (id, sequence) = published.into_iter().next().unwrap_or_default();
        Ok(PublishOutput { message_id: Some(id), sequence_number: sequence })
    }

    async fn to_phone(&self, cx: &Context, number: &str, wanted: Wanted) -> Result<PublishOutput, SnsError> {
        let message = wanted.into_message(cx, "messageAttributes")?;
        let is_out = self.store.read(&cx.scope, |tx| tx.contains(&phone::OPTED_OUT, number))?;
        // Who opted out gets nothing, and the sender does not learn it.
        if !is_out {
            let place = Place::of("sms", number);
            captured::keep(&self.store, cx, &place, &message, message.text_for("sms"), None).await?;
        }
        Ok(PublishOutput { message_id: Some(message.id), sequence_number: None })
    }

    async fn to_device(
        &self,
        cx: &Context,
        arn: &str,
        mut wanted: Wanted,
    ) -> Result<PublishOutput, SnsError> {
        // A device gets the words of its platform: they need not be there for others.
        let platform = arn.rsplit('/').nth(2).unwrap_or_default().to_owned();
        if wanted.structure.as_deref() == Some("json")
            && let Ok(serde_json::Value::Object(mut texts)) = serde_json::from_str(&wanted.message)
            && let Some(own) = texts.get(&platform).cloned()
        {
            texts.entry("default").or_insert(own);
            wanted.message = serde_json::Value::Object(texts).to_string();
        }
        let message = wanted.into_message(cx, "messageAttributes")?;
        platform::push(self, cx, arn, &message, &message.text, None).await?;
        Ok(PublishOutput { message_id: Some(message.id), sequence_number: None })
    }
}
