//! The one thread that starts processes.
//!
//! A process asks the kernel to be killed when its parent *thread* ends, so no thread of a pool may start it.
//! The thread also stands still while a child is on its way to exec, which must not hold up requests.

use std::io;
use std::sync::OnceLock;
use std::sync::mpsc;

use nix::sys::signal::SigSet;
use tokio::sync::oneshot;

use super::{Process, Program};

type Answer = Box<dyn FnOnce(io::Result<Process>) + Send>;
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
    io::Error::other("the thread that starts processes has ended")
}

fn start() -> mpsc::Sender<Job> {
    let (jobs, waiting) = mpsc::channel::<Job>();
    let work = move || {
        let _ = SigSet::all().thread_block();
        for (program, answer) in waiting {
            answer(program.spawn());
        }
    };
    if let Err(error) = std::thread::Builder::new().name("spawner".to_owned()).spawn(work) {
        tracing::error!(%error, "cannot start the thread that starts processes");
    }
    jobs
}
