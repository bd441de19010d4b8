//! `ListTopics`: a hundred at a time.

use api_sns::{ListTopics, ListTopicsInput, ListTopicsOutput, SnsError, Topic as Listed};
use kernel::{Context, Fault, Handler, page};

use crate::topic::TOPICS;
use crate::{Sns, limits, names, paging};

impl Handler<ListTopics> for Sns {
    async fn handle(&self, cx: &Context, input: ListTopicsInput) -> Result<ListTopicsOutput, SnsError> {
        let list = "topics";
        let after = paging::after(list, input.next_token.as_deref())?;
        let names: Vec<String> = self.store.read(&cx.scope, |tx| {
            let rows = tx.range(&TOPICS, ..);
            let rows = match &after {
                Some(after) => rows.after(after),
                None => rows,
            };
            rows.keys().take(limits::PAGE + 1).collect::<Result<_, Fault>>()
        })?;
        let page = page::cut(names, limits::PAGE, list, Clone::clone);
        let topics = page.items.iter().map(|name| Listed { topic_arn: Some(names::topic(&cx.scope, name)) });
        Ok(ListTopicsOutput { topics: Some(topics.collect()), next_token: page.next })
    }
}
