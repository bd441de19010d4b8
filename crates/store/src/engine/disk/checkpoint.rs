//! Checkpoints: a thread moves what the log holds into the base, then cuts the log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{Receiver, SyncSender};

use kernel::Fault;

use super::log::{self, Log};
use super::state::State;
use super::{Shared, Writer};

/// What the checkpointer is asked to do.
pub(super) enum Request {
    /// Checkpoint when there is reason to.
    Checkpoint,
    /// Checkpoint everything and answer.
    CheckpointAll(SyncSender<Result<(), Fault>>),
    /// Forget everything and answer.
    Clear(SyncSender<Result<(), Fault>>),
    /// The engine is gone.
    End,
}

/// Serves requests until the engine ends.
pub(super) fn run(shared: &Shared, requests: &Receiver<Request>) {
    while let Ok(request) = requests.recv() {
        if matches!(request, Request::End) {
            return;
        }
        // A panic in the base must not leave writers waiting for ever; all our locks outlive it.
        let served = catch_unwind(AssertUnwindSafe(|| serve(shared, request)));
        if served.is_err() {
            shared.failed.store(true, Ordering::Release);
            shared.announce();
        }
    }
}

fn serve(shared: &Shared, request: Request) {
    match request {
        Request::Checkpoint => shared.checkpoint_while_needed(),
        Request::CheckpointAll(answer) => drop(answer.send(shared.checkpoint_all())),
        Request::Clear(answer) => drop(answer.send(shared.clear())),
        Request::End => {}
    }
}

impl Shared {
    fn checkpoint_while_needed(&self) {
        loop {
            let frozen = self.current.load().frozen.is_some();
            if !frozen && self.turn().weight < self.limit {
                self.announce();
                return;
            }
            if let Err(fault) = self.checkpoint() {
                tracing::error!(%fault, "a checkpoint failed; it is tried again when there is more to write");
                return;
            }
        }
    }

    fn checkpoint_all(&self) -> Result<(), Fault> {
        if self.current.load().frozen.is_some() {
            self.checkpoint()?;
        }
        if self.current.load().active.is_empty() {
            return Ok(());
        }
        self.checkpoint()
    }

    fn announce(&self) {
        // Checkpoints run one after the other, so all that were begun have ended.
        self.ended.send_modify(|ended| *ended = self.begun.load(Ordering::Acquire));
    }

    /// Writes the frozen layer into the base, or else freezes the active one and writes that.
    fn checkpoint(&self) -> Result<(), Fault> {
        self.begun.fetch_add(1, Ordering::AcqRel);
        let done = self.write_checkpoint();
        self.failed.store(done.is_err(), Ordering::Release);
        self.announce();
        done
    }

    fn write_checkpoint(&self) -> Result<(), Fault> {
        let through = self.freeze()?;
        let state = self.current.load_full();
        let Some(frozen) = &state.frozen else { return Ok(()) };
        self.guard_space(frozen.iter().map(super::weight).sum())?;
        if let Some(sync) = self.before_checkpoint.get() {
            sync().map_err(Fault::internal)?;
        }
        if let Err(error) = self.base.apply(frozen.iter(), through) {
            self.revive()?;
            // The commit may have come to pass all the same; then what follows finishes it.
            if self.base.through().map_err(Fault::internal)? < through {
                return Err(Fault::internal(error));
            }
        }
        drop(state);
        self.show_base(through)
    }

    /// Starts a new log file; what the old ones hold is frozen. Gives the number of the last old one.
    fn freeze(&self) -> Result<u64, Fault> {
        let mut writer = self.turn();
        let before = self.current.load_full();
        if before.frozen.is_some() {
            return Ok(writer.frozen_through);
        }
        let through = writer.log.number;
        self.next_log(&mut writer)?;
        writer.frozen_through = through;
        let after = State {
            active: Default::default(),
            frozen: Some(before.active.clone()),
            base: before.base.clone(),
        };
        self.current.store(Arc::new(after));
        Ok(through)
    }

    fn next_log(&self, writer: &mut Writer) -> Result<(), Fault> {
        let mut salt = [0; 8];
        self.ids.fill(&mut salt);
        let (number, length_before) = (writer.log.number + 1, writer.log.length);
        let next = Log::create(&self.folder, number, length_before, u64::from_le_bytes(salt));
        let next = next.map_err(Fault::internal)?;
        if self.durable.is_some() {
            super::open::sync_folder(&self.folder).map_err(Fault::internal)?;
        }
        writer.log = next;
        writer.weight = 0;
        Ok(())
    }

    /// Lets readers see the base instead of the frozen layer, then removes log files that are not needed any more.
    fn show_base(&self, through: u64) -> Result<(), Fault> {
        let base = self.base.view().map_err(Fault::internal)?.map(Arc::new);
        let writer = self.turn();
        let before = self.current.load_full();
        self.current.store(Arc::new(State { active: before.active.clone(), frozen: None, base }));
        self.crowded.store(false, Ordering::Release);
        drop(writer);
        self.remove_logs(through)
    }

    fn remove_logs(&self, through: u64) -> Result<(), Fault> {
        for number in log::numbers(&self.folder).map_err(Fault::internal)? {
            if number <= through {
                log::remove(&self.folder, number).map_err(Fault::internal)?;
            }
        }
        Ok(())
    }

    /// After a failed write the base answers nothing until it is opened again.
    fn revive(&self) -> Result<(), Fault> {
        self.base.reopen().map_err(Fault::internal)?;
        let base = self.base.view().map_err(Fault::internal)?.map(Arc::new);
        let _writer = self.turn();
        let before = self.current.load_full();
        self.current.store(Arc::new(State { base, ..State::clone(&before) }));
        Ok(())
    }

    /// Fails before the base is touched when the disk has clearly too little room.
    fn guard_space(&self, weight: u64) -> Result<(), Fault> {
        let disk = rustix::fs::statvfs(&self.folder).map_err(Fault::internal)?;
        // A row changes a page of 4 KiB and some above it, in the worst case.
        let needed = weight.saturating_mul(4) + (1 << 20);
        if disk.f_bavail.saturating_mul(disk.f_frsize) < needed {
            return Err(Fault::internal("the disk is full"));
        }
        Ok(())
    }

    fn clear(&self) -> Result<(), Fault> {
        let mut writer = self.turn();
        let through = writer.log.number;
        // Should we die before the base is cleared, the old files are still whole and nothing has happened.
        self.next_log(&mut writer)?;
        if let Err(error) = self.base.clear(through) {
            drop(writer);
            self.revive()?;
            return Err(Fault::internal(error));
        }
        let base = self.base.view().map_err(Fault::internal)?.map(Arc::new);
        self.current.store(Arc::new(State { base, ..State::default() }));
        self.crowded.store(false, Ordering::Release);
        drop(writer);
        self.remove_logs(through)
    }
}
