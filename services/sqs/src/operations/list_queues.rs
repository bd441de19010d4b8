//! `ListQueues`: the URLs of queues, in the order of their names.

use api_sqs::{ListQueues, ListQueuesInput, ListQueuesOutput, SqsError};
use kernel::{Context, Fault, Handler, page};

use crate::queue::QUEUES;
use crate::{Sqs, errors, limits, names};

const LIST: &str = "sqs.queues";

impl Handler<ListQueues> for Sqs {
    async fn handle(&self, cx: &Context, input: ListQueuesInput) -> Result<ListQueuesOutput, SqsError> {
        names::refuse_at_queue(cx, "ListQueues")?;
        let most = limits::within("MaxResults", input.max_results, (1, 1000))?;
        let most = most.map_or(limits::PAGE, |most| usize::try_from(most).unwrap_or(limits::PAGE));
        let prefix = input.queue_name_prefix.unwrap_or_default();
        let token = input.next_token.filter(|token| !token.is_empty());
        let after =
            token.map(|token| page::key(LIST, &token).ok_or_else(errors::invalid_token)).transpose()?;

        let names: Vec<String> = self.store.read(&cx.scope, |tx| {
            let rows = tx.starting_with(&QUEUES, prefix.as_str());
            let rows = match &after {
                Some(after) => rows.after(after.as_str()),
                None => rows,
            };
            rows.keys().take(most + 1).collect::<Result<_, Fault>>()
        })?;

        let page = page::cut(names, most, LIST, Clone::clone);
        let urls: Vec<_> = page.items.iter().map(|name| names::url(cx, self.options.urls, name)).collect();
        // A page that ends only because nobody asked for pages has no token.
        let next_token = page.next.filter(|_| input.max_results.is_some());
        Ok(ListQueuesOutput { queue_urls: (!urls.is_empty()).then_some(urls), next_token })
    }
}
