//! `GetQueueUrl`: the URL of a queue by its name.

use api_sqs::{GetQueueUrl, GetQueueUrlInput, GetQueueUrlOutput, SqsError};
use kernel::{Context, Handler, Scope};

use crate::queue::Queue;
use crate::{Sqs, names};

impl Handler<GetQueueUrl> for Sqs {
    async fn handle(&self, cx: &Context, input: GetQueueUrlInput) -> Result<GetQueueUrlOutput, SqsError> {
        let account = input.queue_owner_aws_account_id.as_deref().filter(|account| !account.is_empty());
        let account = account.map_or_else(|| cx.scope.account.clone(), Into::into);
        let there = cx.in_scope(Scope { account, region: cx.scope.region.clone() });

        self.store.read(&there.scope, |tx| Queue::get(tx, &input.queue_name))?;

        Ok(GetQueueUrlOutput { queue_url: Some(names::url(&there, self.options.urls, &input.queue_name)) })
    }
}
