//! What the disk engine survives: kills, torn writes, full disks, other processes.
#![allow(clippy::disallowed_methods, clippy::unwrap_used, reason = "these are tests")]

mod full;
mod kill;
mod opening;
mod torn;

use std::path::Path;
use std::process::{Command, Stdio};

use kernel::{Clock, Fault, Ids, Scope};
use store::{Store, StoreSettings, Table};

/// Numbers in order, each written together with its twin.
static NUMBERS: Table<(u32, u64), u64> = Table::regional("test.numbers");
static TWINS: Table<(u32, u64), String> = Table::account("test.twins");

fn open(folder: &Path, log_bytes: u64) -> Store {
    let settings = StoreSettings { log_bytes, ..StoreSettings::new(folder) };
    Store::open(&settings, Clock::real(), Ids::random()).unwrap()
}

/// One transaction of two rows.
async fn write(store: &Store, lane: u32, number: u64) -> Result<(), Fault> {
    let twin = number.to_string().repeat(50);
    store
        .write(&Scope::default(), |tx| {
            tx.put(&NUMBERS, &(lane, number), &number)?;
            tx.put(&TWINS, &(lane, number), &twin)
        })
        .await
}

/// How many numbers the lane has; fails when there is a gap or a number without its twin.
fn count(store: &Store, lane: u32) -> u64 {
    let count: Result<u64, Fault> = store.read(&Scope::default(), |tx| {
        let numbers: Vec<_> = tx.prefix(&NUMBERS, &(lane,)).collect::<Result<_, Fault>>()?;
        let twins: Vec<_> = tx.prefix(&TWINS, &(lane,)).collect::<Result<_, Fault>>()?;
        assert_eq!(numbers.len(), twins.len(), "a transaction is half there");
        for (expected, (((_, key), number), (_, twin))) in (0..).zip(numbers.iter().zip(&twins)) {
            assert_eq!((*key, *number), (expected, expected), "there is a gap");
            assert_eq!(*twin, expected.to_string().repeat(50));
        }
        Ok(numbers.len() as u64)
    });
    count.unwrap()
}

/// This test binary again, running one test for a parent; `FOLDER` tells it that it is the child.
fn child(test: &str, folder: &Path) -> Command {
    // Writes beyond a limit on file sizes fail with an error only where the signal is ignored.
    let mut command = Command::new("sh");
    command.args(["-c", "trap '' XFSZ; exec \"$0\" \"$@\""]).arg(std::env::current_exe().unwrap());
    command.args(["--exact", test, "--nocapture"]).env("FOLDER", folder).stdout(Stdio::piped());
    command
}

/// The folder to work in, in a child.
fn parents_folder() -> Option<std::path::PathBuf> {
    std::env::var_os("FOLDER").map(Into::into)
}
