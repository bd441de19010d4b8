//! `DeleteTopic`: the topic goes, with its subscriptions and whatever waits. What is not there is deleted too.

use api_sns::{DeleteTopic, DeleteTopicInput, DeleteTopicOutput, SnsError};
use kernel::{Context, Fault, Handler};

use crate::subscription::SUBSCRIPTIONS;
use crate::topic::TOPICS;
use crate::{Sns, archive, fifo, names};

impl Handler<DeleteTopic> for Sns {
    async fn handle(&self, cx: &Context, input: DeleteTopicInput) -> Result<DeleteTopicOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.topic_arn, "TopicArn")?;

        self.store
            .write(&scope, |tx| {
                if !tx.delete(&TOPICS, &name)? {
                    return Ok(());
                }
                let rows: Vec<_> =
                    tx.prefix(&SUBSCRIPTIONS, &(name.as_str(),)).collect::<Result<_, Fault>>()?;
                for (_, subscription) in rows {
                    subscription.remove(tx, &name)?;
                }
                fifo::forget(tx, &name)?;
                archive::forget(tx, &name)
            })
            .await?;
        Ok(DeleteTopicOutput {})
    }
}
