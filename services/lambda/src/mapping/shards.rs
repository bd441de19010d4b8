//! The shards of a table's stream, and how far each is read.

use api_dynamodbstreams::{
    DescribeStream, DescribeStreamInput, GetRecords, GetRecordsInput, GetShardIterator,
    GetShardIteratorInput, Record, Shard, ShardIteratorType,
};
use kernel::{Arn, Context, Fault};
use store::Store;

use super::{POSITIONS, WINDOWS, Window};

/// Records that are looked at in one go when the end is sought.
const MOST: i32 = 1000;

/// A reader of a stream.
pub struct Reader {
    pub store: Store,
    pub cx: Context,
    pub stream: Arn,
    pub mapping: String,
}

impl Reader {
    fn there(&self) -> Context {
        self.cx.in_scope(self.stream.scope(&self.cx.scope))
    }

    /// The stream's shards, parents first.
    pub async fn shards(&self) -> Result<Vec<Shard>, Fault> {
        let (mut shards, mut after) = (Vec::new(), None);
        loop {
            let input = DescribeStreamInput {
                stream_arn: self.stream.to_string(),
                exclusive_start_shard_id: after,
                ..DescribeStreamInput::default()
            };
            let described = self.there().call::<DescribeStream>(input).await?.stream_description;
            let Some(described) = described else { return Ok(shards) };
            shards.extend(described.shards.into_iter().flatten());
            after = described.last_evaluated_shard_id;
            if after.is_none() {
                return Ok(shards);
            }
        }
    }

    /// The number of the last record of a shard that is done with.
    pub fn position(&self, shard: &str) -> Result<Option<String>, Fault> {
        self.store.read(&self.cx.scope, |tx| tx.get(&POSITIONS, &(self.mapping.as_str(), shard)))
    }

    /// Notes that all records up to that number are done with.
    pub async fn advance(&self, shard: &str, number: &str) -> Result<(), Fault> {
        let number = number.to_owned();
        self.store
            .write(&self.cx.scope, |tx| tx.put(&POSITIONS, &(self.mapping.as_str(), shard), &number))
            .await
    }

    /// The window of a shard that is open.
    pub fn window(&self, shard: &str) -> Result<Option<Window>, Fault> {
        self.store.read(&self.cx.scope, |tx| tx.get(&WINDOWS, &(self.mapping.as_str(), shard)))
    }

    /// Notes which window is open, and, with it, up to which record all are in it or in those before.
    pub async fn keep_window(
        &self,
        shard: &str,
        window: Option<&Window>,
        number: Option<&str>,
    ) -> Result<(), Fault> {
        let key = (self.mapping.as_str(), shard);
        let number = number.map(str::to_owned);
        self.store
            .write(&self.cx.scope, |tx| {
                match window {
                    Some(window) => tx.put(&WINDOWS, &key, window)?,
                    None => drop(tx.delete(&WINDOWS, &key)?),
                }
                number.iter().try_for_each(|number| tx.put(&POSITIONS, &key, number))
            })
            .await
    }

    /// An iterator behind the last record that is done with, or at the shard's beginning.
    pub async fn iterator(&self, shard: &str) -> Result<Option<String>, Fault> {
        let position = self.position(shard)?.filter(|position| !position.is_empty());
        let at = |shard_iterator_type, sequence_number| GetShardIteratorInput {
            stream_arn: self.stream.to_string(),
            shard_id: shard.to_owned(),
            shard_iterator_type,
            sequence_number,
            timestamp: None,
        };
        let there = self.there();
        if position.is_some() {
            let behind = at(ShardIteratorType::AfterSequenceNumber, position);
            match there.call::<GetShardIterator>(behind).await {
                // What was read last has been trimmed: the rest begins at the beginning.
                Err(fault) if fault.code() == "TrimmedDataAccessException" => {}
                other => return Ok(other?.shard_iterator),
            }
        }
        let beginning = at(ShardIteratorType::TrimHorizon, None);
        Ok(there.call::<GetShardIterator>(beginning).await?.shard_iterator)
    }

    /// The next records, and where those behind them are; nothing at the end of a closed shard.
    pub async fn records(&self, iterator: String, most: i32) -> Result<(Vec<Record>, Option<String>), Fault> {
        let input = GetRecordsInput { shard_iterator: iterator, limit: Some(most.clamp(1, MOST)) };
        let answer = self.there().call::<GetRecords>(input).await?;
        Ok((answer.records.unwrap_or_default(), answer.next_shard_iterator))
    }

    /// Notes the ends of all shards as done with: who begins with the latest wants nothing of before.
    pub async fn skip_to_the_end(&self) -> Result<(), Fault> {
        for shard in self.shards().await? {
            let id = shard.shard_id.unwrap_or_default();
            if self.position(&id)?.is_some() {
                continue;
            }
            let (mut last, mut next) = (String::new(), self.iterator(&id).await?);
            while let Some(iterator) = next {
                let (records, behind) = self.records(iterator, MOST).await?;
                if records.is_empty() {
                    break;
                }
                last = number(records.last()).unwrap_or(last);
                next = behind;
            }
            self.advance(&id, &last).await?;
        }
        Ok(())
    }
}

/// The number of a record.
pub fn number(record: Option<&Record>) -> Option<String> {
    record?.dynamodb.as_ref()?.sequence_number.clone()
}
