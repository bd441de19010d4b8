//! How much memory a process and its descendants use, as the kernel counts it.

use std::fs;

/// In kilobytes.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Memory {
    /// Held now.
    pub now_kb: u64,
    /// The most held so far, by the processes that are still there.
    pub peak_kb: u64,
    processes: usize,
    /// The only process, if there is but one.
    pub only: Option<i32>,
}

impl Memory {
    /// Of a process's descendants, and of itself unless it only supervises them. What they share counts once if it would
    /// be more than `limit_kb` otherwise: to tell that takes the kernel a thousand times as long.
    pub fn of(pid: i32, supervised: bool, limit_kb: u64) -> Self {
        let family = family(pid, supervised);
        let mut total = Self::default();
        family.iter().for_each(|pid| total.add(*pid));
        total.only = family.first().copied().filter(|_| family.len() == 1);
        if total.processes > 1 {
            if total.now_kb > limit_kb {
                total.now_kb = family.iter().map(|pid| own_share(*pid)).sum();
            }
            // When each held its most is not known.
            total.peak_kb = total.now_kb;
        }
        total
    }

    /// Of one process alone.
    pub fn of_one(pid: i32) -> Self {
        let mut one = Self::default();
        one.add(pid);
        one
    }

    fn add(&mut self, pid: i32) {
        let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) else { return };
        self.processes += 1;
        for line in status.lines() {
            if let Some(text) = line.strip_prefix("VmHWM:") {
                self.peak_kb += kilobytes(text);
            } else if let Some(text) = line.strip_prefix("VmRSS:") {
                self.now_kb += kilobytes(text);
                break;
            }
        }
    }
}

fn family(pid: i32, supervised: bool) -> Vec<i32> {
    let mut family = Vec::new();
    let mut waiting = vec![pid];
    while let Some(next) = waiting.pop() {
        if !(supervised && next == pid) {
            family.push(next);
        }
        waiting.extend(children(next));
    }
    family
}

/// What a process holds, each page divided among those that share it.
fn own_share(pid: i32) -> u64 {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).unwrap_or_default();
    text.lines().find_map(|line| line.strip_prefix("Pss:")).map_or(0, kilobytes)
}

fn kilobytes(text: &str) -> u64 {
    text.trim().trim_end_matches(" kB").parse().unwrap_or(0)
}

/// The children that each thread has started.
pub(super) fn children(pid: i32) -> Vec<i32> {
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else { return Vec::new() };
    threads
        .flatten()
        .filter_map(|thread| fs::read_to_string(thread.path().join("children")).ok())
        .flat_map(|list| list.split_whitespace().filter_map(|child| child.parse().ok()).collect::<Vec<_>>())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn our_own_memory_is_seen() {
        let memory = Memory::of(std::process::id().cast_signed(), false, u64::MAX);
        assert!(memory.now_kb > 500 && memory.peak_kb >= memory.now_kb, "{memory:?}");
    }
}
