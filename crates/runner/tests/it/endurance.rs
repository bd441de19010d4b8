//! Ten thousand invocations, many of them of functions that misbehave: nothing of them stays behind.

use std::collections::HashSet;
use std::time::Duration;

use runner::FunctionSpec;

use crate::provided::bash;
use crate::rig::{Rig, ends, event};

/// Invocations in all, and how many of each kind that misbehaves.
const ALL: usize = 10_000;
const EACH: usize = 40;
/// Stands among the arguments of what is left running.
const MARKER: &str = "86398.625";

/// What is wrong, as done with an event in bash.
const BAD: [(&str, &str); 8] = [
    ("forks", "sleep 86398.625 & say POST \"invocation/$id/response\" 1; hear"),
    ("floods", "head -c 300000 /dev/zero | tr '\\0' 'x'; say POST \"invocation/$id/response\" 1; hear"),
    ("exits", "exit 0"),
    ("fails", "exit 3"),
    ("dies", "kill -9 $$"),
    ("repeats", "say POST \"invocation/$id/response\" 1; hear; say POST \"invocation/$id/response\" 2; hear"),
    ("ignores", "trap '' TERM; sleep 86398.625 & wait; wait"),
    ("detaches", "setsid sleep 86398.625 >/dev/null 2>&1 </dev/null & exit 1"),
];

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_invocations_leave_nothing_behind() {
    let rig = Rig::new();
    let mut functions = Vec::new();
    for (name, work) in BAD {
        let mut function = rig.function("provided.al2023", "bootstrap", &bash(work)).await;
        function.arn = format!("{}-{name}", function.arn);
        // Long enough to start with; only one of them lets it pass.
        function.timeout =
            if name == "ignores" { Duration::from_millis(20) } else { Duration::from_secs(20) };
        functions.push(function);
    }
    let good = rig.python("def handler(e, c):\n    return e").await;
    // What the first of each opens once and for all does not count.
    round(&rig, &functions, &good, 1, 10).await;
    rig.runner.retire(&good.arn).await;
    let before = open_files();
    for _ in 0..EACH / 10 {
        round(&rig, &functions, &good, 10, (ALL - EACH * BAD.len()) / (EACH / 10)).await;
    }
    let used: HashSet<_> = functions.iter().chain([&good]).map(|function| function.arn.clone()).collect();
    for arn in used {
        rig.runner.retire(&arn).await;
    }
    rig.runner.shutdown().await;
    assert!(ends(MARKER), "processes are left");
    let after = open_files();
    assert!(after <= before, "{before} files and sockets were open, and now {after} are");
    rig.finish().await;
}

/// Misbehaving functions beside one that behaves, and which must not notice.
async fn round(rig: &Rig, bad: &[FunctionSpec], good: &FunctionSpec, each: usize, well: usize) {
    let misbehave = async {
        for number in 0..each * bad.len() {
            let outcome = rig.runner.invoke(&bad[number % bad.len()], event("1")).await.unwrap();
            let answers = matches!(number % bad.len(), 0 | 1 | 5);
            assert_eq!(outcome.function_error.is_none(), answers, "{}", crate::rig::told(&outcome));
        }
    };
    let behave = async {
        for number in 0..well {
            assert_eq!(rig.answer(good, &number.to_string()).await, number);
        }
    };
    tokio::join!(misbehave, behave);
}

fn open_files() -> usize {
    std::fs::read_dir("/proc/self/fd").unwrap().count()
}
