//! The environments there are: the idle ones to be used again, and a list of all to end them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use kernel::Timestamp;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, watch};

use crate::RunnerError;
use crate::environment::Environment;
use crate::extensions::{Extensions, Reason};
use crate::process::Process;

/// All environments of a runner.
pub(crate) struct Pool {
    state: Mutex<State>,
    permits: Arc<Semaphore>,
    limit: usize,
    numbers: AtomicU64,
    /// How many processes there are.
    count: watch::Sender<usize>,
    /// Told when an environment becomes idle.
    pub became_idle: Notify,
}

#[derive(Default)]
struct State {
    /// By function, the most recently used last.
    idle: HashMap<String, Vec<Environment>>,
    all: HashMap<u64, Entry>,
    closed: bool,
}

struct Entry {
    arn: String,
    retired: Arc<AtomicBool>,
    process: Arc<Process>,
    extensions: Arc<Extensions>,
}

impl Entry {
    fn end(&self) {
        if !self.extensions.is_any() {
            return self.process.kill();
        }
        let (process, extensions) = (self.process.clone(), self.extensions.clone());
        tokio::spawn(async move { extensions.shut_down(&process, Reason::Spindown).await });
    }
}

fn dismiss(environments: impl IntoIterator<Item = Environment>) {
    environments.into_iter().for_each(|environment| environment.dismiss(Reason::Spindown));
}

impl Pool {
    pub fn new(limit: usize) -> Self {
        Self {
            state: Mutex::default(),
            permits: Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS))),
            limit,
            numbers: AtomicU64::new(0),
            count: watch::Sender::new(0),
            became_idle: Notify::new(),
        }
    }

    /// The idle environment used last, if one fits. Those that do not are ended.
    pub fn take(&self, arn: &str, revision: &str, now: Timestamp) -> Option<Environment> {
        let mut state = self.state();
        let idle = state.idle.get_mut(arn)?;
        let mut unfit = Vec::new();
        let found = loop {
            match idle.pop() {
                Some(environment) if environment.serves(revision, now) => break Some(environment),
                Some(environment) => unfit.push(environment),
                None => break None,
            }
        };
        if idle.is_empty() {
            state.idle.remove(arn);
        }
        drop(state);
        dismiss(unfit);
        found
    }

    /// Leave to start one more; the environment idle for longest gives way if need be.
    pub fn permit(&self) -> Result<OwnedSemaphorePermit, RunnerError> {
        loop {
            if self.state().closed {
                return Err(RunnerError::Closed);
            }
            if let Ok(permit) = self.permits.clone().try_acquire_owned() {
                return Ok(permit);
            }
            let oldest = self.remove_oldest().ok_or(RunnerError::TooManyEnvironments(self.limit))?;
            oldest.dismiss(Reason::Spindown);
        }
    }

    /// Keeps an environment for the next event, unless it has been retired meanwhile.
    pub fn put(&self, mut environment: Environment, now: Timestamp) {
        environment.idle_since = now;
        let mut state = self.state();
        if state.closed || !environment.is_alive() || environment.retired.load(Ordering::Acquire) {
            drop(state);
            return environment.dismiss(Reason::Spindown);
        }
        state.idle.entry(environment.arn.clone()).or_default().push(environment);
        drop(state);
        self.became_idle.notify_one();
    }

    /// A number no other environment has.
    pub fn next_number(&self) -> u64 {
        self.numbers.fetch_add(1, Ordering::Relaxed)
    }

    /// Adds a process to the list, and answers its mark of retirement.
    pub fn register(
        &self,
        number: u64,
        arn: &str,
        process: &Arc<Process>,
        extensions: &Arc<Extensions>,
    ) -> Result<Arc<AtomicBool>, RunnerError> {
        let mut state = self.state();
        if state.closed {
            return Err(RunnerError::Closed);
        }
        let retired = Arc::new(AtomicBool::new(false));
        let entry = Entry {
            arn: arn.to_owned(),
            retired: retired.clone(),
            process: process.clone(),
            extensions: extensions.clone(),
        };
        state.all.insert(number, entry);
        self.count.send_modify(|count| *count += 1);
        Ok(retired)
    }

    /// Takes a process that has ended off the list.
    pub fn forget(&self, number: u64) {
        if self.state().all.remove(&number).is_some() {
            self.count.send_modify(|count| *count -= 1);
        }
    }

    /// Ends the idle environments of a function and of its versions, and marks the busy ones.
    pub fn retire(&self, arn: &str) {
        let concerns = |other: &str| {
            other.strip_prefix(arn).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        };
        let mut state = self.state();
        for entry in state.all.values().filter(|entry| concerns(&entry.arn)) {
            entry.retired.store(true, Ordering::Release);
        }
        let idle: Vec<_> = state.idle.extract_if(|arn, _| concerns(arn)).collect();
        drop(state);
        dismiss(idle.into_iter().flat_map(|(_, idle)| idle));
    }

    /// Ends what has been idle for that long; answers when to look again.
    pub fn reap(&self, now: Timestamp, keep: Duration) -> Option<Timestamp> {
        let expires = |since: Timestamp| since.saturating_add(keep).unwrap_or(Timestamp::MAX);
        let mut expired = Vec::new();
        let mut state = self.state();
        state.idle.retain(|_, idle| {
            expired.extend(idle.extract_if(.., |environment| expires(environment.idle_since) <= now));
            !idle.is_empty()
        });
        let next = state.idle.values().flatten().map(|environment| expires(environment.idle_since)).min();
        drop(state);
        dismiss(expired);
        next
    }

    /// Ends everything and waits until it is gone. Environments with extensions are shut down all at once.
    pub async fn close(&self) {
        let idle = {
            let mut state = self.state();
            state.closed = true;
            state.all.values().for_each(Entry::end);
            std::mem::take(&mut state.idle)
        };
        dismiss(idle.into_values().flatten());
        let _ = self.count.subscribe().wait_for(|count| *count == 0).await;
        self.became_idle.notify_one();
    }

    /// Whether it has been closed.
    pub fn is_closed(&self) -> bool {
        self.state().closed
    }

    fn remove_oldest(&self) -> Option<Environment> {
        let mut state = self.state();
        let oldest = |(_, idle): &(&String, &Vec<Environment>)| idle.first().map(|first| first.idle_since);
        let arn = state.idle.iter().min_by_key(oldest)?.0.clone();
        let idle = state.idle.get_mut(&arn)?;
        let environment = idle.remove(0);
        if idle.is_empty() {
            state.idle.remove(&arn);
        }
        Some(environment)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
