//! `ListDeadLetterSourceQueues`: the queues whose dead letters go to a queue.

use api_sqs::{
    ListDeadLetterSourceQueues, ListDeadLetterSourceQueuesInput, ListDeadLetterSourceQueuesOutput, SqsError,
};
use kernel::{Context, Handler, page};

use crate::queue::Queue;
use crate::{Sqs, errors, limits, names, redrive};

const LIST: &str = "sqs.sources";

impl Handler<ListDeadLetterSourceQueues> for Sqs {
    async fn handle(
        &self,
        cx: &Context,
        input: ListDeadLetterSourceQueuesInput,
    ) -> Result<ListDeadLetterSourceQueuesOutput, SqsError> {
        let most = limits::within("MaxResults", input.max_results, (1, 1000))?;
        let most = most.map_or(limits::PAGE, |most| usize::try_from(most).unwrap_or(limits::PAGE));
        let token = input.next_token.filter(|token| !token.is_empty());
        let after =
            token.map(|token| page::key(LIST, &token).ok_or_else(errors::invalid_token)).transpose()?;
        let (scope, name) = names::locate(cx, &input.queue_url)?;

        let mut sources = self.store.read(&scope, |tx| {
            Queue::get(tx, &name)?;
            Ok::<_, SqsError>(redrive::sources(tx, &scope, &name)?)
        })?;

        sources.retain(|source| after.as_ref().is_none_or(|after| source > after));
        let page = page::cut(sources, most, LIST, Clone::clone);
        let there = cx.in_scope(scope);
        let queue_urls = page.items.iter().map(|name| names::url(&there, self.options.urls, name)).collect();
        let next_token = page.next.filter(|_| input.max_results.is_some());
        Ok(ListDeadLetterSourceQueuesOutput { queue_urls, next_token })
    }
}
