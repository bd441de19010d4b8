//! The threads that start processes.
//!
//! A process asks the kernel to be killed when its parent *thread* ends, so no thread of a pool may start it.
//! A thread also stands still while a child is on its way to exec, which must not hold up requests; and there are as many
//! as the machine has processors, so that many that start at once do not wait for one.

use std::io;
use std::sync::{Arc, Mutex, OnceLock, PoisonError, mpsc};

use nix::sys::signal::SigSet;
use tokio::sync::oneshot;

use super::{Process, Program};

type Answer = Box<dyn FnOnce(io::Result<Process>) + Send>;
/// How many threads there are at least and at most.
const FEWEST: usize = 2;
const MOST: usize = 8;

type Job = (Program, Answer);

/// Starts processes that live no longer than it does.
#[derive(Default)]
pub(crate) struct Spawner(OnceLock<mpsc::Sender<Job>>);

impl Spawner {
    /// Starts a process.
    pub async fn spawn(&self, program: Program) -> io::Result<Process> {
        let (answer, answered) = oneshot::channel();
        self.send(program, Box::new(move |process| drop(answer.send(process))))?;
        answered.await.map_err(|_| gone())?
    }

    /// Starts a process and blocks until it is started.
    pub fn spawn_and_block(&self, program: Program) -> io::Result<Process> {
        let (answer, answered) = mpsc::channel();
        self.send(program, Box::new(move |process| drop(answer.send(process))))?;
        answered.recv().map_err(|_| gone())?
    }

    fn send(&self, program: Program, answer: Answer) -> io::Result<()> {
        self.0.get_or_init(start).send((program, answer)).map_err(|_| gone())
    }
}

fn gone() -> io::Error {
    io::Error::other("the threads that start processes have ended")
}

fn start() -> mpsc::Sender<Job> {
    let (jobs, waiting) = mpsc::channel::<Job>();
    let waiting = Arc::new(Mutex::new(waiting));
    let count = std::thread::available_parallelism().map_or(FEWEST, usize::from).clamp(FEWEST, MOST);
    for _ in 0..count {
        let waiting = waiting.clone();
        let work = move || {
            let _ = SigSet::all().thread_block();
            // The lock is held while waiting for a job, and never while one is done.
            let next = || waiting.lock().unwrap_or_else(PoisonError::into_inner).recv();
            while let Ok((program, answer)) = next() {
                answer(program.spawn());
            }
        };
        if let Err(error) = std::thread::Builder::new().name("spawner".to_owned()).spawn(work) {
            tracing::error!(%error, "cannot start a thread that starts processes");
        }
    }
    jobs
}
