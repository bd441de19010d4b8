//! Opening a folder: its lock, its format, and the replay of its log.
#![allow(clippy::disallowed_methods, reason = "only store knows the disk")]

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::Path;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex, OnceLock};

use kernel::Ids;
use tokio::sync::watch;

use super::base::Base;
use super::log::{self, Log};
use super::state::State;
use super::{DiskEngine, Shared, Writer, checkpoint, weight};
use crate::settings::{Durability, OpenError, StoreSettings};

/// The version of everything in the folder. A store opens folders of this version and older ones.
const FORMAT: u32 = 1;

impl DiskEngine {
    /// Opens the folder, or makes it.
    pub fn open(settings: &StoreSettings, ids: Ids) -> Result<Self, OpenError> {
        let folder = &settings.path;
        let failed = |error| OpenError::Io { path: folder.clone(), error };
        fs::create_dir_all(folder).map_err(failed)?;
        let lock = lock(folder)?;
        let is_new = check_format(folder)?;
        let broken =
            |error: redb::Error| OpenError::Damaged { path: folder.clone(), reason: error.to_string() };
        let base = Base::open(&folder.join("base.redb"), settings.cache_bytes).map_err(broken)?;
        let through = base.through().map_err(broken)?;
        let mut state = State { base: base.view().map_err(broken)?.map(Arc::new), ..State::default() };
        let (log, weight) = replay(folder, through, &mut state, &ids).map_err(failed)?;
        if is_new {
            write_format(folder).map_err(failed)?;
            // The log is cut when the base is durable, so the base's name must be too.
            sync_folder(folder).map_err(failed)?;
        }
        let shared = Arc::new(Shared {
            folder: folder.clone(),
            ids,
            base,
            current: Arc::new(state).into(),
            writer: Mutex::new(Writer { log, weight, frozen_through: 0, closed: false }),
            durable: (settings.durability == Durability::Strict).then(Arc::default),
            limit: settings.log_bytes,
            crowded: false.into(),
            failed: false.into(),
            begun: 0.into(),
            ended: watch::Sender::new(0),
            before_checkpoint: OnceLock::new(),
            _lock: lock,
        });
        Self::start(shared).map_err(failed)
    }

    fn start(shared: Arc<Shared>) -> io::Result<Self> {
        let (requests, received) = sync_channel(4);
        let thread = std::thread::Builder::new().name("checkpoint".to_owned());
        let checkpointer = thread.spawn({
            let shared = shared.clone();
            move || checkpoint::run(&shared, &received)
        })?;
        Ok(Self { shared, requests, checkpointer: Some(checkpointer) })
    }
}

fn lock(folder: &Path) -> Result<File, OpenError> {
    let failed = |error| OpenError::Io { path: folder.to_owned(), error };
    let options = OpenOptions::new().write(true).create(true).truncate(false).open(folder.join("lock"));
    let file = options.map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(OpenError::InUse { path: folder.to_owned() }),
        Err(TryLockError::Error(error)) => Err(failed(error)),
    }
}

/// Makes the names of files in the folder durable.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// Checks the folder's version; true when the folder is new.
fn check_format(folder: &Path) -> Result<bool, OpenError> {
    let failed = |error| OpenError::Io { path: folder.to_owned(), error };
    let path = folder.join("format");
    match fs::read_to_string(&path) {
        Ok(text) => match text.trim().parse::<u32>() {
            Ok(found) if found <= FORMAT => Ok(false),
            Ok(found) => Err(OpenError::Newer { path: folder.to_owned(), found, known: FORMAT }),
            Err(_) => Err(OpenError::Damaged { path, reason: "it is not a number".to_owned() }),
        },
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(true),
        Err(error) => Err(failed(error)),
    }
}

fn write_format(folder: &Path) -> io::Result<()> {
    // Written aside and renamed, so that no crash leaves half of it.
    let draft = folder.join("format.new");
    fs::write(&draft, format!("{FORMAT}\n"))?;
    fs::rename(draft, folder.join("format"))
}

/// Replays files behind the base's last, as long as each continues the one before.
fn replay(folder: &Path, through: u64, state: &mut State, ids: &Ids) -> io::Result<(Log, u64)> {
    let mut last: Option<Log> = None;
    let mut total = 0;
    let mut broken = false;
    for number in log::numbers(folder)? {
        let replayed = if broken || number <= through { None } else { Log::replay(folder, number)? };
        let continues = |replayed: &log::Replayed| {
            let expected = last.as_ref().map_or(through, |last| last.number) + 1;
            number == expected && last.as_ref().is_none_or(|last| last.length == replayed.length_before)
        };
        let Some(replayed) = replayed.filter(continues) else {
            broken |= number > through;
            log::remove(folder, number)?;
            continue;
        };
        for record in replayed.commits.into_iter().flatten() {
            total += weight(&record);
            state.active.insert(record);
        }
        last = Some(replayed.log);
    }
    let mut salt = [0; 8];
    ids.fill(&mut salt);
    let log = match last {
        Some(log) => log,
        None => Log::create(folder, through + 1, 0, u64::from_le_bytes(salt))?,
    };
    Ok((log, total))
}
