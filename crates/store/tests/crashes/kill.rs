//! Kill -9 in the middle of load: what was acknowledged is there, and nothing is half there.

use std::io::{BufRead, BufReader, Write};

use crate::{child, count, open, parents_folder, write};

const LANES: u32 = 4;
/// So small that checkpoints are always under way.
const LOG_BYTES: u64 = 30_000;

#[test]
fn acknowledged_writes_outlive_kills() {
    if parents_folder().is_some() {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let mut acknowledged = [0; LANES as usize];
    for round in 1..=8_usize {
        let mut process = child("kill::write_until_killed", folder.path()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut heard = 0;
        while let Some(Ok(line)) = lines.next() {
            if let Some((lane, number)) =
                line.strip_prefix("acknowledged ").and_then(|rest| rest.split_once(' '))
            {
                acknowledged[lane.parse::<usize>().unwrap()] = number.parse::<u64>().unwrap() + 1;
                heard += 1;
            }
            if heard == round * 137 {
                // What was said before the kill still comes out of the pipe.
                process.kill().unwrap();
            }
        }
        process.wait().unwrap();
        assert!(heard >= round * 137, "the child ended by itself");
        let store = open(folder.path(), LOG_BYTES);
        for lane in 0..LANES {
            assert!(count(&store, lane) >= acknowledged[lane as usize], "an acknowledged write is lost");
        }
    }
}

/// The child: writes as fast as it can and says what is acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn write_until_killed() {
    let Some(folder) = parents_folder() else { return };
    let store = open(&folder, LOG_BYTES);
    let lanes = (0..LANES).map(|lane| {
        let store = store.clone();
        tokio::spawn(async move {
            for number in count(&store, lane).. {
                write(&store, lane, number).await.unwrap();
                writeln!(std::io::stdout(), "acknowledged {lane} {number}").unwrap();
            }
        })
    });
    for lane in lanes.collect::<Vec<_>>() {
        lane.await.unwrap();
    }
}
