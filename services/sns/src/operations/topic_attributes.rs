//! `GetTopicAttributes` and `SetTopicAttributes`.

use api_sns::{
    GetTopicAttributes, GetTopicAttributesInput, GetTopicAttributesOutput, SetTopicAttributes,
    SetTopicAttributesInput, SetTopicAttributesOutput, SnsError,
};
use kernel::{Context, Handler};

use crate::topic::Topic;
use crate::{Sns, names, topic_attributes};

impl Handler<GetTopicAttributes> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: GetTopicAttributesInput,
    ) -> Result<GetTopicAttributesOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.topic_arn, "TopicArn")?;
        let topic = self.store.read(&scope, |tx| Topic::get(tx, &name))?;
        let attributes = topic_attributes::shown(&scope, &name, &topic);
        Ok(GetTopicAttributesOutput { attributes: Some(attributes) })
    }
}

impl Handler<SetTopicAttributes> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: SetTopicAttributesInput,
    ) -> Result<SetTopicAttributesOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.topic_arn, "TopicArn")?;
        let value = input.attribute_value.unwrap_or_default();
        let now = cx.clock.millis();

        self.store
            .write(&scope, |tx| {
                let mut topic = Topic::get(tx, &name)?;
                topic_attributes::set(&mut topic, &input.attribute_name, &value, now)?;
                Ok::<_, SnsError>(topic.put(tx, &name)?)
            })
            .await?;
        Ok(SetTopicAttributesOutput {})
    }
}
