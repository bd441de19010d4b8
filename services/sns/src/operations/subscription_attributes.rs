//! `GetSubscriptionAttributes` and `SetSubscriptionAttributes`.

use api_sns::{
    GetSubscriptionAttributes, GetSubscriptionAttributesInput, GetSubscriptionAttributesOutput,
    SetSubscriptionAttributes, SetSubscriptionAttributesInput, SetSubscriptionAttributesOutput, SnsError,
};
use kernel::{Context, Handler};

use crate::subscription::{SUBSCRIPTIONS, Subscription};
use crate::topic::Topic;
use crate::{Sns, archive, errors, names, subscription_attributes};

impl Handler<GetSubscriptionAttributes> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: GetSubscriptionAttributesInput,
    ) -> Result<GetSubscriptionAttributesOutput, SnsError> {
        let (scope, name, id) = names::locate_subscription(cx, &input.subscription_arn)?;
        let attributes = self.store.read(&scope, |tx| {
            let subscription = Subscription::get(tx, &name, &id)?;
            let topic = Topic::get(tx, &name)?;
            Ok::<_, SnsError>(subscription_attributes::shown(&scope, &name, &topic, &subscription))
        })?;
        Ok(GetSubscriptionAttributesOutput { attributes: Some(attributes) })
    }
}

impl Handler<SetSubscriptionAttributes> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: SetSubscriptionAttributesInput,
    ) -> Result<SetSubscriptionAttributesOutput, SnsError> {
        let (scope, name, id) = names::locate_subscription(cx, &input.subscription_arn)?;
        let value = input.attribute_value.unwrap_or_default();

        self.store
            .write(&scope, |tx| {
                let mut subscription = Subscription::get(tx, &name, &id)?;
                let topic = Topic::get(tx, &name)?;
                subscription_attributes::set(
                    &mut subscription.attributes,
                    &input.attribute_name,
                    &value,
                    (&name, &subscription.endpoint),
                )
                .map_err(errors::invalid)?;
                tx.put(&SUBSCRIPTIONS, &(name.as_str(), id.as_str()), &subscription)?;
                if input.attribute_name == "ReplayPolicy" && !value.is_empty() {
                    archive::ask(tx, &name, &subscription)?;
                }
                Ok::<_, SnsError>(topic.put(tx, &name)?)
            })
            .await?;
        Ok(SetSubscriptionAttributesOutput {})
    }
}
