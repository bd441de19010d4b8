//! `CreateLogStream`, `DeleteLogStream`, `DescribeLogStreams`.

use api_logs::{
    CreateLogStream, CreateLogStreamInput, CreateLogStreamOutput, DeleteLogStream, DeleteLogStreamInput,
    DeleteLogStreamOutput, DescribeLogStreams, DescribeLogStreamsInput, DescribeLogStreamsOutput, LogsError,
    OrderBy,
};
use kernel::{Context, Fault, Handler, page};

use crate::event::EVENTS;
use crate::group::Group;
use crate::stream::{STREAMS, Stream};
use crate::{Logs, errors, limits, names};

const LIST: &str = "logs.streams";

impl Handler<CreateLogStream> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: CreateLogStreamInput,
    ) -> Result<CreateLogStreamOutput, LogsError> {
        let key = (input.log_group_name, input.log_stream_name);
        let stream = Stream { created: cx.clock.millis(), ..Stream::default() };

        self.store
            .write(&cx.scope, |tx| {
                Group::require(tx, &key.0)?;
                if tx.contains(&STREAMS, &key)? {
                    return Err(errors::stream_exists());
                }
                Ok(tx.put(&STREAMS, &key, &stream)?)
            })
            .await?;

        Ok(CreateLogStreamOutput {})
    }
}

impl Handler<DeleteLogStream> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DeleteLogStreamInput,
    ) -> Result<DeleteLogStreamOutput, LogsError> {
        let (group, name) = (input.log_group_name.as_str(), input.log_stream_name.as_str());

        self.store
            .write(&cx.scope, |tx| {
                Group::require(tx, group)?;
                if !tx.delete(&STREAMS, &(group, name))? {
                    return Err(errors::no_such_stream());
                }
                let events: Vec<_> = tx.prefix(&EVENTS, &(group, name)).keys().collect::<Result<_, _>>()?;
                Ok(events.iter().try_for_each(|key| tx.delete(&EVENTS, key).map(drop))?)
            })
            .await?;

        Ok(DeleteLogStreamOutput {})
    }
}

impl Handler<DescribeLogStreams> for Logs {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeLogStreamsInput,
    ) -> Result<DescribeLogStreamsOutput, LogsError> {
        let most = limits::page(input.limit, limits::PAGE);
        let by_time = input.order_by == Some(OrderBy::LastEventTime);
        let prefix = input.log_stream_name_prefix.unwrap_or_default();
        if by_time && !prefix.is_empty() {
            return Err(errors::prefix_by_time());
        }
        let group = names::group(input.log_group_name, input.log_group_identifier)?;
        let after = input
            .next_token
            .map(|token| page::key(LIST, &token).ok_or_else(errors::invalid_token))
            .transpose()?;

        let is_descending = input.descending == Some(true);
        let start = (group.as_str(), prefix.as_str());

        let rows: Vec<(String, Stream)> = self.store.read(&cx.scope, |tx| {
            Group::require(tx, &group)?;
            let rows = tx.starting_with(&STREAMS, &start);
            if by_time {
                return Ok(ordered(named(rows)?, is_descending, after.as_deref()));
            }
            let key = after.as_deref().map(|after| (group.as_str(), after));
            Ok::<_, LogsError>(match (&key, is_descending) {
                (None, false) => named(rows.take(most + 1)),
                (None, true) => named(rows.rev().take(most + 1)),
                (Some(key), false) => named(rows.after(key).take(most + 1)),
                (Some(key), true) => named(rows.before(key).rev().take(most + 1)),
            }?)
        })?;

        let page = page::cut(rows, most, LIST, |(name, _)| name.clone());
        let streams = page.items.into_iter().map(|(name, stream)| stream.describe(&cx.scope, &group, name));
        Ok(DescribeLogStreamsOutput { log_streams: Some(streams.collect()), next_token: page.next })
    }
}

fn named(
    rows: impl Iterator<Item = Result<((String, String), Stream), Fault>>,
) -> Result<Vec<(String, Stream)>, Fault> {
    rows.map(|row| row.map(|((_, name), stream)| (name, stream))).collect()
}

/// Streams by the time of their latest event, behind the one that a page ended with.
fn ordered(
    mut rows: Vec<(String, Stream)>,
    is_descending: bool,
    after: Option<&str>,
) -> Vec<(String, Stream)> {
    rows.sort_by(|left, right| (left.1.last_event, &left.0).cmp(&(right.1.last_event, &right.0)));
    if is_descending {
        rows.reverse();
    }
    let last = after.and_then(|after| rows.iter().position(|(name, _)| *name == after));
    rows.split_off(last.map_or(0, |at| at + 1))
}
