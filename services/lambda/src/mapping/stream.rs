//! Reading streams of tables, shard after shard, record after record.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-params.html>

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use api_dynamodbstreams::Record;
use api_lambda::EventSourcePosition;
use kernel::{Arn, Context, Fault};
use store::Store;

use super::filter::Filters;
use super::manager::Stop;
use super::retry::Lane;
use super::shards::{Reader, number};
use super::{MAPPINGS, Mapping, Window, discard, record};

/// Streams are looked at four times a second, as AWS does.
const PAUSE: Duration = Duration::from_millis(250);
/// The pause after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

/// Reads a stream until it is told to stop.
pub async fn read(store: Store, cx: Context, stream: Arn, mapping: Arc<Mapping>, mut stop: Stop) {
    let reader = Reader { store, cx: cx.clone(), stream, mapping: mapping.id().to_owned() };
    let filters = Filters::parse(mapping.configuration.0.filter_criteria.as_ref()).unwrap_or_default();
    let mut follower = Follower {
        reader,
        mapping,
        filters,
        iterators: HashMap::new(),
        finished: HashSet::new(),
        has_begun: false,
    };
    loop {
        let pause = tokio::select! {
            round = follower.round() => match round {
                Ok(true) => continue,
                Ok(false) => PAUSE,
                Err(fault) => {
                    tracing::warn!(stream = %follower.reader.stream, %fault, "a stream cannot be read for its function");
                    follower.iterators.clear();
                    AFTER_FAILURE
                }
            },
            _ = stop.changed() => return,
        };
        tokio::select! {
            () = cx.clock.sleep(pause) => {}
            _ = stop.changed() => return,
        }
    }
}

struct Follower {
    reader: Reader,
    mapping: Arc<Mapping>,
    filters: Filters,
    /// Where the open shards are read on.
    iterators: HashMap<String, String>,
    /// Shards that are closed and read to their end.
    finished: HashSet<String>,
    has_begun: bool,
}

impl Follower {
    /// Reads every shard once, children after their parents' end; answers whether there was anything.
    async fn round(&mut self) -> Result<bool, Fault> {
        if !self.has_begun {
            self.begin().await?;
            self.has_begun = true;
        }
        let shards = self.reader.shards().await?;
        let known: HashSet<String> = shards.iter().filter_map(|shard| shard.shard_id.clone()).collect();
        self.finished.retain(|id| known.contains(id));
        let mut found = false;
        for shard in shards {
            let Some(id) = shard.shard_id else { continue };
            let is_open = |parent: &String| known.contains(parent) && !self.finished.contains(parent);
            if self.finished.contains(&id) || shard.parent_shard_id.as_ref().is_some_and(is_open) {
                continue;
            }
            found |= self.shard(&id).await?;
        }
        Ok(found)
    }

    /// Whoever begins with the latest begins there once, not after every restart.
    async fn begin(&self) -> Result<(), Fault> {
        let configuration = &self.mapping.configuration.0;
        if configuration.starting_position == Some(EventSourcePosition::Latest)
            && self.reader.position("")?.is_none()
        {
            self.reader.skip_to_the_end().await?;
        }
        self.reader.advance("", "begun").await
    }

    async fn shard(&mut self, id: &str) -> Result<bool, Fault> {
        let iterator = match self.iterators.remove(id) {
            Some(iterator) => Some(iterator),
            None => self.reader.iterator(id).await?,
        };
        let Some(iterator) = iterator else { return Ok(false) };
        self.close_window(id).await?;
        let (records, next) = self.gather(iterator).await?;
        if let Some(last) = number(records.last()) {
            self.process(id, &records).await?;
            self.reader.advance(id, &last).await?;
        }
        match next {
            Some(next) => drop(self.iterators.insert(id.to_owned(), next)),
            None => drop(self.finished.insert(id.to_owned())),
        }
        Ok(!records.is_empty())
    }

    /// Records of one batch: as many as there are at once, or come within the window.
    async fn gather(&self, iterator: String) -> Result<(Vec<Record>, Option<String>), Fault> {
        let configuration = &self.mapping.configuration.0;
        let size = configuration.batch_size.unwrap_or(100);
        let window =
            u64::try_from(configuration.maximum_batching_window_in_seconds.unwrap_or(0)).unwrap_or(0);
        let (mut records, mut next) = self.reader.records(iterator, size).await?;
        if records.is_empty() || window == 0 {
            return Ok((records, next));
        }
        let clock = &self.reader.cx.clock;
        let until = clock.now() + Duration::from_secs(window);
        while let Some(iterator) = next.clone() {
            let left = size - i32::try_from(records.len()).unwrap_or(size);
            if left <= 0 || clock.now() >= until {
                break;
            }
            let (more, behind) = self.reader.records(iterator, left).await?;
            next = behind;
            if more.is_empty() {
                clock.sleep_until(until.min(clock.now() + PAUSE)).await;
            }
            records.extend(more);
        }
        Ok((records, next))
    }

    /// Hands records over; with a parallelization factor those of different items side by side.
    async fn process(&self, shard: &str, records: &[Record]) -> Result<(), Fault> {
        let factor = self.mapping.configuration.0.parallelization_factor.unwrap_or(1);
        let factor = usize::try_from(factor).unwrap_or(1).max(1);
        // The state of a window goes from batch to batch.
        let factor = if self.window_seconds().is_some() { 1 } else { factor };
        let mut lanes: Vec<Vec<(Record, serde_json::Value)>> = vec![Vec::new(); factor];
        for one in records {
            let printed = record::of_change(one, &self.reader.stream)?;
            if self.filters.pass(&printed) {
                let lane = if factor == 1 { 0 } else { lane_of(&printed, factor) };
                lanes[lane].push((one.clone(), printed));
            }
        }
        if let Some(seconds) = self.window_seconds() {
            let last = number(records.last());
            return self.windowed(shard, lanes.concat(), seconds, last.as_deref()).await;
        }
        let lane = self.lane(shard, None);
        let running = lanes.iter().filter(|lane| !lane.is_empty()).map(|records| lane.run(records));
        let outcomes = futures_util::future::join_all(running).await;
        let mut result = "OK";
        for outcome in outcomes {
            if !outcome? {
                result = "PROBLEM: Function call failed";
            }
        }
        self.note(result).await
    }

    fn lane<'a>(&'a self, shard: &'a str, window: Option<&'a Mutex<Window>>) -> Lane<'a> {
        Lane { cx: &self.reader.cx, mapping: &self.mapping, stream: &self.reader.stream, shard, window }
    }

    fn window_seconds(&self) -> Option<i64> {
        let seconds = self.mapping.configuration.0.tumbling_window_in_seconds;
        seconds.filter(|seconds| *seconds > 0).map(i64::from)
    }

    /// Hands records over window by window, each with the state that the function left behind.
    async fn windowed(
        &self,
        shard: &str,
        records: Vec<(Record, serde_json::Value)>,
        seconds: i64,
        last: Option<&str>,
    ) -> Result<(), Fault> {
        let now = self.reader.cx.clock.now();
        let start = |(record, _): &(Record, serde_json::Value)| {
            Window::start_of(discard::arrival(Some(record)).unwrap_or(now), seconds)
        };
        let mut open = self.reader.window(shard)?;
        let mut result = "OK";
        for group in records.chunk_by(|one, other| start(one) == start(other)) {
            let begins = group.first().map(start).unwrap_or_default();
            if let Some(before) = open.take_if(|window| window.start != begins) {
                self.finish(shard, before).await?;
            }
            let window = Mutex::new(open.take().unwrap_or_else(|| Window::new(begins, seconds)));
            if !self.lane(shard, Some(&window)).run(group).await? {
                result = "PROBLEM: Function call failed";
            }
            let window = window.into_inner().unwrap_or_else(PoisonError::into_inner);
            match window.is_terminated_early {
                true => self.finish(shard, window).await?,
                false => open = Some(window),
            }
        }
        self.reader.keep_window(shard, open.as_ref(), last).await?;
        self.note(result).await
    }

    /// Ends a window whose time is over.
    async fn close_window(&self, shard: &str) -> Result<(), Fault> {
        if self.window_seconds().is_none() {
            return Ok(());
        }
        let Some(window) = self.reader.window(shard)? else { return Ok(()) };
        if window.end > self.reader.cx.clock.now() {
            return Ok(());
        }
        self.finish(shard, window).await?;
        self.reader.keep_window(shard, None, None).await
    }

    /// Calls the function for a window's end.
    async fn finish(&self, shard: &str, window: Window) -> Result<(), Fault> {
        let window = Mutex::new(window.at_its_end());
        self.lane(shard, Some(&window)).run(&[]).await.map(drop)
    }

    /// Keeps the last result where callers see it.
    async fn note(&self, result: &str) -> Result<(), Fault> {
        let (store, id) = (&self.reader.store, self.mapping.id());
        let is_known =
            |mapping: &Mapping| mapping.configuration.0.last_processing_result.as_deref() == Some(result);
        let scope = &self.reader.cx.scope;
        if store.read(scope, |tx| tx.get(&MAPPINGS, id))?.is_none_or(|mapping: Mapping| is_known(&mapping)) {
            return Ok(());
        }
        store
            .write(scope, |tx| {
                let Some(mut mapping) = tx.get(&MAPPINGS, id)? else { return Ok(()) };
                mapping.configuration.0.last_processing_result = Some(result.to_owned());
                tx.put(&MAPPINGS, id, &mapping)
            })
            .await
    }
}

/// The same lane for all changes of an item.
fn lane_of(record: &serde_json::Value, factor: usize) -> usize {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    record["dynamodb"]["Keys"].to_string().hash(&mut hasher);
    usize::try_from(hasher.finish() % factor as u64).unwrap_or(0)
}
