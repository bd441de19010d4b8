//! `ListStreams`, `DescribeStream`, `GetShardIterator`, `GetRecords`.

use api_dynamodbstreams::{
    DescribeStream, DescribeStreamInput, DescribeStreamOutput, DynamodbstreamsError, GetRecords,
    GetRecordsInput, GetRecordsOutput, GetShardIterator, GetShardIteratorInput, GetShardIteratorOutput,
    KeySchemaElement, KeyType, ListStreams, ListStreamsInput, ListStreamsOutput, SequenceNumberRange,
    ShardFilterType, ShardIteratorType, StreamDescription, StreamStatus, StreamViewType,
};
use kernel::service::ServiceBuilder;
use kernel::{Arn, Context, Fault, Handler, Scope};
use store::ReadTx;

use super::iterator::Iterator;
use super::record::{RECORDS, Record, parse_sequence_number, sequence_number};
use super::{STREAMS, Shard, Stream, Streams, arn, problems};
use crate::table::{TALLIES, Tally};

/// The most shards and streams of a page.
const PAGE: usize = 100;
/// The most records of a page.
const RECORDS_PAGE: usize = 1000;
/// The most bytes of a page.
const BYTES_PAGE: usize = 1 << 20;

/// Every operation that is answered.
pub fn routes(service: ServiceBuilder<Streams>) -> ServiceBuilder<Streams> {
    service.on::<DescribeStream>().on::<GetRecords>().on::<GetShardIterator>().on::<ListStreams>()
}

impl Handler<ListStreams> for Streams {
    async fn handle(
        &self,
        cx: &Context,
        input: ListStreamsInput,
    ) -> Result<ListStreamsOutput, DynamodbstreamsError> {
        let limit = limit(input.limit, PAGE)?;
        let start = match &input.exclusive_start_stream_arn {
            Some(arn) => Some(place(&cx.scope, arn)?.1),
            None => None,
        };
        let is_wanted = |stream: &Stream| input.table_name.as_ref().is_none_or(|name| *name == stream.table);

        let mut streams: Vec<Stream> = self.store.read(&cx.scope, |tx| {
            let mut rows = tx.range(&STREAMS, ..);
            if let Some((table, label)) = &start {
                rows = rows.after(&(table.as_str(), label.as_str()));
            }
            let streams = rows.map(|row| row.map(|(_, stream)| stream));
            let wanted = streams.filter(|stream| stream.as_ref().map_or(true, is_wanted));
            wanted.take(limit + 1).collect::<Result<_, Fault>>()
        })?;

        let has_more = streams.len() > limit;
        streams.truncate(limit);
        let arn = |stream: &Stream| arn(&cx.scope, &stream.table, &stream.label);
        let last = streams.last().filter(|_| has_more).map(arn);
        let shown = streams.iter().map(|stream| api_dynamodbstreams::Stream {
            stream_arn: Some(arn(stream)),
            table_name: Some(stream.table.clone()),
            stream_label: Some(stream.label.clone()),
        });
        Ok(ListStreamsOutput { streams: Some(shown.collect()), last_evaluated_stream_arn: last })
    }
}

impl Handler<DescribeStream> for Streams {
    async fn handle(
        &self,
        cx: &Context,
        input: DescribeStreamInput,
    ) -> Result<DescribeStreamOutput, DynamodbstreamsError> {
        let (scope, stream) = self.find(cx, &input.stream_arn)?;
        let mut shards: Vec<&Shard> = stream.shards.iter().collect();
        if let Some(filter) = &input.shard_filter
            && filter.r#type == Some(ShardFilterType::ChildShards)
        {
            let Some(parent) = &filter.shard_id else {
                return Err(problems::validation(
                    "One or more parameter values were invalid: ShardId is required when the type of the ShardFilter \
                     is CHILD_SHARDS",
                ));
            };
            shards.retain(|shard| shard.parent.as_ref() == Some(parent));
        }
        if let Some(start) = &input.exclusive_start_shard_id {
            let at = shards.iter().position(|shard| shard.id == *start);
            shards.drain(..at.map_or(0, |at| at + 1));
        }
        let limit = limit(input.limit, PAGE)?;
        let has_more = shards.len() > limit;
        shards.truncate(limit);
        let last = shards.last().filter(|_| has_more).map(|shard| shard.id.clone());
        let description = StreamDescription {
            stream_arn: Some(arn(&scope, &stream.table, &stream.label)),
            stream_label: Some(stream.label.clone()),
            stream_status: Some(match stream.ended {
                Some(_) => StreamStatus::Disabled,
                None => StreamStatus::Enabled,
            }),
            stream_view_type: Some(StreamViewType::from(stream.view.as_str())),
            creation_request_date_time: Some(stream.created),
            table_name: Some(stream.table.clone()),
            key_schema: Some(key_schema(&stream)),
            shards: Some(shards.into_iter().map(shard).collect()),
            last_evaluated_shard_id: last,
        };
        Ok(DescribeStreamOutput { stream_description: Some(description) })
    }
}

impl Handler<GetShardIterator> for Streams {
    async fn handle(
        &self,
        cx: &Context,
        input: GetShardIteratorInput,
    ) -> Result<GetShardIteratorOutput, DynamodbstreamsError> {
        let (scope, stream) = self.find(cx, &input.stream_arn)?;
        let arn = arn(&scope, &stream.table, &stream.label);
        let shard =
            stream.shard(&input.shard_id).ok_or_else(|| problems::no_such_shard(&input.shard_id, &arn))?;

        let next = self.store.read(&scope, |tx| start(tx, &stream, shard, &input))?;

        let iterator = Iterator { stream: arn, shard: shard.id.clone(), next, given: cx.clock.now() };
        Ok(GetShardIteratorOutput { shard_iterator: Some(iterator.encode()?) })
    }
}

impl Handler<GetRecords> for Streams {
    async fn handle(
        &self,
        cx: &Context,
        input: GetRecordsInput,
    ) -> Result<GetRecordsOutput, DynamodbstreamsError> {
        let iterator = Iterator::decode(cx, &input.shard_iterator)?;
        let (scope, stream) = self.find(cx, &iterator.stream)?;
        let shard = stream
            .shard(&iterator.shard)
            .ok_or_else(|| problems::no_such_shard(&iterator.shard, &iterator.stream))?;
        let limit = limit(input.limit, RECORDS_PAGE)?;

        let (records, next) = self.store.read(&scope, |tx| page(tx, &stream, shard, iterator.next, limit))?;

        // A shard that is closed and read to its end has no more iterators.
        let is_over = shard.last.is_some_and(|last| next > last);
        let next = Iterator { next, given: cx.clock.now(), ..iterator };
        let show = |(number, record): (u64, Record)| record.show(&scope, &next.stream, &stream.view, number);
        let shown = records.into_iter().map(show).collect();
        Ok(GetRecordsOutput {
            records: Some(shown),
            next_shard_iterator: if is_over { None } else { Some(next.encode()?) },
        })
    }
}

impl Streams {
    /// The stream of an ARN, and where it is.
    fn find(&self, cx: &Context, arn: &str) -> Result<(Scope, Stream), DynamodbstreamsError> {
        let (scope, (table, label)) = place(&cx.scope, arn)?;
        let stream: Option<Stream> =
            self.store.read(&scope, |tx| tx.get(&STREAMS, &(table.as_str(), label.as_str())))?;
        Ok((scope, stream.ok_or_else(|| problems::no_such_stream(arn))?))
    }
}

/// Where the stream of an ARN is: its scope, its table's name and its label.
fn place(caller: &Scope, arn: &str) -> Result<(Scope, (String, String)), DynamodbstreamsError> {
    let parsed = Arn::parse(arn).and_then(|parsed| {
        let (table, label) = parsed.resource.strip_prefix("table/")?.split_once("/stream/")?;
        Some((parsed.scope(caller), (table.to_owned(), label.to_owned())))
    });
    parsed.ok_or_else(|| {
        problems::validation(format!("Invalid StreamArn: Invalid StreamArn provided as input: {arn}"))
    })
}

fn limit(given: Option<i32>, most: usize) -> Result<usize, DynamodbstreamsError> {
    let limit = given.and_then(|limit| usize::try_from(limit).ok()).unwrap_or(most);
    if limit > most { Err(problems::large_limit(limit, most)) } else { Ok(limit) }
}

fn key_schema(stream: &Stream) -> Vec<KeySchemaElement> {
    let kinds = [KeyType::Hash, KeyType::Range];
    let attributes = stream.key.attributes().zip(kinds);
    attributes
        .map(|(attribute, key_type)| KeySchemaElement { attribute_name: attribute.name.clone(), key_type })
        .collect()
}

fn shard(shard: &Shard) -> api_dynamodbstreams::Shard {
    api_dynamodbstreams::Shard {
        shard_id: Some(shard.id.clone()),
        sequence_number_range: Some(SequenceNumberRange {
            starting_sequence_number: Some(sequence_number(shard.first)),
            ending_sequence_number: shard.last.map(sequence_number),
        }),
        parent_shard_id: shard.parent.clone(),
    }
}

/// The number of the change at which a new iterator begins.
fn start(
    tx: &ReadTx<'_>,
    stream: &Stream,
    shard: &Shard,
    input: &GetShardIteratorInput,
) -> Result<u64, DynamodbstreamsError> {
    match &input.shard_iterator_type {
        ShardIteratorType::TrimHorizon => return Ok(shard.first),
        ShardIteratorType::Latest => {
            let tally: Tally = tx.get(&TALLIES, &stream.number)?.unwrap_or_default();
            return Ok(shard.last.unwrap_or(tally.changes) + 1);
        }
        ShardIteratorType::AtTimestamp => return at_time(tx, stream, shard, input),
        _ => {}
    }
    let kind = input.shard_iterator_type.as_str();
    let Some(text) = &input.sequence_number else {
        return Err(problems::validation(format!(
            "One or more parameter values were invalid: SequenceNumber must be specified when ShardIteratorType is \
             {kind}"
        )));
    };
    let number = parse_sequence_number(text)
        .filter(|number| (shard.first..=shard.last.unwrap_or(u64::MAX)).contains(number));
    let Some(number) = number else {
        return Err(problems::validation(format!("Invalid SequenceNumber: {text}")));
    };
    let is_at = input.shard_iterator_type == ShardIteratorType::AtSequenceNumber;
    let number = if is_at { number } else { number + 1 };
    if oldest(tx, stream, shard)?.is_some_and(|oldest| number < oldest) {
        return Err(problems::trimmed());
    }
    Ok(number)
}

/// The first change of the shard at or after an instant.
fn at_time(
    tx: &ReadTx<'_>,
    stream: &Stream,
    shard: &Shard,
    input: &GetShardIteratorInput,
) -> Result<u64, DynamodbstreamsError> {
    let Some(time) = input.timestamp else {
        return Err(problems::validation(
            "One or more parameter values were invalid: Timestamp must be specified when ShardIteratorType is \
             AT_TIMESTAMP",
        ));
    };
    for row in tx.range(&RECORDS, span(stream, shard, shard.first)) {
        let ((_, number), record) = row?;
        if record.time >= time {
            return Ok(number);
        }
    }
    let tally: Tally = tx.get(&TALLIES, &stream.number)?.unwrap_or_default();
    Ok(shard.last.unwrap_or(tally.changes) + 1)
}

/// The keys of the shard's records from that change on.
fn span(stream: &Stream, shard: &Shard, from: u64) -> std::ops::Range<(u32, u64)> {
    let end = shard.last.map_or(u64::MAX, |last| last + 1);
    (stream.number, from.min(end))..(stream.number, end)
}

/// The number of the oldest change that the shard still has.
fn oldest(tx: &ReadTx<'_>, stream: &Stream, shard: &Shard) -> Result<Option<u64>, Fault> {
    let first = tx.range(&RECORDS, span(stream, shard, shard.first)).keys().next();
    Ok(first.transpose()?.map(|(_, number)| number))
}

/// The records from that change on, and the change that the next page begins with.
fn page(
    tx: &ReadTx<'_>,
    stream: &Stream,
    shard: &Shard,
    from: u64,
    limit: usize,
) -> Result<(Vec<(u64, Record)>, u64), Fault> {
    let (mut records, mut next, mut bytes) = (Vec::new(), from, 0);
    for row in tx.range(&RECORDS, span(stream, shard, from)).take(limit) {
        let ((_, number), record) = row?;
        bytes += record.size();
        if bytes > BYTES_PAGE && !records.is_empty() {
            return Ok((records, next));
        }
        next = number + 1;
        records.push((number, record));
    }
    if records.len() < limit
        && let Some(last) = shard.last
    {
        next = last + 1;
    }
    Ok((records, next))
}
