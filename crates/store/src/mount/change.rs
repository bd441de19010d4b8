//! The kernel's notifications, told as paths whose files to look at.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use notify::event::{AccessKind, AccessMode, CreateKind, EventKind, ModifyKind};
use notify::{RecommendedWatcher, RecursiveMode, Watcher};
use tokio::sync::Mutex;
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

use super::relative;

/// What to look at.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Change {
    /// A file whose writer is done, or that is gone.
    File(String),
    /// A folder that came or went with all it holds.
    Below(String),
    /// Everything: the kernel lost count.
    All,
}

/// A watch over a folder and all below it.
pub struct Watch {
    received: Mutex<UnboundedReceiver<Change>>,
    _watcher: RecommendedWatcher,
}

impl Watch {
    /// Begins to watch.
    pub fn start(root: &Path) -> notify::Result<Self> {
        let (sent, received) = unbounded_channel();
        let home: Arc<PathBuf> = Arc::new(root.to_owned());
        let tell = move |event: notify::Result<notify::Event>| {
            for change in changes(&home, event) {
                // Nobody listens any more when the process ends.
                let _ = sent.send(change);
            }
        };
        let mut watcher = notify::recommended_watcher(tell)?;
        watcher.watch(root, RecursiveMode::Recursive)?;
        Ok(Self { received: Mutex::new(received), _watcher: watcher })
    }

    /// What changed, each thing once; waits for the first.
    pub async fn changes(&self) -> Vec<Change> {
        let mut received = self.received.lock().await;
        let Some(first) = received.recv().await else { return std::future::pending().await };
        let mut known = HashSet::from([first.clone()]);
        let mut all = vec![first];
        while let Ok(next) = received.try_recv() {
            if known.insert(next.clone()) {
                all.push(next);
            }
        }
        all
    }
}

/// Writing is told when the file is closed, so that nobody sees a part of it.
fn changes(root: &Path, event: notify::Result<notify::Event>) -> Vec<Change> {
    let event = match event {
        Ok(event) if !event.need_rescan() => event,
        _ => return vec![Change::All],
    };
    let is_close = matches!(event.kind, EventKind::Access(AccessKind::Close(AccessMode::Write)));
    let is_move = matches!(event.kind, EventKind::Modify(ModifyKind::Name(_)));
    let is_removal = matches!(event.kind, EventKind::Remove(_));
    let is_folder = matches!(event.kind, EventKind::Create(CreateKind::Folder));
    // Where the kernel does not tell of closing, every change is one.
    let is_other =
        !cfg!(target_os = "linux") && matches!(event.kind, EventKind::Modify(_) | EventKind::Create(_));
    if !(is_close || is_move || is_removal || is_folder || is_other) {
        return Vec::new();
    }
    let told = |path: &PathBuf| {
        let name = relative(root, path)?;
        let below = is_folder || (is_move && path.is_dir()) || (is_removal || is_move) && !path.exists();
        // What is gone may have been a folder.
        Some(if below { Change::Below(name) } else { Change::File(name) })
    };
    event.paths.iter().filter_map(told).collect()
}
