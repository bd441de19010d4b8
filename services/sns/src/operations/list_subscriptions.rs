//! `ListSubscriptions` and `ListSubscriptionsByTopic`: a hundred at a time.

use api_sns::{
    ListSubscriptions, ListSubscriptionsByTopic, ListSubscriptionsByTopicInput,
    ListSubscriptionsByTopicOutput, ListSubscriptionsInput, ListSubscriptionsOutput, SnsError,
    Subscription as Listed,
};
use kernel::page::{self, Page};
use kernel::{Arn, Context, Fault, Handler, Scope};
use store::ReadTx;

use crate::subscription::{self, SUBSCRIPTIONS, Subscription};
use crate::topic::Topic;
use crate::{Sns, limits, names, paging};

/// What stands in the place of ARNs of those that are not confirmed.
const PENDING: &str = "PendingConfirmation";

impl Handler<ListSubscriptions> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: ListSubscriptionsInput,
    ) -> Result<ListSubscriptionsOutput, SnsError> {
        let after = paging::after("subscriptions", input.next_token.as_deref())?;
        let page = self.store.read(&cx.scope, |tx| {
            let arns = subscription::owned(tx, after.as_deref(), limits::PAGE + 1)?;
            let page = page::cut(arns, limits::PAGE, "subscriptions", Clone::clone);
            let items = page.items.iter().filter_map(|arn| of_arn(tx, &cx.scope, arn).transpose());
            Ok::<_, SnsError>(Page { items: items.collect::<Result<_, _>>()?, next: page.next })
        })?;
        Ok(ListSubscriptionsOutput { subscriptions: Some(page.items), next_token: page.next })
    }
}

impl Handler<ListSubscriptionsByTopic> for Sns {
    async fn handle(
        &self,
        cx: &Context,
        input: ListSubscriptionsByTopicInput,
    ) -> Result<ListSubscriptionsByTopicOutput, SnsError> {
        let (scope, name) = names::locate(cx, &input.topic_arn, "TopicArn")?;
        let after = paging::after(&name, input.next_token.as_deref())?;
        let rows = self.store.read(&scope, |tx| {
            Topic::get(tx, &name)?;
            let rows = tx.prefix(&SUBSCRIPTIONS, &(name.as_str(),));
            let rows = match &after {
                Some(after) => rows.after(&(name.as_str(), after.as_str())),
                None => rows,
            };
            rows.take(limits::PAGE + 1)
                .map(|row| Ok(row.map(|(_, subscription)| subscription)?))
                .collect::<Result<Vec<_>, SnsError>>()
        })?;
        let page = page::cut(rows, limits::PAGE, &name, |subscription| subscription.id.clone());
        let subscriptions = page.items.into_iter().map(|one| listed(&scope, &name, one)).collect();
        Ok(ListSubscriptionsByTopicOutput { subscriptions: Some(subscriptions), next_token: page.next })
    }
}

fn of_arn(tx: &ReadTx<'_>, default: &Scope, arn: &str) -> Result<Option<Listed>, Fault> {
    let Some(arn) = Arn::parse(arn) else { return Ok(None) };
    let Some((topic, id)) = arn.resource.split_once(':') else { return Ok(None) };
    let scope = arn.scope(default);
    let subscription = tx.in_scope(&scope).get(&SUBSCRIPTIONS, &(topic, id))?;
    Ok(subscription.map(|subscription| listed(&scope, topic, subscription)))
}

fn listed(scope: &Scope, topic: &str, subscription: Subscription) -> Listed {
    let arn = names::subscription(scope, topic, &subscription.id);
    Listed {
        // Where there is a token to confirm with, AWS hides the ARN; those it does not ask have none.
        subscription_arn: Some(if subscription.is_pending { PENDING.to_owned() } else { arn }),
        owner: Some(subscription.owner.to_string()),
        protocol: Some(subscription.protocol),
        endpoint: Some(subscription.endpoint),
        topic_arn: Some(names::topic(scope, topic)),
    }
}
