//! Fills a base with 200,000 rows of 1 KiB as checkpoints do, then reads it as the overlay would.
//!
//! `cargo run --release -- <redb|heed|sqlite|fjall>`; each step runs in a process of its own.

mod candidates;

use std::path::Path;
use std::time::Instant;

use candidates::{Base, Fjall, Heed, Redb, Sqlite};

const ROWS: u64 = 200_000;
const BATCH: u64 = 4_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let base = arguments.get(1).map_or("redb", String::as_str);
    let Some(step) = arguments.get(2) else { return run_all(base) };
    let folder = Path::new(&arguments[3]);
    match base {
        "redb" => run::<Redb>(step, folder),
        "heed" => run::<Heed>(step, folder),
        "sqlite" => run::<Sqlite>(step, folder),
        "fjall" => run::<Fjall>(step, folder),
        other => panic!("no base {other}"),
    }
}

fn run_all(base: &str) {
    let folder = std::env::temp_dir().join(format!("bases-{base}-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for step in ["fill", "killed", "open", "read"] {
        let program = std::env::current_exe().unwrap();
        let status = std::process::Command::new(program).args([base, step]).arg(&folder).status().unwrap();
        assert!(status.success() || step == "killed");
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

fn run<B: Base>(step: &str, folder: &Path) {
    match step {
        "fill" => fill::<B>(folder),
        "killed" => {
            let mut base = B::open(folder);
            base.write(&[(key(1), vec![7; 1024])]);
            // As kill -9 does: nothing is dropped, nothing is flushed.
            std::process::abort();
        }
        "open" => {
            let start = Instant::now();
            let base = B::open(folder);
            let opened = start.elapsed();
            println!("open after a kill: {:.2} ms, rss {:.1} MB", opened.as_secs_f64() * 1e3, rss());
            drop(base);
        }
        _ => read::<B>(folder),
    }
}

fn fill<B: Base>(folder: &Path) {
    let mut base = B::open(folder);
    let before = cpu();
    let start = Instant::now();
    for batch in 0..ROWS / BATCH {
        // Keys arrive in no order, as from many tables.
        let stride = std::env::var("STRIDE").map_or(7919, |stride| stride.parse().unwrap());
        let mut rows: Vec<_> = (0..BATCH).map(|n| (key((batch * BATCH + n) * stride % ROWS), vec![7; 1024])).collect();
        rows.sort();
        base.write(&rows);
    }
    let wall = start.elapsed().as_secs_f64() * 1e6 / ROWS as f64;
    println!("checkpoint: {:.1} µs CPU, {wall:.1} µs wall per row; rss {:.0} MB; {:.0} MB on disk",
        (cpu() - before) / ROWS as f64, rss(), size(folder) as f64 / 1e6);
}

fn read<B: Base>(folder: &Path) {
    let base = B::open(folder);
    let mut seed = 1_u64;
    let mut random = move |bound: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % bound
    };
    let hot: Vec<_> = (0..1000).map(|_| key(random(ROWS))).collect();
    let mut measure = |name: &str, count: u64, work: &mut dyn FnMut(u64)| {
        let before = cpu();
        (0..count).for_each(&mut *work);
        println!("{name}: {:.2} µs CPU; rss {:.0} MB", (cpu() - before) / count as f64, rss());
    };
    let start = key(random(ROWS - 200));
    measure("hot get", 200_000, &mut |n| assert!(base.get(&hot[n as usize % 1000])));
    measure("hot scan of 100", 5_000, &mut |_| assert_eq!(base.scan(&start, 100), 100));
    measure("cold get", 200_000, &mut |_| assert!(base.get(&key(random(ROWS)))));
}

fn key(number: u64) -> Vec<u8> {
    format!("sqs.messages\0\0000000000000\0\0us-east-1\0\0queue-{:03}\0\0{number:012}", number / 1000).into_bytes()
}

fn size(folder: &Path) -> u64 {
    std::fs::read_dir(folder).unwrap().map(|entry| {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() { size(&entry.path()) } else { entry.metadata().unwrap().len() }
    }).sum()
}

fn cpu() -> f64 {
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    // SAFETY: getrusage fills the structure it is given.
    let usage = unsafe {
        libc::getrusage(libc::RUSAGE_SELF, usage.as_mut_ptr());
        usage.assume_init()
    };
    let micros = |time: libc::timeval| time.tv_sec as f64 * 1e6 + time.tv_usec as f64;
    micros(usage.ru_utime) + micros(usage.ru_stime)
}

fn rss() -> f64 {
    let status = std::fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<f64>().unwrap() * 4096.0 / 1e6
}
